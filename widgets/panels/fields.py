"""A heading, a chooser and an action's button as the panels have them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QToolButton

from widgets.actions import Actions


def heading(text: str) -> QLabel:
    """The name of a section."""
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def narrow(box: QComboBox, name: str) -> QComboBox:
    """A combo box that may be narrower than its longest entry."""
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def action_button(actions: Actions, action_id: str) -> QToolButton:
    """A small button for an action of the table."""
    button = QToolButton()
    button.setDefaultAction(actions[action_id])
    button.setAccessibleName(actions[action_id].text().rstrip("…"))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
