"""EXR files: any window and type goes out and comes back; what is broken is refused with a sentence."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from core.errors import ExportError, FrameError
from core.exr import COMPRESSIONS, read_channels, read_header, write_exr
from core.exr_header import check_chunks, read_layout
from core.geometry import Format, Window

DATA = Window(-30, -7, 34, 41)
"""Overscan to the left and above, beyond the display window below."""
DISPLAY = Format(Window(0, 0, 40, 30), 2.0)


def noise(window: Window = DATA, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(0, 3, window.shape).astype(np.float32)


def write(path: Path, window: Window = DATA, **options: Any) -> dict[str, np.ndarray[Any, Any]]:
    """A file with a half, a float and a uint channel."""
    channels = {
        "A": noise(window).astype(np.float16),
        "depth.Z": noise(window, 1),
        "id.object": np.arange(window.pixels, dtype=np.uint32).reshape(window.shape),
    }
    write_exr(path, channels, data_window=window, format=DISPLAY, **options)
    return channels


@pytest.mark.parametrize("compression", sorted(set(COMPRESSIONS) - {"dwaa", "dwab"}))
def test_every_type_and_window_comes_back_bit_for_bit(tmp_path: Path, compression: str) -> None:
    """Half, float and uint over a data window with a negative origin, in every lossless compression."""
    channels = write(tmp_path / "a.exr", compression=compression, verify=True)

    part = read_header(tmp_path / "a.exr").parts[0]
    back = read_channels(tmp_path / "a.exr")

    assert (part.data_window, part.format, part.compression) == (DATA, DISPLAY, compression)
    assert [(channel.name, channel.type) for channel in part.channels] == [
        ("A", "half"),
        ("depth.Z", "float"),
        ("id.object", "uint"),
    ]
    assert back.keys() == channels.keys()
    assert all(back[name].dtype == channels[name].dtype for name in channels)
    assert all(np.array_equal(back[name], channels[name]) for name in channels)


def test_a_view_of_an_array_is_written_as_it_looks(tmp_path: Path) -> None:
    """Flipped, strided and Fortran arrays, which OpenEXR would write as garbage."""
    whole = noise(Window.of_size(20, 20))
    window = Window.of_size(10, 10)
    channels = {"A": whole[::2, ::2], "B": whole[10:, 10:][::-1], "C": np.asfortranarray(whole[:10, :10])}

    write_exr(tmp_path / "a.exr", channels, data_window=window, format=Format(window))

    back = read_channels(tmp_path / "a.exr")
    assert all(np.array_equal(back[name], channels[name]) for name in channels)


def test_attributes_are_carried_and_storage_is_not(tmp_path: Path) -> None:
    """Camera, time code, rate and unknown attributes survive two generations; the first file's compression does not."""
    attributes = {
        "owner": "Zoë",
        "camera/lens": 35.0,
        "framesPerSecond": Fraction(24000, 1001),
        "chromaticities": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329),
        "timeCode": OpenEXR.TimeCode(1, 2, 3, 4, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
        "worldToCamera": np.eye(4, dtype=np.float32),
        "view": "left",
    }
    write(tmp_path / "a.exr", attributes=attributes, compression="piz")
    first = read_header(tmp_path / "a.exr").parts[0]

    write(tmp_path / "b.exr", Window(0, 0, 5, 5), attributes=first.attributes)

    second = read_header(tmp_path / "b.exr").parts[0]
    assert second.attributes["framesPerSecond"] == Fraction(24000, 1001)
    assert {name: str(second.attributes[name]) for name in attributes} == {
        name: str(first.attributes[name]) for name in attributes
    }
    assert (second.compression, second.data_window) == ("zip", Window(0, 0, 5, 5))


