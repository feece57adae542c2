"""Color configs, input spaces, and the baked display against OpenColorIO's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO
import pytest

from core.color import DEFAULT_CONFIG, ColorConfig
from core.errors import ColorError
from core.exr import read_channels

Array = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load(DEFAULT_CONFIG)


def plate(rows: int = 240, columns: int = 320) -> Array:
    """(H, W, 4) half, like a plate: light from dark to a lamp, saturated patches, grain that goes below zero."""
    rng = np.random.default_rng(11)
    light = np.exp2(np.linspace(-9, 4, columns))[None, :, None] * 0.18
    tint = np.array([[1, 1, 1], [1, 0.4, 0.2], [0.2, 0.8, 0.3], [0.2, 0.3, 1], [0.9, 0.8, 0.3]])
    rgb = light * np.repeat(tint, rows // len(tint), axis=0)[:, None, :] + rng.normal(0, 0.003, (rows, columns, 3))
    return np.concatenate([rgb, np.ones((rows, columns, 1))], axis=-1).astype(np.float16)


def test_the_default_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without $OCIO: a named built-in ACES config, never `-latest`, working in ACEScg."""
    monkeypatch.delenv("OCIO", raising=False)

    color = ColorConfig.load()

    assert color.name == "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
    assert color.scene_linear == "ACEScg"
    assert color.default_display == "sRGB - Display"
    assert color.default_view in color.views(color.default_display)
    assert {"ACEScg", "ACES2065-1", "Raw"} <= set(color.spaces)


def test_the_environments_config_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """$OCIO may name a file; a name given by the project wins over it."""
    path = tmp_path / "show.ocio"
    path.write_text(PyOpenColorIO.Config.CreateRaw().serialize())
    monkeypatch.setenv("OCIO", str(path))

    with pytest.raises(ColorError, match=r"no scene_linear role|no display"):
        ColorConfig.load()
    monkeypatch.setenv("OCIO", "ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4")
    assert ColorConfig.load().name == "ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4"
    assert ColorConfig.load(DEFAULT_CONFIG).name == DEFAULT_CONFIG


def test_a_config_file_is_loaded(tmp_path: Path) -> None:
    """A file written from a built-in one gives the same spaces."""
    path = tmp_path / "show.ocio"
    path.write_text(PyOpenColorIO.Config.CreateFromFile(DEFAULT_CONFIG).serialize())

    color = ColorConfig.load(str(path))

    assert (color.name, color.scene_linear) == (str(path), "ACEScg")


@pytest.mark.parametrize(
    ("content", "why"), [(None, "no color config at this path"), ("ocio_profile_version: 99", "OpenColorIO refuses")]
)
def test_a_bad_config_is_a_sentence(tmp_path: Path, content: str | None, why: str) -> None:
    path = tmp_path / "bad.ocio"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ColorError, match=why):
        ColorConfig.load(str(path))


def test_an_unknown_builtin_is_a_sentence() -> None:
    with pytest.raises(ColorError, match="refuses"):
        ColorConfig.load("ocio://no-such-config")


@pytest.mark.parametrize(
    ("attributes", "name", "why"),
    [
        ({}, "ACEScg", "does not say"),
        ({"colorInteropID": "lin_rec709_scene"}, "Linear Rec.709 (sRGB)", "colorInteropID"),
        ({"colorInteropID": "unknown"}, "ACEScg", "does not say"),
        ({"colorInteropID": "data"}, "Raw", "colorInteropID"),
        ({"acesImageContainerFlag": 1}, "ACES2065-1", "ACES container"),
        (
            {"chromaticities": (0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767)},
            "ACES2065-1",
            "those of ACES AP0",
        ),
        ({"chromaticities": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329)}, "Linear Rec.2020", "Rec.2020"),
        ({"chromaticities": (1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3)}, "CIE XYZ-D65 - Scene-referred", "those of CIE XYZ"),
        ({"chromaticities": (0.9, 0.1, 0, 1, 0, 0, 1 / 3, 1 / 3)}, "ACEScg", "match no known gamut"),
        ({"oiio:ColorSpace": "acescg"}, "ACEScg", "oiio:ColorSpace"),
        ({"oiio:ColorSpace": "my own"}, "ACEScg", "does not say"),
    ],
)
def test_the_input_space_has_a_reason(color: ColorConfig, attributes: dict[str, Any], name: str, why: str) -> None:
    """What the header says, else the working space; always with the reason."""
    space = color.input_space(attributes)

    assert space.name == name
    assert why in space.why


def test_every_known_gamut_has_its_space_in_the_default_config(color: ColorConfig) -> None:
    """Each set of primaries leads to a linear space, and that space's red is those primaries' red."""
    from core.chroma import GAMUTS

    for gamut in GAMUTS:
        space = color.input_space({"chromaticities": gamut.xy})
        assert "those of" in space.why, gamut.name


