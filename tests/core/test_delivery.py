"""What a delivery looks like: names, channels, windows, attributes, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.delivery import Delivery, ExportPlan, delivered_frame, deliveries, legal_name, next_version
from core.delivery.colors import said_of_colors
from core.delivery.frame import channels_of
from core.errors import ExportError
from core.foreground.steps import PLATE_COLORS, Despill, Estimate, Foreground
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Adapter, Correction, KeyFrame, Layer
from core.matte import Matte, Provenance
from core.picture import Picture
from core.plate import Plate
from core.shot import Shot

DATA = Window(-2, -1, 10, 7)
SMALL = Window(0, 0, 4, 4)
FORMAT = Format(Window(0, 0, 8, 6), 2.0)
PLATE = Plate(
    "p", "Shot 10", Path("/show/plate.#####.exr"), FrameRange(990, 1010), FORMAT, DATA, "ACEScg", rate=Fraction(25)
)
SHOT = Shot(
    plates=(PLATE,), layers=(Layer("a", "Hero"), Layer("b", "Häare/links"), Layer("c", "Hero"), Layer("d", "hero"))
)
ATTRIBUTES = {"timeCode": "a time code", "camera/lens": "50 mm", "chromaticities": (1, 2), "mine": 7}


def plan(path: str, layers: tuple[str, ...] = ("a",), **more: Any) -> ExportPlan:
    return ExportPlan(path, layers, more.pop("frames", FrameRange(999, 1001)), **more)


def picture(rgba: tuple[float, float, float, float] = (0.5, 100.0, -0.25, 1.0)) -> Picture:
    values = np.broadcast_to(np.array(rgba, np.float32), (*DATA.shape, 4)).copy()
    return Picture(values, DATA, FORMAT, ATTRIBUTES)


def matte(value: float = 0.5, window: Window = SMALL) -> Matte:
    source = Provenance("refine", "edge", "1.2", "ab" * 32, "cd" * 32)
    return Matte(window, np.full(window.shape, value, np.float32), 1.0, source)


def only(ordered: ExportPlan, shot: Shot = SHOT) -> Delivery:
    (delivery,) = deliveries(ordered, shot)
    return delivery


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/out/hero.####.exr", "/out/hero.0999.exr"),
        ("/out/hero.%06d.exr", "/out/hero.000999.exr"),
        ("/out/hero.%d.exr", "/out/hero.999.exr"),
        ("/out/{shot}_{layer}_v{version:03}.{frame:04}.exr", "/out/Shot_10_Hero_v003.0999.exr"),
        ("/out/{shot}_v{version}.{frame}.exr", "/out/Shot_10_v003.00999.exr"),
        ("/out/{layer}/{layer}.####.exr", "/out/Hero/Hero.0999.exr"),
        ("/out dir/hero_####.exr", "/out dir/hero_0999.exr"),
    ],
)
def test_names_are_filled_with_original_numbers(path: str, expected: str) -> None:
    """Tokens, `####` and `%04d`; a bare `{frame}` has the plate's own padding."""
    assert only(plan(path, version=3)).path(999) == Path(expected)


def test_a_single_frame_needs_no_number() -> None:
    """A still is a still."""
    assert only(plan("/out/hero.exr", frames=FrameRange(1001, 1001))).path(1001) == Path("/out/hero.exr")


