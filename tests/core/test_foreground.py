"""The colors of a comp: estimated, despilled, extended; of any brightness, and the matte untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.arrays import Float32
from core.commands import AddLayer
from core.document import Document
from core.foreground.commands import SetForeground
from core.foreground.despill import despill
from core.foreground.estimate import estimate_foreground
from core.foreground.extend import extend_edge
from core.foreground.making import colors_of, foreground_of, foreground_over
from core.foreground.steps import PLATE_COLORS, ColorStep, Despill, Estimate, ExtendEdge, Foreground, Limit
from core.geometry import Format, Window
from core.layer import Layer
from core.matte import Matte
from core.picture import Picture
from core.project_values import ValueReader

RED, BLUE = np.array([0.9, 0.2, 0.1], np.float32), np.array([0.05, 0.1, 1.6], np.float32)


def soft_disc(size: int = 96) -> Float32:
    """(size, size) coverage of a disc with an edge ten pixels wide."""
    rows, columns = np.ogrid[:size, :size]
    away = np.hypot(rows - size / 2 + 0.5, columns - size / 2 + 0.5)
    return np.clip((size / 3 - away) / 10 + 0.5, 0, 1).astype(np.float32)


def comp(front: Float32, behind: Float32, coverage: Float32) -> Float32:
    return np.asarray(coverage[..., None] * front + (1 - coverage[..., None]) * behind, np.float32)


def textures(size: int = 96) -> tuple[Float32, Float32]:
    """Two smooth pictures with light above 1."""
    rows, columns = np.mgrid[:size, :size].astype(np.float32) / size
    wave = 0.5 + 0.4 * np.sin(9 * rows[..., None] + np.array([0, 2, 4]) + 5 * columns[..., None])
    return (wave * 3).astype(np.float32), np.asarray(0.2 + 0.15 * np.cos(7 * columns[..., None] + wave), np.float32)


def test_two_flat_colors_come_apart() -> None:
    """Where subject and background are of one color each, nothing of the background is left in the edge."""
    coverage = soft_disc()
    found = estimate_foreground(comp(RED, BLUE, coverage), coverage)

    seen = coverage > 0
    assert np.abs(coverage[..., None] * (found - RED))[seen].max() < 0.01
    assert np.abs(found - RED)[coverage > 0.1].max() < 0.05


def test_textures_above_one_are_estimated() -> None:
    """Four times closer to the truth than the plate is; the core is the plate, bit for bit."""
    coverage, (front, behind) = soft_disc(), textures()
    plate = comp(front, behind, coverage)
    found = estimate_foreground(plate, coverage)

    band = (coverage > 0) & (coverage < 1)
    wrong = np.abs(coverage[..., None] * (found - front))[band].mean()
    assert wrong < 0.25 * np.abs(coverage[..., None] * (plate - front))[band].mean()
    assert np.array_equal(found[coverage >= 1], plate[coverage >= 1])


def test_a_highlight_and_negative_light_stay_where_they_are() -> None:
    """A pixel's subject never has more light than the pixel, nor less than nothing where the pixel has some."""
    coverage, (front, behind) = soft_disc(), textures()
    front[46:50, 46:50] = 60000.0
    behind[:, :8] = -0.25
    plate = comp(front, behind, coverage)
    lit = coverage[..., None] * estimate_foreground(plate, coverage)

    seen = coverage > 0
    assert (lit[seen] <= np.maximum(plate, 0)[seen] * 1.0001 + 1e-6).all()
    assert (lit[seen] >= np.minimum(plate, 0)[seen] * 1.0001 - 1e-6).all()


def test_broken_pixels_are_contained() -> None:
    plate = comp(RED, BLUE, soft_disc())
    plate[40, 40], plate[2, 2] = np.inf, np.nan
    made = colors_of(plate, soft_disc(), Foreground((Estimate(), Despill("blue"), ExtendEdge())))

    assert np.isfinite(made).all()
    assert made.max() <= 65504


