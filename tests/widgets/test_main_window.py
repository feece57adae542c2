"""The window with a studio of dictionaries: keys work, panels follow, nothing is lost without a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QDialog, QFileDialog, QSlider
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt, RemoveLayer, SetRange
from core.delivery import PRESETS
from core.errors import ProjectError
from core.frames import FrameRange
from core.jobs import JobState
from core.layer import EMPTY_MATTE
from core.prompts import Click
from tests.widgets.fake_studio import FakeStudio
from widgets import file_actions
from widgets.action_table import ACTIONS
from widgets.dialogs.color_space import ColorSpaceDialog
from widgets.dialogs.export import ExportDialog
from widgets.dialogs.unsaved import Answer
from widgets.main_window import MainWindow
from widgets.studio import Message, Severity, TeachResult
from widgets.theme import apply_theme
from widgets.view_state import Channel, Compare, Source, SourceKind

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module", autouse=True)
def theme(qapp: QApplication) -> Iterator[None]:
    """Once: it costs half a second. Taken off again, so that no later test depends on it."""
    apply_theme(qapp)
    yield
    qapp.setStyleSheet("")


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


def without_question(window: MainWindow) -> None:
    """The end of a test is no reason to ask."""
    window.files.may_leave = lambda: True  # type: ignore[method-assign]


@pytest.fixture
def empty(qtbot: QtBot, studio: FakeStudio) -> MainWindow:
    """A window with nothing open."""
    window = MainWindow(studio)
    qtbot.addWidget(window, before_close_func=without_question)
    window.resize(1280, 800)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


@pytest.fixture
def window(empty: MainWindow, studio: FakeStudio) -> MainWindow:
    """A plate of 48 frames, two layers, key frames at 1010 and 1030, the playhead on 1001."""
    studio.put_plate(FrameRange(1001, 1048))
    studio.put_layer("hero", "Hero")
    studio.put_layer("sky", "Sky")
    for frame in (1010, 1030):
        studio.document.do(AddPrompt("hero", frame, Click(8, 8), EMPTY_MATTE))
    empty.view.set(layer_id="hero")
    studio.asked.clear()
    empty.viewport.setFocus()
    return empty


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.viewport, key, modifiers)


# --- opening ----------------------------------------------------------------------------------------------------


def test_nothing_open_is_the_start_page(empty: MainWindow, studio: FakeStudio) -> None:
    empty.start.sample.click()

    assert empty.pages.currentWidget() is empty.start
    assert studio.asked == [("open_sample",)]
    assert not empty.actions_table["file.export"].isEnabled()
    assert empty.actions_table["file.open"].isEnabled()


def test_a_plate_that_arrives_is_shown_from_its_first_frame(window: MainWindow, studio: FakeStudio) -> None:
    assert window.pages.currentIndex() == 1
    assert window.view.look.frame == 1001
    assert window.view.look.display == studio.color.default_display
    assert window.timeline.lanes.frames == FrameRange(1001, 1048)
    assert window.windowTitle().startswith("plate")


def test_recent_paths_are_on_the_start_page_and_in_the_menu(
    qtbot: QtBot, empty: MainWindow, studio: FakeStudio
) -> None:
    studio.saving.recent_paths = (Path("/show/a.penumbra"), Path("/show/b.####.exr"))
    empty.start.show_recent(studio.saving.recent())
    empty.menus.recent.aboutToShow.emit()
    empty.menus.recent.actions()[1].trigger()
    button = next(b for b in empty.start.findChildren(QAbstractButton) if b.accessibleName() == "Open a.penumbra")
    button.click()

    assert studio.asked == [("open", Path("/show/b.####.exr"), None), ("open", Path("/show/a.penumbra"), None)]


def test_a_dropped_file_is_opened(empty: MainWindow, studio: FakeStudio) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/show/plate.1001.exr")])
    entering = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    QApplication.sendEvent(empty, entering)
    dropping = QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    QApplication.sendEvent(empty, dropping)

    assert entering.isAccepted()
    assert studio.asked == [("open", Path("/show/plate.1001.exr"), None)]


def test_a_color_space_is_asked_for_and_handed_back(qtbot: QtBot, empty: MainWindow, studio: FakeStudio) -> None:
    studio.ask_color_space.emit((Path("/show/ref.mov"), ("ACEScg", "sRGB - Texture")))
    dialog = empty.findChild(ColorSpaceDialog)
    assert dialog is not None
    dialog.accept()

    assert studio.asked == [("open", Path("/show/ref.mov"), "sRGB - Texture")]


# --- keys -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "modifiers", "frame"),
    [
        (Qt.Key.Key_Right, NONE, 1021),
        (Qt.Key.Key_Left, NONE, 1019),
        (Qt.Key.Key_Period, NONE, 1021),
        (Qt.Key.Key_Comma, NONE, 1019),
        (Qt.Key.Key_Right, SHIFT, 1030),
        (Qt.Key.Key_Left, SHIFT, 1010),
        (Qt.Key.Key_Right, CTRL, 1030),
        (Qt.Key.Key_Left, CTRL, 1010),
        (Qt.Key.Key_Home, NONE, 1001),
        (Qt.Key.Key_End, NONE, 1048),
    ],
)
def test_keys_move_the_playhead(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier, frame: int) -> None:
    window.view.set(frame=1020)
    press(window, key, modifiers)

    assert window.view.look.frame == frame


def test_the_studio_hears_where_the_artist_looks(window: MainWindow, studio: FakeStudio) -> None:
    press(window, Qt.Key.Key_Right)

    assert studio.asked == [("look_at", 1002, False)]


def test_the_playhead_stays_on_the_plate(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Left)
    first = window.view.look.frame
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_Right)

    assert (first, window.view.look.frame) == (1001, 1048)


@pytest.mark.parametrize(
    ("key", "channel"),
    [
        (Qt.Key.Key_R, Channel.RED),
        (Qt.Key.Key_G, Channel.GREEN),
        (Qt.Key.Key_B, Channel.BLUE),
        (Qt.Key.Key_A, Channel.ALPHA),
        (Qt.Key.Key_Y, Channel.LUMINANCE),
    ],
)
def test_a_channel_key_again_is_color(window: MainWindow, key: Qt.Key, channel: Channel) -> None:
    press(window, key)
    once = window.view.look.channel
    press(window, key)

    assert (once, window.view.look.channel) == (channel, Channel.COLOR)


def test_compare_keys(window: MainWindow) -> None:
    press(window, Qt.Key.Key_W)
    wiped = window.view.look.compare
    press(window, Qt.Key.Key_W, SHIFT)
    beside = (window.view.look.compare, window.actions_table["view.wipe"].isChecked())
    press(window, Qt.Key.Key_Return)

    assert wiped is Compare.WIPE
    assert beside == (Compare.SIDE_BY_SIDE, False)
    assert (window.view.look.a, window.view.look.b) == (Source(SourceKind.MATTE), Source(SourceKind.PLATE))


def test_overlay_guides_and_exposure(window: MainWindow) -> None:
    press(window, Qt.Key.Key_M)
    press(window, Qt.Key.Key_O, SHIFT)
    press(window, Qt.Key.Key_Up, ALT)
    look = window.view.look

    assert (look.overlay, look.guides, look.exposure_stops) == (False, False, 0.25)


def test_in_and_out_are_undoable(window: MainWindow, studio: FakeStudio) -> None:
    window.view.set(frame=1005)
    press(window, Qt.Key.Key_I)
    window.view.set(frame=1040)
    press(window, Qt.Key.Key_O)
    both = studio.document.shot.frames
    press(window, Qt.Key.Key_Z, CTRL)
    one = studio.document.shot.frames
    press(window, Qt.Key.Key_I, SHIFT)

    assert (both, one, studio.document.shot.frames) == (FrameRange(1005, 1040), FrameRange(1005, 1048), None)


def test_undo_and_redo_name_the_step(window: MainWindow, studio: FakeStudio) -> None:
    studio.document.do(RemoveLayer("sky"))
    undo = window.actions_table["edit.undo"].text()
    press(window, Qt.Key.Key_Z, CTRL)
    redo = window.actions_table["edit.redo"].text()
    press(window, Qt.Key.Key_Z, CTRL | SHIFT)

    assert (undo, redo) == ("Undo remove layer", "Redo remove layer")
    assert [layer.id for layer in studio.document.shot.layers] == ["hero"]


def test_digits_choose_layers(window: MainWindow) -> None:
    press(window, Qt.Key.Key_2)
    second = window.view.look.layer_id
    press(window, Qt.Key.Key_7)

    assert (second, window.view.look.layer_id) == ("sky", "sky")


def test_tools_and_brush_size(window: MainWindow) -> None:
    before = window.viewport.brush.radius_px
    press(window, Qt.Key.Key_D)
    tool = window.viewport.tool.name
    press(window, Qt.Key.Key_BracketRight)
    larger = window.viewport.brush.radius_px
    press(window, Qt.Key.Key_Q)

    assert (tool, window.viewport.tool.name) == ("brush", "click")
    assert larger > before
    assert f"{larger:.0f} px" in window.status.brush.text()
    assert window.actions_table["tool.click"].isChecked()


def test_work_is_asked_for(window: MainWindow, studio: FakeStudio) -> None:
    press(window, Qt.Key.Key_T, CTRL)
    press(window, Qt.Key.Key_T, CTRL | SHIFT)
    press(window, Qt.Key.Key_R, CTRL)

    assert studio.asked == [("propagate", "hero", None), ("teach", "hero", None), ("refine", "hero", None)]
    assert studio.refine_seen is not None
    assert not studio.refine_seen.empty


def test_one_frame_is_propagated_and_shown(window: MainWindow, studio: FakeStudio) -> None:
    window.view.set(frame=1010)
    studio.asked.clear()
    press(window, Qt.Key.Key_Period, SHIFT)

    assert studio.asked == [("propagate", "hero", FrameRange(1011, 1011)), ("look_at", 1011, False)]


def test_work_needs_a_key_frame(window: MainWindow) -> None:
    window.view.set(layer_id="sky")

    assert not window.actions_table["matte.propagate"].isEnabled()
    assert not window.actions_table["matte.teach"].isEnabled()


def test_go_to_frame(window: MainWindow) -> None:
    press(window, Qt.Key.Key_G, ALT)
    focused = QApplication.focusWidget()
    QTest.keyClicks(window.transport.frame, "1033")
    QTest.keyClick(window.transport.frame, Qt.Key.Key_Return)

    assert focused is window.transport.frame
    assert window.view.look.frame == 1033


def test_enter_in_a_number_gives_the_keyboard_back_to_the_picture(qtbot: QtBot, window: MainWindow) -> None:
    """After a typed frame the next key is the picture's, without a click into it."""
    press(window, Qt.Key.Key_G, ALT)
    QTest.keyClicks(window.transport.frame, "1033")
    QTest.keyClick(window.transport.frame, Qt.Key.Key_Return)

    qtbot.waitUntil(window.viewport.hasFocus)
    press(window, Qt.Key.Key_R)
    assert window.view.look.channel is Channel.RED


