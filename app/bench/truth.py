"""Pictures and their true masks, paired by file stem: what the benches measure against.

Folders may hold folders (one a sequence); what lies in them is paired by its place and stem. A mask with a palette is
read by its numbers, never by its colors; a number that means "nobody's" is no object.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from core.color import ColorConfig
from core.errors import FrameError, PlateError
from core.plate_reader import PlateReader, open_plate, suggested_space
from core.still import read_still

Pair = tuple[Path, Path]
"""A folder of pictures and a folder of masks."""
_VOID_COLOR = (224, 224, 192)
"""Pascal VOC's color for pixels that belong to nobody (red, green, blue)."""
VOID = 255
"""The number of such pixels in masks with a palette, and in gray ones that hold other numbers too."""
_MASKS = (".png", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class Case:
    """A picture and the mask that belongs to it. `set_name` is that of its pair."""

    name: str
    picture: Path
    mask: Path
    set_name: str = ""


def paired(pairs: Sequence[Pair], every: int = 1) -> list[Case]:
    """Every `every`-th picture that has a mask of the same place and stem, in the order of names.

    Where the pictures lie in folders of their own (sequences), every `every`-th of each folder.

    Raises:
        PlateError: a folder is not there, or no picture has a mask.
    """
    cases = []
    for pair in pairs:
        pictures, masks = pair
        for folder in (pictures, masks):
            if not folder.is_dir():
                raise PlateError(folder, "is not a folder", "Give --pair PICTURES:MASKS, two folders.")
        for inner in _folders(pictures):
            beside = masks / inner
            by_stem = {path.stem: path for path in _files(beside) if path.suffix.lower() in _MASKS}
            found = [path for path in _files(pictures / inner) if path.stem in by_stem]
            prefix = f"{pictures.name}/" if inner == Path() else f"{inner.as_posix()}/"
            cases += [Case(f"{prefix}{path.stem}", path, by_stem[path.stem], set_name(pair)) for path in found[::every]]
    if not cases:
        raise PlateError("--pair", "no picture has a mask of the same name", "Names must agree up to the suffix.")
    return cases


def set_name(pair: Pair) -> str:
    """What a pair is called: the folder that holds both."""
    pictures, masks = (folder.resolve() for folder in pair)
    return Path(os.path.commonpath([pictures, masks])).name or pictures.name


def given_sets(top: Path) -> list[tuple[Pair, int]]:
    """The sets that clicks are judged by, as they lie in the folder of given data, and every how many pictures."""
    coco, voc = top / "interactive/coco128-seg", top / "interactive/labelme_voc3/data_dataset_voc"
    grabcut, davis = top / "interactive/grabcut13", top / "vos/davis2016_val"
    return [
        ((grabcut / "imgs", grabcut / "seg_GT"), 1),
        ((voc / "JPEGImages", voc / "SegmentationObject"), 1),
        ((davis / "JPEGImages/480p", davis / "Annotations/480p"), 10),
        ((coco / "images/train2017", coco / "instance_png_derived"), 1),
    ]


def _folders(top: Path) -> list[Path]:
    """`top` and the folders below it, relative to it, by name."""
    return [Path(), *sorted(path.relative_to(top) for path in top.rglob("*") if path.is_dir())]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def read_rgb(case: Case, color: ColorConfig) -> Float32:
    """(H, W, 3) scene-linear; stills are taken for sRGB."""
    if case.picture.suffix.lower() != ".exr":
        rgba = color.to_working(read_still(case.picture), suggested_space(color))
        return np.ascontiguousarray(rgba[..., :3], np.float32)
    reader = PlateReader(open_plate(case.picture, color), color)
    frame = next(number for number in reader.sequence.frames if reader.path(number) == case.picture)
    picture = reader.read(frame)
    return picture.rgb_over(picture.data_window)


def _pixels(packed: bytes, path: Path) -> UInt8:
    """(H, W) or (H, W, 3 or 4) in OpenCV's order."""
    pixels = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_UNCHANGED) if packed else None
    if pixels is None:
        raise FrameError(path, "is not a mask that can be read", "Use PNG or BMP with 8 bits.")
    return np.asarray(pixels if pixels.dtype == np.uint8 else pixels // 256, np.uint8)


def _numbers_not_colors(packed: bytes) -> bytes:
    """A PNG with a palette of 256 as the gray PNG of its numbers; anything else as it is.

    The pixels of both kinds are stored alike: only the header's color type and the palette differ.
    """
    if packed[:8] != b"\x89PNG\r\n\x1a\n" or packed[24:26] != b"\x08\x03":
        return packed
    parts, place = [packed[:8]], 8
    while place + 12 <= len(packed):
        length = int.from_bytes(packed[place : place + 4], "big")
        kind, body = packed[place + 4 : place + 8], packed[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IHDR":
            body = body[:9] + b"\x00" + body[10:]
        if kind in (b"IHDR", b"IDAT", b"IEND"):
            parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return b"".join(parts)


def read_masks(case: Case, least_px: int) -> Iterator[tuple[str, Bool, Bool | None]]:
    """Each object of a mask with at least `least_px` pixels.

    Yields:
        Its name; (H, W) its pixels; (H, W) where pixels count, or None where all do. A number above 0 is an object,
        and so is a color that is not black, in a mask of colors. Pixels that belong to nobody are no object and do
        not count: VOC's pale color, and `VOID` unless it is the only number there is.
    """
    pixels = _pixels(_numbers_not_colors(case.mask.read_bytes()), case.mask)
    if pixels.ndim == 3:
        wide = pixels[..., :3].astype(np.int32)
        ids = wide[..., 2] * 65536 + wide[..., 1] * 256 + wide[..., 0]
        void = _VOID_COLOR[0] * 65536 + _VOID_COLOR[1] * 256 + _VOID_COLOR[2]
    else:
        ids = pixels.astype(np.int32)
        void = VOID
    found = [int(number) for number in np.unique(ids) if number]
    if found != [void]:
        found = [number for number in found if number != void]
    nobody = ids == void
    counted = ~nobody if void not in found and nobody.any() else None
    for position, number in enumerate(found, start=1):
        mask = ids == number
        if int(mask.sum()) >= least_px:
            yield (case.name if len(found) == 1 else f"{case.name}#{position}"), mask, counted


def fitted(mask: Bool, shape: tuple[int, ...]) -> Bool:
    """`mask` at the picture's size, (H, W)."""
    if mask.shape == shape:
        return mask
    return cv2.resize(mask.astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST).astype(bool)


def read_coverage(case: Case) -> Float32:
    """(H, W) true coverage 0-1 from a gray picture, or from the first channel of a colored one."""
    pixels = _pixels(case.mask.read_bytes(), case.mask)
    gray = pixels if pixels.ndim == 2 else pixels[..., 0]
    return gray.astype(np.float32) / np.float32(255.0)
