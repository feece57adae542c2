"""The brush gives the same pixels live and replayed, and a correction is the last word."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from core.geometry import Window
from core.layer import Correction
from core.matte import Matte, Provenance
from core.painting import StrokePainter, apply_correction, combine, paint_stroke, solid_mask
from core.prompts import Stroke, StrokePoint

WINDOW = Window(-10, -20, 90, 60)


def dab(x: float, y: float, radius_px: float, **more: object) -> Stroke:
    return Stroke((StrokePoint(x, y),), radius_px, **more)  # type: ignore[arg-type]


def wander(seed: int, count: int = 40) -> list[tuple[float, float, float]]:
    rng = np.random.default_rng(seed)
    places = np.cumsum(rng.uniform(-7, 8, (count, 2)), axis=0)
    return [(float(x), float(y), float(p)) for (x, y), p in zip(places, rng.uniform(0.1, 1, count), strict=True)]


def test_a_hard_dab_is_a_disc_of_ones() -> None:
    """Inside the radius exactly 1, beyond it exactly 0, and the centre of a pixel is at its half."""
    painted = paint_stroke(np.zeros(WINDOW.shape, np.float32), WINDOW, dab(40.5, 20.5, 10, hardness=1.0))

    rows, columns = np.mgrid[-20:60, -10:90] + 0.5
    distance = np.hypot(columns - 40.5, rows - 20.5)
    assert (painted[distance <= 9.5] == 1.0).all()
    assert (painted[distance >= 10.5] == 0.0).all()
    around = painted[40 - 12 : 40 + 13, 50 - 12 : 50 + 13]
    assert np.array_equal(around, around[::-1])
    assert np.array_equal(around, around.T)
    assert painted.sum() == pytest.approx(np.pi * 100, rel=0.02)


def test_the_falloff_is_half_in_the_middle_of_the_soft_part() -> None:
    """Hardness 0.5 of radius 20: solid to 10, smoothstep from there, one half at 15, zero at 20."""
    painted = paint_stroke(np.zeros(WINDOW.shape, np.float32), WINDOW, dab(40.5, 20.5, 20, hardness=0.5))

    row = painted[40]
    assert row[50 + 10] == 1.0
    assert row[50 + 15] == pytest.approx(0.5, abs=1 / 255)
    assert row[50 + 20] == 0.0


@pytest.mark.parametrize("seed", range(6))
def test_live_and_replayed_strokes_are_the_same_pixels(seed: int) -> None:
    """Moves as they come, over the whole plate, equal a replay over any smaller window, bit for bit."""
    live = StrokePainter(WINDOW, 6.5, hardness=0.3, opacity=0.7, adds=bool(seed % 2))
    for x, y, pressure in wander(seed):
        live.move(x, y, pressure)
    ground = np.random.default_rng(seed).uniform(0, 1, WINDOW.shape).astype(np.float32)
    part = Window(3, -4, 61, 33)

    shown = live.paint(ground)
    assert np.array_equal(shown, paint_stroke(ground, WINDOW, live.stroke()))
    place = part.within(WINDOW)
    assert np.array_equal(shown[place], paint_stroke(ground[place], part, live.stroke()))


def test_move_reports_all_that_it_changed() -> None:
    """Outside the dirty window nothing changed, and the dirty windows together hold every painted pixel."""
    painter = StrokePainter(WINDOW, 5)
    everything = Window(0, 0, 0, 0)
    for x, y, pressure in wander(3):
        before = painter.buffer.copy()
        dirty = painter.move(x, y, pressure)
        changed = np.argwhere(before != painter.buffer)
        everything = everything.union(dirty)
        for row, column in changed:
            assert dirty.contains(column + WINDOW.x0, row + WINDOW.y0)

    assert painter.dirty == everything
    assert painter.buffer.any()


def test_a_line_has_no_gaps_and_stamps_do_not_pile_up() -> None:
    """A stroke over itself is no stronger than once: the strongest stamp counts."""
    there = (StrokePoint(10, 20), StrokePoint(70, 20))
    back = (*there, *reversed(there))

    once = paint_stroke(np.zeros(WINDOW.shape, np.float32), WINDOW, Stroke(there, 6, opacity=0.5))
    assert np.allclose(once[40, 20:80], 0.5)
    twice = paint_stroke(np.zeros(WINDOW.shape, np.float32), WINDOW, Stroke(back, 6, opacity=0.5))
    assert twice.max() == once.max()


def test_stamps_lie_as_far_apart_whether_the_pen_is_reported_often_or_seldom() -> None:
    """A straight line in one move or in steps smaller than the spacing: the same stamps, the same pixels."""
    seldom = Stroke((StrokePoint(10, 20), StrokePoint(74, 20)), 20, hardness=0.0)
    often = Stroke(tuple(StrokePoint(10 + step / 4, 20) for step in range(257)), 20, hardness=0.0)

    ground = np.zeros(WINDOW.shape, np.float32)
    assert np.array_equal(paint_stroke(ground, WINDOW, seldom), paint_stroke(ground, WINDOW, often))
    row = StrokePainter.replay(often, WINDOW).buffer[40, 20:84].astype(int)
    assert np.array_equal(row[:-4], row[4:])
    assert row.min() < row.max()


def test_pressure_scales_the_radius() -> None:
    """Half the pressure, a quarter of the area."""
    full = paint_stroke(np.zeros(WINDOW.shape, np.float32), WINDOW, dab(40, 20, 16, hardness=1.0))
    light = paint_stroke(
        np.zeros(WINDOW.shape, np.float32), WINDOW, Stroke((StrokePoint(40, 20, 0.5),), 16, hardness=1.0)
    )

    assert light.sum() == pytest.approx(full.sum() / 4, rel=0.05)


def test_solid_is_exact_whatever_was_there() -> None:
    """Adding gives exactly 1.0 and erasing exactly 0.0, for every half float between 0 and 1 and many floats."""
    halves = np.arange(0x3C01, dtype=np.uint16).view(np.float16).astype(np.float32)
    ground = np.concatenate([halves, np.random.default_rng(0).uniform(0, 1, 10_000).astype(np.float32)])[None, :]
    solid = np.full(ground.shape, 255, np.uint8)

    assert (combine(ground, solid, adds=True, opacity=1.0) == 1.0).all()
    assert (combine(ground, solid, adds=False, opacity=1.0) == 0.0).all()
    halfway = combine(ground, solid, adds=True, opacity=0.5)
    assert ((halfway >= ground) & (halfway <= 1.0)).all()


def test_strokes_apply_in_order_over_the_ground() -> None:
    """Erase after add leaves a hole; add after erase leaves none."""
    ground = Matte(WINDOW, np.full(WINDOW.shape, 0.25, np.float32), 0.4, Provenance("propagate", "flow", "1"))
    add, erase = dab(40.5, 20.5, 20), dab(40.5, 20.5, 5, adds=False)

    hole = apply_correction(ground, Correction((add, erase)))
    whole = apply_correction(ground, Correction((erase, add)))

    middle = (20 + 20, 40 + 10)
    assert hole.coverage[middle] == 0.0
    assert whole.coverage[middle] == 1.0
    assert hole.coverage[0, 0] == np.float32(0.25)
    assert hole.confidence == 1.0
    assert (hole.provenance.made_by, hole.provenance.model) == ("paint", "flow")
    assert (ground.coverage == np.float32(0.25)).all()


def test_a_painted_matte_replaces_the_ground_under_the_strokes() -> None:
    """`--correct` gives the whole matte of a frame; strokes go on top; the canvas is kept."""
    ground = Matte(WINDOW, np.ones(WINDOW.shape, np.float32))
    painted = Matte(Window(0, 0, 4, 4), np.full((4, 4), 0.5, np.float32))

    result = apply_correction(ground, Correction((dab(1.5, 1.5, 1, hardness=1.0),), "asset"), painted)

    assert result.window == WINDOW
    assert result.coverage[20 + 3, 10 + 3] == 0.5
    assert result.coverage[20 + 1, 10 + 1] == 1.0
    assert result.coverage[0, 0] == 0.0


def test_nothing_painted_is_the_ground_itself() -> None:
    """Without strokes there is no copy and no claim that somebody painted."""
    ground = Matte.empty(WINDOW)

    assert apply_correction(ground, Correction()) is ground
    larger = WINDOW.grow(5)
    assert apply_correction(ground, Correction(), canvas=larger).window == larger


def test_the_solid_mask_is_where_the_ground_does_not_matter() -> None:
    """Over any two grounds the corrected matte is the same exact 0 or 1 wherever the mask says solid."""
    rng = np.random.default_rng(0)
    for trial in range(20):
        strokes = tuple(
            Stroke(
                tuple(StrokePoint(*map(float, rng.uniform(-10, 70, 2)), float(rng.uniform(0.2, 1))) for _ in range(4)),
                float(rng.uniform(2, 20)),
                adds=bool(rng.integers(2)),
                hardness=float(rng.choice([0.0, 0.5, 1.0])),
                opacity=float(rng.choice([1.0, 1.0, 0.4])),
            )
            for _ in range(5)
        )
        correction = Correction(strokes)
        results = [
            apply_correction(Matte(WINDOW, rng.uniform(0, 1, WINDOW.shape).astype(np.float32)), correction).coverage
            for _ in range(2)
        ]
        solid = solid_mask(correction, WINDOW) == 1.0
        assert solid.any() or trial
        assert np.array_equal(results[0][solid], results[1][solid])
        assert np.isin(results[0][solid], (0.0, 1.0)).all()
        undecided = (results[0] != results[1]) & solid
        assert not undecided.any()
        halves = [result.astype(np.float16)[solid] for result in results]
        assert np.array_equal(halves[0].astype(np.float32), results[0][solid])


def test_a_soft_stroke_over_a_solid_one_makes_it_undecided_only_against_it() -> None:
    """Softly erasing a solid 1 leaves no law there; softly adding to it changes nothing."""
    solid = dab(40.5, 20.5, 10, hardness=1.0)
    soft = {"hardness": 1.0, "opacity": 0.5}

    kept = solid_mask(Correction((solid, dab(40.5, 20.5, 4, **soft))), WINDOW)
    lost = solid_mask(Correction((solid, dab(40.5, 20.5, 4, adds=False, **soft))), WINDOW)

    middle = (40, 50)
    assert kept[middle] == 1.0
    assert lost[middle] == 0.0
    assert lost[40, 50 + 7] == 1.0


def test_strokes_outside_the_window_touch_nothing() -> None:
    """A stroke beyond the plate is no error and no pixel."""
    far = Stroke((StrokePoint(5000, 5000), StrokePoint(5100, 5000)), 10)
    ground = np.full(WINDOW.shape, 0.5, np.float32)

    assert np.array_equal(paint_stroke(ground, WINDOW, far), ground)
    assert not solid_mask(Correction((far,)), WINDOW).any()


@pytest.mark.parametrize("radius_px", [50, 200])
def test_a_brush_event_at_4k_takes_less_than_2_ms(radius_px: int) -> None:
    """Median over a minute's worth of tablet events; the pixels of the stroke only, no screen."""
    painter = StrokePainter(Window.of_size(4096, 2160), radius_px)
    took: list[float] = []
    places = [(300 + 9.0 * step, 900 + 200 * np.sin(step / 20), 0.6 + 0.4 * np.sin(step / 15)) for step in range(400)]
    for x, y, pressure in places:
        began = time.perf_counter()
        painter.move(x, float(y), float(pressure))
        took.append(time.perf_counter() - began)

    assert np.median(took) < 0.002
    assert len(painter.stroke().points) == 400
    assert all(first != second for first, second in pairwise(painter.stroke().points))
