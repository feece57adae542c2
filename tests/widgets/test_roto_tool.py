"""Drawing and editing roto shapes: every gesture is one command, and Escape was never there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.commands import AddLayer, Command
from core.roto.commands import AddShape, ChangeShape, RemoveShape
from core.roto.shape import Points, Role, RotoShape, ShapePoint
from tests.widgets.test_tools import Bench, at, drag
from widgets.tools.roto import RotoTool, drawn_now, said_while_drawing, smooth

SQUARE: Points = (ShapePoint(10, 10), ShapePoint(40, 10), ShapePoint(40, 40), ShapePoint(10, 40))
"""The viewport of these tests shows ten points of the screen in a plate pixel: the hand reaches 0.7 px."""


@pytest.fixture
def tool() -> RotoTool:
    return RotoTool()


@pytest.fixture
def bench() -> Bench:
    """With a square that was drawn on 1001, seen from 1003."""
    bench = Bench()
    bench.studio.document.do(AddShape("hero", RotoShape("Shape 1", {1001: SQUARE}, id="one")))
    bench.view.set(shape_id="one")
    bench.steps = bench.studio.document.steps
    return bench


def do(bench: Bench, command: Command | None) -> None:
    assert command is not None
    bench.studio.document.do(command)


def shape(bench: Bench) -> RotoShape:
    return bench.studio.document.shot.layer("hero").shapes[-1]


def press(tool: RotoTool, bench: Bench, *places: tuple[float, float], **fields: object) -> None:
    do(bench, drag(tool, bench, *places, **fields))


def test_a_shape_is_drawn_point_by_point_and_closed_on_its_first(tool: RotoTool) -> None:
    """A drag pulls handles; each press is one step that undo takes back; open it does nothing."""
    bench = Bench()
    press(tool, bench, (10, 10))
    press(tool, bench, (40, 10), (45, 15), (50, 20))
    press(tool, bench, (40, 40))

    assert bench.studio.document.steps == bench.steps + 3
    assert shape(bench).at(1003) == (ShapePoint(10, 10), ShapePoint(40, 10, -10, -10, 10, 10), ShapePoint(40, 40))
    assert not shape(bench).works
    bench.studio.document.undo()
    assert shape(bench).count == 2
    bench.studio.document.redo()

    press(tool, bench, (10.3, 10.2))
    assert shape(bench).closed
    assert shape(bench).works
    assert bench.studio.document.undo_label == "Close shape"
    assert shape(bench).frames == (1003,)


def test_the_first_shape_of_an_empty_layer_adds_and_later_ones_are_garbage(tool: RotoTool) -> None:
    """There is nothing to hold back yet; the panel's choice counts from then on."""
    bench = Bench()
    press(tool, bench, (10, 10))
    assert shape(bench).role is Role.ADD
    bench.studio.document.do(ChangeShape("hero", RotoShape("Shape 1", {1: SQUARE}, Role.ADD, id=shape(bench).id)))
    press(tool, bench, (60, 60))
    assert shape(bench).role is Role.GARBAGE
    assert shape(bench).name == "Shape 2"


def test_without_a_layer_the_first_point_makes_one(tool: RotoTool) -> None:
    """One step of the history for both."""
    bench = Bench(layer=False)
    command = drag(tool, bench, (10, 10))

    assert isinstance(command, AddLayer)
    assert command.layer.shapes[0].count == 1
    assert command.label == "Begin shape in a new layer"


def test_return_closes_and_escape_drops_what_is_drawn(tool: RotoTool) -> None:
    bench = Bench()
    assert not tool.wants("return", bench.context)
    for place in ((10, 10), (40, 10)):
        press(tool, bench, place)
    assert tool.wants("return", bench.context)
    assert tool.key("return", bench.context) is None
    assert "three points" in bench.said[-1]

    press(tool, bench, (40, 40))
    closing = tool.key("return", bench.context)
    assert isinstance(closing, ChangeShape)
    assert closing.shape.closed
    dropping = tool.key("escape", bench.context)
    assert dropping == RemoveShape("hero", shape(bench).id)
    do(bench, tool.key("delete", bench.context))
    assert shape(bench).count == 2
    do(bench, closing)
    assert drawn_now(bench.context.layer) is None


def test_what_comes_next_is_said_while_it_is_drawn(tool: RotoTool) -> None:
    bench = Bench()
    said = []
    for place in ((10, 10), (40, 10), (40, 40)):
        press(tool, bench, place)
        said.append(said_while_drawing(bench.studio.document.shot.layer("hero")))
    do(bench, tool.key("return", bench.context))

    does = shape(bench).name + ": adds what is inside; "
    assert said == [
        f"{does}point 2 of three or more, Escape drops it",
        f"{does}point 3 of three or more, Escape drops it",
        f"{does}its first point or Return closes it, Escape drops it",
    ]
    assert said_while_drawing(bench.studio.document.shot.layer("hero")) == ""


