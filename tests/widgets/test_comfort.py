"""The palette, pointing by keys, and the picture alone: in the real window, with a studio of dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from core.commands import AddCorrection, AddPrompt
from core.frames import FrameRange
from core.prompts import Box, Click
from tests.widgets.fake_studio import FakeStudio
from widgets.action_table import ACTIONS
from widgets.dialogs.palette import CommandPalette, Entry, found
from widgets.docks import WORKSPACES
from widgets.main_window import MainWindow

NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio, settings: QSettings) -> Iterator[MainWindow]:
    """A plate of 64 by 48 with pictures, and one layer without a key frame."""
    window = MainWindow(studio, settings)
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(window)
    window.resize(1280, 800)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    studio.put_plate(FrameRange(1001, 1008))
    for frame in range(1001, 1009):
        studio.put_picture(frame)
    studio.put_layer("hero", "Hero")
    window.view.set(layer_id="hero")
    window.viewport.setFocus()
    yield window
    window.close()


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.viewport, key, modifiers)


def palette_of(qtbot: QtBot, window: MainWindow) -> CommandPalette:
    qtbot.waitUntil(window.isActiveWindow)
    press(window, Qt.Key.Key_P, CTRL | SHIFT)
    return next(shown for shown in window.findChildren(CommandPalette) if shown.isVisible())


def entry(text: str, **fields: str) -> Entry:
    return Entry(fields.pop("id", text), text, fields.pop("group", "View"), lambda: None, **fields)


# --- the palette ------------------------------------------------------------------------------------------------


def test_words_may_be_begun_and_stand_in_any_order() -> None:
    entries = [entry("Propagate one frame back"), entry("Previous frame"), entry("Wipe"), entry("Fit", also="whole")]

    assert [one.text for one in found(entries, "fra prop", ())] == ["Propagate one frame back"]
    assert [one.text for one in found(entries, "frame", ())] == ["Propagate one frame back", "Previous frame"]
    assert [one.text for one in found(entries, "whole", ())] == ["Fit"]


def test_what_cannot_be_done_comes_last_and_the_newest_used_first() -> None:
    entries = [entry("Wipe"), entry("Undo", why_not="Nothing to undo"), entry("Fit"), entry("Matte overlay")]

    assert [one.text for one in found(entries, "", ("Undo", "Fit"))] == ["Fit", "Wipe", "Matte overlay", "Undo"]


def test_a_better_answer_comes_before_a_newer_one() -> None:
    entries = [entry("Clear in and out"), entry("Set in point"), entry("Inspector")]

    assert found(entries, "in", ("Clear in and out",))[0].text == "Inspector"


def test_every_action_and_panel_is_in_the_palette(window: MainWindow) -> None:
    listed = {one.id for one in window.palette_actions.entries()}

    assert {spec.id for spec in ACTIONS} - {"help.palette"} <= listed
    assert {f"panel.{name}" for name in ("Layers", "Inspector", "Teach", "Jobs")} <= listed
    assert "panel.Timeline" not in listed


def test_enter_runs_the_chosen_action_and_remembers_it(qtbot: QtBot, window: MainWindow, settings: QSettings) -> None:
    palette = palette_of(qtbot, window)
    QTest.keyClicks(palette.search, "matte ove")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.view.look.overlay)
    again = palette_of(qtbot, window)

    assert again.chosen is not None
    assert again.chosen.id == "view.overlay"
    assert settings.value("palette/used") == "view.overlay"
    again.reject()


def test_arrows_walk_the_list_and_the_key_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    palette = palette_of(qtbot, window)
    QTest.keyClicks(palette.search, "channel")
    first = palette.chosen
    QTest.keyClick(palette.search, Qt.Key.Key_Down)

    assert [one.keys for one in palette.shown[:3]] == ["R", "G", "B"]
    assert (first, palette.chosen) == palette.shown[:2]
    palette.reject()


def test_an_action_that_is_off_says_why_and_does_not_run(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    palette = palette_of(qtbot, window)
    QTest.keyClicks(palette.search, "learn from corrections")
    offered = {one.id: one.why_not for one in palette.shown}
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    assert offered == {"matte.teach": "The layer has no key frame yet"}
    assert palette.isVisible()
    assert not any(asked[0] == "teach" for asked in studio.asked)
    palette.reject()


def test_a_panel_is_opened_with_the_keyboard_in_it(qtbot: QtBot, window: MainWindow) -> None:
    window.docks["Jobs"].hide()
    palette = palette_of(qtbot, window)
    QTest.keyClicks(palette.search, "panel jobs")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    qtbot.waitUntil(window.docks["Jobs"].isVisible)


# --- pointing ---------------------------------------------------------------------------------------------------


def test_a_click_by_keys_lands_under_the_crosshair(window: MainWindow, studio: FakeStudio) -> None:
    """The first key shows the crosshair in the middle; four to the left, one a little up; add, then subtract."""
    press(window, Qt.Key.Key_Left, CTRL | ALT)
    shown = window.pointing.place
    for _ in range(4):
        press(window, Qt.Key.Key_Left, CTRL | ALT)
    press(window, Qt.Key.Key_Up, CTRL | ALT | SHIFT)
    place = window.pointing.place
    assert shown is not None
    assert place is not None
    assert place == shown + QPointF(-64, -1)
    press(window, Qt.Key.Key_Insert)
    press(window, Qt.Key.Key_Insert, SHIFT)
    x, y = window.viewport.projection.to_plate(place.x(), place.y())

    assert studio.document.shot.layer("hero").key_frame(1001).prompts == (
        Click(x, y, adds=True),
        Click(x, y, adds=False),
    )


def test_a_stroke_by_keys_is_one_step_and_can_erase(window: MainWindow, studio: FakeStudio) -> None:
    press(window, Qt.Key.Key_D)
    steps = studio.document.steps
    press(window, Qt.Key.Key_Insert, CTRL | SHIFT)
    for _ in range(3):
        press(window, Qt.Key.Key_Right, CTRL | ALT)
    during = (window.pointing.holding, studio.document.steps)
    press(window, Qt.Key.Key_Insert, CTRL | SHIFT)
    command = studio.document._done[-1].command

    assert during == (True, steps)
    assert studio.document.steps == steps + 1
    assert isinstance(command, AddCorrection)
    assert not command.stroke.adds
    assert len(command.stroke.points) >= 3


def test_a_box_by_keys(window: MainWindow, studio: FakeStudio) -> None:
    press(window, Qt.Key.Key_X)
    press(window, Qt.Key.Key_Insert, CTRL)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        press(window, key, CTRL | ALT)
    press(window, Qt.Key.Key_Insert)
    command = studio.document._done[-1].command

    assert isinstance(command, AddPrompt)
    assert isinstance(command.prompt, Box)
    assert command.prompt.x1 - command.prompt.x0 == pytest.approx(32 / window.viewport.projection.points_per_column)


def test_escape_takes_the_stroke_back_and_then_the_crosshair(window: MainWindow, studio: FakeStudio) -> None:
    press(window, Qt.Key.Key_D)
    steps = studio.document.steps
    press(window, Qt.Key.Key_Insert, CTRL)
    press(window, Qt.Key.Key_Right, CTRL | ALT)
    press(window, Qt.Key.Key_Escape)
    once = (window.pointing.holding, window.pointing.place is not None)
    press(window, Qt.Key.Key_Escape)

    assert once == (False, True)
    assert window.pointing.place is None
    assert studio.document.steps == steps


def test_the_mouse_takes_over(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Home, CTRL | ALT)
    here = QPointF(40, 40)
    everywhere = QPointF(window.viewport.mapToGlobal(QPoint(40, 40)))
    button = Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, here, everywhere, button, button, NONE)
    QApplication.sendEvent(window.viewport, moved)

    assert window.pointing.place is None


def test_the_crosshair_stays_in_the_viewport(window: MainWindow) -> None:
    for _ in range(200):
        press(window, Qt.Key.Key_Left, CTRL | ALT)

    assert window.pointing.place is not None
    assert window.pointing.place.x() == 0


# --- the picture alone, and layouts -----------------------------------------------------------------------------


def shown_docks(window: MainWindow) -> set[str]:
    return {name for name in window.docks if not window.docks[name].isHidden()}


def test_picture_only_and_escape_bring_everything_back(qtbot: QtBot, window: MainWindow) -> None:
    window.docks["Jobs"].hide()
    before = shown_docks(window)
    press(window, Qt.Key.Key_U, CTRL)
    qtbot.waitUntil(lambda: window.viewport.size() == window.centralWidget().size())
    alone = (shown_docks(window), window.menuBar().isHidden(), window.viewport.size() == window.size())
    press(window, Qt.Key.Key_M)
    press(window, Qt.Key.Key_Escape)

    assert alone == (set(), True, True)
    assert not window.view.look.overlay
    assert (shown_docks(window), window.menuBar().isHidden()) == (before, False)
    assert not window.actions_table["view.picture_only"].isChecked()


def test_full_screen_and_back(window: MainWindow) -> None:
    """F11 there and back; from a picture alone on a full screen, Escape leads back in two steps."""
    press(window, Qt.Key.Key_F11)
    full = window.isFullScreen()
    press(window, Qt.Key.Key_F11)
    back = window.isFullScreen()
    press(window, Qt.Key.Key_F11)
    press(window, Qt.Key.Key_U, CTRL)
    press(window, Qt.Key.Key_Escape)
    once = (window.picture_only.on, window.isFullScreen())
    press(window, Qt.Key.Key_Escape)

    assert (full, back) == (True, False)
    assert once == (False, True)
    assert not window.isFullScreen()
    assert not window.actions_table["view.full_screen"].isChecked()


def test_a_window_closed_with_the_picture_alone_comes_back_whole(
    qtbot: QtBot, studio: FakeStudio, settings: QSettings
) -> None:
    first = MainWindow(studio, settings)
    qtbot.addWidget(first)
    first.show()
    first.docks["Jobs"].hide()
    first.actions_table["view.picture_only"].setEnabled(True)
    first.actions_table["view.picture_only"].trigger()
    first.close()
    second = MainWindow(studio, settings)
    qtbot.addWidget(second)
    second.show()

    assert second.docks["Jobs"].isHidden()
    assert not second.docks["Layers"].isHidden()
    assert not second.docks["Timeline"].isHidden()
    second.close()


@pytest.mark.parametrize("name", WORKSPACES)
def test_a_layout_shows_its_panels_and_the_timeline(window: MainWindow, name: str) -> None:
    window.docks.arrange(name)

    assert shown_docks(window) - {"Timeline"} == {panel for panel in WORKSPACES[name] if panel in set(window.docks)}
    assert not window.docks["Timeline"].isHidden()
    assert len(window.findChildren(QDockWidget)) == len(list(window.docks))


def test_a_panel_hidden_at_first_stays_open_once_it_was_opened(
    qtbot: QtBot, studio: FakeStudio, settings: QSettings
) -> None:
    def opened() -> tuple[bool, bool]:
        window = MainWindow(studio, settings)
        qtbot.addWidget(window)
        window.show()
        shown = (not window.docks["History"].isHidden(), not window.docks["Layers"].isHidden())
        window.docks.open("History")
        window.docks["Layers"].hide()
        window.close()
        return shown

    assert [opened(), opened()] == [(False, True), (True, False)]


def test_every_action_is_in_a_menu(window: MainWindow) -> None:
    listed = set()
    menus = [action.menu() for action in window.menuBar().actions()]
    while menus:
        menu = menus.pop()
        for action in menu.actions():  # type: ignore[attr-defined]
            listed.add(action.objectName())
            if action.menu() is not None:
                menus.append(action.menu())

    assert [spec.id for spec in ACTIONS if spec.id not in listed] == []
