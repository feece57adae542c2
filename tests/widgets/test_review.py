"""The review in the window: drawing on the picture, the panel, its keys, the export dialog, the timeline."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.commands import AddCorrection
from core.frames import FrameRange
from core.prompts import Stroke, StrokePoint
from core.review import WHOLE_PICTURE, DrawnLine, ReviewMark, ReviewStatus, mark_at
from core.review_commands import AddReviewStroke, EraseReviewStrokes, SetReviewNote, SetReviewStatus
from core.review_list import CHANGED_SINCE, ReviewFilter
from tests.widgets.fake_studio import FakeStudio
from tests.widgets.test_tools import Bench, at, drag
from widgets.dialogs.review_export import ReviewExportDialog
from widgets.main_window import MainWindow
from widgets.review import PEN_COLORS, subject
from widgets.studio import Message
from widgets.theme import color
from widgets.timeline.painting import KEYS
from widgets.timeline.review_marks import paint_review, review_marks, words
from widgets.timeline.scale import Scale
from widgets.tools.draw import DrawTool
from widgets.view_state import Look, Pen
from widgets.viewport.drawings import apart, draw_line
from widgets.viewport.pointer import Projection

TODO, FIX, APPROVED = ReviewStatus.TO_DO, ReviewStatus.FIX, ReviewStatus.APPROVED
RED = (0.91, 0.34, 0.29)
CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def line(*points: tuple[float, float], width_px: float = 2.0) -> DrawnLine:
    return DrawnLine(points, RED, width_px)


# --- the tool ---------------------------------------------------------------------------------------------------


def test_a_drag_is_one_line_about_the_chosen_layer() -> None:
    """In the pen's color, as wide as its part of the picture's height; on screen while the hand moves, then gone."""
    bench = Bench()
    bench.view.set(pen=Pen(RED, 0.05))
    command = drag(DrawTool(), bench, (4.0, 5.0), (10.0, 5.0), (10.1, 5.0), (20.0, 9.0))

    assert isinstance(command, AddReviewStroke)
    assert (command.frame, command.layer_id, command.author) == (1003, "hero", "ana")
    assert command.line == DrawnLine(((4.0, 5.0), (10.0, 5.0), (20.0, 9.0)), RED, 48 * 0.05)
    assert command.time[:2] == "20"
    shown = [asked[1] for asked in bench.viewport.asked if asked[0] == "show_drawing"]
    assert [len(each.points) for each in shown[:-1] if isinstance(each, DrawnLine)] == [1, 2, 3]
    assert shown[-1] is None


def test_a_press_is_a_dot_and_the_whole_frame_can_be_meant() -> None:
    """Without a layer, or where the artist says so, the drawing is about the picture; no layer is made for it."""
    bench = Bench(layer=False)
    command = drag(DrawTool(), bench, (4.0, 5.0))
    assert isinstance(command, AddReviewStroke)
    assert command.layer_id == WHOLE_PICTURE
    assert command.line.points == ((4.0, 5.0),)
    assert bench.studio.document.shot.layers == ()

    chosen = Bench()
    chosen.view.set(review_whole=True)
    command = drag(DrawTool(), chosen, (4.0, 5.0))
    assert isinstance(command, AddReviewStroke)
    assert command.layer_id == WHOLE_PICTURE


def test_escape_while_drawing_leaves_nothing() -> None:
    """The document was never touched, and the line is off the screen."""
    bench = Bench()
    gesture = DrawTool().press(at("press", 4, 5), bench.context)
    assert gesture is not None
    next(gesture)
    gesture.close()

    assert bench.studio.document.steps == bench.steps
    assert bench.viewport.asked[-1] == ("show_drawing", None, frozenset())


@pytest.mark.parametrize("fields", [{"button": "right"}, {"eraser": True}, {"pen": True, "ctrl": True}])
def test_the_eraser_takes_what_it_passes_over(fields: dict[str, object]) -> None:
    """A quick drag between two events misses no line; lines of layers that are hidden, and of other frames, stay."""
    bench = Bench()
    document = bench.studio.document
    bench.studio.put_layer("sky", "Sky", visible=False)
    crossing, aside = line((10, 0), (10, 40)), line((60, 40), (63, 40))
    document.do(AddReviewStroke(1003, "hero", aside))
    document.do(AddReviewStroke(1003, "hero", crossing))
    document.do(AddReviewStroke(1003, WHOLE_PICTURE, crossing))
    document.do(AddReviewStroke(1003, "sky", crossing))
    document.do(AddReviewStroke(1004, "hero", crossing))
    command = drag(DrawTool(), bench, (2.0, 20.0), (50.0, 20.0), **fields)

    assert isinstance(command, EraseReviewStrokes)
    assert command.erased == ((WHOLE_PICTURE, 0), ("hero", 1))
    document.do(command)
    assert mark_at(document.shot.review, 1003, "hero").drawing == (aside,)
    assert len(mark_at(document.shot.review, 1003, "sky").drawing) == 1
    assert drag(DrawTool(), bench, (30.0, 30.0), **fields) is None


def test_drawing_shows_the_drawings_and_says_what_is_missing() -> None:
    """Hidden drawings are shown again: nobody draws blind. Without a plate or off its end, a sentence."""
    bench = Bench()
    bench.view.set(drawings=False)
    drag(DrawTool(), bench, (4.0, 5.0))
    assert bench.view.look.drawings

    bench.view.set(frame=2000)
    assert drag(DrawTool(), bench, (4.0, 5.0)) is None
    assert bench.said == ["Frame 2000 lies outside the plate (1001-1008)."]
    assert DrawTool().press(at("press", 1, 1, button="middle"), bench.context) is None


def test_the_subject_is_the_chosen_layer_while_it_is_there() -> None:
    """A layer that was removed is not spoken of."""
    shot = Bench().studio.document.shot
    assert subject(Look(layer_id="hero"), shot) == "hero"
    assert subject(Look(layer_id="gone"), shot) == WHOLE_PICTURE
    assert subject(Look(layer_id="hero", review_whole=True), shot) == WHOLE_PICTURE


# --- the window -------------------------------------------------------------------------------------------------


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    studio.put_plate(FrameRange(1001, 1020))
    studio.put_layer("hero", "Hero")
    studio.put_layer("sky", "Sky")
    for frame in (1001, 1005):
        studio.put_picture(frame)
    return studio


@pytest.fixture
def window(qtbot: QtBot, studio: FakeStudio) -> Iterator[MainWindow]:
    window = MainWindow(studio)
    window.files.may_leave = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(window)
    window.resize(1280, 800)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.view.set(frame=1001, layer_id="hero")
    window.docks.open("Review")
    window.viewport.setFocus()
    QApplication.sendPostedEvents()
    yield window
    window.close()


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)


def marks(window: MainWindow) -> tuple[ReviewMark, ...]:
    return window.studio.document.shot.review


def test_keys_give_a_status_and_take_it_back(window: MainWindow) -> None:
    """Alt+1, 2 and 3 on the chosen layer at this frame; the same again clears; one undo step each."""
    press(window, Qt.Key.Key_2, ALT)
    assert [(m.frame, m.layer_id, m.status, m.author) for m in marks(window)] == [(1001, "hero", FIX, "ana")]
    assert window.actions_table["review.fix"].isChecked()

    press(window, Qt.Key.Key_3, ALT)
    assert marks(window)[0].status is APPROVED
    assert [window.actions_table[f"review.{name}"].isChecked() for name in ("todo", "fix", "approved")] == [
        False,
        False,
        True,
    ]
    press(window, Qt.Key.Key_3, ALT)
    assert marks(window) == ()
    assert not window.actions_table["review.approved"].isChecked()
    window.studio.document.undo()
    assert marks(window)[0].status is APPROVED


def test_approving_again_renews_what_changed(window: MainWindow, studio: FakeStudio) -> None:
    """A stroke after the approval: the row says so; Alt+3 approves the new matte instead of clearing."""
    press(window, Qt.Key.Key_3, ALT)
    studio.document.do(AddCorrection("hero", 1001, Stroke((StrokePoint(5, 5),), 3.0), "empty"))
    window.review.refresh()
    assert window.review.table.rows[0].words == CHANGED_SINCE
    assert "1 changed since" in window.review.count.text()

    press(window, Qt.Key.Key_3, ALT)
    window.review.refresh()
    assert window.review.table.rows[0].words == "approved"
    assert "1 approved" in window.review.count.text()


def test_approving_an_older_matte_is_told(window: MainWindow, studio: FakeStudio) -> None:
    """What is on screen is not what would be delivered: never silently approved."""
    said: list[Message] = []
    studio.message.connect(said.append)
    studio.reviewing.older.add(("hero", 1001))
    press(window, Qt.Key.Key_3, ALT)
    window.review.refresh()

    assert window.review.table.rows[0].words == CHANGED_SINCE
    assert CHANGED_SINCE in said[0].text


def test_typing_a_note_triggers_no_key(window: MainWindow, studio: FakeStudio) -> None:
    """Ctrl+Return opens the note; R, W, T, space and digits are letters there; Escape keeps it and goes back."""
    look = window.view.look
    press(window, Qt.Key.Key_Return, CTRL)
    assert window.review.note.hasFocus()
    QTest.keyClicks(window.review.note, "wrt m 1 [b], <fix>")
    assert window.view.look == look
    assert window.viewport.tool.name == "click"
    assert marks(window) == ()

    press(window, Qt.Key.Key_Escape)
    assert window.viewport.hasFocus()
    assert mark_at(studio.document.shot.review, 1001, "hero").note == "wrt m 1 [b], <fix>"
    assert studio.document.undo_label == "Write note"


def test_a_note_stays_with_the_frame_it_was_begun_on(window: MainWindow, studio: FakeStudio) -> None:
    """Stepping away while typing keeps it there; the next frame's note is shown; nothing typed is no command."""
    studio.document.do(SetReviewNote(1005, "hero", "five"))
    steps = studio.document.steps
    press(window, Qt.Key.Key_Return, CTRL)
    QTest.keyClicks(window.review.note, "one")
    window.view.set(frame=1005)
    window.review.refresh()
    assert window.review.note.toPlainText() == "five"
    assert mark_at(studio.document.shot.review, 1001, "hero").note == "one"
    assert studio.document.steps == steps + 1

    window.view.set(frame=1001)
    window.review.refresh()
    assert window.review.note.toPlainText() == "one"
    press(window, Qt.Key.Key_Return, CTRL)
    assert window.viewport.hasFocus()
    assert studio.document.steps == steps + 1