def test_keys_typed_into_a_field_stay_there(qtbot: QtBot, window: MainWindow) -> None:
    """Return and digits belong to the field that has the keyboard; Ctrl+T still works."""
    before = window.view.look
    field = window.display.exposure.field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_K)

    assert (window.view.look.layer_id, window.view.look.a) == (before.layer_id, before.a)
    assert window.view.look.exposure_stops == 1.0


def test_f1_shows_the_keys(window: MainWindow) -> None:
    press(window, Qt.Key.Key_F1)
    dialogs = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]

    assert [dialog.windowTitle() for dialog in dialogs] == ["Keys"]
    dialogs[0].reject()


def test_space_plays_and_stops(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    for frame in range(1001, 1049):
        studio.put_picture(frame)
    studio.asked.clear()
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.view.look.frame > 1003, timeout=5000)
    press(window, Qt.Key.Key_Space)
    looked = [asked for asked in studio.asked if asked[0] == "look_at"]

    assert not window.playback.playing
    assert looked[0][2] is True
    assert looked[-1] == ("look_at", window.view.look.frame, False)
    assert window.status.frame.text().startswith(f"Frame {window.view.look.frame}  24 fps")


def test_the_viewport_asks_for_steps(window: MainWindow) -> None:
    window.viewport.frame_step_requested.emit(3)

    assert window.view.look.frame == 1004