@pytest.mark.parametrize(
    ("ordered", "sentence"),
    [
        (plan("/out/hero.exr"), r"no place for the frame number\. Write name\.####\.exr"),
        (plan("/out/hero.####.%04d.exr"), "two places for the frame number"),
        (
            plan("/out/hero.####.jpg"),
            r"does not end in \.exr, \.png or \.tif\. A matte is written as OpenEXR, PNG or TIFF",
        ),
        (plan("/out/he ro.####.exr"), r"holds ' ', which not every tool reads\. Write he_ro"),
        (plan("/out/{show}.####.exr"), r"\{show\} is nothing that is filled in\. There are \{shot\}"),
        (plan("/out/{seq}/hero.####.exr"), r"\{seq\} is nothing that is filled in"),
        (plan("/out/####/hero.####.exr"), "the folder has a place for the frame number"),
        (plan(f"/out/{'x' * 250}.####.exr"), "the name has 259 characters"),
        (plan("/out/x.%0999d.exr"), "the name has 1005 characters"),
        (plan("/out/x_{version:99999}.####.exr"), "too many digits"),
        (plan("~nobody-of-that-name/x.####.exr"), "there is no such user"),
        (plan("/out/x.####.exr", version=-1), "-1 is no version"),
        (plan("/out/hero.####.exr", ()), "no layer was chosen"),
        (plan("/out/hero.####.exr", ("a", "b")), r"two layers would both be written to hero\.####\.exr"),
        (plan("/out/{layer}.####.exr", ("a", "c")), r"two layers would both be written to Hero\.####\.exr"),
        (plan("/out/{layer}.####.exr", ("a", "d")), r"two layers would both be written to Hero\.####\.exr"),
        (plan("/out/x.####.exr", ("a", "c"), kind="layers"), "two layers are both called Hero"),
        (plan("/out/x.####.exr", ("a", "b"), kind="layers", compression="dwaa"), "DWAA loses detail"),
        (plan("/out/x.####.exr", compression="lossy"), r"'lossy' is no compression\. Choose zip, zips, piz, none"),
        (plan("/out/x.####.exr", pixel_type="uint8"), "'uint8' is no pixel type"),
        (plan("/out/x.####.exr", kind="movie"), "'movie' is no kind"),
        (plan("/out/c.####.exr", kind="cryptomatte"), r"32-bit numbers, which half breaks\. Choose float"),
        (plan("/out/c.####.exr", ("a", "c"), kind="cryptomatte", pixel_type="float"), "two layers have this name"),
        (plan("/out/x.####.png", pixel_type="float"), r"PNG holds 16 bits, no floats\. Write an EXR"),
        (plan("/out/x.####.tif", data_window="matte"), "TIFF has no data window of its own"),
        (plan("/out/x.####.png", kind="comp"), r"A comp is scene-linear and premultiplied, and is written as OpenEXR"),
        (plan("/out/x.####.png", kind="rgb", use_alpha=True), "a PNG's fourth channel is an alpha"),
        (plan("/out/x.####.exr", kind="comp", core_and_edge=True), "core and edge are channels beside a matte's own"),
        (plan("/out/x.####.exr", kind="comp", foreground=True), "a foreground is a layer beside a matte's own"),
        (plan("/out/x.####.exr", use_alpha=True), "a fourth layer as A is for files with three"),
        (plan("/out/x.####.exr", sidecar=True), "only a Cryptomatte has a manifest"),
        (plan("/out/x.####.mov", kind="prores"), "a movie is one file and its name has no frame number"),
        (plan("/out/x.mov", kind="prores", resume=True), "a movie is written whole"),
        (plan("/out/x.mov", kind="prores", pixel_type="float"), "a movie holds 8 or 10 bits"),
        (plan("/out/x.mp4", kind="prores"), r"does not end in \.mov"),
        (plan("/out/x.####.exr", ("a", "b", "c"), kind="rgb", resume=True, overwrite=True), "said in two ways"),
        (plan("/show/plate.#####.exr", overwrite=True), "this is the plate itself"),
        (plan("/show/../show/plate.%05d.exr", overwrite=True), "this is the plate itself"),
    ],
)
def test_refusals_are_sentences(ordered: ExportPlan, sentence: str) -> None:
    """Before a file is touched."""
    with pytest.raises(ExportError, match=sentence):
        deliveries(ordered, SHOT)


def test_several_mattes_are_several_sequences() -> None:
    """One per layer, told apart by the layer's name."""
    planned = deliveries(plan("/out/{layer}.####.exr", ("a", "b")), SHOT)

    assert [delivery.path(1001).name for delivery in planned] == ["Hero.1001.exr", "H_are_links.1001.exr"]