def test_a_note_is_kept_before_the_project_is_saved_and_the_window_closed(
    window: MainWindow, studio: FakeStudio
) -> None:
    """Also while the keyboard is still in it."""
    press(window, Qt.Key.Key_Return, CTRL)
    QTest.keyClicks(window.review.note, "ear")
    studio.saving.changed.emit("saving")
    assert marks(window)[0].note == "ear"

    QTest.keyClicks(window.review.note, "s")
    window.close()
    assert marks(window)[0].note == "ears"


def reviewed(studio: FakeStudio) -> None:
    for frame, layer_id, status, note in (
        (1003, "hero", FIX, "Tail"),
        (1003, WHOLE_PICTURE, TODO, "grain"),
        (1007, "sky", TODO, "wire and tail"),
        (1012, "hero", APPROVED, ""),
    ):
        studio.document.do(SetReviewStatus(frame, layer_id, status, "seen"))
        if note:
            studio.document.do(SetReviewNote(frame, layer_id, note))


def test_the_filter_decides_what_is_listed_and_stepped_through(window: MainWindow, studio: FakeStudio) -> None:
    """Alt+Right and Alt+Left go from mark to mark of the filtered list, choosing the layer or the whole frame."""
    reviewed(studio)
    window.review.refresh()
    assert window.review.place.text() == "4 marks"
    visited = []
    for _ in range(4):
        press(window, Qt.Key.Key_Right, ALT)
        look = window.view.look
        visited.append((look.frame, "" if look.review_whole else look.layer_id))
    assert visited == [(1003, ""), (1003, "hero"), (1007, "sky"), (1012, "hero")]
    window.review.refresh()
    assert window.review.place.text() == "4 of 4"

    table = window.review.table
    table.text.setText("TAIL")
    window.review.refresh()
    assert [(row.mark.frame, row.layer) for row in table.rows] == [(1003, "Hero"), (1007, "Sky")]
    press(window, Qt.Key.Key_Left, ALT)
    assert (window.view.look.frame, window.view.look.layer_id) == (1007, "sky")
    table.layer.setCurrentIndex(table.layer.findText("Hero"))
    window.review.refresh()
    assert [row.mark.frame for row in table.rows] == [1003]
    table.text.clear()
    table.layer.setCurrentIndex(0)
    table.status.setCurrentIndex(table.status.findText("To do"))
    window.review.refresh()
    assert [(row.mark.frame, row.words) for row in table.rows] == [
        (1003, "to do"),
        (1007, "to do"),
        (1012, CHANGED_SINCE),
    ]


