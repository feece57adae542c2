"""The review's record: commands, what an approval holds on to, and the same rows as a list and as CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands import AddCorrection, AddLayer, AddPlate, RemoveLayer
from core.delivered_keys import current_key
from core.document import Document
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Layer
from core.plate import Plate
from core.project_file import Project
from core.prompts import Stroke, StrokePoint
from core.review import WHOLE_PICTURE, DrawnLine, ReviewMark, ReviewStatus, mark_at
from core.review_commands import (
    AddReviewStroke,
    ClearReviewDrawing,
    EraseReviewStrokes,
    RemoveReviewMark,
    SetReviewNote,
    SetReviewStatus,
)
from core.review_list import CHANGED_SINCE, PICTURE, ReviewFilter, as_csv, counts, neighbour, rows_of
from core.shot import Change, Shot, Touched

PLATE = Plate(
    "p1",
    "plate",
    Path("/show/plate.####.exr"),
    FrameRange(1001, 1010),
    Format(Window.of_size(64, 32)),
    Window.of_size(64, 32),
    "ACEScg",
)
RED = (0.9, 0.2, 0.2)
TODO, FIX, APPROVED = ReviewStatus.TO_DO, ReviewStatus.FIX, ReviewStatus.APPROVED


def line(x: float = 0.0) -> DrawnLine:
    return DrawnLine(((x, 1.25), (x + 10.5, 1.25)), RED, 2.0)


def document() -> Document:
    made = Document()
    made.do(AddPlate(PLATE))
    made.do(AddLayer(Layer("hero", "Hero")))
    made.do(AddLayer(Layer("dog", "=Dog")))
    return made


def approve(made: Document, frame: int, layer_id: str) -> None:
    seen = current_key(made.shot, frame, layer_id)
    made.do(SetReviewStatus(frame, layer_id, APPROVED, seen))


def paint(made: Document, frame: int, layer_id: str = "hero") -> None:
    made.do(AddCorrection(layer_id, frame, Stroke((StrokePoint(5, 5),), 3.0), "empty"))


def test_a_mark_is_made_changed_and_gone_when_it_says_nothing() -> None:
    """Note, drawing and status share one mark; the last thing taken away takes it away. Undo walks all of it back."""
    made = document()
    empty = made.shot
    made.do(SetReviewNote(1003, "hero", "the ear", "ana", "2026-01-01T10:00:00+00:00"))
    made.do(AddReviewStroke(1003, "hero", line(), "ben", "2026-01-02T10:00:00+00:00"))
    made.do(SetReviewStatus(1003, "hero", FIX, "ignored", "ben", "2026-01-02T10:00:00+00:00"))
    expected = ReviewMark(1003, "hero", FIX, "the ear", (line(),), "", "ben", "2026-01-02T10:00:00+00:00")
    assert made.shot.review == (expected,)
    assert made.undo_label == "Mark as fix"

    made.do(ClearReviewDrawing(1003, "hero"))
    made.do(SetReviewStatus(1003, "hero", ReviewStatus.NONE))
    assert made.undo_label == "Clear the status"
    made.do(SetReviewNote(1003, "hero", ""))
    assert not made.shot.review
    for _ in range(6):
        assert made.undo() == Change(Touched.REVIEW, "hero", frozenset({1003}))
    assert made.shot is empty


def test_marks_stand_by_frame_and_the_pictures_own_first() -> None:
    """Whatever the order they were made in."""
    made = document()
    for frame, layer_id in ((1005, "hero"), (1002, "hero"), (1005, WHOLE_PICTURE), (1002, "dog")):
        made.do(SetReviewStatus(frame, layer_id, TODO))

    places = [(mark.frame, mark.layer_id) for mark in made.shot.review]
    assert places == [(1002, "dog"), (1002, "hero"), (1005, ""), (1005, "hero")]
    made.do(RemoveReviewMark(1002, "hero"))
    assert mark_at(made.shot.review, 1002, "hero").empty


def test_the_eraser_takes_lines_of_several_marks_in_one_step() -> None:
    """One gesture, one undo step; a line that is not there is a programming error and changes nothing."""
    made = document()
    for x in (0.0, 20.0, 40.0):
        made.do(AddReviewStroke(1001, "hero", line(x)))
    made.do(AddReviewStroke(1001, WHOLE_PICTURE, line(5.0)))
    made.do(EraseReviewStrokes(1001, (("hero", 2), ("", 0), ("hero", 0))))

    assert made.shot.review == (ReviewMark(1001, "hero", drawing=(line(20.0),)),)
    made.undo()
    assert [len(mark.drawing) for mark in made.shot.review] == [1, 3]
    with pytest.raises(IndexError):
        made.do(EraseReviewStrokes(1001, (("hero", 3),)))
    assert made.undo_label == "Draw"


def test_a_line_is_touched_within_its_width_and_the_reach() -> None:
    """Distance to the piece of line, not to its points: 10.5 long at y 1.25, 1 px to each side of it."""
    drawn = line()
    assert drawn.touched_by(5.0, 3.2, reach_px=1.0)
    assert not drawn.touched_by(5.0, 3.3, reach_px=1.0)
    assert not drawn.touched_by(13.0, 1.25, reach_px=1.0)
    assert DrawnLine(((4.0, 4.0),), RED, 2.0).touched_by(4.0, 5.5, reach_px=0.5)


def test_an_approval_knows_when_its_matte_changed() -> None:
    """A stroke on the frame, or on a neighbour it is propagated from, unmakes no approval and is said of it."""
    made = document()
    paint(made, 1003)
    for frame, layer_id in ((1003, "hero"), (1005, "hero"), (1005, "dog"), (1005, WHOLE_PICTURE)):
        approve(made, frame, layer_id)
    assert {row.words for row in rows_of(made.shot)} == {"approved"}

    paint(made, 1003)
    changed = {(row.mark.frame, row.layer): row.words for row in rows_of(made.shot)}
    assert changed == {
        (1003, "Hero"): CHANGED_SINCE,
        (1005, "Hero"): CHANGED_SINCE,
        (1005, "=Dog"): "approved",
        (1005, PICTURE): CHANGED_SINCE,
    }
    assert counts(made.shot, "hero").sentence == "2 changed since · 8 without"
    made.undo()
    assert {row.words for row in rows_of(made.shot)} == {"approved"}
    assert counts(made.shot, "hero").sentence == "2 approved · 8 without"


def test_approving_an_older_matte_is_not_an_approval_of_the_new_one() -> None:
    """What was on screen was stale: the record says at once that something else would be delivered."""
    made = document()
    paint(made, 1003)
    made.do(SetReviewStatus(1004, "hero", APPROVED, "the key of an older matte"))

    assert [row.words for row in rows_of(made.shot)] == [CHANGED_SINCE]


def test_an_empty_layer_does_not_change_an_approved_picture() -> None:
    """Only a layer with a matte is part of what the whole frame looks like."""
    made = document()
    paint(made, 1003)
    approve(made, 1003, WHOLE_PICTURE)
    made.do(AddLayer(Layer("cat", "Cat")))
    assert [row.words for row in rows_of(made.shot)] == ["approved"]

    paint(made, 1009, "cat")
    assert [row.words for row in rows_of(made.shot)] == [CHANGED_SINCE]


def test_marks_of_a_removed_layer_come_back_with_it() -> None:
    """They are not listed meanwhile."""
    made = document()
    made.do(SetReviewStatus(1002, "hero", FIX))
    made.do(RemoveLayer("hero"))
    assert rows_of(made.shot) == ()

    made.undo()
    assert [row.layer for row in rows_of(made.shot)] == ["Hero"]


def reviewed() -> Document:
    made = document()
    made.do(SetReviewStatus(1001, "hero", TODO))
    made.do(SetReviewNote(1001, "hero", "Edge of the EAR"))
    made.do(SetReviewStatus(1004, WHOLE_PICTURE, FIX))
    made.do(SetReviewNote(1004, WHOLE_PICTURE, 'wire, "left"\nand rain'))
    made.do(AddReviewStroke(1004, "dog", line(), "ana", "2026-01-02T10:00:00+00:00"))
    approve(made, 1006, "hero")
    return made


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (ReviewFilter(), [(1001, "hero"), (1004, ""), (1004, "dog"), (1006, "hero")]),
        (ReviewFilter(statuses=frozenset({FIX, TODO})), [(1001, "hero"), (1004, "")]),
        (ReviewFilter(layer_ids=frozenset({"hero"})), [(1001, "hero"), (1006, "hero")]),
        (ReviewFilter(layer_ids=frozenset({WHOLE_PICTURE, "dog"})), [(1004, ""), (1004, "dog")]),
        (ReviewFilter(text=" ear"), [(1001, "hero")]),
        (ReviewFilter(frozenset({APPROVED}), frozenset({"dog"})), []),
    ],
)
def test_the_list_is_filtered(wanted: ReviewFilter, places: list[tuple[int, str]]) -> None:
    """By status, layer and words of the note, all at once."""
    assert [(row.mark.frame, row.mark.layer_id) for row in rows_of(reviewed().shot, wanted)] == places


def test_an_approval_that_changed_is_found_under_to_do() -> None:
    """It is work again, whatever was said before."""
    made = reviewed()
    paint(made, 1006)
    wanted = ReviewFilter(statuses=frozenset({TODO}))

    assert [row.mark.frame for row in rows_of(made.shot, wanted)] == [1001, 1006]


def test_steps_go_through_the_list_and_end_there() -> None:
    """From where the playhead is, also between two marks."""
    rows = rows_of(reviewed().shot)

    def place(frame: int, layer_id: str, step: int) -> tuple[int, str] | None:
        row = neighbour(rows, frame, layer_id, step)
        return None if row is None else (row.mark.frame, row.mark.layer_id)

    assert place(1001, "hero", 1) == (1004, "")
    assert place(1004, "", 1) == (1004, "dog")
    assert place(1005, "dog", -1) == (1004, "dog")
    assert place(1006, "hero", 1) is None
    assert place(1001, "hero", -1) is None


def test_csv_is_exact_and_reads_back() -> None:
    """Quotes, commas and line breaks of a note survive; a layer called =Dog is no formula."""
    text = as_csv(rows_of(reviewed().shot), {1004: "01:00:00:04"})

    assert text == (
        "frame,timecode,layer,status,note,drawn lines,author,time\r\n"
        "1001,,Hero,to do,Edge of the EAR,0,,\r\n"
        '1004,01:00:00:04,whole frame,fix,"wire, ""left""\nand rain",0,,\r\n'
        "1004,01:00:00:04,'=Dog,,,1,ana,2026-01-02T10:00:00+00:00\r\n"
        "1006,,Hero,approved,,0,,\r\n"
    )
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[2][4] == 'wire, "left"\nand rain'


@pytest.mark.parametrize("note", ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1dcmd()"])
def test_no_text_of_the_list_is_a_formula(note: str) -> None:
    made = Document()
    made.do(AddPlate(PLATE))
    made.do(SetReviewNote(1002, "", note, author=note, time=note))

    rows = list(csv.reader(io.StringIO(as_csv(rows_of(made.shot)), newline="")))

    assert rows[1][4] == rows[1][6] == rows[1][7] == f"'{note}"


def test_the_record_survives_the_journal_and_the_snapshot(tmp_path: Path) -> None:
    """Killed without a word, then saved and opened again: equal marks, down to a third of a pixel."""
    project = Project.create(tmp_path / "shot")
    made = Document()
    made.adopt(project.document())
    made.edited.connect(project.record)
    for command in (
        AddPlate(PLATE),
        AddLayer(Layer("hero", "Hero")),
        SetReviewStatus(1002, "hero", APPROVED, "k" * 32, "ana", "2026-01-01T10:00:00+00:00"),
        SetReviewNote(1002, "hero", "schön, 'gut'\n✓ \udce9"),
        AddReviewStroke(1002, "", DrawnLine(((1 / 3, -2.5), (7.0, 9.0)), RED, 3.5)),
        AddReviewStroke(1002, "", line()),
        EraseReviewStrokes(1002, (("", 1),)),
    ):
        made.do(command)
    project._lock.release()

    again = Project.open(project.path)
    assert again.shot == made.shot
    assert again.document().undo_label == "Erase line"
    again.save()
    again.close()
    saved = Project.open(project.path)
    assert (saved.recovered, saved.shot.review) == (0, made.shot.review)
    saved.close()


def test_a_project_from_before_the_review_opens(tmp_path: Path) -> None:
    """A snapshot without the field is a shot without marks."""
    project = Project.create(tmp_path / "old", Shot(plates=(PLATE,), layers=(Layer("hero", "Hero"),)))
    project.close()
    snapshot = project.path / "project.json"
    raw = json.loads(snapshot.read_bytes())
    del raw["shot"]["review"]
    snapshot.write_text(json.dumps(raw))

    again = Project.open(project.path)
    assert again.shot.review == ()
    assert [layer.name for layer in again.shot.layers] == ["Hero"]
    again.close()


def test_no_matte_key_hears_of_the_review() -> None:
    """A note on a frame computes nothing anew."""
    made = document()
    paint(made, 1003)
    keys = [made.shot.layer("hero").delivered_key(PLATE.identity, frame) for frame in PLATE.frames]
    made.do(SetReviewNote(1003, "hero", "x"))

    assert keys == [made.shot.layer("hero").delivered_key(PLATE.identity, frame) for frame in PLATE.frames]
    assert replace(made.shot, review=()) != made.shot
