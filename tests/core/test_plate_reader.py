"""From a path to pictures in the working space."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenEXR
import pytest

from core.color import ColorConfig
from core.encoding import encode
from core.errors import FrameError, PlateError
from core.exr import write_exr
from core.geometry import Format, Window
from core.non_finite import contain
from core.plate_reader import ColorSpaceNeeded, PlateReader, describe_plate, open_plate
from core.still import read_info, read_still

SIZE = Window.of_size(6, 4)
FORMAT = Format(SIZE)


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load("ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5")


def write(path: Path, *, window: Window = SIZE, kind: Any = np.float16, **channels: Any) -> Path:
    """An EXR with one value per channel."""
    attributes = channels.pop("attributes", {})
    arrays = {name.replace("__", "."): np.full(window.shape, value, kind) for name, value in channels.items()}
    write_exr(path, arrays, data_window=window, format=FORMAT, attributes=attributes)
    return path


def values(path: Path, color: ColorConfig, **options: Any) -> list[float]:
    """The first pixel of a file's first frame."""
    plate = open_plate(path, color, **options)
    picture = PlateReader(plate, color).read(plate.frames.first)
    return [float(value) for value in picture.rgba[0, 0]]


def test_a_sequence_with_a_gap(tmp_path: Path, color: ColorConfig) -> None:
    """Range and rate come from the files; the missing frame is named, and so is a deleted one."""
    for frame in (1001, 1002, 1004):
        write(tmp_path / f"plate.{frame}.exr", R=frame % 10, G=0, B=0, attributes={"framesPerSecond": Fraction(25)})

    plate = open_plate(tmp_path / "plate.1002.exr", color, plate_id="p")
    reader = PlateReader(plate, color)

    assert (plate.id, plate.name, plate.path) == ("p", "plate", tmp_path / "plate.####.exr")
    assert (str(plate.frames), plate.rate, plate.format) == ("1001-1004", Fraction(25), FORMAT)
    assert [float(reader.read(frame).rgba[0, 0, 0]) for frame in (1001, 1002, 1004)] == [1, 2, 4]
    assert reader.missing_frames() == {1003}
    with pytest.raises(FrameError, match=r"1003\.exr: the file does not exist"):
        reader.read(1003)
    (tmp_path / "plate.1002.exr").unlink()
    assert reader.missing_frames() == {1002, 1003}


def test_windows_may_differ_per_frame(tmp_path: Path, color: ColorConfig) -> None:
    """Each picture lies where its own file says, overscan and outside of the display window included."""
    windows = {1: Window(-3, -2, 9, 6), 2: Window(100, 100, 103, 101), 3: Window(2, 1, 3, 2)}
    for frame, window in windows.items():
        write(tmp_path / f"a.{frame}.exr", window=window, R=1, G=1, B=1)

    plate = open_plate(tmp_path / "a.#.exr", color)
    reader = PlateReader(plate, color)

    assert {frame: reader.read(frame).data_window for frame in windows} == windows
    assert all(reader.read(frame).rgba.shape == (*window.shape, 4) for frame, window in windows.items())
    assert plate.canvas == Window(-3, -2, 9, 6)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ({"R": 1, "G": 2, "B": 3}, [1, 2, 3, 1]),
        ({"R": 1, "G": 2, "B": 3, "A": 0.5}, [1, 2, 3, 0.5]),
        ({"Y": 7}, [7, 7, 7, 1]),
        ({"mask": 0.25}, [0.25, 0.25, 0.25, 1]),
        ({"key__R": 1, "key__G": 2, "key__B": 3, "key__A": 4}, [1, 2, 3, 4]),
    ],
)
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.uint32])
def test_channels_become_rgba(
    tmp_path: Path, color: ColorConfig, channels: dict[str, float], expected: list[float], kind: Any
) -> None:
    """Half stays half, the others become float; grey fills all three; alpha is 1 where there is none."""
    write(tmp_path / "a.exr", kind=kind, **channels)
    plate = open_plate(tmp_path / "a.exr", color)

    picture = PlateReader(plate, color).read(1)

    cut = [np.floor(value) if kind is np.uint32 else value for value in expected]
    assert picture.rgba[0, 0].tolist() == cut
    assert picture.rgba.dtype == (np.float16 if kind is np.float16 else np.float32)
    assert picture.rgba.flags.c_contiguous