def test_the_end_of_the_list_is_said(window: MainWindow, studio: FakeStudio) -> None:
    """A key that seems dead is not one."""
    said: list[Message] = []
    studio.message.connect(said.append)
    press(window, Qt.Key.Key_Right, ALT)
    studio.document.do(SetReviewStatus(1003, "hero", FIX))
    press(window, Qt.Key.Key_Right, ALT)
    press(window, Qt.Key.Key_Right, ALT)

    assert [message.text for message in said] == [
        "There is no mark that passes the filter.",
        "This is the last mark of the list.",
    ]


def test_a_row_is_chosen_and_removed(window: MainWindow, studio: FakeStudio) -> None:
    """A click goes to its frame and layer; Delete takes the mark away, one undoable step."""
    reviewed(studio)
    window.review.refresh()
    table = window.review.table
    item = table.list.topLevelItem(2)
    assert item is not None
    assert [item.text(column) for column in range(4)] == ["1007", "Sky", "to do", "wire and tail"]
    table.list.itemClicked.emit(item, 0)
    assert (window.view.look.frame, window.view.look.layer_id) == (1007, "sky")

    window.review.refresh()
    QTest.keyClick(table.list, Qt.Key.Key_Delete)
    assert mark_at(studio.document.shot.review, 1007, "sky").empty
    assert studio.document.undo_label == "Remove mark"


