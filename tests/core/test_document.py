"""One door in, one signal out: do, undo and redo send the same record, and the journal hears of it first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.commands import AddLayer, AddPlate, ChangePlate, MoveLayer, RemoveLayer, SetRange
from core.document import Document, Edit
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Layer
from core.plate import Plate
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


def names(document: Document) -> list[str]:
    return [layer.name for layer in document.shot.layers]


def three_layers() -> Document:
    document = Document()
    for name in ("a", "b", "c"):
        document.do(AddLayer(Layer(name, name)))
    return document


def test_undo_and_redo_walk_every_shot_back_and_forth() -> None:
    """Ten steps back and ten forward meet the same shots, and the same changes are announced."""
    document = Document()
    shots, changes = [document.shot], []
    document.changed.connect(changes.append)
    for number in range(10):
        document.do(AddLayer(Layer(str(number), f"layer {number}")))
        shots.append(document.shot)

    done = list(changes)
    for expected in reversed(shots[:-1]):
        document.undo()
        assert document.shot is expected
    for expected in shots[1:]:
        document.redo()
        assert document.shot is expected
    assert changes == done + done[::-1] + done
    assert document.undo() is not None
    assert (document.steps, document.undone_steps) == (9, 1)


def test_undo_and_redo_with_nothing_to_do_say_so() -> None:
    """None, no signal, and empty labels for the menu."""
    document = Document()
    heard: list[Change] = []
    document.changed.connect(heard.append)

    assert document.undo() is None
    assert document.redo() is None
    assert (document.undo_label, document.redo_label) == ("", "")
    assert heard == []


def test_a_new_edit_forgets_what_was_undone() -> None:
    """After undo and another edit there is nothing to redo."""
    document = three_layers()
    document.undo()
    document.do(AddLayer(Layer("d", "d")))

    assert document.redo() is None
    assert names(document) == ["a", "b", "d"]


def test_a_command_that_fails_leaves_everything_as_it_was() -> None:
    """Neither the shot nor the history nor the journal hears of it."""
    document = three_layers()
    edits: list[Edit] = []
    document.edited.connect(edits.append)
    before = document.shot

    with pytest.raises(KeyError):
        document.do(MoveLayer("no such layer", 0))

    assert document.shot is before
    assert (edits, document.steps) == ([], 3)


def test_the_journal_hears_first_and_of_the_shot_to_come() -> None:
    """When `edited` is emitted the document still shows the old shot; `after` is the new one."""
    document = Document()
    heard: list[tuple[str, bool]] = []
    document.edited.connect(lambda edit: heard.append((edit.kind, edit.after is document.shot)))
    document.changed.connect(lambda change: heard.append(("changed", bool(document.shot.layers))))

    document.do(AddLayer(Layer("a", "a")))
    document.undo()

    assert heard == [("do", False), ("changed", True), ("undo", False), ("changed", False)]


def test_layers_move_and_go() -> None:
    """Positions are those of the list without the layer that moves."""
    document = three_layers()
    document.do(MoveLayer("c", 0))
    assert names(document) == ["c", "a", "b"]

    change = document.do(RemoveLayer("a"))
    assert names(document) == ["c", "b"]
    assert change == Change(Touched.LAYERS, "a")


def test_the_first_plate_is_the_one_being_matted_and_can_be_read_differently() -> None:
    """A changed plate keeps its place and gets another identity."""
    document = Document()
    document.do(AddPlate(PLATE))
    document.do(SetRange(FrameRange(1003, 1004)))
    assert document.shot.range == FrameRange(1003, 1004)

    document.do(SetRange(None))
    assert document.shot.range == PLATE.frames
    other = replace(PLATE, color_space="Linear Rec.709")
    document.do(ChangePlate(other))
    assert document.shot.plates == (other,)
    assert other.identity != PLATE.identity


def test_adopting_another_document_keeps_the_listeners() -> None:
    """Opening a project shows its shot and history in the same window."""
    window, project = Document(), three_layers()
    project.undo()
    heard: list[Change] = []
    window.changed.connect(heard.append)

    window.adopt(project)

    assert names(window) == ["a", "b"]
    assert (window.steps, window.undone_steps) == (2, 1)
    assert heard
    window.redo()
    assert names(window) == ["a", "b", "c"]
    assert names(project) == ["a", "b"]


def test_every_shot_of_the_history_is_known() -> None:
    """What undo and redo can bring back is what garbage collection must keep."""
    document = three_layers()
    document.undo()

    assert {len(shot.layers) for shot in document.shots()} == {0, 1, 2, 3}
    assert Shot() in document.shots()
