"""The questions before work is left behind."""

from __future__ import annotations

from enum import Enum

from PySide6.QtWidgets import QMessageBox, QWidget


class Answer(Enum):
    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


THROWN_AWAY = "It has no name yet. Without saving it is thrown away."
OFFERED_AGAIN = "Without saving, the changes are offered again when the project is next opened."


def ask_unsaved(parent: QWidget, name: str, consequence: str) -> Answer:
    """Save, do not save, or go back. Escape goes back. `consequence` says what happens without saving."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Unsaved changes")
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText(consequence)
    save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Do not save", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    if box.clickedButton() is save:
        return Answer.SAVE
    return Answer.DISCARD if box.clickedButton() is discard else Answer.CANCEL


def ask_stop(parent: QWidget, title: str) -> bool:
    """Whether what is being written may be stopped. Escape and Return go back."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Still writing")
    box.setText(f"{title} is not finished.")
    box.setInformativeText(
        "Files that are written stay. To go on later, export again and write only what changed or is missing."
    )
    stop = box.addButton("Stop it and close", QMessageBox.ButtonRole.DestructiveRole)
    back = box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(back)
    box.setEscapeButton(back)
    box.exec()
    return box.clickedButton() is stop
