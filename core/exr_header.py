"""What an OpenEXR file says it holds, read without the library and without its pixels.

A header can lie. This module walks it in plain Python, so that a file that claims absurd sizes, or ends before its
pixels do, is refused with a sentence before any memory is taken and before OpenEXR sees it.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import FrameError
from core.geometry import Window

MAX_EDGE_PX = 65_536
"""Wider or higher pictures are refused."""
MAX_DECODED_BYTES = 1536 * 1024**2
"""All parts of one file together, uncompressed: OpenEXR reads them all at once. A 4K RGBA frame in half is 71 MB."""
MAX_HEADER_BYTES = 64 * 1024**2
MAX_PARTS = 1024

_INT = struct.Struct("<i")
_MAGIC = b"\x76\x2f\x31\x01"
_TILED, _DEEP, _MULTI_PART = 0x200, 0x800, 0x1000
_TYPES = {0: "uint", 1: "half", 2: "float"}
_BYTES = {"uint": 4, "half": 2, "float": 4}
COMPRESSIONS = (
    *("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a"),
    *("dwaa", "dwab", "htj2k256", "htj2k32", "lj2k", "zstd"),
)
_LINES = {"none": 1, "rle": 1, "zips": 1, "zip": 16, "piz": 32, "pxr24": 16, "b44": 32, "b44a": 32, "dwaa": 32}
_LINES |= {"dwab": 256, "htj2k256": 256, "htj2k32": 32, "lj2k": 256, "zstd": 1}
_COPY_AGAIN = "Copy or render it again, or leave the frame out."


@dataclass(frozen=True, slots=True)
class ExrChannel:
    """A channel: its full name (`diffuse.R`), `half`, `float` or `uint`, and one sample every so many pixels."""

    name: str
    type: str
    x_sampling: int = 1
    y_sampling: int = 1


@dataclass(frozen=True, slots=True)
class Outline:
    """One part as the file describes it: what is needed to judge it, no more.

    `tiles` is (width, height, level mode 0-2, rounds up) of a tiled part. `chunks` is how many blocks of lines or
    tiles the part has; None where this module cannot know (a compression newer than it).
    """

    name: str
    view: str
    deep: bool
    compression: str
    data_window: Window
    display_window: Window
    channels: tuple[ExrChannel, ...]
    tiles: tuple[int, int, int, bool] | None
    chunks: int | None

    @property
    def decoded_bytes(self) -> int:
        """Memory the pixels take uncompressed (deep samples not counted)."""
        width, height = self.data_window.width, self.data_window.height
        return sum(
            _BYTES[channel.type] * -(-width // channel.x_sampling) * -(-height // channel.y_sampling)
            for channel in self.channels
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """All parts of a file and where its table of chunk offsets begins."""

    parts: tuple[Outline, ...]
    table_at: int
    multi_part: bool


def read_layout(path: Path) -> Layout:
    """Walk the header.

    Raises:
        FrameError: missing, not OpenEXR, a broken header, or sizes beyond this module's limits.
    """
    try:
        with path.open("rb") as file:
            return _walk(path, file)
    except FileNotFoundError as error:
        raise FrameError(path, why="the file does not exist", hint="Render it, or leave the frame out.") from error
    except OSError as error:
        raise FrameError(path, why=f"the file cannot be read ({error.strerror})", hint="Check its rights.") from error


def check_chunks(path: Path, layout: Layout) -> None:
    """Refuse a file that ends too early or was never finished, by its table of chunks; reads a few kilobytes.

    Raises:
        FrameError: saying how many chunks are there.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(layout.table_at)
        for part in layout.parts:
            if part.chunks is None:
                return
            table = file.read(8 * part.chunks)
            if len(table) < 8 * part.chunks:
                raise FrameError(path, why="the file ends within its table of chunks", hint=_COPY_AGAIN)
            offsets = struct.unpack(f"<{part.chunks}Q", table)
            kind = "tiles" if part.tiles else "blocks of lines"
            usable = [offset for offset in offsets if 0 < offset < size]
            if len(usable) == part.chunks and usable and _ends_after(file, size, max(usable), layout, part):
                usable.remove(max(usable))
            if len(usable) < part.chunks:
                unfinished = 0 in offsets
                why = f"only {len(usable)} of {part.chunks} {kind} are in the file"
                why = f"the file was never finished: {why}" if unfinished else f"the file ends too early: {why}"
                raise FrameError(path, why=why, hint=_COPY_AGAIN)


