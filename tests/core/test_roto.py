"""Roto shapes: exact areas, straight ways between keys, edits that leave the outline where it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.arrays import Float32
from core.geometry import Window
from core.roto.area import area
from core.roto.laying import laid
from core.roto.outline import flattened, nearest
from core.roto.shape import Points, Role, RotoShape, ShapePoint, moved
from core.roto.telling import heard, told

WINDOW = Window(-7, 3, 65, 61)
ROUND = 4 * (math.sqrt(2) - 1) / 3
"""How long handles are, as a part of the radius, for the quarter of a circle."""


def square(x: float, y: float, side: float) -> Points:
    return tuple(ShapePoint(x + dx * side, y + dy * side) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1)))


def disc(x: float, y: float, radius_px: float) -> Points:
    far = radius_px * ROUND
    places = ((1, 0), (0, 1), (-1, 0), (0, -1))
    return tuple(
        ShapePoint(x + radius_px * dx, y + radius_px * dy, dy * far, -dx * far, -dy * far, dx * far)
        for dx, dy in places
    )


def shape(points: Points, role: Role = Role.ADD, feather_px: float = 0.0, frame: int = 1001) -> RotoShape:
    return RotoShape("shape", {frame: points}, role, feather_px, id="1")


def over(coverage: Float32 | float, *shapes: RotoShape, frame: int = 1001, window: Window = WINDOW) -> Float32:
    ground = np.zeros(window.shape, np.float32) + np.float32(coverage)
    return laid(ground, window, heard(told(shapes, frame)))


def test_areas_are_exact() -> None:
    """A rectangle at any part of a pixel, to the last one; either way round; what lies outside is cut off."""
    corners = np.array([[0.25, 5.5], [40.75, 5.5], [40.75, 30.25], [0.25, 30.25]])
    made = area(corners, WINDOW)

    assert made.sum() == pytest.approx(40.5 * 24.75, abs=1e-3)
    assert made[5 - 3, 0 + 7] == pytest.approx(0.75 * 0.5)
    assert made[30 - 3, 40 + 7] == pytest.approx(0.75 * 0.25)
    assert (made[6 - 3 : 30 - 3, 1 + 7 : 40 + 7] == 1).all()
    assert np.array_equal(area(corners[::-1], WINDOW), made)
    assert (area(corners * 100 - 1000, WINDOW) == 1).all()
    assert not area(corners + 500, WINDOW).any()


def test_areas_of_slanted_outlines_are_those_of_many_samples() -> None:
    """Against 16 x 16 samples of every pixel."""
    corners = np.array([[3.3, 8.1], [55.7, 4.4], [30.2, 30.9], [60.1, 57.3], [-3.8, 50.6], [18.5, 28.2]])
    fine = Window(WINDOW.x0 * 16, WINDOW.y0 * 16, WINDOW.x1 * 16, WINDOW.y1 * 16)
    samples = (area(corners * 16, fine) >= 0.5).astype(np.float32)
    expected = samples.reshape(WINDOW.height, 16, WINDOW.width, 16).mean((1, 3))

    made = area(corners, WINDOW)

    turned = np.roll(corners, -1, 0)
    true = abs(float(np.sum(corners[:, 0] * turned[:, 1] - corners[:, 1] * turned[:, 0]))) / 2
    assert made.sum() == pytest.approx(true, rel=1e-4)
    assert np.abs(made - expected).max() < 0.03


def test_a_disc_of_four_points_has_a_discs_area() -> None:
    made = over(0.0, shape(disc(30, 30, 20)))

    assert made.sum() == pytest.approx(math.pi * 400, rel=0.001)
    assert made.max() == 1.0


def test_a_window_is_only_a_part_of_the_same_picture() -> None:
    """Whatever part of it is asked for, to the last bit, feathered or not."""
    part = Window(20, 12, 41, 50)
    for feather_px in (0.0, 6.0, -4.0):
        drawn = shape(disc(30, 30, 20), feather_px=feather_px)
        whole = over(0.0, drawn)[part.within(WINDOW)]
        assert np.abs(over(0.0, drawn, window=part) - whole).max() < (1e-6 if not feather_px else 0.02)


def test_what_each_role_does() -> None:
    """Exactly 1 and 0 where it says so; the core has the last word, and garbage shapes keep what any of them keeps."""
    one, other = square(0, 10, 20), square(30, 10, 20)

    assert over(0.5, shape(one))[12, 12] == 1.0
    assert over(0.5, shape(one, Role.SUBTRACT))[12, 12] == 0.0
    kept = over(0.5, shape(one, Role.GARBAGE), shape(other, Role.GARBAGE))
    assert (kept[12, 12], kept[12, 42], kept[12, 32], kept[40, 12]) == (0.5, 0.5, 0.0, 0.0)
    both = over(0.5, shape(square(0, 10, 50), Role.CORE), shape(one, Role.SUBTRACT), shape(other, Role.GARBAGE))
    assert both[12, 12] == 1.0
    assert both[12, 70] == 0.0


def test_a_feather_goes_out_or_in_from_the_line() -> None:
    """Full inside with one that goes out, nothing outside with one that goes in."""
    hard = over(0.0, shape(disc(30, 30, 18)))
    out, inward = (over(0.0, shape(disc(30, 30, 18), feather_px=px)) for px in (8.0, -8.0))

    rows, columns = np.mgrid[0:58, 0:72] + 0.5
    distance = np.hypot(columns + WINDOW.x0 - 30, rows + WINDOW.y0 - 30) - 18
    assert (out[hard == 1] == 1).all()
    assert (out[distance > 8.7] == 0).all()
    assert (inward[hard == 0] == 0).all()
    assert (inward[distance < -8.7] == 1).all()
    assert out[np.abs(distance - 4) < 0.2].mean() == pytest.approx(0.5, abs=0.06)


def test_between_keys_points_go_straight_and_hold_still_outside() -> None:
    drawn = shape(square(0, 0, 10)).with_key(1011, moved(square(0, 0, 10), range(4), 20, -10))

    assert drawn.at(990) == drawn.at(1001) == square(0, 0, 10)
    assert drawn.at(1006)[2] == ShapePoint(20, 5)
    assert drawn.at(1050) == drawn.at(1011)
    assert drawn.frames == (1001, 1011)
    assert drawn.without_key(1011).at(1006) == square(0, 0, 10)
    assert drawn.without_key(1011).without_key(1001).frames == (1001,)


def test_a_point_that_is_put_in_changes_no_outline() -> None:
    """At every key and between them."""
    drawn = shape(disc(30, 30, 20)).with_key(1011, disc(20, 35, 12))
    more = drawn.with_point_after(3, 0.3)

    assert more.count == 5
    for frame in (1001, 1004, 1011):
        assert np.abs(over(0.0, more, frame=frame) - over(0.0, drawn, frame=frame)).max() < 0.005
    assert more.without_points([4]).count == 4


def test_the_nearest_place_on_an_outline() -> None:
    place, part, far = nearest(square(0, 0, 10), 10.5, 2.5)
    assert place == 1
    assert 10 * (3 * part**2 - 2 * part**3) == pytest.approx(2.5, abs=0.05)
    assert far == pytest.approx(0.5, abs=1e-3)
    assert nearest(disc(0, 0, 10), 20, 0)[2] == pytest.approx(10, abs=0.01)


def test_what_is_told_is_heard() -> None:
    """To a 512th of a pixel; a shape that is off, open or too small says nothing."""
    drawn = shape(disc(30.1234, 30, 20), Role.CORE, -2.5)
    (again,) = heard(told((drawn,), 1001))

    assert (again.role, again.feather_px) == (Role.CORE, -2.5)
    assert all(
        abs(one - other) <= 1 / 1024
        for mine, its in zip(again.points, drawn.at(1001), strict=True)
        for one, other in zip(mine.numbers, its.numbers, strict=True)
    )
    assert told((shape(square(0, 0, 5)[:2]), RotoShape("open", {1: square(0, 0, 5)}, closed=False)), 1) == ""
    assert over(0.25, RotoShape("off", {1: square(0, 0, 50)}, Role.ADD, on=False)).max() == 0.25


def test_outlines_are_as_fine_as_the_eye() -> None:
    """No straight piece is further from the circle than a hundredth of a pixel, beyond what four curves are."""
    corners = flattened(disc(0, 0, 500.0))
    middles = (corners + np.roll(corners, -1, 0)) / 2

    assert np.abs(np.hypot(*corners.T) - 500).max() < 500 * 0.0003
    assert np.abs(np.hypot(*middles.T) - 500).max() < 500 * 0.0003 + 0.01
