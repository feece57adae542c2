"""Every way of comparing as numbers: each light and pixel kind against a few lines of NumPy."""

from __future__ import annotations

import gc
import time

import numpy as np
import pytest

pytest.importorskip("PySide6")

from core.color import ColorConfig, DisplayTransform
from core.geometry import Format, Window
from core.matte import Matte
from core.painting import StrokePainter
from core.picture import Picture
from widgets.view_state import Blend, Channel
from widgets.viewport.difference_meter import measure
from widgets.viewport.display_frame import DisplayFrame, Pixels
from widgets.viewport.edges import AFTER, LINE, EdgeCoverage, edge_table, edges, line_table, outlines
from widgets.viewport.light import (
    CHECKS,
    LUMINANCE,
    Backing,
    BlendLight,
    Checker,
    CompLight,
    CoverageLight,
    DifferenceLight,
    FittedLight,
    Flat,
    Light,
    PictureLight,
)
from widgets.viewport.overlay import LevelCache, LiveCoverage, StillCoverage, to_bytes
from widgets.viewport.pixels import ADDED, DIMMED, REMOVED, Grade, LightPixels, PlatePixels, SignedPixels
from widgets.viewport.serial import serial_of

WINDOW = Window(-3, 2, 37, 26)
ALL = (slice(0, None, 1), slice(0, None, 1))
RNG = np.random.default_rng(7)


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load()


@pytest.fixture(scope="module")
def grade(color: ColorConfig) -> Grade:
    return Grade(color.default_display, color.default_view, 0.0, 1.0, Channel.COLOR)


@pytest.fixture(scope="module")
def transform(color: ColorConfig, grade: Grade) -> DisplayTransform:
    return color.display(grade.display, grade.view)


def a_picture(window: Window = WINDOW, form: Format | None = None) -> Picture:
    rgba = RNG.random((*window.shape, 4)).astype(np.float16)
    return Picture(rgba, window, form or Format(window))


def a_matte(window: Window = WINDOW) -> StillCoverage:
    return StillCoverage(Matte(window, RNG.random(window.shape).astype(np.float32)), LevelCache())


def whole(light: Light) -> np.ndarray:
    return light.sample(light.window.x0, light.window.y0, 1, light.window.shape)


def values(picture: Picture) -> np.ndarray:
    return picture.rgba.astype(np.float32)


# --- light ------------------------------------------------------------------------------------------------------


def test_difference_is_of_light_and_strengthened() -> None:
    """|A - B| of every channel, four times."""
    a, b = a_picture(), a_picture()

    seen = whole(DifferenceLight(PictureLight(a), PictureLight(b), 4.0))

    assert seen == pytest.approx(np.abs(values(a) - values(b)) * 4)


def test_difference_of_windows_that_only_overlap() -> None:
    """Where only one side has pixels the other counts as black; every stride samples the same pixels."""
    a, b = a_picture(Window(0, 0, 20, 10)), a_picture(Window(10, 4, 30, 16))
    wanted = np.zeros((16, 30, 4), np.float32)
    wanted[:10, :20] = values(a)
    wanted[4:, 10:] -= values(b)
    light = DifferenceLight(PictureLight(a), PictureLight(b))

    assert light.window == Window(0, 0, 30, 16)
    assert whole(light) == pytest.approx(np.abs(wanted))
    assert light.sample(1, 1, 3, (5, 9)) == pytest.approx(np.abs(wanted[1:14:3, 1:26:3]))


@pytest.mark.parametrize("blend", list(Blend))
def test_blends(blend: Blend) -> None:
    """Add, screen, multiply and red and cyan, in light; nothing bright turns dark under screen."""
    a, b = a_picture(), a_picture()
    a.rgba[0, 0], b.rgba[0, 0] = 3.0, 5.0
    one, other = values(a), values(b)
    left, right = one[..., :3] @ np.array(LUMINANCE), other[..., :3] @ np.array(LUMINANCE)
    wanted = {
        Blend.ADD: (one + other)[..., :3],
        Blend.MULTIPLY: (one * other)[..., :3],
        Blend.SCREEN: (1 - (1 - one) * (1 - other))[..., :3],
        Blend.RED_CYAN: np.stack([left, right, right], axis=-1),
    }[blend]
    if blend is Blend.SCREEN:
        wanted[0, 0] = 5.0

    seen = whole(BlendLight(PictureLight(a), PictureLight(b), blend))

    assert seen[..., :3] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("kind", ["flat", "checker", "plate"])