# --- panels -----------------------------------------------------------------------------------------------------


def test_a_removed_layer_is_no_longer_chosen(window: MainWindow, studio: FakeStudio) -> None:
    studio.document.do(RemoveLayer("hero"))

    assert window.view.look.layer_id == "sky"


def test_an_offer_brings_the_teach_panel_up(qtbot: QtBot, window: MainWindow, studio: FakeStudio) -> None:
    studio.teach_offered.emit(TeachResult("hero", "abc", "Hero teach 1", 0.06, 0.02, improved=True))

    qtbot.waitUntil(window.teach.card.isVisible, timeout=2000)


def test_takes_appear_as_sources(window: MainWindow, studio: FakeStudio) -> None:
    window.actions_table["layer.keep_take"].trigger()
    names = [window.compare.a.itemText(place) for place in range(window.compare.a.count())]
    window.compare.a.setCurrentIndex(4)
    window.compare.a.activated.emit(4)

    takes = ["Takes", "Take 1", "Comp of Take 1"]
    assert names == ["Plate", "Matte", "Comp", *takes, "Sky", "Sky: matte", "Sky: comp"]
    assert window.view.look.a == Source(SourceKind.TAKE, "take1")


def test_lamps_and_readouts(window: MainWindow, studio: FakeStudio) -> None:
    studio.engine_said.emit((False, "The engine stopped; it is being restarted."))
    studio.saving.changed.emit("saving")
    window.viewport.probed.emit("x 1 y 2")

    assert "Engine away" in window.status.engine.text()
    assert window.status.engine.toolTip() == "The engine stopped; it is being restarted."
    assert "Saving" in window.status.saved.text()
    assert window.status.probe.text() == "x 1 y 2"


