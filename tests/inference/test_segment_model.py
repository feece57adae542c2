"""The embedded segmenter on pictures that can be computed by hand."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.arrays import Bool, Float32
from core.errors import Cancelled, PromptError
from core.prompts import Box, Click, Stroke, StrokePoint
from inference.model import SegmentModel
from inference.models.segment.model import create
from inference.registry import Registry

GRAY = (0.18, 0.18, 0.18)
RED = (0.6, 0.05, 0.03)


def never() -> bool:
    return False


def disc(shape: tuple[int, int], x: float, y: float, radius: float) -> Bool:
    ys, xs = np.indices(shape) + 0.5
    return np.asarray(np.hypot(xs - x, ys - y) < radius)


def two_discs() -> tuple[Float32, Bool, Bool]:
    """A red disc left and a red disc right on gray, with a little grain, 120 x 240."""
    left, right = disc((120, 240), 60, 60, 30), disc((120, 240), 180, 60, 30)
    rgb = np.empty((120, 240, 3), np.float32)
    rgb[:] = GRAY
    rgb[left | right] = RED
    rgb += np.random.default_rng(7).normal(0, 0.004, rgb.shape).astype(np.float32)
    return rgb, left, right


def overlap(coverage: Float32, truth: Bool) -> float:
    got = coverage >= 0.5
    return float((got & truth).sum() / (got | truth).sum())


@pytest.fixture
def model() -> SegmentModel:
    return create(Path())


def test_the_manifest_is_accepted_and_the_defaults_are_valid() -> None:
    installed = Registry().find("segment", "segment")

    options = installed.options({})

    assert options == {"reach": 1.0, "softness": 0.5, "working_px": 448, "quick": False}


def test_a_click_finds_the_disc_under_it_and_not_its_twin(model: SegmentModel) -> None:
    rgb, left, right = two_discs()

    coverage, confidence = model.segment(model.encode(rgb, {}), [Click(60.5, 60.5)], None, {}, never)

    assert coverage.shape == (120, 240)
    assert coverage.dtype == np.float32
    assert overlap(coverage, left) > 0.95
    assert coverage[right].max() < 0.5
    assert 0.5 < confidence <= 1.0


def test_clicks_are_honoured_whatever_the_picture_says(model: SegmentModel) -> None:
    """Adding in flat gray and subtracting in the middle of the disc both hold right under the click."""
    rgb, _, _ = two_discs()
    clicks = [Click(60.5, 60.5), Click(120.5, 20.5), Click(60.5, 50.5, adds=False)]

    coverage, _ = model.segment(model.encode(rgb, {}), clicks, None, {}, never)

    assert coverage[60, 60] == 1.0
    assert coverage[20, 120] == 1.0
    assert coverage[50, 60] == 0.0


def test_a_local_click_changes_nothing_far_away(model: SegmentModel) -> None:
    """Both discs are selected; a bite out of the left one leaves the right half bit for bit."""
    rgb, _, _ = two_discs()
    encoded = model.encode(rgb, {})
    both = [Click(60.5, 60.5), Click(180.5, 60.5)]
    before, _ = model.segment(encoded, both, None, {}, never)

    after, _ = model.segment(encoded, [*both, Click(40.5, 60.5, adds=False)], None, {}, never)

    assert before[60, 180] == 1.0
    assert after[60, 40] == 0.0
    assert np.array_equal(before[:, 130:], after[:, 130:])


def test_the_previous_matte_stays_bit_for_bit_where_no_prompt_points(model: SegmentModel) -> None:
    rgb, _, right = two_discs()
    previous = np.where(right, np.float32(0.625), np.float32(0.0))

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(60.5, 60.5)], previous, {}, never)

    assert coverage[60, 60] == 1.0
    assert np.array_equal(coverage[:, 130:], previous[:, 130:])


def test_a_box_gives_the_disc_inside_it(model: SegmentModel) -> None:
    rgb, left, _ = two_discs()

    coverage, _ = model.segment(model.encode(rgb, {}), [Box(24, 24, 96, 96)], None, {}, never)

    assert overlap(coverage, left) > 0.95
    assert coverage[:, 100:].max() == 0.0


def test_a_stroke_adds_what_it_crosses(model: SegmentModel) -> None:
    """One stroke through both discs selects both."""
    rgb, left, right = two_discs()
    stroke = Stroke((StrokePoint(60, 60), StrokePoint(180, 60)), radius_px=3)

    coverage, _ = model.segment(model.encode(rgb, {}), [stroke], None, {}, never)

    assert coverage[60, 60:180].min() == 1.0
    assert coverage[left].mean() > 0.9
    assert coverage[right].mean() > 0.9


def test_a_subtracting_stroke_takes_a_disc_away(model: SegmentModel) -> None:
    rgb, left, right = two_discs()
    previous = (left | right).astype(np.float32)
    stroke = Stroke((StrokePoint(165, 60), StrokePoint(195, 60)), radius_px=12, adds=False)

    coverage, _ = model.segment(model.encode(rgb, {}), [stroke], previous, {}, never)

    assert coverage[60, 165:195].max() == 0.0
    assert np.array_equal(coverage[:, :120], previous[:, :120])


@pytest.mark.parametrize("gain", [0.001, 50.0])
def test_exposure_does_not_matter(model: SegmentModel, gain: float) -> None:
    """Scene-linear light has no top: the same plate far over and far under gives the same disc."""
    rgb, left, _ = two_discs()

    coverage, _ = model.segment(model.encode(rgb * np.float32(gain), {}), [Click(60.5, 60.5)], None, {}, never)

    assert overlap(coverage, left) > 0.95


def test_negative_and_huge_values_are_light_like_any_other(model: SegmentModel) -> None:
    rgb, left, _ = two_discs()
    rgb[..., 2] -= 0.1
    rgb[5:9, 5:9] = 30000.0

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(60.5, 60.5)], None, {}, never)

    assert np.isfinite(coverage).all()
    assert overlap(coverage, left) > 0.95


def test_coverage_is_soft_at_a_soft_edge(model: SegmentModel) -> None:
    rgb, left, _ = two_discs()
    rgb = np.repeat(np.repeat(rgb, 12, axis=0), 12, axis=1)

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(726.0, 726.0)], None, {}, never)

    soft = (coverage > 0.02) & (coverage < 0.98)
    assert coverage.shape == (1440, 2880)
    assert coverage.min() >= 0.0
    assert coverage.max() <= 1.0
    assert 0 < soft.mean() < 0.05
    assert overlap(coverage, np.repeat(np.repeat(left, 12, axis=0), 12, axis=1)) > 0.95


def test_the_answer_does_not_depend_on_what_was_asked_before(model: SegmentModel) -> None:
    """Remembered steps are only a cache: a fresh engine gives the same matte for the same prompts."""
    rgb, _, _ = two_discs()
    clicks = [Click(60.5, 60.5), Click(100.5, 20.5), Click(60.5, 40.5, adds=False)]
    used = model.encode(rgb, {})
    for length in (1, 3, 2, 1):
        warm, _ = model.segment(used, clicks[:length], None, {}, never)
    warm, _ = model.segment(used, clicks, None, {}, never)

    cold, _ = create(Path()).segment(model.encode(rgb, {}), clicks, None, {}, never)

    assert np.array_equal(warm, cold)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (Click(-3.0, 5.0), "outside the picture"),
        (Click(float("nan"), 5.0), "not a number"),
        (Click(240.0, 5.0), "outside the picture"),
        (Box(50, 50, 50, 80), "no area"),
        (Box(300, 10, 320, 20), "outside the picture"),
        (Stroke((), 4), "no points"),
        (Stroke((StrokePoint(-9, -9),), 4), "outside the picture"),
    ],
)
def test_a_prompt_that_means_nothing_is_refused_in_a_sentence(
    model: SegmentModel, prompt: Click | Box | Stroke, said: str
) -> None:
    encoded = model.encode(two_discs()[0], {})

    with pytest.raises(PromptError, match=said):
        model.segment(encoded, [prompt], None, {}, never)


def test_no_prompts_at_all_are_refused(model: SegmentModel) -> None:
    with pytest.raises(PromptError, match="no click, box or stroke"):
        model.segment(model.encode(two_discs()[0], {}), [], None, {}, never)


def test_cancel_is_heard(model: SegmentModel) -> None:
    encoded = model.encode(two_discs()[0], {})

    with pytest.raises(Cancelled):
        model.segment(encoded, [Click(60.5, 60.5)], None, {}, lambda: True)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (16, 16), (40, 3)])
def test_tiny_pictures_work(model: SegmentModel, shape: tuple[int, int]) -> None:
    rgb = np.full((*shape, 3), 0.5, np.float32)

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(0.5, 0.5)], None, {}, never)

    assert coverage.shape == shape
    assert coverage[0, 0] == 1.0


def test_a_quick_answer_is_the_full_one_but_for_the_outline() -> None:
    """`quick` leaves only the fitting of the edge away: where both are certain they agree, and clicks are honoured."""
    rgb = np.full((300, 400, 3), 0.05, np.float32)
    cv2.circle(rgb, (200, 150), 80, (0.6, 0.4, 0.1), -1)
    model = create(Path())
    encoded = model.encode(rgb, {})

    coarse, _ = model.segment(encoded, [Click(200.5, 150.5)], None, {"quick": True}, lambda: False)
    full, _ = model.segment(encoded, [Click(200.5, 150.5)], None, {}, lambda: False)

    assert coarse.shape == full.shape
    assert coarse[150, 200] == 1.0
    assert np.mean((coarse > 0.5) == (full > 0.5)) > 0.99
