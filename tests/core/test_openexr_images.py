"""The OpenEXR project's own test pictures, as the notes beside them say: checked as numbers.

Where the picture stands on screen is `tests/widgets/test_display_windows.py`. Skipped where the pictures are absent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.arrays import Float32
from core.color import ColorConfig
from core.exr import read_channels, read_header, write_exr
from core.geometry import Window
from core.picture import Picture
from core.plate_choices import read_choices
from core.plate_reader import PlateReader, describe_plate, open_plate


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load("ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5")


@pytest.fixture(scope="module")
def images(shared_data: Path) -> Path:
    return shared_data / "exr/openexr-images"


def read(path: Path, color: ColorConfig, **names: str) -> Picture:
    plate = open_plate(path, color, **names)
    return PlateReader(plate, color).read(plate.frames.first)


def screen(picture: Picture, color: ColorConfig) -> Float32:
    """(H, W, 3) what an sRGB screen shows, 0-255, without a tone curve that would hide differences."""
    transform = color.display("sRGB - Display", "Un-tone-mapped")
    return np.clip(transform.exact(picture.rgba[..., :3]), 0, 1) * np.float32(255)


WINDOWS = {
    "t01": ((0, 0, 400, 300), 400 * 300),
    "t02": ((1, 1, 401, 301), 399 * 299),
    "t03": ((30, 20, 400, 300), 370 * 280),
    "t04": ((0, 0, 370, 280), 370 * 280),
    "t05": ((30, 20, 370, 280), 340 * 260),
    "t06": ((-1, -1, 401, 301), 400 * 300),
    "t07": ((-40, -40, 441, 331), 400 * 300),
    "t08": ((0, 0, 501, 401), 400 * 300),
    "t09": ((400, 0, 600, 300), 0),
    "t10": ((-100, 0, 0, 300), 0),
    "t11": ((0, 300, 400, 500), 0),
    "t12": ((0, -100, 400, 0), 0),
    "t13": ((399, 299, 500, 400), 1),
    "t14": ((-100, -100, 1, 1), 1),
    "t15": ((-40, -40, 441, 331), 400 * 300),
    "t16": ((-40, -40, 441, 331), 400 * 300),
}
"""Display window (half-open) and how many pixels of the 400 x 300 ones lie in it."""


@pytest.mark.parametrize("name", WINDOWS)
def test_display_windows(images: Path, color: ColorConfig, name: str) -> None:
    """All sixteen hold the same pixels; only the windows and the pixel aspect differ, as their notes say."""
    picture = read(images / f"DisplayWindow/{name}.exr", color)
    first = read(images / "DisplayWindow/t01.exr", color)
    display, seen = WINDOWS[name]

    assert picture.format.display == Window(*display)
    assert picture.data_window.shape == (300, 400)
    assert (picture.data_window.x0, picture.data_window.y0) == ((30, 40) if name == "t08" else (0, 0))
    assert picture.data_window.intersect(picture.format.display).pixels == seen
    assert picture.format.pixel_aspect == pytest.approx({"t15": 1.5, "t16": 2 / 3}.get(name, 1.0))
    assert np.array_equal(picture.rgba, first.rgba)


SAID = {"Rec709": "Linear Rec.709 (sRGB)", "Rec709_YC": "Linear Rec.709 (sRGB)", "XYZ": "", "XYZ_YC": ""}
"""The input space an artist chooses, by the notes; empty where the file says it itself."""


@pytest.mark.parametrize("name", ["Rec709_YC", "XYZ", "XYZ_YC"])
def test_chromaticities(images: Path, color: ColorConfig, name: str) -> None:
    """The four pictures look the same: RGB within two codes of 255, the others within what half the chroma costs."""
    folder = images / "Chromaticities"
    rgb = screen(read(folder / "Rec709.exr", color, color_space=SAID["Rec709"]), color)
    other = screen(read(folder / f"{name}.exr", color, color_space=SAID[name]), color)

    difference = np.abs(rgb - other).max(axis=2)

    assert rgb.std() > 30  # there is something to be seen
    if name == "XYZ":
        assert difference.max() < 2.0  # half floats, converted twice
        assert difference.mean() < 0.1
    else:
        assert np.abs(rgb.mean((0, 1)) - other.mean((0, 1))).max() < 1.0
        assert np.median(difference) < 2.0
        assert np.percentile(difference, 99) < 30


def test_chromaticities_that_are_written_are_found_and_silence_is_said(images: Path, color: ColorConfig) -> None:
    folder = images / "Chromaticities"

    assert describe_plate(folder / "XYZ.exr", color).space.name == "CIE XYZ-D65 - Scene-referred"
    assert describe_plate(folder / "XYZ_YC.exr", color).space.name == "CIE XYZ-D65 - Scene-referred"
    assert "does not say" in describe_plate(folder / "Rec709.exr", color).space.why


@pytest.mark.parametrize("name", ["Rec709", "XYZ"])
def test_luminance_chroma_equals_its_rgb_sibling(images: Path, color: ColorConfig, name: str) -> None:
    """Luminance is whole in the file, so it is the sibling's own; chroma was halved and is the sibling's smoothed."""
    folder = images / "Chromaticities"
    rgb = read(folder / f"{name}.exr", color).rgba[..., :3].astype(np.float32)
    yc = read(folder / f"{name}_YC.exr", color).rgba[..., :3].astype(np.float32)
    stored = read_channels(folder / f"{name}_YC.exr")["Y"].astype(np.float32)
    weights = np.array((0.2126, 0.7152, 0.0722) if name == "Rec709" else (0, 1, 0), np.float32)
    if name == "XYZ":  # converted into the working space meanwhile; luminance is Y again there by ACEScg's weights
        weights = np.array((0.2722287, 0.6740818, 0.0536895), np.float32)

    assert np.allclose(yc @ weights, rgb @ weights, rtol=0.05, atol=0.01)
    if name == "Rec709":
        assert np.allclose(yc @ weights, stored, rtol=2e-3, atol=1e-3)
    assert float(np.abs(yc - rgb).mean() / rgb.mean()) < 0.03


def test_flowers_is_color_made_from_luminance_and_chroma(images: Path, color: ColorConfig) -> None:
    """RY and BY are met exactly where they were sampled, and Y everywhere: the definition turned round."""
    path = images / "LuminanceChroma/Flowers.exr"
    stored = {name: plane.astype(np.float32) for name, plane in read_channels(path).items()}
    rgb = read(path, color).rgba[..., :3].astype(np.float32)

    y = rgb @ np.array((0.2126, 0.7152, 0.0722), np.float32)
    sampled = rgb[::2, ::2]
    bright = stored["Y"][::2, ::2] > 0.01

    assert np.allclose(y, stored["Y"], rtol=3e-3, atol=2e-3)
    for channel, chroma in ((0, "RY"), (2, "BY")):
        back = sampled[..., channel] / np.maximum(stored["Y"][::2, ::2], 1e-6) - 1
        assert np.allclose(back[bright], stored[chroma][bright], rtol=5e-3, atol=5e-3)


def test_garden_is_luminance_alone(images: Path, color: ColorConfig) -> None:
    """Y without chroma is grey."""
    path = images / "LuminanceChroma/Garden.exr"
    picture = read(path, color)

    assert np.array_equal(picture.rgba[..., :3], np.repeat(read_channels(path)["Y"][..., None], 3, axis=2))


def test_multi_view_shows_the_default_view_and_the_other_on_request(images: Path, color: ColorConfig) -> None:
    """Fog: the default is the left view (`Y`), the other one `right.Y`."""
    path = images / "MultiView/Fog.exr"
    stored = read_channels(path)

    default, left, right = (read(path, color, view=view).rgba[..., 0] for view in ("", "left", "right"))

    assert read_choices(path).views == ("left", "right")
    assert np.array_equal(default, stored["Y"])
    assert np.array_equal(left, stored["Y"])
    assert np.array_equal(right, stored["right.Y"])
    assert np.abs(left.astype(np.float32) - right.astype(np.float32)).mean() > 1e-4


def test_beachball_has_the_right_eye_first(images: Path, color: ColorConfig) -> None:
    """The hero eye is the right one; each eye's color comes from its own part, over its own data window."""
    path = images / "Beachball/multipart.0001.exr"

    right, left = read(path, color), read(path, color, view="left")

    assert read_choices(path).views == ("right", "left")
    for picture, part in ((right, "rgba_right"), (left, "rgba_left")):
        channels = read_channels(path, part)
        assert picture.data_window == read_header(path).part(part).data_window
        assert all(np.array_equal(picture.rgba[..., place], channels[name]) for place, name in enumerate("RGBA"))


def test_tiles_are_read_like_lines(tmp_path: Path, images: Path, color: ColorConfig) -> None:
    """GoldenGate, stored in tiles, and the same pixels stored in lines are one picture."""
    tiled = images / "Tiles/GoldenGate.exr"
    part = read_header(tiled).parts[0]
    lines = tmp_path / "lines.exr"
    write_exr(lines, read_channels(tiled), data_window=part.data_window, format=part.format, compression="zip")

    one, other = read(tiled, color), read(lines, color)

    assert (part.tiled, read_header(lines).parts[0].tiled) == (True, False)
    assert one.data_window == other.data_window
    assert np.array_equal(one.rgba, other.rgba)
    assert one.rgba[..., :3].astype(np.float32).std() > 0.01