def _ends_after(file: BinaryIO, size: int, offset: int, layout: Layout, part: Outline) -> bool:
    """Whether the chunk at `offset` runs beyond the end of the file. Deep chunks are not looked into."""
    if part.deep:
        return False
    here = file.tell()
    file.seek(offset)
    lead = 4 * ((5 if part.tiles else 2) + layout.multi_part)
    head = file.read(lead)
    file.seek(here)
    return len(head) < lead or offset + lead + struct.unpack("<i", head[-4:])[0] > size


class _Cursor:
    """Bytes of the header, read on; every step past the end is one FrameError."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._data = file.read(1 << 16)
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if count < 0 or end > MAX_HEADER_BYTES:
            raise FrameError(self._path, why="the header gives an impossible size", hint=_COPY_AGAIN)
        if end > len(self._data):
            self._data += self._file.read(max(end - len(self._data), 1 << 16))
        if end > len(self._data):
            raise FrameError(self._path, why="the file ends within its header", hint=_COPY_AGAIN)
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def name(self) -> bytes:
        """Up to the next zero byte, 255 at most."""
        start = self.at
        end = self._data.find(b"\0", start, start + 256)
        if end < 0:
            self.take(256)  # reads on, or says that the file ends
            end = self._data.find(b"\0", start, start + 256)
        if end < 0:
            raise FrameError(self._path, why="the header holds a name without an end", hint=_COPY_AGAIN)
        self.at = end + 1
        return self._data[start:end]

    def attribute(self) -> tuple[bytes, bytes] | None:
        """The next attribute's name and raw value; None at the end of a header. Most are whole in what was read."""
        data, start = self._data, self.at
        name_ends = data.find(b"\0", start, start + 256)
        type_ends = data.find(b"\0", name_ends + 1, name_ends + 257)
        if start < name_ends < type_ends <= len(data) - 5:
            end = type_ends + 5 + _INT.unpack_from(data, type_ends + 1)[0]
            if type_ends + 5 <= end <= len(data):
                self.at = end
                return data[start:name_ends], data[type_ends + 5 : end]
        name = self.name()
        if not name:
            return None
        self.name()  # the type, which is known for the attributes that are looked at
        return name, self.take(_INT.unpack(self.take(4))[0])


def _walk(path: Path, file: BinaryIO) -> Layout:
    if file.read(4) != _MAGIC:
        raise FrameError(path, why="this is not an OpenEXR file", hint="Choose an EXR file.")
    cursor = _Cursor(path, file)
    (version,) = struct.unpack("<I", cursor.take(4))
    if version & 0xFF != 2:
        raise FrameError(path, why=f"OpenEXR version {version & 0xFF} is not known", hint=_COPY_AGAIN)
    multi_part = bool(version & _MULTI_PART)
    parts = []
    while True:
        attributes = _attributes(path, cursor)
        if not attributes and multi_part:
            break
        parts.append(_outline(path, attributes, version))
        if not multi_part:
            break
        if len(parts) > MAX_PARTS:
            raise FrameError(path, why=f"the file claims more than {MAX_PARTS} parts", hint=_COPY_AGAIN)
    if not parts:
        raise FrameError(path, why="the file has no part", hint=_COPY_AGAIN)
    flat = sum(part.decoded_bytes for part in parts if not part.deep)
    if flat > MAX_DECODED_BYTES:
        raise FrameError(
            path,
            why=f"its pixels would take {flat / 1024**3:.1f} GiB; {MAX_DECODED_BYTES / 1024**3:.1f} GiB are allowed",
            hint="Write the layers you need into files of their own.",
        )
    return Layout(tuple(parts), 4 + cursor.at, multi_part)


def _attributes(path: Path, cursor: _Cursor) -> dict[str, bytes]:
    """Raw values by name, up to the empty name that ends a header."""
    attributes: dict[str, bytes] = {}
    while (found := cursor.attribute()) is not None:
        attributes[found[0].decode("utf-8", "replace")] = found[1]
        if len(attributes) > 65_536:
            raise FrameError(path, why="the header does not end", hint=_COPY_AGAIN)
    return attributes


