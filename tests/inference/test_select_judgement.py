"""How far a correction is believed: one kind of change, more near its mark, its size read off the mark."""

from __future__ import annotations

import numpy as np
import pytest

from core.arrays import Bool, Float32
from core.geometry import Window
from core.prompts import Click
from inference.models.segment.selection import footprint
from inference.models.select.judgement import Pointed, covered, judged, pointed

SHAPE = (120, 160)
PICTURE = Window(0, 0, 160, 120)


def disc(x: float, y: float, radius: float) -> Bool:
    ys, xs = np.indices(SHAPE) + 0.5
    return np.asarray(np.hypot(xs - x, ys - y) < radius)


def ring() -> Float32:
    """All is inside but a hole of 20 pixels around (80, 60)."""
    return np.where(disc(80, 60, 20), np.float32(0), np.float32(1))


def at_hole(before: Float32, x: float, adds: bool = True) -> Pointed:
    return pointed(before, footprint(Click(x, 60, adds), SHAPE), adds)


def everywhere(logit: float) -> Float32:
    return np.full(SHAPE, np.float32(logit))


@pytest.mark.parametrize(("x", "depth"), [(80, 20), (92, 8), (99.5, 2)])
def test_a_mark_is_as_deep_as_the_outline_is_far(x: float, depth: float) -> None:
    assert at_hole(ring(), x).depth == pytest.approx(depth, abs=2)


def test_the_border_of_the_picture_is_an_outline() -> None:
    at = pointed(np.zeros(SHAPE, np.float32), footprint(Click(9, 60), SHAPE), True)

    assert at.depth == pytest.approx(10, abs=1.5)


@pytest.mark.parametrize("adds", [True, False])
@pytest.mark.parametrize("logit", [-9.0, 9.0])
def test_what_adds_takes_nothing_away_and_the_other_way_round(adds: bool, logit: float) -> None:
    before = np.random.default_rng(4).random(SHAPE, np.float32)
    at = pointed(before, footprint(Click(80, 60, adds), SHAPE), adds)

    after = judged(before, everywhere(logit), PICTURE, at)

    assert (after >= before).all() if adds else (after <= before).all()


def test_far_from_the_mark_more_is_asked_for() -> None:
    """A network that says a little for inside, everywhere: believed within some depths, not beyond."""
    before = np.where(disc(110, 60, 10), np.float32(1), np.float32(0))
    at = pointed(before, footprint(Click(90, 60), SHAPE), True)

    unsure, sure = (judged(before, everywhere(logit), PICTURE, at) > 0.5 for logit in (0.4, 5.0))

    assert at.depth == pytest.approx(10, abs=1.5)
    assert unsure[disc(90, 60, 12)].all()
    assert not unsure[~disc(90, 60, 50) & ~disc(110, 60, 10)].any()
    assert sure.all()


def test_a_nearer_look_is_heard_through_its_window_only() -> None:
    """The window around the subject sees nothing of a small thing; looked at from nearer it is there."""
    before = np.zeros(SHAPE, np.float32)
    at = Pointed(footprint(Click(80, 60), SHAPE), True, 4.0)
    near = Window(48, 28, 112, 92)
    touch = np.where(disc(80, 60, 12), np.float32(6), np.float32(-6))[28:92, 48:112]

    alone = judged(before, everywhere(-1.0), PICTURE, at)
    after = judged(before, everywhere(-1.0), PICTURE, at, touch, near)

    assert not (alone > 0.5)[disc(80, 60, 12)].all()
    assert (after > 0.5)[disc(80, 60, 12)].all()
    assert not (after > 0.5)[~disc(80, 60, 14)].any()


def test_only_what_was_seen_is_judged() -> None:
    seen = Window(60, 40, 100, 80)

    after = judged(ring(), np.full((40, 40), np.float32(9)), seen, at_hole(ring(), 80))

    assert after.shape == (40, 40)
    assert after.min() == 1.0


def test_coverage_of_logits_reaches_nothing_and_all() -> None:
    assert covered(np.array([-9.0, 0.0, 9.0], np.float32)).tolist() == pytest.approx([0.0, 0.5, 1.0])
