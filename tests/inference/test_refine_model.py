"""The embedded edge refiner on pictures that can be computed by hand."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.errors import Cancelled, OptionError
from inference.model import RefineModel
from inference.models.refine.laplacian import stencil
from inference.models.refine.model import create
from inference.registry import Registry

METHODS = ["colors", "closed-form", "guided", "cross-bilateral", "learned"]
FRONT = np.array([4.0, 0.6, 0.2], np.float32)
BACK = np.array([0.05, 0.1, 0.3], np.float32)


def never() -> bool:
    return False


def blurred_edge(softness_px: float = 3.0) -> tuple[Float32, Float32]:
    """A bright half over a dark half, mixed in linear light by a blurred edge at column 80; and its coverage."""
    hard = np.zeros((96, 160), np.float32)
    hard[:, 80:] = 1.0
    truth = np.asarray(cv2.GaussianBlur(hard, (0, 0), softness_px), np.float32)
    rgb = truth[..., None] * FRONT + (1 - truth[..., None]) * BACK
    grain = np.random.default_rng(3).normal(1.0, 0.01, rgb.shape)
    return (rgb * grain).astype(np.float32), truth


@pytest.fixture
def model() -> RefineModel:
    return create(Path())


def test_the_manifest_is_accepted_and_the_defaults_are_valid() -> None:
    options = Registry().find("refine", "refine").options({})

    assert options == {"method": "colors", "light": "scene", "band_px": 0, "detail": 0.5, "trust": 0.15, "steady": 0}


def test_a_blurred_edge_is_recovered_from_a_hard_one(model: RefineModel) -> None:
    """Hard, the edge is wrong by 0.01 on the mean; refined, by a quarter of that and nowhere by more than a tenth."""
    rgb, truth = blurred_edge(2.0)
    hard = (truth >= 0.5).astype(np.float32)

    refined = model.refine(rgb, hard, None, {}, never)

    assert np.abs(hard - truth).mean() > 0.009
    assert np.abs(refined - truth).mean() < 0.0025
    assert np.abs(refined - truth).max() < 0.12


@pytest.mark.parametrize("lens", ["motion", "defocus"])
def test_a_moving_and_a_defocused_edge_come_back_as_true_coverage(model: RefineModel, lens: str) -> None:
    """A disc that covers half a shutter's path, or lies out of focus; in scene light the whole of it is kept, too."""
    kernel = np.zeros((15, 15), np.uint8)
    if lens == "motion":
        kernel[7] = 1
    else:
        cv2.circle(kernel, (7, 7), 6, 1, -1)
    hard = np.zeros((96, 160), np.float32)
    cv2.circle(hard, (80, 48), 30, 1.0, -1)
    truth = np.asarray(cv2.filter2D(hard, cv2.CV_32F, kernel.astype(np.float32) / kernel.sum()), np.float32)
    grain = np.random.default_rng(7).normal(1.0, 0.01, (96, 160, 3))
    rgb = ((truth[..., None] * FRONT + (1 - truth[..., None]) * BACK) * grain).astype(np.float32)

    refined = model.refine(rgb, (truth >= 0.5).astype(np.float32), None, {}, never)
    by_display = model.refine(rgb, (truth >= 0.5).astype(np.float32), None, {"light": "display"}, never)

    assert np.abs(refined - truth).mean() < 0.35 * np.abs((truth >= 0.5) - truth).mean()
    assert abs(float(refined.sum() / truth.sum()) - 1) < 0.02
    assert np.square(refined - truth).mean() < 0.5 * np.square(by_display - truth).mean()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_better_than_a_hard_edge(model: RefineModel, method: str) -> None:
    rgb, truth = blurred_edge(3.0)
    hard = (truth >= 0.5).astype(np.float32)

    refined = model.refine(rgb, hard, None, {"method": method}, never)

    assert np.square(refined - truth).mean() < 0.7 * np.square(hard - truth).mean()
    assert refined.min() >= 0.0
    assert refined.max() <= 1.0


@pytest.mark.parametrize("method", METHODS)
def test_solid_inside_and_outside_stay_bit_for_bit(model: RefineModel, method: str) -> None:
    rgb, truth = blurred_edge()
    hard = (truth >= 0.5).astype(np.float32)

    refined = model.refine(rgb, hard, None, {"method": method, "band_px": 12}, never)

    assert np.array_equal(refined[:, :66], hard[:, :66])
    assert np.array_equal(refined[:, 94:], hard[:, 94:])
    assert not np.array_equal(refined, hard)