def _outline(path: Path, attributes: dict[str, bytes], version: int) -> Outline:
    try:
        kind = attributes.get("type", b"").rstrip(b"\0").decode("ascii", "replace")
        data_window = _window(path, "data window", attributes["dataWindow"])
        display_window = _window(path, "display window", attributes["displayWindow"])
        channels = _channels(path, attributes["channels"])
        code = attributes["compression"][0]
        single = not version & _MULTI_PART  # then the flags count, as in OpenEXR, and `type` may even be wrong
        tiled = bool(version & _TILED) if single else kind in ("tiledimage", "deeptile")
        tiles = _tiles(path, attributes["tiles"]) if tiled else None
        text = {name: attributes.get(name, b"").rstrip(b"\0").decode("utf-8", "replace") for name in ("name", "view")}
        (count,) = struct.unpack("<i", attributes.get("chunkCount", struct.pack("<i", -1)))
    except KeyError as missing:
        raise FrameError(path, why=f"the header lacks {missing.args[0]}", hint=_COPY_AGAIN) from missing
    except (struct.error, IndexError) as error:
        raise FrameError(path, why="the header holds a value of the wrong size", hint=_COPY_AGAIN) from error
    compression = COMPRESSIONS[code] if code < len(COMPRESSIONS) else f"number {code}"
    chunks = _chunk_count(data_window, compression, tiles) if single else count
    if chunks is not None and not 0 < chunks <= 1 << 26:
        raise FrameError(path, why=f"the header claims {chunks} blocks of pixels", hint=_COPY_AGAIN)
    return Outline(
        name=text["name"],
        view=text["view"],
        deep=bool(version & _DEEP) if single else kind.startswith("deep"),
        compression=compression,
        data_window=data_window,
        display_window=display_window,
        channels=channels,
        tiles=tiles,
        chunks=chunks,
    )


def _window(path: Path, what: str, raw: bytes) -> Window:
    xmin, ymin, xmax, ymax = struct.unpack("<4i", raw)
    window = Window(xmin, ymin, xmax + 1, ymax + 1)
    size = f"{xmax - xmin + 1} x {ymax - ymin + 1}"
    if window.empty:
        raise FrameError(path, why=f"its {what} is empty ({size} pixels)", hint=_COPY_AGAIN)
    if max(window.width, window.height) > MAX_EDGE_PX or max(map(abs, (xmin, ymin, xmax, ymax))) > 1 << 24:
        raise FrameError(
            path,
            why=f"its {what} is {size} pixels from ({xmin}, {ymin}); more than {MAX_EDGE_PX} a side is refused",
            hint=_COPY_AGAIN,
        )
    return window


def _channels(path: Path, raw: bytes) -> tuple[ExrChannel, ...]:
    channels = []
    at = 0
    while at < len(raw) and raw[at]:
        end = raw.index(b"\0", at) if b"\0" in raw[at:] else len(raw)
        kind, _linear, x_sampling, y_sampling = struct.unpack("<iB3x2i", raw[end + 1 : end + 17])
        name = raw[at:end].decode("utf-8", "replace")
        if kind not in _TYPES or not 0 < x_sampling <= 64 or not 0 < y_sampling <= 64:
            raise FrameError(path, why=f"its channel {name!r} has an unknown type or sampling", hint=_COPY_AGAIN)
        channels.append(ExrChannel(name, _TYPES[kind], x_sampling, y_sampling))
        at = end + 17
    if not channels:
        raise FrameError(path, why="the file has no channels", hint=_COPY_AGAIN)
    return tuple(channels)


def _tiles(path: Path, raw: bytes) -> tuple[int, int, int, bool]:
    width, height, mode = struct.unpack("<2IB", raw)
    if not (0 < width <= MAX_EDGE_PX and 0 < height <= MAX_EDGE_PX) or mode & 0xF > 2:
        raise FrameError(path, why=f"its tiles of {width} x {height} pixels make no sense", hint=_COPY_AGAIN)
    return width, height, mode & 0xF, bool(mode >> 4)


def _chunk_count(window: Window, compression: str, tiles: tuple[int, int, int, bool] | None) -> int | None:
    if tiles is None:
        return -(-window.height // _LINES[compression]) if compression in _LINES else None
    width, height, mode, rounds_up = tiles

    def sizes(edge: int) -> list[int]:
        """An edge at every level, halved until it is 1."""
        levels = [edge]
        while mode and levels[-1] > 1:
            levels.append((levels[-1] + rounds_up) // 2)
        return levels

    columns = [-(-edge // width) for edge in sizes(window.width)]
    rows = [-(-edge // height) for edge in sizes(window.height)]
    if mode == 2:
        return sum(columns) * sum(rows)
    return sum(column * row for column, row in itertools.zip_longest(columns, rows, fillvalue=1))