@pytest.mark.parametrize(
    ("name", "legal"),
    [("Hero", "Hero"), ("Häare/links", "H_are_links"), ("a b\tc", "a_b_c"), ("..", "layer"), ("v1.2-x", "v1.2-x")],
)
def test_legal_names(name: str, legal: str) -> None:
    """Only what every tool reads."""
    assert legal_name(name) == legal


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/out_v1.x/hero_v001.####.exr", "/out_v1.x/hero_v002.####.exr"),
        ("/out/hero_v9.%04d.exr", "/out/hero_v10.%04d.exr"),
        ("/out/v007.####.exr", "/out/v007_v002.####.exr"),
        ("/out/hero.####.exr", "/out/hero_v002.####.exr"),
        ("hero.exr", "hero_v002.exr"),
    ],
)
def test_the_next_version(path: str, expected: str) -> None:
    """The number in the name goes up; a name without one gets one."""
    assert next_version(path) == expected


def test_a_matte_is_a_over_the_plates_data_window() -> None:
    """Coverage at its place, zeros elsewhere, half."""
    ordered = plan("/out/x.####.exr")
    made = delivered_frame(ordered, only(ordered), PLATE, picture(), [matte()], ["key"], "1.0")

    assert list(made.channels) == ["A"]
    assert made.channels["A"].dtype == np.float16
    assert (made.data_window, made.format) == (DATA, FORMAT)
    expected = np.zeros(DATA.shape)
    expected[1:5, 2:6] = 0.5
    assert np.array_equal(made.channels["A"], expected)


def test_layers_have_the_same_channels_in_every_frame() -> None:
    """An empty layer is zeros, not absent."""
    ordered = plan("/out/x.####.exr", ("a", "b"), kind="layers", pixel_type="float")
    frames = [
        delivered_frame(ordered, only(ordered), PLATE, picture(), mattes, ["k1", "k2"], "1.0")
        for mattes in ([matte(), matte(1.0)], [matte(), Matte.empty(DATA)])
    ]

    assert [sorted(frame.channels) for frame in frames] == [["H_are_links.A", "Hero.A"]] * 2
    assert not frames[1].channels["H_are_links.A"].any()
    assert frames[0].channels["Hero.A"].dtype == np.float32


def test_a_comp_is_premultiplied() -> None:
    """Color times coverage, HDR and negatives kept, alpha times the plate's; black where there is no plate."""
    ordered = plan("/out/x.####.exr", kind="comp", pixel_type="float")
    made = delivered_frame(
        ordered, only(ordered), PLATE, picture((0.5, 100.0, -0.25, 0.5)), [matte(0.5)], ["key"], "1.0"
    )

    assert [float(made.channels[name][2, 3]) for name in "RGBA"] == [0.25, 50.0, -0.125, 0.25]
    assert not any(made.channels[name][0, 0] for name in "RGBA")
    assert "chromaticities" not in made.attributes