@pytest.mark.parametrize("method", METHODS)
def test_what_the_artist_painted_stays_bit_for_bit(model: RefineModel, method: str) -> None:
    rgb, truth = blurred_edge()
    matte = (truth >= 0.5).astype(np.float32)
    matte[30:50, 70:90] = np.float32(0.3125)
    fixed = np.zeros_like(matte)
    fixed[30:50, 70:90] = 1.0

    refined = model.refine(rgb, matte, fixed, {"method": method, "band_px": 15}, never)

    assert np.array_equal(refined[30:50, 70:90], matte[30:50, 70:90])


def test_light_far_above_one_and_below_zero_stays_finite(model: RefineModel) -> None:
    rgb, truth = blurred_edge()
    rgb[40:44, 70:90] = 60000.0
    rgb[60:64, 70:90] = -0.5

    refined = model.refine(rgb, (truth >= 0.5).astype(np.float32), None, {}, never)

    assert np.isfinite(refined).all()


def test_an_edge_along_the_pictures_border_is_as_good_as_in_the_middle(model: RefineModel) -> None:
    rgb, truth = blurred_edge()

    refined = model.refine(rgb, (truth >= 0.5).astype(np.float32), None, {}, never)

    wrong = np.abs(refined - truth).mean(axis=1)
    assert wrong[[0, 1, -2, -1]].max() < 2.5 * wrong[20:-20].mean() + 0.002


def test_a_tile_sees_no_seam(model: RefineModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Divided into small systems the answer is nearly that of one system."""
    rgb, truth = blurred_edge()
    hard = (truth >= 0.5).astype(np.float32)
    whole = model.refine(rgb, hard, None, {}, never)
    monkeypatch.setattr("inference.models.refine.solve._MOST_UNKNOWN", 400)

    divided = model.refine(rgb, hard, None, {}, never)

    assert np.abs(divided - whole).max() < 0.1
    assert np.abs(divided - whole).mean() < 0.002


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_matte_without_an_edge_is_left_alone(model: RefineModel, value: float) -> None:
    rgb, _ = blurred_edge()
    matte = np.full(rgb.shape[:2], value, np.float32)

    assert np.array_equal(model.refine(rgb, matte, None, {}, never), matte)


def test_the_same_question_has_the_same_answer(model: RefineModel) -> None:
    rgb, truth = blurred_edge()
    hard = (truth >= 0.5).astype(np.float32)

    assert np.array_equal(model.refine(rgb, hard, None, {}, never), model.refine(rgb, hard, None, {}, never))


@pytest.mark.parametrize("method", METHODS)
def test_cancel_is_heard(model: RefineModel, method: str) -> None:
    rgb, truth = blurred_edge()
    asked: list[int] = []

    def after_the_first() -> bool:
        asked.append(1)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        model.refine(rgb, (truth >= 0.5).astype(np.float32), None, {"method": method}, after_the_first)


def test_an_unknown_method_is_refused(model: RefineModel) -> None:
    rgb, truth = blurred_edge()

    with pytest.raises(OptionError, match="Choose colors, closed-form, guided"):
        model.refine(rgb, truth, None, {"method": "magic"}, never)


def test_the_laplacian_asks_nothing_of_a_matte_that_is_linear_in_color() -> None:
    """Rows sum to zero, and coverage that is a linear function of color costs next to nothing."""
    rgb = np.random.default_rng(5).uniform(0.1, 1.0, (12, 14, 3)).astype(np.float32)
    coverage = rgb @ np.array([0.5, 0.2, 0.1], np.float32)
    weights = stencil(rgb, 1e-6)
    padded = np.pad(coverage, 2)

    cost = np.zeros_like(coverage)
    for weight, (dy, dx) in zip(weights, [(y, x) for y in range(-2, 3) for x in range(-2, 3)], strict=True):
        cost += weight * padded[2 + dy : 14 + dy, 2 + dx : 16 + dx]

    assert np.abs(weights.sum(axis=0)).max() < 1e-4
    assert np.abs(cost).max() < 1e-3