def test_a_dragged_point_becomes_a_key_of_the_frame(tool: RotoTool, bench: Bench) -> None:
    """The other key stays; the matte follows the hand and is let go of at the end."""
    press(tool, bench, (40, 40), (45, 41), (50, 42))

    assert shape(bench).frames == (1001, 1003)
    assert shape(bench).at(1001) == SQUARE
    assert shape(bench).at(1003)[2] == ShapePoint(50, 42)
    assert bench.studio.document.undo_label == "Move points"
    assert bench.view.look.shape_points == {2}
    tried = bench.studio.finishing.shapes
    assert tried[-1] is None
    assert tried[0] is not None
    assert tried[0][0].at(1003)[2] == ShapePoint(45, 41)
    assert bench.viewport.asked[-1] == ("show_shape", None)


def test_a_click_only_chooses(tool: RotoTool, bench: Bench) -> None:
    assert drag(tool, bench, (40, 40)) is None
    assert bench.view.look.shape_points == {2}
    assert drag(tool, bench, (10, 40), shift=True) is None
    assert bench.view.look.shape_points == {2, 3}
    press(tool, bench, (10, 40), (10, 45))
    assert [point.y for point in shape(bench).at(1003)] == [10, 10, 45, 45]
    assert drag(tool, bench, (10, 45), shift=True) is None
    assert bench.view.look.shape_points == {2}


def test_the_outline_moves_the_whole_shape(tool: RotoTool, bench: Bench) -> None:
    press(tool, bench, (25, 10.2), (30, 12.2))
    assert shape(bench).at(1003) == tuple(point.moved(5, 2) for point in SQUARE)


def test_shift_on_the_outline_puts_a_point_in(tool: RotoTool, bench: Bench) -> None:
    """Which changes nothing until it is dragged."""
    press(tool, bench, (25, 10.2), shift=True)
    assert shape(bench).count == 5
    assert shape(bench).frames == (1001,)
    assert (shape(bench).at(1003)[1].x, shape(bench).at(1003)[1].y) == pytest.approx((25, 10), abs=0.3)
    assert bench.view.look.shape_points == {1}


def test_handles_turn_together_until_shift_parts_them(tool: RotoTool, bench: Bench) -> None:
    """Right drag pulls them, right click takes the point out."""
    press(tool, bench, (40, 10), (50, 10), button="right")
    pulled = shape(bench).at(1003)[1]
    assert pulled == ShapePoint(40, 10, -10, 0, 10, 0)
    assert smooth(pulled)

    press(tool, bench, (50, 10), (40, 30))
    assert shape(bench).at(1003)[1].numbers == pytest.approx((40, 10, 0, -10, 0, 20))
    press(tool, bench, (40, 30), (45, 10), shift=True)
    assert shape(bench).at(1003)[1].numbers == pytest.approx((40, 10, 0, -10, 5, 0))

    press(tool, bench, (40, 10), button="right")
    assert shape(bench).count == 3
    assert bench.studio.document.undo_label == "Remove point"


def test_delete_takes_what_is_chosen(tool: RotoTool, bench: Bench) -> None:
    bench.view.set(shape_points=frozenset((0,)))
    do(bench, tool.key("delete", bench.context))
    assert shape(bench).count == 3
    assert isinstance(tool.key("delete", bench.context), RemoveShape)
    assert tool.key("escape", bench.context) is None
    assert bench.view.look.shape_id == ""


def test_escape_in_a_gesture_leaves_everything(tool: RotoTool, bench: Bench) -> None:
    gesture = tool.press(at("press", 40, 40), bench.context)
    assert gesture is not None
    next(gesture)
    gesture.send(at("move", 50, 50))
    gesture.close()

    assert bench.studio.document.steps == bench.steps
    assert bench.studio.finishing.shapes[-1] is None
    assert bench.viewport.asked[-1] == ("show_shape", None)


def test_a_locked_layer_says_so(tool: RotoTool) -> None:
    bench = Bench(locked=True)
    assert drag(tool, bench, (10, 10)) is None
    assert "locked" in bench.said[-1]


def test_a_point_outside_the_plate_can_be_placed(tool: RotoTool) -> None:
    """A garbage shape often reaches beyond the frame."""
    bench = Bench()
    press(tool, bench, (-20, -30))
    assert shape(bench).at(1003) == (ShapePoint(-20, -30),)
    assert replace(shape(bench), closed=True).count == 1
