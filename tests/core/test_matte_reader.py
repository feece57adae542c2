"""A matte from a file: data as it is, at its own place, or a sentence."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import OpenEXR
import pytest

from core.errors import FrameError, PlateError
from core.exr import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.matte_reader import MatteChannel, find_mattes, read_matte
from core.plate import Plate

DISPLAY, DATA = Window(0, 0, 16, 8), Window(-2, -2, 18, 10)


def plate(display: Window = DISPLAY, data: Window = DATA) -> Plate:
    return Plate("p", "plate", Path("/show/plate.####.exr"), FrameRange(1, 4), Format(display), data, "ACEScg")


def exr(path: Path, channels: dict[str, float], data: Window = DISPLAY, display: Window = DISPLAY) -> Path:
    planes = {name: np.full(data.shape, value, np.float32) for name, value in channels.items()}
    write_exr(path, planes, data_window=data, format=Format(display))
    return path


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize(("kind", "deepest"), [(np.uint8, 255), (np.uint16, 65535)])
def test_a_grey_picture_is_its_values_divided_by_the_largest(
    tmp_path: Path, suffix: str, kind: type[np.unsignedinteger], deepest: int
) -> None:
    """No color management: half of the range is half a matte."""
    values = np.linspace(0, deepest, 16).astype(kind)[None].repeat(8, 0)
    path = tmp_path / f"matte.{suffix}"
    cv2.imwrite(str(path), values)

    matte = read_matte(path, plate())

    assert matte.window == plate().canvas
    np.testing.assert_allclose(matte.over(DISPLAY), values / deepest, atol=1e-7)
    assert matte.over(DATA)[0].max() == 0.0
    assert matte.provenance.made_by == "import"


def test_an_exr_gives_its_alpha_at_its_own_windows(tmp_path: Path) -> None:
    """A crop of a larger picture lands where it was; 0.5 stays 0.5, and nothing is outside 0-1."""
    path = exr(tmp_path / "m.exr", {"R": 0.9, "A": 0.5}, data=Window(3, 2, 6, 5))
    wild = exr(tmp_path / "wild.exr", {"A": 7.0})
    nan = exr(tmp_path / "nan.exr", {"A": float("nan")})

    matte = read_matte(path, plate())

    assert matte.over(Window(3, 2, 6, 5)).tolist() == [[0.5] * 3] * 3
    assert matte.float32().sum() == pytest.approx(4.5)
    assert read_matte(wild, plate()).over(DISPLAY).max() == 1.0
    assert read_matte(nan, plate()).float32().max() == 0.0


def test_displays_are_laid_on_each_other(tmp_path: Path) -> None:
    """The same format with another origin is the same picture."""
    path = exr(tmp_path / "m.exr", {"A": 1.0}, Window(100, 50, 101, 51), Window(100, 50, 116, 58))

    assert read_matte(path, plate()).bounds() == Window(0, 0, 1, 1)


def test_another_format_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Half the size is not stretched; a PNG of the data window's size is placed there."""
    small = exr(tmp_path / "small.exr", {"A": 1.0}, Window(0, 0, 8, 4), Window(0, 0, 8, 4))
    still = tmp_path / "small.png"
    cv2.imwrite(str(still), np.full((4, 8), 255, np.uint8))
    whole = tmp_path / "whole.png"
    cv2.imwrite(str(whole), np.full(DATA.shape, 255, np.uint8))

    with pytest.raises(FrameError, match=r"it is 8 x 4, the plate is 16 x 8\. Write it in the plate's format"):
        read_matte(small, plate())
    with pytest.raises(FrameError, match=r"it is 8 x 4, the plate is 16 x 8"):
        read_matte(still, plate())
    assert read_matte(whole, plate()).bounds() == DATA


def test_any_channel_of_any_part_by_name(tmp_path: Path) -> None:
    """Parts and layers are found by name; the likeliest channel comes first; a wrong name lists what there is."""
    path = tmp_path / "parts.exr"
    windows = {
        name: (np.array([0, 0], np.int32), np.array([15, 7], np.int32)) for name in ("dataWindow", "displayWindow")
    }
    parts = [
        OpenEXR.Part(dict(windows), {name: np.full(DISPLAY.shape, value, np.float16)}, part)
        for part, name, value in (("depth", "Z", 0.25), ("key", "hero.A", 0.5))
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(path))

    _sequence, channels = find_mattes(path)

    assert set(channels) == {MatteChannel("Z", "depth"), MatteChannel("hero.A", "key")}
    assert read_matte(path, plate(), MatteChannel("hero.A", "key")).float32().max() == 0.5
    assert read_matte(path, plate(), MatteChannel("Z")).float32().max() == 0.25
    with pytest.raises(FrameError, match=r"there is no channel 'dog\.A'\. Its channels are: Z, hero\.A"):
        read_matte(path, plate(), MatteChannel("dog.A"))


def test_a_color_palette_is_labels(tmp_path: Path) -> None:
    """A dark red label is not a fifth of a matte: it is the subject."""
    path = tmp_path / "labels.png"
    frame = av.VideoFrame(16, 8, "pal8")
    indices = np.zeros((8, frame.planes[0].line_size), np.uint8)
    indices[:, 4:8], indices[:, 8:12] = 1, 2
    palette = np.zeros((256, 4), np.uint8)
    palette[:, 3] = 255
    palette[1], palette[2] = (0, 0, 128, 255), (0, 128, 0, 255)
    frame.planes[0].update(indices.tobytes())
    frame.planes[1].update(palette.tobytes())
    codec = av.CodecContext.create("png", "w")
    codec.width, codec.height, codec.pix_fmt = 16, 8, "pal8"
    path.write_bytes(b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)]))

    coverage = read_matte(path, plate()).over(DISPLAY)

    assert coverage[0].tolist() == [0.0] * 4 + [1.0] * 8 + [0.0] * 4


def test_what_is_no_matte_sequence_is_refused(tmp_path: Path) -> None:
    """Nothing there, a movie, and a file that is no picture."""
    (tmp_path / "broken.exr").write_bytes(b"nothing")
    (tmp_path / "movie.mov").write_bytes(b"nothing")

    for name, why in (("absent.exr", "absent"), ("movie.mov", "a movie cannot be imported"), ("broken.exr", "OpenEXR")):
        with pytest.raises(PlateError, match=why):
            find_mattes(tmp_path / name)


def test_the_first_readable_file_says_what_there_is(tmp_path: Path) -> None:
    """A broken first frame is named when it is read, not before."""
    (tmp_path / "m.0001.exr").write_bytes(b"nothing")
    exr(tmp_path / "m.0002.exr", {"A": 1.0, "depth.Z": 1.0})

    sequence, channels = find_mattes(tmp_path / "m.####.exr")

    assert sequence.frames == (1, 2)
    assert channels == (MatteChannel("A"), MatteChannel("depth.Z"))
