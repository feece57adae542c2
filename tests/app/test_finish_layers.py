"""A finish that needs more than its own matte: other layers, shapes, and the picture's motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from app.frame_motions import FrameMotions
from core.commands import AddCorrection, AddLayer, AddPrompt, RemoveLayer
from core.delivered_keys import combined_with, delivered_key
from core.errors import FrameError
from core.finish import Finish
from core.finish_commands import SetFinish
from core.finish_keys import sources, unfinished
from core.finish_steps import Blur, Combine, Grow, Invert, MotionBlur
from core.geometry import Format, Window
from core.layer import EMPTY_MATTE, Layer
from core.motion_blur import motion_blurred
from core.picture import Picture
from core.prompts import Click, Stroke, StrokePoint
from core.roto.commands import AddShape, ChangeShape
from core.roto.shape import Role, RotoShape, ShapePoint
from tests.app.conftest import Desk


def box(x0: float, y0: float, x1: float, y1: float, role: Role = Role.ADD, shape_id: str = "box") -> RotoShape:
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return RotoShape(shape_id, {1001: tuple(ShapePoint(x, y) for x, y in corners)}, role, id=shape_id)


def shown(desk: Desk, frame: int = 1001, layer: str = "hero") -> Any:
    matte, fresh = desk.studio.matte(layer, frame)
    assert matte is not None
    assert fresh
    return matte.float32()


def two(desk: Desk) -> None:
    """Hero is a box on the left, Dog one that overlaps it on the right."""
    document = desk.studio.document
    document.do(AddShape("hero", box(4, 4, 30, 40)))
    document.do(AddLayer(Layer("dog", "Dog", shapes=(box(20, 10, 60, 30),))))


def test_a_layer_of_shapes_alone_has_mattes_on_every_frame(desk: Desk) -> None:
    desk.studio.document.do(AddShape("hero", box(4, 4, 30, 40)))

    assert desk.studio.freshness("hero").fresh == frozenset(range(1001, 1007))
    assert shown(desk, 1005).sum() == 26 * 36
    key = desk.studio.bench.mattes.standing("hero", 1005).key
    assert unfinished(key) == EMPTY_MATTE
    assert desk.studio.shown_key("hero", 1005) == EMPTY_MATTE


def test_another_layer_is_combined_with_and_followed(desk: Desk) -> None:
    """Each way, fresh, and at once when the other one changes; a layer that went does nothing."""
    two(desk)
    document = desk.studio.document
    hero, dog = shown(desk), shown(desk, layer="dog")
    for how, expected in (
        ("add", np.maximum(hero, dog)),
        ("subtract", hero * (1 - dog)),
        ("hold out", hero * (1 - dog)),
        ("intersect", hero * dog),
    ):
        document.do(SetFinish("hero", Finish((Combine("dog", how),))))  # type: ignore[arg-type]
        assert np.array_equal(shown(desk), expected)
    before = shown(desk).sum()
    document.do(SetFinish("dog", Finish((Grow(2.0),))))
    assert before == 10 * 20
    assert abs(shown(desk).sum() - 12 * 24) < 6  # it grows on three sides, round at its corners
    document.do(RemoveLayer("dog"))
    assert np.array_equal(shown(desk), hero)


def test_layers_that_go_in_a_circle_are_each_combined_once(desk: Desk) -> None:
    two(desk)
    document = desk.studio.document
    document.do(SetFinish("hero", Finish((Combine("dog"),))))
    document.do(SetFinish("dog", Finish((Combine("hero"), Invert()))))

    shot = document.shot
    assert combined_with(shot, shot.layer("hero")) == {"dog", "hero"}
    assert shown(desk).shape == shown(desk, layer="dog").shape
    assert len(delivered_key(shot, shot.layer("hero"), 1001)) < 4000


def test_it_is_stale_while_the_other_is(desk: Desk) -> None:
    """And shows what there is; keeping it keeps what it was made from."""
    document = desk.studio.document
    document.do(AddShape("hero", box(4, 4, 30, 40)))
    document.do(AddLayer(Layer("dog", "Dog")))
    document.do(AddPrompt("dog", 1001, Click(40, 30), EMPTY_MATTE))
    document.do(SetFinish("hero", Finish((Combine("dog"),))))

    matte, fresh = desk.studio.matte("hero", 1001)
    assert not fresh
    assert matte is not None
    assert matte.float32().sum() == 26 * 36
    desk.settle()
    assert shown(desk).sum() > 26 * 36
    shot = document.shot
    key = delivered_key(shot, shot.layer("hero"), 1001)
    assert shot.plate is not None
    assert set(sources(key)) == {EMPTY_MATTE, shot.layer("dog").matte_key(shot.plate.identity, 1001)}


def test_garbage_and_core_have_the_last_word_and_what_is_drawn_the_first(desk: Desk) -> None:
    """Over paint and over the finish; a blur softens what was drawn, and nothing passes the garbage."""
    document = desk.studio.document
    document.do(AddCorrection("hero", 1001, Stroke((StrokePoint(50, 10),), 6, hardness=1.0), EMPTY_MATTE))
    document.do(AddShape("hero", box(4, 4, 30, 40)))
    document.do(SetFinish("hero", Finish((Blur(3.0),))))
    assert 0 < shown(desk)[20, 32] < 1
    assert shown(desk)[10, 50] > 0.5

    document.do(AddShape("hero", box(0, 0, 34, 48, Role.GARBAGE, "garbage")))
    assert shown(desk)[10, 50] == 0
    assert shown(desk)[20, 34] == 0
    assert 0 < shown(desk)[20, 32] < 1
    document.do(AddShape("hero", box(28, 15, 40, 25, Role.CORE, "core")))
    assert (shown(desk)[15:25, 28:40] == 1).all()
    core = desk.studio.document.shot.layer("hero").shapes[-1]
    document.do(ChangeShape("hero", replace(core, on=False)))
    assert shown(desk)[20, 36] == 0


def moving(shift_px: float) -> Callable[[int], Picture]:
    """Frames of a cloud that moves to the right."""
    window = Window(0, 0, 192, 108)
    cloud = cv2.GaussianBlur(np.random.default_rng(3).random((108, 400), np.float32), (0, 0), 3.0)
    cloud = (cloud - cloud.min()) / (cloud.max() - cloud.min())

    def read(frame: int) -> Picture:
        if not 1001 <= frame <= 1003:
            raise FrameError(frame, why="there is none")
        way = np.array([[1, 0, 100 - shift_px * (frame - 1001)], [0, 1, 0]], np.float64)
        seen = cv2.warpAffine(cloud, way, (192, 108), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        rgba = np.ones((108, 192, 4), np.float16)
        rgba[..., :3] = seen[..., None]
        return Picture(rgba, window, Format(window))

    return read


def test_motion_is_measured_where_frames_can_be_read() -> None:
    """Both ways in the middle, one way at the ends, nothing where there is no frame, none for another plate."""
    motions = FrameMotions(lambda: ("plate", moving(6.0)))
    window = Window(0, 0, 192, 108)

    for frame in (1001, 1002, 1003):
        found = motions.of("plate", frame, window)
        assert found is not None
        assert abs(float(np.median(found[..., 0])) - 6.0) < 0.5
        assert abs(float(np.median(found[..., 1]))) < 0.5
    assert motions.of("another", 1001, window) is None
    alone = motions.of("plate", 1010, window)
    assert alone is not None
    assert not alone.any()


def test_a_matte_is_blurred_along_the_motion_of_what_is_inside() -> None:
    """As far as it moves while the shutter is open, and not across; also where the background stands still."""
    matte = np.zeros((108, 192), np.float32)
    matte[30:80, 60:130] = 1
    still_outside = np.zeros((54, 96, 2), np.float32)
    still_outside[15:40, 30:65] = (16.0, 0.0)

    made = motion_blurred(matte, still_outside, 0.5)

    soft = (made[55] > 0.01) & (made[55] < 0.99)
    assert 6 <= soft[:90].sum() <= 10
    assert 6 <= soft[90:].sum() <= 10
    assert made[55, 60] > 0.35
    assert abs(float(made[55].sum()) - 70) < 1.5
    assert np.abs(made[:, 95] - matte[:, 95]).max() < 0.05
    assert motion_blurred(matte, np.zeros((54, 96, 2), np.float32), 0.5) is matte


def test_a_motion_blur_is_made_by_a_worker(desk: Desk) -> None:
    """It reads frames; a plate that stands still blurs nothing."""
    desk.studio.document.do(AddPrompt("hero", 1001, Click(30, 24), EMPTY_MATTE))
    desk.settle()
    plain = shown(desk)
    ready: list[tuple[str, int]] = []
    desk.studio.matte_ready.connect(ready.append)
    desk.studio.document.do(SetFinish("hero", Finish((MotionBlur(1.0),))))
    ready.clear()
    assert not desk.studio.matte("hero", 1001)[1]

    desk.until(lambda: bool(ready))

    assert np.abs(shown(desk) - plain).max() < 0.02