def test_an_engine_that_was_there_first_is_known_by_its_models(window: MainWindow) -> None:
    assert "Engine ready" in window.status.engine.text()


def test_a_message_is_shown_over_the_picture(window: MainWindow, studio: FakeStudio) -> None:
    studio.message.emit(Message(Severity.ERROR, "Out of disk. Make room."))

    assert [message.text for message in window.messages.messages] == ["Out of disk. Make room."]
    assert window.messages.y() == window.compare.height()


def test_every_control_has_an_accessible_name(window: MainWindow) -> None:
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider)
    controls = [widget for kind in kinds for widget in window.findChildren(kind)]
    inside_qt = ("qt_", "ScrollLeftButton", "ScrollRightButton")
    nameless = [
        (type(widget).__name__, type(widget.parent()).__name__)
        for widget in controls
        if not widget.accessibleName()
        and not getattr(widget, "text", lambda: "")()
        and not widget.objectName().startswith(inside_qt)
    ]

    assert nameless == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_nothing_is_pushed_out_of_the_window(qtbot: QtBot, window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    qtbot.wait(50)
    parts = (window.compare, window.display, window.viewport, window.layers, window.transport, window.timeline)
    outside = [
        type(part).__name__
        for part in parts
        if not window.rect().contains(part.rect().translated(part.mapTo(window, QPoint(0, 0))))
        or part.width() < part.minimumSizeHint().width()
    ]

    assert (window.width(), window.height()) == (width, height)
    assert outside == []


# --- saving and leaving -----------------------------------------------------------------------------------------


def answer(monkeypatch: pytest.MonkeyPatch, given: Answer) -> list[str]:
    asked: list[str] = []

    def ask(_parent: object, name: str, consequence: str) -> Answer:
        asked.append(name)
        return given

    monkeypatch.setattr(file_actions, "ask_unsaved", ask)
    return asked


def close(window: MainWindow) -> bool:
    event = QCloseEvent()
    window.closeEvent(event)
    return event.isAccepted()


def test_cancel_keeps_the_window_open(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, Answer.CANCEL)

    assert not close(window)
    assert asked == ["plate"]


def test_the_next_export_goes_where_the_last_one_went(window: MainWindow, studio: FakeStudio) -> None:
    studio.put_layer("hero", "Hero")
    window.view.set(layer_id="hero")
    asked = []
    for _ in range(2):
        window.actions_table["file.export"].trigger()
        (dialog,) = [each for each in window.findChildren(ExportDialog) if each.isVisible()]
        asked.append((dialog.folder.text(), dialog.preset.id))
        dialog.presets.setCurrentRow(3)
        dialog.folder.setText("/deliveries/today")
        dialog.accept()

    assert asked[0][1] == "matte"
    assert asked[1] == ("/deliveries/today", PRESETS[3].id)


@pytest.mark.parametrize("stop", [True, False])
def test_an_export_under_way_is_asked_about_and_stopped(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch, stop: bool
) -> None:
    """Not before the unsaved work was spoken of; what is done already is not asked about."""
    titles: list[str] = []
    monkeypatch.setattr(file_actions, "ask_stop", lambda _parent, title: titles.append(title) or stop)
    asked = answer(monkeypatch, Answer.DISCARD)
    studio.put_job("done", "export", title="Export Dog, 1001-1048", state=JobState.DONE)
    studio.put_job("now", "export", title="Export Hero, 1001-1048")

    assert close(window) is stop
    assert titles == ["Export Hero, 1001-1048"]
    assert asked == (["plate"] if stop else [])
    assert (("cancel", "now") in studio.asked) is stop
    assert ("cancel", "done") not in studio.asked


def test_save_before_closing_asks_for_a_name_when_there_is_none(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, Answer.SAVE)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("/show/hero", ""))

    assert close(window)
    assert ("save_as", Path("/show/hero.penumbra")) in studio.asked
    assert not window.files.discarded