def test_to_working(color: ColorConfig) -> None:
    """Nothing is done within the working space and to data; elsewhere a new array, HDR and negatives kept."""
    rgba = plate(5, 8)

    assert color.to_working(rgba, "ACEScg") is rgba
    assert color.to_working(rgba, "Raw") is rgba
    converted = color.to_working(rgba, "lin_rec709_scene")
    assert converted is not rgba
    assert converted.dtype == np.float16
    assert np.array_equal(converted[..., 3], rgba[..., 3])
    white = color.to_working(np.array([[[100, 100, 100, 0.5], [-1, -1, -1, 1]]], np.float32), "lin_rec709_scene")
    assert np.allclose(white, [[[100, 100, 100, 0.5], [-1, -1, -1, 1]]], rtol=1e-4)
    with pytest.raises(ColorError, match="is not a color space"):
        color.to_working(rgba, "nothing")


@pytest.mark.parametrize("exposure", [0.0, 3.0, -2.0])
@pytest.mark.parametrize("view", ["ACES 2.0 - SDR 100 nits (Rec.709)", "Un-tone-mapped"])
def test_the_baked_display_agrees_with_the_exact_one(color: ColorConfig, view: str, exposure: float) -> None:
    """On a picture like a plate, 99 % of values are within one code of 255, and black is exactly black."""
    rgba = plate()
    transform = color.display("sRGB - Display", view, exposure_stops=exposure)

    shown = transform.apply(rgba)[..., :3]
    exact = np.clip(transform.exact(rgba[..., :3].astype(np.float32)), 0, 1) * 255

    difference = np.abs(shown - exact)
    assert np.percentile(difference, 99) <= 1.0
    assert transform.apply(np.zeros((1, 1, 4), np.float16))[..., :3].tolist() == [[[0, 0, 0]]]


@pytest.mark.parametrize("name", ["ScanLines/CandleGlass", "Tiles/GoldenGate", "v2/LowResLeftView/composited"])
@pytest.mark.parametrize("exposure", [0.0, 3.0])
def test_the_baked_display_agrees_on_photographs(
    shared_data: Path, color: ColorConfig, name: str, exposure: float
) -> None:
    """Every fifth row of a real picture: 99 % of the bytes differ from the exact ones by one code at most."""
    channels = read_channels(shared_data / f"exr/openexr-images/{name}.exr")
    rgba = np.stack([*(channels[channel][::5] for channel in "RGB"), np.ones_like(channels["R"][::5])], axis=-1)
    transform = color.display(color.default_display, color.default_view, exposure)

    exact = np.rint(np.clip(transform.exact(rgba[..., :3].astype(np.float32)), 0, 1) * 255)

    assert np.percentile(np.abs(transform.apply(rgba)[..., :3] - exact), 99) <= 1


def test_a_cheap_view_is_not_baked(color: ColorConfig) -> None:
    """Un-tone-mapped has kinks a lattice would blur: every byte is the exact one, rounded."""
    rgba = plate()
    transform = color.display("sRGB - Display", "Un-tone-mapped", 3.0)

    exact = np.clip(transform.exact(rgba[..., :3].astype(np.float32)), 0, 1) * 255

    assert np.abs(transform.apply(rgba)[..., :3] - exact).max() < 0.51


def test_the_lattice_has_its_axes_in_order(color: ColorConfig) -> None:
    """Pure red, green and blue come out as themselves and not as each other, through a baked view."""
    primaries = np.zeros((1, 3, 4), np.float16)
    primaries[0, [0, 1, 2], [0, 1, 2]] = 0.5

    shown = color.display(color.default_display, color.default_view).apply(primaries)[0, :, :3]

    assert shown.argmax(axis=1).tolist() == [0, 1, 2]


def test_exposure_and_gamma(color: ColorConfig) -> None:
    """One stop more is twice the light before the view; gamma 2 is the square root after it, without a new bake."""
    light = np.full((2, 2, 3), 0.1, np.float32)
    view = ("sRGB - Display", "Un-tone-mapped")

    plain, stop = color.display(*view), color.display(*view, exposure_stops=1.0)
    gamma = color.display(*view, gamma=2.0)

    assert np.allclose(stop.exact(light), plain.exact(2 * light), atol=1e-5)
    assert np.allclose(gamma.exact(light), np.sqrt(plain.exact(light)), atol=1e-5)
    rgba = plate(50, 60)
    shown, exact = gamma.apply(rgba)[..., :3], gamma.exact(rgba[..., :3].astype(np.float32))
    assert np.percentile(np.abs(shown - np.clip(np.nan_to_num(exact), 0, 1) * 255), 90) <= 1.0


def test_bands_float_and_strided_input_agree(color: ColorConfig) -> None:
    """A large picture is shared by two threads; float32 and a cropped view give the same bytes."""
    rgba = np.tile(plate(), (2, 2, 1))[:401, :611]
    transform = color.display(color.default_display, color.default_view)

    shown = transform.apply(rgba)

    assert shown.shape == rgba.shape
    assert np.array_equal(shown[:100], transform.apply(np.ascontiguousarray(rgba[:100])))
    long_way = transform.apply(rgba.astype(np.float32))
    assert np.abs(shown[..., :3].astype(int) - long_way[..., :3].astype(int)).max() <= 1
    assert transform.apply(rgba[:0]).shape == (0, 611, 4)