def test_part_layer_and_extras(tmp_path: Path, color: ColorConfig) -> None:
    """A named layer is read instead of the default one; the rest of the part comes on request, untouched."""
    write(tmp_path / "a.exr", R=1, G=1, B=1, key__R=5, key__G=6, key__B=7, Z=9)

    plate = open_plate(tmp_path / "a.exr", color, layer="key")
    picture = PlateReader(plate, color).read(1, extras=True)

    assert picture.rgba[0, 0].tolist() == [5, 6, 7, 1]
    assert sorted(picture.extras) == ["B", "G", "R", "Z"]
    assert PlateReader(plate, color).read(1).extras == {}
    with pytest.raises(PlateError, match=r"no layer 'none'.*key"):
        open_plate(tmp_path / "a.exr", color, layer="none")


def test_stereo_parts(tmp_path: Path, color: ColorConfig) -> None:
    """Parts and views by name, from a file that OpenEXR wrote."""
    parts = [
        OpenEXR.Part({"view": view}, {name: np.full((4, 6), value, np.float16) for name in "RGB"}, f"rgba_{view}")
        for view, value in (("right", 1), ("left", 2))
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "stereo.exr"))

    assert values(tmp_path / "stereo.exr", color)[0] == 1
    assert values(tmp_path / "stereo.exr", color, view="left")[0] == 2
    assert values(tmp_path / "stereo.exr", color, part="rgba_left")[0] == 2


def test_the_default_part_is_the_same_in_every_frame(tmp_path: Path, color: ColorConfig) -> None:
    """The second file has its parts in the other order: the plate stays with the part it was opened by."""
    for frame, order in ((1, ("right", "left")), (2, ("left", "right"))):
        parts = [
            OpenEXR.Part(
                {"view": view}, {name: np.full((4, 6), len(view), np.float16) for name in "RGB"}, f"rgba_{view}"
            )
            for view in order
        ]
        with OpenEXR.File(parts) as file:
            file.write(str(tmp_path / f"s.{frame}.exr"))

    plate = open_plate(tmp_path / "s.#.exr", color)
    reader = PlateReader(plate, color)

    assert plate.part == "rgba_right"
    assert [float(reader.read(frame).rgba[0, 0, 0]) for frame in (1, 2)] == [len("right")] * 2


def test_not_finite_is_contained_and_counted(tmp_path: Path, color: ColorConfig) -> None:
    """NaN → 0, Inf → the largest half; other values, negatives too, are not touched."""
    red = np.array([[np.nan, np.inf, -np.inf, -2, 65504, 1]], np.float16)
    zero = np.zeros_like(red)
    window = Window.of_size(6, 1)
    write_exr(tmp_path / "a.exr", {"R": red, "G": zero, "B": zero}, data_window=window, format=FORMAT)

    picture = PlateReader(open_plate(tmp_path / "a.exr", color), color).read(1)

    assert picture.rgba[0, :, 0].tolist() == [0, 65504, -65504, -2, 65504, 1]
    assert picture.non_finite == 3


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_contain_finds_every_bit_pattern(kind: Any) -> None:
    """As many as NumPy finds, over every half (and every 65536th float), however they lie in blocks."""
    patterns = np.arange(65536, dtype=np.uint32)
    numbers = patterns.astype(np.uint16).view(np.float16) if kind is np.float16 else (patterns << 16).view(np.float32)
    numbers = np.tile(numbers, 9)
    expected = int(np.count_nonzero(~np.isfinite(numbers)))

    assert contain(numbers) == expected
    assert np.isfinite(numbers).all()
    assert contain(numbers) == 0


def test_a_plate_in_another_space_is_converted(tmp_path: Path, color: ColorConfig) -> None:
    """Rec.709 white stays white in ACEScg; Rec.709 red becomes what the matrices say; alpha is kept."""
    rec709 = {"chromaticities": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)}
    write(tmp_path / "white.exr", R=2, G=2, B=2, A=0.5, attributes=rec709)
    write(tmp_path / "red.exr", R=1, G=0, B=0, attributes=rec709)

    opened = describe_plate(tmp_path / "white.exr", color)

    assert opened.plate.color_space == "Linear Rec.709 (sRGB)"
    assert opened.space.why == "the file's chromaticities are those of Rec.709"
    assert values(tmp_path / "white.exr", color) == pytest.approx([2, 2, 2, 0.5], rel=2e-3)
    assert values(tmp_path / "red.exr", color)[:3] == pytest.approx([0.6131, 0.0702, 0.0206], abs=1e-3)
    assert values(tmp_path / "red.exr", color, color_space="ACEScg") == [1, 0, 0, 1]
    assert values(tmp_path / "red.exr", color, color_space="Raw") == [1, 0, 0, 1]