@pytest.mark.parametrize(
    ("limit", "left"),
    [("average", 0.4), ("double red", 0.3333333), ("double other", 0.4666667), ("larger", 0.6), ("smaller", 0.2)],
)
def test_each_way_to_despill(limit: Limit, left: float) -> None:
    """Red 0.2, green 0.9, blue 0.6: only green goes, down to the limit."""
    pixel = np.array([[[0.2, 0.9, 0.6]]], np.float32)
    assert despill(pixel, Despill(limit=limit))[0, 0] == pytest.approx([0.2, left, 0.6], abs=1e-6)


def test_despill_keeps_light_of_other_colors_and_of_any_brightness() -> None:
    """Skin is as it was; the luminance that goes can come back; half strength takes half."""
    skin, spilled = np.array([[[4.0, 2.0, -0.5]]], np.float32), np.array([[[1.0, 8.0, 1.0]]], np.float32)
    assert np.array_equal(despill(skin, Despill("blue")), skin)
    weights = np.array([0.2722287, 0.6740818, 0.0536895])
    kept = despill(spilled, Despill(keep_light=1.0))[0, 0]
    assert float(kept @ weights) == pytest.approx(float(spilled[0, 0] @ weights), rel=1e-5)
    assert despill(spilled, Despill(strength=0.5))[0, 0, 1] == pytest.approx(4.5)


def test_the_core_is_pulled_under_the_edge_and_no_further() -> None:
    coverage = soft_disc(160)
    plate = comp(RED, BLUE, coverage)
    made = extend_edge(plate, coverage, ExtendEdge(reach_px=12, core=0.98))

    core = coverage >= 0.98
    assert np.array_equal(made[core], plate[core])
    assert np.abs(made - RED)[(coverage > 0) & ~core].max() < 0.03
    assert np.array_equal(made[:20, :20], plate[:20, :20])


def test_a_picture_is_changed_only_near_the_subject() -> None:
    """Type, alpha and the rest of the plate stay; a delivered layer is black there instead."""
    window = Window(-10, 5, 290, 205)
    rgba = np.full((*window.shape, 4), 0.5, np.float16)
    rgba[..., 3] = 0.75
    picture = Picture(rgba, window, Format(Window.of_size(300, 200)))
    matte = Matte(Window(100, 60, 196, 156), soft_disc())
    foreground = Foreground((Despill(allow=0.5),))
    made = foreground_of(picture, matte, foreground)

    assert made.rgba.dtype == np.float16
    assert (made.data_window, made.rgba[..., 3].min()) == (window, 0.75)
    assert made.rgba[100, 150].tolist() == [0.5, 0.25, 0.5, 0.75]
    assert np.array_equal(made.rgba[:20], rgba[:20])
    layer = foreground_over(picture, matte, foreground, Window.of_size(300, 200))
    assert layer[105, 140].tolist() == [0.5, 0.25, 0.5]
    assert not layer[:20].any()
    assert foreground_of(picture, matte, PLATE_COLORS) is picture


def test_steps_are_one_list_that_is_undone_and_saved(tmp_path: Path) -> None:
    """In their order, each with its switch; older projects have none; no matte's key depends on them."""
    steps: tuple[ColorStep, ...] = (Estimate(0.5), Despill("blue", "larger", keep_light=0.3), ExtendEdge(4, on=False))
    document = Document()
    document.do(AddLayer(Layer("hero", "Hero")))
    before = document.shot.layer("hero")
    document.do(SetForeground("hero", Foreground(steps)))
    layer, values = document.shot.layer("hero"), ValueReader(tmp_path)

    assert values.read_layer(values.write_layer(layer)) == layer
    assert layer.delivered_key("plate", 1) == before.delivered_key("plate", 1)
    old = values.write_layer(layer)
    del old["foreground"]
    assert values.read_layer(old).foreground == PLATE_COLORS
    command = SetForeground("hero", Foreground(steps))
    assert values.read_command(values.write_command(command)) == command
    document.undo()
    assert document.shot.layer("hero").foreground == PLATE_COLORS


def test_the_estimate_is_switched() -> None:
    """What is switched off does nothing; the estimate is switched on before all else."""
    foreground = Foreground((Despill(),)).with_estimate(on=True)

    assert [type(step) for step in foreground.steps] == [Estimate, Despill]
    off = foreground.with_estimate(on=False)
    assert (off.estimates, off.words) == (False, "despill green, average")
    assert off.active == (Despill(),)