def test_comp_over_any_backdrop_is_premultiplied(kind: str) -> None:
    """rgb·m + behind·(1 - a·m): the picture's rgb already holds its alpha; alpha of the comp is a·m."""
    picture, matte, other = a_picture(), a_matte(), a_picture()
    rgba, m = values(picture), matte.floats(-3, 2, 1, WINDOW.shape)[..., None]
    checker = Checker(Format(WINDOW))
    rows, columns = np.indices(WINDOW.shape) // checker.side_px
    backings: dict[str, tuple[Backing, np.ndarray]] = {
        "flat": (Flat((0.1, 0.2, 0.3)), np.array([0.1, 0.2, 0.3], np.float32)),
        "checker": (checker, np.array(CHECKS, np.float32)[(rows + columns) % 2][..., None]),
        "plate": (PictureLight(other), values(other)[..., :3]),
    }
    light, behind = backings[kind]

    seen = whole(CompLight(PictureLight(picture), matte, light))

    assert seen[..., :3] == pytest.approx(rgba[..., :3] * m + behind * (1 - rgba[..., 3:] * m), abs=1e-6)
    assert seen[..., 3:] == pytest.approx(rgba[..., 3:] * m)


def test_a_comp_has_its_backdrop_where_the_plate_has_no_pixels() -> None:
    """In the whole display window; the plate's own overscan stays."""
    picture = a_picture()
    display = Window(WINDOW.x0 - 4, WINDOW.y0 + 2, WINDOW.x1 + 3, WINDOW.y1 + 5)
    small = Picture(picture.rgba, WINDOW, Format(display))
    matte, red = a_matte(), Flat((0.1, 0.2, 0.3))
    light = CompLight(PictureLight(small), matte, red)

    seen = whole(light)

    assert light.window == WINDOW.union(display)
    inside = seen[WINDOW.within(light.window)]
    assert inside == pytest.approx(whole(CompLight(PictureLight(picture), matte, red)), abs=1e-6)
    outside = np.ones(light.window.shape, bool)
    outside[WINDOW.within(light.window)] = False
    assert (seen[outside] == np.array([0.1, 0.2, 0.3, 0.0], np.float32)).all()


def test_a_comp_without_a_matte_is_its_backdrop() -> None:
    """Nothing is covered: nothing of the picture is seen."""
    seen = whole(CompLight(PictureLight(a_picture()), None, Flat((0.5, 0.0, 0.25))))

    assert (seen == np.array([0.5, 0.0, 0.25, 0.0], np.float32)).all()


def test_a_picture_of_another_format_is_fitted_in_the_middle() -> None:
    """A square picture in a wide plate: as high as the plate, a bar left and right; twice the pixels become half."""
    plate = Format(Window(0, 0, 40, 20))
    inner = Window(0, 0, 40, 40)
    rgba = np.zeros((40, 40, 4), np.float16)
    rgba[..., 0] = np.arange(40) / 64
    rgba[..., 1] = (np.arange(40) / 64)[:, None]
    light = FittedLight(Picture(rgba, inner, Format(inner)), plate)

    seen = light.sample(0, 0, 1, (20, 40))

    assert light.window == Window(10, 0, 30, 20)
    assert (seen[:, :10] == 0).all()
    assert (seen[:, 30:] == 0).all()
    assert seen[5, 11:29, 0] == pytest.approx((np.arange(1, 19) * 2 + 0.5) / 64, abs=1 / 64)
    assert seen[1:19, 20, 1] == pytest.approx((np.arange(1, 19) * 2 + 0.5) / 64, abs=1 / 64)


def test_a_fitted_picture_keeps_its_shape_under_pixel_aspect() -> None:
    """A square-pixel 2:1 picture fills an anamorphic plate of 20 x 20 pixels twice as wide as high."""
    plate = Format(Window(0, 0, 20, 20), pixel_aspect=2.0)
    inner = Window(0, 0, 80, 40)
    light = FittedLight(Picture(np.ones((40, 80, 4), np.float16), inner, Format(inner)), plate)

    assert light.window == Window(0, 0, 20, 20)
    assert light.sample(0, 0, 1, (20, 20))[1:-1, 1:-1].min() == 1.0


def test_a_fitted_picture_of_the_same_size_elsewhere_is_only_moved() -> None:
    """No pixel is mixed with its neighbour where the scale is one."""
    inner = Window(100, 50, 140, 74)
    picture = a_picture(inner)
    light = FittedLight(picture, Format(Window(0, 0, 40, 24)))

    assert light.sample(0, 0, 1, (24, 40)) == pytest.approx(values(picture), abs=1e-6)
    assert light.sample(1, 2, 3, (6, 9)) == pytest.approx(values(picture)[2:18:3, 1:28:3], abs=1e-6)


def test_keys_name_what_they_are_made_from() -> None:
    """The same sources have the same key; another matte, gain or order has another; a serial never comes again."""
    a, b = PictureLight(a_picture()), PictureLight(a_picture())
    assert DifferenceLight(a, b).key == DifferenceLight(a, b).key
    assert len({DifferenceLight(a, b).key, DifferenceLight(b, a).key, DifferenceLight(a, b, 2.0).key}) == 3

    seen = set()
    for _ in range(50):
        array = np.zeros(1000)
        seen.add(serial_of(array))
        del array
        gc.collect(0)
    assert len(seen) == 50