@pytest.mark.parametrize("name", ["Rec709", "XYZ"])
def test_luminance_chroma_of_real_files(shared_data: Path, color: ColorConfig, name: str) -> None:
    """The same photograph stored as RGB and as luminance-chroma: means agree within 0.5 %, pixels within 3 %."""
    folder = shared_data / "exr/openexr-images/Chromaticities"

    def picture(path: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
        plate = open_plate(path, color, color_space="ACEScg")
        return PlateReader(plate, color).read(1).rgba.astype(np.float32)[..., :3]

    rgb, reconstructed = picture(folder / f"{name}.exr"), picture(folder / f"{name}_YC.exr")

    assert np.abs(rgb.mean((0, 1)) - reconstructed.mean((0, 1))).max() < 0.005 * rgb.mean()
    assert np.abs(rgb - reconstructed).mean() < 0.03 * rgb.mean()


def test_the_beachball_parts(shared_data: Path, color: ColorConfig) -> None:
    """Part and view by name; the first readable frame tells, and pictures lie where they belong."""
    folder = shared_data / "exr/openexr-images/Beachball"

    plate = open_plate(folder, color, part="rgba_left")
    picture = PlateReader(plate, color).read(2)

    assert str(plate.frames) == "1-4"
    assert plate.format.display == Window(0, 0, 2048, 1556)
    assert picture.rgba.shape == (*picture.data_window.shape, 4)
    assert picture.rgba.dtype == np.float16
    assert picture.attributes["view"] == "left"


def test_broken_frames_are_named_and_the_rest_is_usable(tmp_path: Path, color: ColorConfig) -> None:
    """The first frame is cut off: the plate opens by the second, and reading the first says why."""
    for frame in (1, 2):
        write(tmp_path / f"a.{frame}.exr", R=frame, G=0, B=0)
    whole = (tmp_path / "a.1.exr").read_bytes()
    (tmp_path / "a.1.exr").write_bytes(whole[:200])

    reader = PlateReader(open_plate(tmp_path / "a.#.exr", color), color)

    assert float(reader.read(2).rgba[0, 0, 0]) == 2
    with pytest.raises(FrameError, match=r"a\.1\.exr: the file ends within its header"):
        reader.read(1)


def test_nothing_usable_is_a_plate_error(tmp_path: Path, color: ColorConfig) -> None:
    """All frames broken, or no picture at all: one sentence with the first cause."""
    for frame in (1, 2):
        (tmp_path / f"a.{frame}.exr").write_bytes(b"nothing")
    (tmp_path / "notes.txt").write_text("words")

    with pytest.raises(PlateError, match=r"none of its 2 frames can be used; a\.1\.exr: this is not an OpenEXR"):
        open_plate(tmp_path / "a.1.exr", color)
    with pytest.raises(PlateError, match="no picture Penumbra reads"):
        open_plate(tmp_path / "notes.txt", color)


def test_one_reader_serves_several_threads(tmp_path: Path, color: ColorConfig) -> None:
    """Forty reads on four threads at once give each frame its own pixels."""
    for frame in range(1, 9):
        write(tmp_path / f"a.{frame}.exr", window=Window.of_size(64, 64), R=frame, G=0, B=0)
    reader = PlateReader(open_plate(tmp_path / "a.#.exr", color), color)
    begin = threading.Barrier(4)

    def read(frame: int) -> bool:
        if frame <= 4:
            begin.wait(10)
        return bool((reader.read(frame % 8 + 1).rgba[..., 0] == frame % 8 + 1).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(1, 41)))