def test_a_second_reader_sees_the_same(tmp_path: Path) -> None:
    """OpenImageIO finds windows, pixel aspect, rate, text and every value where we put them."""
    oiio = pytest.importorskip("OpenImageIO")
    attributes = {"owner": "Zoë", "framesPerSecond": Fraction(24000, 1001)}
    channels = write(tmp_path / "a.exr", attributes=attributes)

    picture = oiio.ImageBuf(str(tmp_path / "a.exr"))

    spec = picture.spec()
    assert (spec.x, spec.y, spec.width, spec.height) == (DATA.x0, DATA.y0, DATA.width, DATA.height)
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 40, 30)
    assert spec.getattribute("PixelAspectRatio") == 2.0
    assert spec.getattribute("Copyright") == "Zoë"
    assert spec.getattribute("FramesPerSecond") == (24000, 1001)
    assert list(spec.channelnames) == sorted(channels)
    pixels = picture.get_pixels(oiio.FLOAT)
    assert np.array_equal(pixels[..., 0], channels["A"].astype(np.float32))
    assert np.array_equal(pixels[..., 1], channels["depth.Z"])


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing in a file depends on when it was written."""
    write(tmp_path / "a.exr", attributes={"owner": "me"})
    write(tmp_path / "b.exr", attributes={"owner": "me"})

    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


@pytest.mark.parametrize(
    ("channels", "why"),
    [
        ({}, "no pixels"),
        ({"A": np.zeros((3, 3), np.float64)}, "float64"),
        ({"A": np.zeros((3, 4), np.float16)}, "data window"),
    ],
)
def test_wrong_input_is_refused(tmp_path: Path, channels: dict[str, Any], why: str) -> None:
    with pytest.raises(ExportError, match=why):
        write_exr(tmp_path / "a.exr", channels, data_window=Window.of_size(3, 3), format=DISPLAY)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    """An attribute OpenEXR cannot write: a sentence, no temporary file, and what was there before is still whole."""
    before = write(tmp_path / "a.exr")

    with pytest.raises(ExportError, match="cannot be written"):
        write(tmp_path / "a.exr", attributes={"what": object()})

    assert [file.name for file in tmp_path.iterdir()] == ["a.exr"]
    assert np.array_equal(read_channels(tmp_path / "a.exr")["A"], before["A"])


NO_SPACE = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from core.errors import ExportError
from core.exr import write_exr
from core.geometry import Format, Window
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
window = Window.of_size(512, 512)
noise = np.random.default_rng(0).normal(0, 1, window.shape).astype(np.float32)
try:
    write_exr(Path(sys.argv[1]), {"A": noise}, data_window=window, format=Format(window), compression=sys.argv[2])
except ExportError as error:
    print(error.sentence)
"""


@pytest.mark.parametrize("compression", ["none", "zip"])
def test_a_full_disk_is_noticed(tmp_path: Path, compression: str) -> None:
    """A file may grow to 300 kB and needs 1 MB: an error, no half file, no temporary file."""
    target = tmp_path / "a.exr"

    ran = subprocess.run(
        [sys.executable, "-c", NO_SPACE, str(target), compression], capture_output=True, text=True, timeout=60
    )

    assert ran.stdout.startswith(f"{target}: it cannot be written"), ran.stderr
    assert not list(tmp_path.iterdir())


class Cutting:
    """An OpenEXR that loses the end of what it writes and says nothing, as on some network disks."""

    def __init__(self, header: dict[str, Any], channels: dict[str, Any], num_threads: int) -> None:
        self._file = WHOLE(header, channels, num_threads=num_threads)

    def __enter__(self) -> Cutting:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__(None, None, None)

    def write(self, path: str) -> None:
        self._file.write(path)
        with Path(path).open("rb+") as file:
            file.truncate(Path(path).stat().st_size - 1)


WHOLE = OpenEXR.File


def test_a_file_cut_in_silence_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte less than was written: an error before the rename, without reading all of it back."""
    monkeypatch.setattr("core.exr_write.OpenEXR.File", Cutting)

    with pytest.raises(ExportError, match="ends too early"):
        write(tmp_path / "a.exr")

    assert not list(tmp_path.iterdir())


def test_a_cut_file_says_how_much_is_there(tmp_path: Path) -> None:
    """Cut at nine places: never pixels, always a FrameError; after the table it counts the blocks."""
    write(tmp_path / "a.exr", Window.of_size(64, 160))  # ten blocks of sixteen lines
    whole = (tmp_path / "a.exr").read_bytes()
    for tenth in range(1, 10):
        cut = tmp_path / f"cut{tenth}x.exr"
        cut.write_bytes(whole[: len(whole) * tenth // 10])

        with pytest.raises(FrameError) as caught:
            read_channels(cut)

        assert "of 10 blocks of lines" in caught.value.why


def test_damaged_pixels_are_refused_and_nothing_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """OpenEXR prints about damage through Python's standard output; that would spoil `--json`."""
    write(tmp_path / "a.exr", Window.of_size(64, 64), compression="zip")
    data = bytearray((tmp_path / "a.exr").read_bytes())
    data[-600:-100] = bytes(500)
    (tmp_path / "b.exr").write_bytes(data)

    with pytest.raises(FrameError, match="damaged"):
        read_channels(tmp_path / "b.exr")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("corners", "why"),
    [
        ((0, 0, 2**31 - 1, 2**31 - 1), "refused|no sense|empty"),
        ((0, 0, 70_000, 10), "more than 65536"),
        ((5, 5, 4, 4), "empty"),
        ((2**30, 2**30, 2**30 + 5, 2**30 + 5), "refused"),
        ((0, 0, 60_000, 60_000), "GiB"),
    ],
)
def test_a_lying_window_is_refused_before_memory_is_taken(
    tmp_path: Path, corners: tuple[int, int, int, int], why: str
) -> None:
    """The data window is overwritten in a small file; header and pixels are both refused, with a sentence."""
    write(tmp_path / "a.exr")
    data = (tmp_path / "a.exr").read_bytes()
    mark = b"dataWindow\0box2i\0" + struct.pack("<i", 16)
    at = data.index(mark) + len(mark)
    (tmp_path / "b.exr").write_bytes(data[:at] + struct.pack("<4i", *corners) + data[at + 16 :])

    with pytest.raises(FrameError, match=why):
        read_header(tmp_path / "b.exr")
    with pytest.raises(FrameError, match=why):
        read_channels(tmp_path / "b.exr")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not an OpenEXR"),
        (b"\x89PNG\r\n\x1a\n", "not an OpenEXR"),
        (b"\x76\x2f\x31\x01\x02\0\0\0", "ends within"),
        (b"\x76\x2f\x31\x01\x09\0\0\0", "version 9"),
        (b"\x76\x2f\x31\x01\x02\0\0\0" + b"x" * 400, "without an end"),
        (b"\x76\x2f\x31\x01\x02\0\0\0a\0b\0\xff\xff\xff\xff", "impossible size"),
        (b"\x76\x2f\x31\x01\x02\0\0\0a\0b\0\xff\xff\xff\x7f", "impossible size"),
        (b"\x76\x2f\x31\x01\x02\0\0\0\0", "lacks"),
    ],
)
def test_what_is_no_exr_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "a.exr").write_bytes(content)

    with pytest.raises(FrameError, match=why):
        read_header(tmp_path / "a.exr")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match="does not exist"):
        read_header(tmp_path / "none.exr")
    with pytest.raises(FrameError, match="cannot be read"):
        read_header(tmp_path)