def test_exact_takes_any_shape_and_leaves_its_input(color: ColorConfig) -> None:
    transform = color.display(color.default_display, color.default_view)
    pixel = np.array([0.18, 0.18, 0.18], np.float32)

    assert transform.exact(pixel).shape == (3,)
    assert pixel.tolist() == pytest.approx([0.18] * 3)
    assert transform.exact(np.zeros((0, 3), np.float32)).shape == (0, 3)


def test_an_unknown_display_or_view_is_a_sentence(color: ColorConfig) -> None:
    with pytest.raises(ColorError, match="is not a display"):
        color.display("CRT", "Raw")
    with pytest.raises(ColorError, match="is not a view"):
        color.display("sRGB - Display", "Film")


def test_threads_share_a_config(color: ColorConfig) -> None:
    """Transforms made and used on four threads at once give one answer."""
    rgba = plate(20, 30)

    def show(_: int) -> bytes:
        return color.display(color.default_display, color.default_view, 0.5).apply(rgba).tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(show, range(16)))) == 1


def test_a_look_lies_under_the_view(color: ColorConfig) -> None:
    """The baked way and the exact one agree through a look too, and without one nothing changed."""
    look = "ACES 1.3 Reference Gamut Compression"
    display, view = color.default_display, color.default_view
    wild = np.array([[[0.9, -0.1, 0.05, 1.0], [0.18, 0.18, 0.18, 1.0]]], np.float32)

    plain, through = (color.display(display, view, look=name) for name in ("", look))

    assert look in color.looks
    assert color.is_baked(display, view)
    assert not color.is_baked(display, "no such view")
    assert np.abs(through.exact(wild[..., :3]) * 255 - through.apply(wild)[..., :3]).max() <= 3
    assert np.abs(through.exact(wild[0, :1, :3]) - plain.exact(wild[0, :1, :3])).max() > 0.01
    assert np.allclose(through.exact(wild[0, 1:, :3]), plain.exact(wild[0, 1:, :3]), atol=2e-3)
    with pytest.raises(ColorError, match="is not a look of"):
        color.display(display, view, look="none such")


def test_colors_a_display_cannot_show(color: ColorConfig) -> None:
    """ACEScg's pure green lies outside sRGB; grey, however bright, and a saturated sRGB red inside it do not."""
    srgb_red = color.to_working(np.array([[[1.0, 0.0, 0.0]]], np.float32), "Linear Rec.709 (sRGB)")[0, 0]
    rgb = np.array([[0, 1, 0], [40, 40, 40], srgb_red, [0, 0, 0]], np.float32)

    assert color.outside_gamut(rgb, "sRGB - Display").tolist() == [True, False, False, False]


def test_names_a_config_does_not_have_become_its_own(color: ColorConfig) -> None:
    """A remembered display or view of another config is replaced by one that can be shown, an unknown look by none."""
    display = color.displays[-1]

    assert color.named("nowhere", "nothing", "no look") == (color.default_display, color.default_view, "")
    assert color.named(display, "nothing")[0] == display
    assert color.named(display, "nothing")[1] in color.views(display)
    assert color.named(display, color.views(display)[-1]) == (display, color.views(display)[-1], "")


@pytest.mark.parametrize(("stops", "gamma"), [(0.0, 1.0), (1.75, 1.0), (-3.0, 1.4)])
def test_half_floats_go_the_short_way_to_the_same_values(color: ColorConfig, stops: float, gamma: float) -> None:
    """A table of all halves and the lattice give what OpenColorIO's whole chain gives, infinities and NaN too."""
    rng = np.random.default_rng(3)
    pixels = np.exp(rng.normal(-2, 2, (64, 96, 4))).astype(np.float16)
    pixels[::5, ::3, 1] *= np.float16(-0.1)
    pixels[..., 3] = rng.uniform(-0.2, 1.3, (64, 96))
    transform = color.display(color.default_display, color.default_view, stops, gamma)
    short, long = transform.apply(pixels)[..., :3], transform.apply(pixels.astype(np.float32))[..., :3]

    assert np.abs(short.astype(int) - long.astype(int)).max() <= 1
    pixels[0, 0], pixels[0, 1] = np.float16("nan"), np.float16("inf")
    dark, hot = transform.apply(pixels)[0, :2, :3]
    pixels[0, 1] = 65504.0
    black, brightest = transform.apply(np.zeros((1, 1, 4), np.float16))[0, 0, :3], transform.apply(pixels)[0, 1, :3]

    assert dark.tolist() == black.tolist()
    assert hot.tolist() == brightest.tolist()
    assert hot.min() > 200