def test_a_pen_is_chosen_and_taken_in_the_hand(window: MainWindow) -> None:
    """Color and width are marked; T takes the tool too."""
    window.review.pen.colors[2].click()
    window.review.pen.widths[0].click()
    assert window.view.look.pen == Pen(PEN_COLORS[2][1], 0.003)
    assert [button.isChecked() for button in window.review.pen.colors] == [False, False, True, False]
    assert window.viewport.tool.name == "draw"
    window.viewport.setFocus()
    for key, width in (
        (Qt.Key.Key_BracketRight, 0.006),
        (Qt.Key.Key_BracketRight, 0.014),
        (Qt.Key.Key_BracketLeft, 0.006),
    ):
        press(window, key)
        assert window.view.look.pen.width == width
    assert window.viewport.brush.radius_px == 24.0

    window.looks.choose_tool("click")
    window.viewport.setFocus()
    press(window, Qt.Key.Key_T)
    assert window.viewport.tool.name == "draw"


def test_a_drawing_is_seen_hidden_and_cleared(window: MainWindow, studio: FakeStudio, qtbot: QtBot) -> None:
    """On the picture in its color where it was drawn; Ctrl+Shift+D hides it; clearing is one undoable step."""
    view = window.viewport
    middle = view.projection.to_view(32, 20).toPoint()

    def is_red() -> bool:
        ink = view.grab().toImage().pixelColor(middle * view.devicePixelRatioF())
        return ink.redF() > 0.8 and ink.greenF() < 0.5

    qtbot.waitUntil(lambda: not is_red())
    studio.document.do(AddReviewStroke(1001, "hero", line((20, 20), (44, 20), width_px=4)))
    qtbot.waitUntil(is_red)
    press(window, Qt.Key.Key_D, CTRL | SHIFT)
    qtbot.waitUntil(lambda: not is_red())
    assert not window.actions_table["view.drawings"].isChecked()

    press(window, Qt.Key.Key_D, CTRL | SHIFT)
    window.review.refresh()
    window.review.pen.clear.click()
    assert marks(window) == ()
    assert studio.document.undo_label == "Clear drawing"


def test_a_line_drawn_with_the_mouse_is_one_step(window: MainWindow, studio: FakeStudio) -> None:
    """Press, drag, release in the viewport with T; undo takes it back. No prompt, no matte."""
    press(window, Qt.Key.Key_T)
    steps = studio.document.steps
    one, other = (window.viewport.projection.to_view(x, 20).toPoint() for x in (10, 40))
    QTest.mousePress(window.viewport, Qt.MouseButton.LeftButton, pos=one)
    QTest.mouseMove(window.viewport, other)
    QTest.mouseRelease(window.viewport, Qt.MouseButton.LeftButton, pos=other)

    (drawn,) = mark_at(studio.document.shot.review, 1001, "hero").drawing
    assert drawn.points[0][0] == pytest.approx(10, abs=1)
    assert studio.document.steps == steps + 1
    assert not studio.document.shot.layer("hero").key_frames
    press(window, Qt.Key.Key_Z, CTRL)
    assert marks(window) == ()


# --- the export dialog and the timeline -------------------------------------------------------------------------