@pytest.mark.parametrize("foreground", [PLATE_COLORS, Foreground((Despill(),))])
def test_what_is_no_number_in_the_plate_is_not_in_the_comp(foreground: Foreground) -> None:
    """Nothing where nothing is covered; counted where the subject is."""
    rgba = np.tile(np.array((0.5, 0.25, 0.5, 1.0), np.float32), (*DATA.shape, 1))
    half = np.zeros(DATA.shape, np.float16)
    half[:, DATA.width // 2 :] = 0.5
    rgba[0, 0, :3], rgba[1, 0, 1], rgba[0, -1, 0] = np.nan, np.inf, np.nan
    shot = replace(SHOT, layers=(replace(SHOT.layers[0], foreground=foreground),))
    ordered = plan("/out/x.####.exr", kind="comp")
    (delivery,) = deliveries(ordered, shot)
    seen = Picture(rgba, DATA, FORMAT, {})
    made = delivered_frame(ordered, delivery, PLATE, seen, [Matte(DATA, half)], ["key"], "1.0")

    assert all(np.isfinite(values).all() for values in made.channels.values())
    assert not any(values[:, 0].any() for values in made.channels.values())
    assert made.channels["B"][0, -2] == 0.25
    assert made.clipped == (0 if foreground.active else 1)


def test_a_name_too_long_for_a_channel_is_refused() -> None:
    shot = replace(SHOT, layers=(replace(SHOT.layers[0], name="x" * 300), SHOT.layers[1]))
    with pytest.raises(ExportError, match=r"is too long for a channel\. Rename"):
        deliveries(plan("/out/x.####.exr", ("a", "b"), kind="layers"), shot)


def test_two_layers_in_a_comp_lie_over_each_other() -> None:
    """Half over half covers three quarters."""
    ordered = plan("/out/x.####.exr", ("a", "b"), kind="comp")
    made = delivered_frame(ordered, only(ordered), PLATE, picture(), [matte(), matte()], ["k1", "k2"], "1.0")

    assert float(made.channels["A"][2, 3]) == 0.75


def test_half_floats_do_not_become_infinite() -> None:
    """A sun of a million in the plate is the largest half in a half comp."""
    ordered = plan("/out/x.####.exr", kind="comp")
    made = delivered_frame(ordered, only(ordered), PLATE, picture((1e6, 0, 0, 1)), [matte(1.0)], ["key"], "1.0")

    assert made.channels["R"].max() == 65504


def test_the_mattes_bounds_as_data_window() -> None:
    """Per frame, inside the canvas; one pixel when nothing is covered."""
    ordered = plan("/out/x.####.exr", data_window="matte")
    around = matte(1.0, Window(3, 2, 40, 40))
    made = delivered_frame(ordered, only(ordered), PLATE, picture(), [around], ["key"], "1.0")
    empty = delivered_frame(ordered, only(ordered), PLATE, picture(), [Matte.empty(DATA)], ["key"], "1.0")

    assert made.data_window == Window(3, 2, 10, 7)
    assert (made.channels["A"] == 1.0).all()
    assert empty.data_window.pixels == 1
    assert not empty.channels["A"].any()


def test_a_frame_the_plate_lacks_is_still_made() -> None:
    """In the plate's format; its time code is not invented."""
    ordered = plan("/out/x.####.exr")
    made = delivered_frame(ordered, only(ordered), PLATE, None, [matte()], ["key"], "1.0")

    assert (made.data_window, made.format) == (DATA, FORMAT)
    assert made.channels["A"].any()
    assert "timeCode" not in made.attributes
    assert made.attributes["framesPerSecond"] == Fraction(25)


def test_attributes_are_the_plates_and_where_the_matte_came_from() -> None:
    """Unknown ones too; provenance says layer, model, version, weights, adapter, key and tool."""
    ordered = plan("/out/x.####.exr")
    made = delivered_frame(ordered, only(ordered), PLATE, picture(), [matte()], ["the-key"], "1.0")

    assert made.attributes == ATTRIBUTES | {
        "penumbra/version": "1.0",
        "penumbra/kind": "matte",
        "penumbra/layer": "Hero",
        "penumbra/model": "edge",
        "penumbra/modelVersion": "1.2",
        "penumbra/weights": "ab" * 32,
        "penumbra/adapter": "cd" * 32,
        "penumbra/madeBy": "refine",
        "penumbra/matteKey": "the-key",
    }


def test_several_layers_say_their_provenance_as_a_list() -> None:
    """One JSON text, in the order of the layers, names as the artist wrote them."""
    ordered = plan("/out/x.####.exr", ("a", "b"), kind="layers")
    made = delivered_frame(ordered, only(ordered), PLATE, picture(), [matte(), matte()], ["k1", "k2"], "1.0")

    told = json.loads(made.attributes["penumbra/layers"])
    assert [(entry["layer"], entry["matteKey"]) for entry in told] == [("Hero", "k1"), ("Häare/links", "k2")]


def test_where_a_matte_came_from_names_key_frames_and_adapter() -> None:
    """The frames the artist worked on, and the adapter by the name it was given."""
    adapter = Adapter("cd" * 32, "Hero teach 3", "propagate")
    layer = replace(SHOT.layers[0], adapters=(adapter,)).with_key_frame(
        1000, KeyFrame(correction=Correction(painted="ef" * 32))
    )
    ordered = plan("/out/x.####.exr")
    made = delivered_frame(
        ordered, only(ordered, SHOT.with_layer(layer)), PLATE, picture(), [matte()], ["the-key"], "1.0"
    )

    assert made.attributes["penumbra/keyFrames"] == "1000"
    assert made.attributes["penumbra/adapterName"] == "Hero teach 3"


def test_values_that_do_not_fit_are_counted() -> None:
    """Coverage outside 0-1 and numbers that are none become what fits, and it is said how many."""
    ordered = plan("/out/x.####.exr")
    odd = matte()
    odd.coverage[0, :3] = (-1, 2, np.nan)
    made = delivered_frame(ordered, only(ordered), PLATE, picture(), [odd], ["key"], "1.0")

    assert made.clipped == 3
    assert made.channels["A"][1, 2:5].tolist() == [0, 1, 0]


def spilled(steps: Foreground) -> tuple[Shot, Picture, Matte]:
    """A red subject before green, mixed exactly in a soft edge, on a plate of square pixels."""
    window = Window(0, 0, 64, 48)
    coverage = np.broadcast_to(np.clip((np.arange(64) - 20.5) / 12, 0, 1).astype(np.float32), window.shape).copy()
    rgba = np.ones((*window.shape, 4), np.float32)
    rgba[..., :3] = coverage[..., None] * [2.0, 0.25, 0.125] + (1 - coverage[..., None]) * [0.125, 1.0, 0.25]
    plate = replace(PLATE, format=Format(window), data_window=window)
    layers = (Layer("a", "Hero", foreground=steps), Layer("b", "Other"))
    return Shot((plate,), layers=layers), Picture(rgba, window, Format(window), {}), Matte(window, coverage)


def test_a_comp_has_the_subjects_own_color_premultiplied_once() -> None:
    """Nothing of the green is left in the edge; alpha is the matte; over grey there is no fringe, dark or bright."""
    shot, plate, hero = spilled(Foreground((Estimate(),)))
    ordered = plan("/out/x.####.exr", kind="comp", pixel_type="float")
    made = delivered_frame(ordered, only(ordered, shot), shot.plates[0], plate, [hero], ["k"], "1").channels

    coverage = hero.float32()
    assert np.array_equal(made["A"], coverage)
    for name, own in zip("RGB", (2.0, 0.25, 0.125), strict=True):
        assert np.abs(made[name] - coverage * own).max() < 0.02
    plain, _, _ = spilled(PLATE_COLORS)
    with_plate = delivered_frame(ordered, only(ordered, plain), shot.plates[0], plate, [hero], ["k"], "1").channels
    assert np.abs(with_plate["G"] - coverage * 0.25).max() > 0.15
    assert np.array_equal(with_plate["R"], plate.rgba[..., 0] * coverage)


def test_a_foreground_is_a_layer_beside_the_matte() -> None:
    """Not multiplied by the matte; estimated where the layer says nothing, so that it is never just the plate."""
    shot, plate, hero = spilled(PLATE_COLORS)
    ordered = plan("/out/x.####.exr", ("a", "b"), kind="layers", pixel_type="float", foreground=True)
    delivery = only(ordered, shot)
    nothing = Matte.empty(hero.window)
    made = delivered_frame(ordered, delivery, shot.plates[0], plate, [hero, nothing], ["k", "l"], "1").channels

    assert set(made) == channels_of(ordered, delivery)
    assert set(made) == {f"{name}.A" for name in ("Hero", "Other")} | {
        f"{name}_foreground.{channel}" for name in ("Hero", "Other") for channel in "RGB"
    }
    seen = hero.float32() > 0.1
    assert np.abs(made["Hero_foreground.G"][seen] - 0.25).max() < 0.05
    assert not made["Hero_foreground.R"][:, :4].any()
    assert not made["Other_foreground.R"].any()


def test_what_was_done_to_colors_makes_a_file_another() -> None:
    """A run that goes on from an earlier one writes again what has other colors now; mattes alone do not mind."""
    comp, alone = plan("/out/x.####.exr", kind="comp"), plan("/out/x.####.exr")
    said = [said_of_colors(comp, only(comp, spilled(steps)[0])) for steps in (PLATE_COLORS, Foreground((Estimate(),)))]

    assert said[0] == []
    assert len(said[1]) == 1
    assert said_of_colors(alone, only(alone, spilled(Foreground((Estimate(),)))[0])) == []