def test_a_save_that_fails_keeps_the_window_open(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, Answer.SAVE)
    studio.saving.path = Path("/show/hero.penumbra")

    def full() -> None:
        raise ProjectError("/show/hero.penumbra", why="the disk is full", hint="Make room.")

    monkeypatch.setattr(studio.saving, "save", full)

    assert not close(window)
    assert window.messages.messages[-1].text == "/show/hero.penumbra: the disk is full. Make room."


def test_a_save_that_only_reports_its_failure_keeps_the_window_open(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, Answer.SAVE)
    studio.saving.path = Path("/show/hero.penumbra")
    monkeypatch.setattr(studio.saving, "save", lambda: studio.message.emit(Message(Severity.ERROR, "Disk full.")))

    assert not close(window)


def test_discarding_is_remembered(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, Answer.DISCARD)

    assert close(window)
    assert window.files.discarded


def test_saved_work_is_left_without_a_question(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer(monkeypatch, Answer.CANCEL)
    studio.saving.path = Path("/show/hero.penumbra")
    press(window, Qt.Key.Key_S, CTRL)

    assert close(window)
    assert asked == []


def test_opening_another_plate_asks_first(
    window: MainWindow, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, Answer.CANCEL)
    window.files.open_path(Path("/show/other.####.exr"))

    assert [asked for asked in studio.asked if asked[0] == "open"] == []


def test_export_goes_to_the_studio(window: MainWindow, studio: FakeStudio) -> None:
    press(window, Qt.Key.Key_E, CTRL)
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.folder.setText("/out")
    dialog.accept()

    assert studio.asked[-1] == ("export", dialog.plan)
    assert dialog.plan is not None
    assert dialog.plan.layers == ("hero",)


def test_layout_is_remembered_only_with_settings(qtbot: QtBot, studio: FakeStudio, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    first = MainWindow(studio, settings)
    qtbot.addWidget(first)
    first.show()
    first.docks["Jobs"].hide()
    first.close()
    second = MainWindow(studio, settings)
    qtbot.addWidget(second)
    second.show()
    hidden = second.docks["Jobs"].isHidden()
    second.docks.reset()

    assert hidden
    assert not second.docks["Jobs"].isHidden()
    second.close()


def test_every_action_does_something(window: MainWindow) -> None:
    """No line of the table is a promise: each has a call bound to it."""
    unbound = [spec.id for spec in ACTIONS if not window.actions_table[spec.id].receivers("2triggered(bool)")]

    assert unbound == []
    assert len(window.findChildren(QAction)) > len(ACTIONS)


def test_range_outside_the_playhead(window: MainWindow, studio: FakeStudio) -> None:
    """The playhead may stand outside in and out; playing brings it inside."""
    studio.document.do(SetRange(FrameRange(1010, 1020)))
    window.playback.play(1)
    window.playback.stop()

    assert window.transport.range_text.text() == "1010-1020  (11)"