# --- second-class plates ----------------------------------------------------------------------------------------
def write_png(path: Path, pixels: np.ndarray[Any, Any], pixel_format: str, codec: str = "png") -> Path:
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = pixels.shape[1], pixels.shape[0], pixel_format
        frame = av.VideoFrame.from_ndarray(pixels, format=pixel_format)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("suffix", "codec", "kind", "pixel_format"),
    [
        ("png", "png", np.uint8, "rgb24"),
        ("png", "png", np.uint8, "rgba"),
        ("png", "png", np.uint16, "rgb48be"),
        ("tif", "tiff", np.uint8, "rgb24"),
        ("tif", "tiff", np.uint16, "rgb48le"),
        ("png", "png", np.uint8, "gray"),
        ("png", "png", np.uint16, "gray16be"),
    ],
)
def test_stills_keep_every_bit(tmp_path: Path, suffix: str, codec: str, kind: Any, pixel_format: str) -> None:
    """8 and 16 bits of PNG and TIFF come back as the same integers over 255 and 65535."""
    channels = {"rgba": 4, "gray": 1, "gray16be": 1}.get(pixel_format, 3)
    top = np.iinfo(kind).max
    pixels = np.random.default_rng(3).integers(0, top, (5, 7, channels), dtype=kind, endpoint=True)
    path = write_png(tmp_path / f"a.{suffix}", pixels if channels > 1 else pixels[..., 0], pixel_format, codec)

    read = read_still(path)

    expected = np.broadcast_to(pixels, (5, 7, 3)) if channels == 1 else pixels
    assert np.array_equal(np.rint(read[..., : expected.shape[2]] * top).astype(kind), expected)
    assert read_info(path).depth_bits == 8 * np.dtype(kind).itemsize
    assert channels == 4 or (read[..., 3] == 1).all()


def test_a_still_asks_for_its_color_space(tmp_path: Path, color: ColorConfig) -> None:
    """Never guessed; given, sRGB 128 is 0.2159 linear, and color is multiplied by alpha as everywhere else."""
    pixels = np.full((4, 6, 4), 128, np.uint8)
    path = write_png(tmp_path / "a.png", pixels, "rgba")

    with pytest.raises(ColorSpaceNeeded, match="Choose its color space") as needed:
        open_plate(path, color)

    assert needed.value.suggested == "sRGB Encoded Rec.709 (sRGB)"
    assert values(path, color, color_space=needed.value.suggested) == pytest.approx(
        [0.2159 * 128 / 255] * 3 + [128 / 255], abs=1e-3
    )


@pytest.mark.parametrize(("kind", "pixel_format"), [(np.uint8, "gray"), (np.uint16, "gray16be")])
def test_eight_bits_are_kept_in_half_and_sixteen_in_float(
    tmp_path: Path, color: ColorConfig, kind: Any, pixel_format: str
) -> None:
    """Every 8-bit code, made linear and back, is still that code; of 16 bits at most the last one differs."""
    codes = np.arange(0, np.iinfo(kind).max + 1, 1 if kind is np.uint8 else 10).astype(kind)[None]
    plate = open_plate(write_png(tmp_path / "a.png", codes, pixel_format), color, color_space="srgb_rec709_scene")

    picture = PlateReader(plate, color).read(1)

    assert picture.rgba.dtype == (np.float16 if kind is np.uint8 else np.float32)
    back = encode("srgb", picture.rgba[0, :, 1]) * np.iinfo(kind).max
    assert np.abs(np.rint(back) - codes[0]).max() <= (0 if kind is np.uint8 else 1)


def test_a_movie_counts_from_one_and_any_frame_can_be_asked_for(tmp_path: Path, color: ColorConfig) -> None:
    """30 grey frames with key frames 12 apart: each comes back with its own grey, in any order."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", 12
        stream.bit_rate = 4_000_000
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

    with pytest.raises(ColorSpaceNeeded):
        open_plate(path, color)
    plate = open_plate(path, color, color_space="Raw")
    reader = PlateReader(plate, color)
    greys = [round(float(reader.read(frame).rgba[..., 0].mean()) * 255 / 8) + 1 for frame in (1, 2, 30, 13, 12, 25, 7)]

    assert (str(plate.frames), plate.rate) == ("1-30", Fraction(25))
    assert greys == [1, 2, 30, 13, 12, 25, 7]
    assert reader.missing_frames() == frozenset()
    with pytest.raises(FrameError, match="ends before frame 31"):
        reader.read(31)


def test_broken_stills_are_refused(tmp_path: Path, color: ColorConfig) -> None:
    """A text file called PNG, and one that is cut off."""
    (tmp_path / "a.png").write_text("not a picture")
    with pytest.raises(PlateError):
        open_plate(tmp_path / "a.png", color, color_space="Raw")
    with pytest.raises(FrameError, match="does not exist"):
        read_still(tmp_path / "none.png")