def test_the_dialog_makes_a_plan(window: MainWindow, studio: FakeStudio, tmp_path: Path) -> None:
    """The viewer's exposure and view, the panel's filter, a take before; given to the room when accepted."""
    reviewed(studio)
    studio.put_matte("hero", 1003)
    take = studio.keep_take("hero", "v1")
    studio.saving.path = tmp_path / "shot.penumbra"
    window.view.set(exposure_stops=1.5)
    window.review.table.text.setText("tail")
    press(window, Qt.Key.Key_E, CTRL | SHIFT)
    dialog = window.findChild(ReviewExportDialog)
    assert isinstance(dialog, ReviewExportDialog)
    dialog.before.setCurrentIndex(dialog.before.findData(take.id))
    dialog.frames.setCurrentIndex(1)
    dialog.export.click()

    (plan,) = studio.reviewing.plans
    assert (plan.csv, plan.movie) == (tmp_path / "plate_review.csv", tmp_path / "plate_review.mp4")
    assert (plan.sheet, plan.pictures) == (None, None)
    assert plan.wanted == ReviewFilter(text="tail")
    assert (plan.before, plan.after, plan.layers, plan.marked_only, plan.hold) == (
        take.id,
        "overlay",
        ("hero",),
        True,
        24,
    )
    assert (plan.exposure_stops, plan.view) == (1.5, window.view.look.view)


def test_the_dialog_refuses_in_a_sentence(qtbot: QtBot, studio: FakeStudio, tmp_path: Path) -> None:
    """Nothing asked for, a wrong ending, a file that exists: the button is off and the reason is there."""
    look = Look(frame=1001, layer_id="hero")
    dialog = ReviewExportDialog(studio.document.shot, look, ReviewFilter(), [], tmp_path)
    qtbot.addWidget(dialog)
    assert dialog.check() is not None

    box, field = dialog.files["movie"]
    field.setText(str(tmp_path / "r.avi"))
    assert not dialog.export.isEnabled()
    assert "is written as .mp4 or .mov" in dialog.problem.text()
    box.setChecked(False)
    (tmp_path / "plate_review.csv").write_text("mine")
    assert dialog.check() is None
    assert "exists already" in dialog.problem.text()
    dialog.overwrite.setChecked(True)
    assert dialog.export.isEnabled()
    dialog.files["csv"][0].setChecked(False)
    assert "nothing is asked for" in dialog.problem.text()


def test_the_timeline_shows_what_was_said(studio: FakeStudio) -> None:
    """Of the chosen layer and the whole frame; where both speak, what asks for more work; an approval in green."""
    reviewed(studio)
    shot = studio.document.shot
    shown = review_marks(shot, "hero")
    assert {frame: row.words for frame, row in shown.items()} == {1003: "fix", 1012: CHANGED_SINCE}
    assert words(shown[1003]) == "Hero fix: Tail"
    assert words(None) == ""

    studio.document.do(SetReviewStatus(1015, "hero", APPROVED, studio.reviewing.seen("hero", 1015)[0]))
    image = QImage(400, 60, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    scale = Scale.all_of(FrameRange(1001, 1020), 0, 400)
    painter = QPainter(image)
    paint_review(painter, scale, review_marks(studio.document.shot, "hero"))
    painter.end()

    def ink(frame: int) -> str:
        return image.pixelColor(round(scale.center_x(frame)), round(KEYS.bottom()) - 2).name()

    expected = {1003: color("bad").name(), 1012: color("warn").name(), 1015: color("good").name(), 1016: "#000000"}
    assert {frame: ink(frame) for frame in expected} == expected


def test_a_scribble_is_drawn_in_no_time_and_looks_the_same() -> None:
    """A pen tells thousands of places, and a line that crosses itself hundreds of times took Qt seconds as a whole."""
    places = [(200 + 150 * math.cos(turn * 0.05), 150 + 100 * math.sin(turn * 0.043)) for turn in range(400)]
    pictures = []
    for faint in (1.0, 0.999):  # a line that is seen through is drawn as a whole
        picture = QImage(400, 300, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.darkGray)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(faint)
        draw_line(painter, DrawnLine(tuple(places), (0.9, 0.3, 0.3), 6.0), Projection())
        painter.end()
        pictures.append(np.array(picture.constBits()).reshape(300, 400, 4)[..., :3].astype(int))

    assert np.abs(pictures[0] - pictures[1]).max() < 48
    assert (np.abs(pictures[0] - pictures[1]) > 4).mean() < 0.01


def test_places_that_cannot_be_told_apart_are_one() -> None:
    places = [QPointF(10 + step / 100, 10) for step in range(1000)]

    assert 10 <= len(apart(places)) <= 12
    assert apart(places)[-1] == places[-1]
    assert apart(places[:1]) == places[:1]
