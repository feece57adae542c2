"""The File menu's reference plates: chosen, asked about, listed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.widgets.fake_studio import FRAMES, FakeStudio
from widgets.dialogs.color_space import ColorSpaceDialog
from widgets.main_window import MainWindow


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> Iterator[MainWindow]:
    studio.put_plate()
    window = MainWindow(studio)
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(window)
    yield window
    window.close()


def test_a_chosen_file_is_handed_to_the_studio(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Path("/show/clean.1001.exr")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(chosen), ""))

    window.actions_table["file.add_reference"].trigger()

    assert studio.references.asked == [("add", chosen, None)]


def test_a_picture_without_a_color_space_is_asked_about(window: MainWindow, studio: FakeStudio) -> None:
    """The same question as for a plate; the answer goes to the reference."""
    path = Path("/show/clean.png")
    studio.references.ask_color_space.emit((path, ("ACEScg", "sRGB - Texture")))
    dialog = next(found for found in window.findChildren(ColorSpaceDialog) if found.isVisible())

    dialog.accept()

    assert studio.references.asked == [("add", path, "sRGB - Texture")]


def test_references_are_listed_and_removed(window: MainWindow, studio: FakeStudio) -> None:
    """Adding one moves nothing in the window; the menu has it, and taking it out is undoable."""
    plate = studio.document.shot.plate
    assert plate is not None
    window.view.set(frame=FRAMES.first + 3, wipe_x=0.25)
    window.playback.play(1)
    look = window.view.look

    studio.references.put(replace(plate, id="clean", name="clean"), {})
    playing = window.playback.playing
    window.playback.stop()
    menu = window.menus.references
    menu.aboutToShow.emit()
    listed = [action.text() for action in menu.actions()]
    menu.actions()[0].trigger()
    menu.aboutToShow.emit()

    assert playing
    assert window.view.look == look
    assert listed == ["clean"]
    assert [action.text() for action in menu.actions()] == ["There are none"]
    assert studio.document.undo_label == "Remove reference plate"


def test_no_reference_without_a_plate(qtbot: QtBot) -> None:
    empty = MainWindow(FakeStudio())
    qtbot.addWidget(empty)

    assert not empty.actions_table["file.add_reference"].isEnabled()