# --- pixels -----------------------------------------------------------------------------------------------------


def test_two_mattes_differ_in_grey_without_display_transform(grade: Grade, transform: DisplayTransform) -> None:
    """Half a coverage of difference is 128 of 255, whatever the view does to light."""
    a = StillCoverage(Matte(WINDOW, np.full(WINDOW.shape, 0.75, np.float32)), LevelCache())
    b = StillCoverage(Matte(WINDOW, np.full(WINDOW.shape, 0.25, np.float32)), LevelCache())
    light = DifferenceLight(CoverageLight(a), CoverageLight(b))

    shown = LightPixels(light, transform, grade, data=True).convert(ALL)

    assert (shown[..., :3] == 128).all()


def test_light_goes_through_the_display_transform(grade: Grade, transform: DisplayTransform) -> None:
    """A blend of pictures looks as its sum in light would."""
    a, b = a_picture(), a_picture()

    shown = LightPixels(BlendLight(PictureLight(a), PictureLight(b)), transform, grade).convert(ALL)

    exact = np.clip(transform.exact((values(a) + values(b))[..., :3]), 0, 1) * 255
    assert np.abs(shown[..., :3] - exact).mean() < 0.5
    assert np.abs(shown[..., :3] - exact).max() < 6


@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_signed_difference_is_as_strong_as_the_difference(
    grade: Grade, transform: DisplayTransform, gain: float
) -> None:
    """Over the plate's dimmed luminance: green by what B adds, red by what it takes, proportionally."""
    picture, a, b = a_picture(), a_matte(), a_matte()
    a.matte.coverage[:, :10] = b.matte.coverage[:, :10]
    rgb = np.repeat((values(picture)[..., :3] @ np.array(LUMINANCE) * DIMMED)[..., None], 3, axis=-1)
    ground = np.clip(transform.exact(rgb.astype(np.float32)), 0, 1) * 255
    signed = np.clip((b.matte.coverage - a.matte.coverage) * gain, -1, 1)[..., None]
    ink = np.where(signed > 0, np.array(ADDED), np.array(REMOVED)) * 255
    wanted = ground * (1 - np.abs(signed)) + ink * np.abs(signed)

    shown = SignedPixels(PictureLight(picture), a, b, gain, transform, grade).convert(ALL)

    assert np.abs(shown[..., :3] - wanted).max() <= 2
    assert np.abs(shown[:, :10, :3] - ground[:, :10]).max() <= 2


def test_the_meter_counts_mean_changed_and_both_signs() -> None:
    """A hundredth of the pixels changes by a half, half of them up: by hand 0.005 on the mean."""
    window = Window(0, 0, 100, 600)
    before, after = np.full(window.shape, 0.5, np.float32), np.full(window.shape, 0.5, np.float32)
    after[:3, :] = 1.0
    after[597:, :] = 0.0
    a, b = (StillCoverage(Matte(window, values), LevelCache()) for values in (before, after))

    counted = measure(a, b, window)

    assert counted.mean == pytest.approx(0.005)
    assert counted.changed == pytest.approx(0.01)
    assert (counted.added, counted.removed) == (150.0, 150.0)
    assert counted.sentence == "mean difference 0.0050, 1.00% of pixels changed"


@pytest.mark.parametrize("kind", ["plate", "comp", "difference", "mattes", "blend", "signed", "fitted"])
def test_a_pixel_takes_about_what_is_said(grade: Grade, transform: DisplayTransform, kind: str) -> None:
    """What decides between now and later on a worker is right within a few times: no kind stops the hand."""
    window = Window.of_size(1024, 512)
    one, other = PictureLight(a_picture(window)), PictureLight(a_picture(window))
    a, b = a_matte(window), a_matte(window)
    kinds: dict[str, Pixels] = {
        "plate": PlatePixels(one.picture, transform, grade),
        "comp": LightPixels(CompLight(one, a, Checker(Format(window))), transform, grade),
        "difference": LightPixels(DifferenceLight(one, other), transform, grade),
        "mattes": LightPixels(DifferenceLight(CoverageLight(a), CoverageLight(b)), transform, grade, data=True),
        "blend": LightPixels(BlendLight(one, other, Blend.SCREEN), transform, grade),
        "signed": SignedPixels(one, a, b, 1.0, transform, grade),
        "fitted": LightPixels(FittedLight(one.picture, Format(Window.of_size(1000, 600))), transform, grade),
    }
    pixels, taken = kinds[kind], []
    for _ in range(3):
        before = time.thread_time_ns()
        pixels.convert((slice(0, 512, 1), slice(0, 1000, 1)))
        taken.append(time.thread_time_ns() - before)

    assert min(taken) / (512 * 1000) < 8 * pixels.cost


