"""A trimap that is painted: what the engine is told, and what there is to look at."""

from __future__ import annotations

from app.fresh_mattes import not_delivered
from core.commands import AddPrompt
from core.frames import FrameRange
from core.geometry import Window
from core.prompts import Click, Stroke, StrokePoint
from core.roto.commands import AddShape
from core.roto.shape import Role, RotoShape, ShapePoint
from core.trimap_commands import PaintTrimap
from core.trimap_mark import Mark, TrimapStroke
from inference.messages import RefineRequest
from tests.app.conftest import Desk


def test_a_painted_trimap_makes_the_edge_anew_and_the_engine_is_told(desk: Desk) -> None:
    """Unknown is told as a half, outside as a fixed zero; undo finds the older edge; the trimap is there to look at."""
    base = desk.studio.shown_key(desk.layer, 1001)
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20.5, 20.5), base))
    desk.settle()
    desk.studio.refine(desk.layer, FrameRange(1001, 1001))
    desk.settle()
    layer = desk.studio.document.shot.layer(desk.layer)
    before = layer.refined_key(desk.studio.document.shot.plate.identity, 1001)
    for x, mark in ((50.0, Mark.UNKNOWN), (12.0, Mark.OUTSIDE)):
        stroke = TrimapStroke(Stroke((StrokePoint(x, 24.0),), 4.0), mark)
        desk.studio.document.do(PaintTrimap(desk.layer, 1001, stroke))
    desk.until(lambda: desk.studio.trimaps.at(desk.layer, 1001) is not None)
    desk.settle()

    request = desk.engine.jobs[-1]

    assert isinstance(request, RefineRequest)
    assert request.fixed[1001].over(Window(50, 24, 51, 25))[0, 0] == 0.5
    assert request.fixed[1001].over(Window(12, 24, 13, 25))[0, 0] == 1.0
    assert request.mattes[1001].over(Window(12, 24, 13, 25))[0, 0] == 0.0
    seen = desk.studio.trimaps.at(desk.layer, 1001)
    assert seen is not None
    assert (seen.pixels[24, 50], seen.pixels[24, 12]) == (128, 0)
    for _ in range(2):
        desk.studio.document.undo()
    layer = desk.studio.document.shot.layer(desk.layer)
    assert layer.refined_key(desk.studio.document.shot.plate.identity, 1001) == before
    assert desk.studio.bench.mattes.store.has(before)


def test_an_edge_refined_under_a_garbage_shape_can_be_delivered(desk: Desk) -> None:
    """The shape is part of what refine was asked; what is fresh in the window is not stale for an export."""
    base = desk.studio.shown_key(desk.layer, 1001)
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20.5, 20.5), base))
    corners = tuple(ShapePoint(x, y) for x, y in ((0, 0), (64, 0), (64, 30), (0, 30)))
    desk.studio.document.do(AddShape(desk.layer, RotoShape("keep", {1001: corners}, Role.GARBAGE, id="keep")))
    desk.settle()
    frames = FrameRange(1001, 1001)
    desk.studio.refine(desk.layer, frames)
    desk.settle()
    mattes, layer = desk.studio.bench.mattes, desk.studio.document.shot.layer(desk.layer)
    assert layer.refine is not None
    assert mattes.plate is not None

    assert desk.studio.freshness(desk.layer).fresh >= {1001}
    assert not_delivered(mattes, layer, frames) == []
    plain = mattes.standing(desk.layer, 1001, finish=False)
    assert plain.fresh
    assert plain.key == layer.refined_key(mattes.plate.identity, 1001)
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(40.5, 24.5), base))
    layer = desk.studio.document.shot.layer(desk.layer)
    assert not_delivered(mattes, layer, frames) == [1001]


def test_what_is_on_screen_is_refined_first_and_is_not_what_is_delivered(desk: Desk) -> None:
    """The first question fixes all but what is seen; its answer is shown at once; then the whole range is asked."""
    base = desk.studio.shown_key(desk.layer, 1001)
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(30.5, 24.5), base))
    desk.studio.look_at(1001, playing=False)
    desk.settle()
    desk.engine.hold = True
    desk.studio.refine(desk.layer, seen=Window(60, 0, 64, 8))
    desk.loop.wait(lambda: not desk.studio.bench._timers, timeout_s=20)
    (first,) = [job for job in desk.engine.jobs if isinstance(job, RefineRequest)]
    mattes, layer = desk.studio.bench.mattes, desk.studio.document.shot.layer(desk.layer)

    desk.engine.release_one()
    desk.until(lambda: desk.engine.held == 1)
    seen = mattes.standing(desk.layer, 1001)
    refused = mattes.delivered(layer, 1001)
    desk.engine.release()
    desk.settle()

    assert list(first.mattes) == [1001]
    assert "steady" not in first.model.options
    assert first.fixed[1001].over(Window(27, 24, 28, 25))[0, 0] == 1.0
    assert first.fixed[1001].over(Window(30, 24, 31, 25))[0, 0] == 0.0
    assert seen.matte is not None
    assert seen.matte.over(Window(30, 24, 32, 25))[0, 0] == 0.5
    assert seen.matte.over(Window(27, 24, 28, 25))[0, 0] == 1.0
    assert (seen.fresh, refused) == (False, None)
    whole = mattes.delivered(layer, 1001)
    assert whole is not None
    assert whole.over(Window(27, 24, 28, 25))[0, 0] == 0.5