@pytest.mark.parametrize("name", [name for name in dir(OpenEXR) if name.endswith("_COMPRESSION")])
def test_blocks_of_every_compression_are_counted_as_openexr_writes_them(tmp_path: Path, name: str) -> None:
    """The first block begins right after a table with as many entries as this module expects."""
    path = tmp_path / "a.exr"
    header = {"compression": getattr(OpenEXR, name), "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"A": np.ones((700, 8), np.float16)}, num_threads=0) as file:
        file.write(str(path))

    layout = read_layout(path)

    (first,) = struct.unpack_from("<Q", path.read_bytes(), layout.table_at)
    assert layout.parts[0].chunks == (first - layout.table_at) / 8
    check_chunks(path, layout)


def test_tiles_and_levels_are_counted_as_openexr_counts_them(shared_data: Path) -> None:
    """Tiled, mip-mapped and rip-mapped files, none of which is cut, pass the check of their chunks."""
    files = [path for path in sorted((shared_data / "exr").rglob("*.exr")) if _tiled(path)]
    assert len(files) > 5
    for path in files:
        if path.name not in ("tiled.exr", "partial.exr"):  # these two are damaged on purpose
            check_chunks(path, read_layout(path))


def _tiled(path: Path) -> bool:
    try:
        return read_layout(path).parts[0].tiles is not None
    except FrameError:
        return False


def test_headers_agree_with_the_library(shared_data: Path) -> None:
    """Windows, names and channel types of every readable file, ours against OpenEXR's."""
    compared = 0
    for path in sorted((shared_data / "exr").rglob("*.exr")):
        try:
            parts = read_header(path).parts
        except FrameError:
            continue
        for part in parts:
            assert part.data_window == Window.from_exr(part.attributes["dataWindow"])
            assert part.format.display == Window.from_exr(part.attributes["displayWindow"])
            assert part.name == part.attributes.get("name", "")
            assert part.compression == part.attributes["compression"].name.removesuffix("_COMPRESSION").lower().replace(
                "no", "none"
            )
            compared += 1
        if not any(part.deep for part in parts) and path.stat().st_size < 300_000:
            try:
                arrays = read_channels(path)
            except FrameError:
                continue
            kinds = {np.dtype(np.float16): "half", np.dtype(np.float32): "float", np.dtype(np.uint32): "uint"}
            assert {channel.name: channel.type for channel in parts[0].channels} == {
                name: kinds[array.dtype] for name, array in arrays.items()
            }
    assert compared > 100


SCAN = """
import json, sys, time
from core.exr import read_header
paths = json.loads(sys.stdin.read())
read_header(paths[0])
seconds = []
for _ in range(3):
    start = time.perf_counter()
    for path in paths: read_header(path)
    seconds.append(time.perf_counter() - start)
print(min(seconds))
"""


def test_a_thousand_headers_are_quick(tmp_path: Path) -> None:
    """1000 frames are scanned in under a second, the best of three scans (0.2 s on a quiet core)."""
    write(tmp_path / "a.exr", attributes={f"a{i}": "text" for i in range(30)})

    ran = subprocess.run(
        [sys.executable, "-c", SCAN],
        input=json.dumps([str(tmp_path / "a.exr")] * 1000),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert float(ran.stdout) < 1.0
