"""Write 16-bit PNG and TIFF: whole numbers as they are given, texts beside them, and nothing about color.

A matte is data: no gamma, no profile, no alpha. The same input gives the same bytes. Each file is read back by another
decoder before it gets its name.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.disk import cause, remedy
from core.errors import ExportError, FrameError
from core.still import read_still

UInt16 = npt.NDArray[np.uint16]
LEVEL = 6
_PNG = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_SIZES = {_ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8}


def write_still(path: Path, levels: UInt16, *, texts: Mapping[str, str], pixel_aspect: float = 1.0) -> None:
    """Write a picture under a temporary name, read it back, then rename.

    Args:
        path: `.png`, `.tif` or `.tiff`; an older file of this name is replaced in one step.
        levels: (H, W) or (H, W, 3) uint16; in a TIFF also (H, W, 4), whose fourth channel is a number like the others.
            A PNG's fourth channel is an alpha, which readers multiply into the color.
        texts: what is said beside the pixels: PNG's text chunks, TIFF's description (as one JSON object).

    Raises:
        ExportError: no space, no rights, or it did not come back as it was written; what was at `path` is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp{path.suffix}")
    made = _png(levels, texts, pixel_aspect) if path.suffix.lower() == ".png" else _tiff(levels, texts, pixel_aspect)
    try:
        with temporary.open("wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        if not np.array_equal(read_levels(temporary, levels.shape), levels):
            raise ExportError(path, why="its values came back different", hint="Write it again.")
        temporary.replace(path)
    except OSError as error:
        raise ExportError(path, why=cause(error), hint=remedy(error)) from error
    except FrameError as error:
        raise ExportError(path, why=f"it cannot be read back ({error.why})", hint="Write it again.") from error
    finally:
        temporary.unlink(missing_ok=True)


def read_levels(path: Path, shape: tuple[int, ...]) -> UInt16:
    """The numbers of a 16-bit picture, as (H, W) or (H, W, C), through the reader of plates. Raises FrameError."""
    values = read_still(path)
    if values.shape[:2] != shape[:2]:
        raise FrameError(path, why=f"it is {values.shape[1]} x {values.shape[0]} pixels")
    levels = np.rint(values.astype(np.float64) * 65535).astype(np.uint16)
    return levels[..., 0] if len(shape) == 2 else levels[..., : shape[2]]


def _png(levels: UInt16, texts: Mapping[str, str], pixel_aspect: float) -> bytes:
    height, width = levels.shape[:2]
    kind = _GREY if levels.ndim == 2 else _RGB
    lines = np.ascontiguousarray(levels, ">u2").view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # each line as its difference from the one above
    filtered[0, 1:] = lines[0]
    filtered[1:, 1:] = lines[1:] - lines[:-1]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))]
    if pixel_aspect != 1.0:
        tall = round(1000 * pixel_aspect)
        chunks.append((b"pHYs", struct.pack(">IIB", 1000, tall, 0)))
    for name, text in sorted(texts.items()):
        said = zlib.compress(text.encode())
        keyword = name.encode("latin-1", "replace")[:79]
        chunks.append((b"iTXt", keyword + b"\0\1\0\0\0" + said))
    chunks += [(b"IDAT", zlib.compress(filtered.tobytes(), LEVEL)), (b"IEND", b"")]
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def _tiff(levels: UInt16, texts: Mapping[str, str], pixel_aspect: float) -> bytes:
    """One strip, deflate, little-endian."""
    height, width = levels.shape[:2]
    samples = 1 if levels.ndim == 2 else levels.shape[2]
    strip = zlib.compress(np.ascontiguousarray(levels, "<u2").tobytes(), LEVEL)
    said = json.dumps(dict(sorted(texts.items())), ensure_ascii=True).encode() + b"\0"
    aspect = Fraction(pixel_aspect).limit_denominator(1000)
    entries: list[tuple[int, int, bytes]] = [
        (256, _LONG, struct.pack("<I", width)),
        (257, _LONG, struct.pack("<I", height)),
        (258, _SHORT, struct.pack(f"<{samples}H", *[16] * samples)),
        (259, _SHORT, struct.pack("<H", 8)),
        (262, _SHORT, struct.pack("<H", 1 if samples == 1 else 2)),
        (270, _ASCII, said),
        (273, _LONG, struct.pack("<I", 8)),
        (277, _SHORT, struct.pack("<H", samples)),
        (278, _LONG, struct.pack("<I", height)),
        (279, _LONG, struct.pack("<I", len(strip))),
        (282, _RATIONAL, struct.pack("<II", aspect.denominator, 1)),
        (283, _RATIONAL, struct.pack("<II", aspect.numerator, 1)),
        (284, _SHORT, struct.pack("<H", 1)),
        (296, _SHORT, struct.pack("<H", 1)),
        (305, _ASCII, b"Penumbra\0"),
    ]
    if samples == 4:
        entries.append((338, _SHORT, struct.pack("<H", 0)))
    place = 8 + len(strip) + len(strip) % 2
    far_place = place + 2 + 12 * len(entries) + 4
    table, far = struct.pack("<H", len(entries)), b""
    for tag, kind, data in entries:
        count = len(data) // _SIZES[kind]
        if len(data) <= 4:
            value = data.ljust(4, b"\0")
        else:
            value = struct.pack("<I", far_place + len(far))
            far += data + b"\0" * (len(data) % 2)
        table += struct.pack("<HHI", tag, kind, count) + value
    head = struct.pack("<2sHI", b"II", 42, place)
    return head + strip.ljust(place - 8, b"\0") + table + b"\0\0\0\0" + far