# --- edges ------------------------------------------------------------------------------------------------------


def test_edges_are_the_soft_band_and_the_line_at_half() -> None:
    """Full and empty coverage vanish, soft coverage stays, and the last sample inside a half is the line."""
    ramp = np.array([[0, 10, 100, 127, 128, 200, 254, 255, 255]], np.uint8)

    assert edges(np.repeat(ramp, 3, axis=0))[1].tolist() == [0, 10, 100, 127, LINE, 200, 254, 0, 0]


def test_a_hard_matte_has_a_line_all_around() -> None:
    """No soft pixel: the rim alone, one sample wide."""
    hard = np.zeros((9, 9), np.uint8)
    hard[2:7, 2:7] = 255

    seen = edges(hard)

    assert (seen == LINE).sum() == 16
    assert seen[4, 4] == 0


def test_the_outline_lies_on_both_sides_of_half_coverage() -> None:
    """Two samples wide: the last inside and the first outside."""
    ramp = np.repeat(np.array([[0, 0, 100, 200, 255, 255]], np.uint8), 3, axis=0)

    assert outlines(ramp)[1].tolist() == [0, 0, LINE, LINE, 0, 0]


def test_edge_and_onion_tables() -> None:
    """Nothing at 0; the band grows with coverage; the line is the strongest; the onion shows the line alone."""
    alpha = [entry >> 24 for entry in edge_table((1.0, 0.0, 0.0), 0.5).entries.tolist()]
    onion = line_table(AFTER).entries

    assert alpha[0] == 0
    assert 0 < alpha[1] < alpha[128] < alpha[254] < alpha[LINE]
    assert np.count_nonzero(onion) == 1
    assert onion[LINE] >> 24 == 235


@pytest.mark.parametrize("stride", [1, 3])
def test_the_edge_follows_the_brush(stride: int) -> None:
    """Patched dab by dab, the edge of the live matte is the edge of its levels made anew."""
    window = Window(-5, 4, 95, 64)
    ground = np.zeros(window.shape, np.float32)
    ground[10:40, 10:60] = 1.0
    painter = StrokePainter(window, 9.0, adds=True, hardness=0.4, opacity=0.7)
    live = LiveCoverage(Matte(window, ground), painter)
    edge = EdgeCoverage(live, LevelCache())
    level = edge.level(stride)
    first = level.values.copy()

    for place in range(0, 90, 7):
        live.patch(painter.move(place, 20 + place / 3, 0.9))

    assert edge.live
    assert edge.level(stride) is level
    assert np.array_equal(level.values, edges(live.level(stride).values))
    assert not np.array_equal(level.values, first)


def test_the_edge_of_a_finished_matte_is_made_once() -> None:
    """Edge levels live in the cache beside the plain ones and are not mistaken for them."""
    cache = LevelCache()
    still = StillCoverage(a_matte().matte, cache)
    level = EdgeCoverage(still, cache).level(2)

    assert EdgeCoverage(still, cache).level(2) is level
    assert np.array_equal(level.values, edges(still.level(2).values))
    assert np.array_equal(still.level(1).values, to_bytes(still.matte.coverage))


# --- live -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["signed", "difference", "comp", "blend"])
def test_a_stroke_renewed_in_part_equals_one_converted_whole(
    grade: Grade, transform: DisplayTransform, kind: str
) -> None:
    """What the brush changed is converted again, and nothing else has to be."""
    window = Window(0, 0, 90, 70)
    picture, still = a_picture(window), a_matte(window)
    painter = StrokePainter(window, 7.0, adds=True, hardness=0.5, opacity=1.0)
    live = LiveCoverage(Matte(window, np.zeros(window.shape, np.float32)), painter)
    plate = PictureLight(picture)
    kinds: dict[str, Pixels] = {
        "signed": SignedPixels(plate, still, live, 1.0, transform, grade),
        "difference": LightPixels(DifferenceLight(CoverageLight(still), CoverageLight(live)), transform, grade, True),
        "comp": LightPixels(CompLight(plate, live, Checker(Format(window))), transform, grade),
        "blend": LightPixels(BlendLight(plate, CoverageLight(live)), transform, grade),
    }
    pixels = kinds[kind]
    frame = DisplayFrame(pixels, 1)
    frame.ensure(window)
    before = frame.values.copy()

    for place in range(10, 60, 5):
        frame.renew(pixels, painter.move(place, 30, 1.0))

    assert pixels.live
    assert not np.array_equal(frame.values, before)
    assert np.array_equal(frame.values[..., 2::-1], pixels.convert(ALL)[..., :3])
