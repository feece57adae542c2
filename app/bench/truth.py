"""Pictures and their true masks, paired by file stem: what the benches measure against."""

from __future__ import annotations

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
_VOID = (224, 224, 192)
"""Pascal VOC's color for pixels that belong to nobody (red, green, blue)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A picture and the mask that belongs to it."""

    name: str
    picture: Path
    mask: Path


def paired(pairs: Sequence[Pair], every: int = 1) -> list[Case]:
    """Every `every`-th picture that has a mask of the same stem, in the order of names.

    Raises:
        PlateError: a folder is not there, or no picture has a mask.
    """
    cases = []
    for pictures, masks in pairs:
        for folder in (pictures, masks):
            if not folder.is_dir():
                raise PlateError(folder, "is not a folder", "Give --pair PICTURES:MASKS, two folders.")
        by_stem = {path.stem: path for path in sorted(masks.iterdir()) if path.is_file()}
        found = [path for path in sorted(pictures.iterdir()) if path.stem in by_stem]
        cases += [Case(f"{pictures.name}/{path.stem}", path, by_stem[path.stem]) for path in found[::every]]
    if not cases:
        raise PlateError("--pair", "no picture has a mask of the same name", "Names must agree up to the suffix.")
    return cases


def read_rgb(case: Case, color: ColorConfig) -> Float32:
    """(H, W, 3) scene-linear; stills are taken for sRGB."""
    if case.picture.suffix.lower() != ".exr":
        rgba = color.to_working(read_still(case.picture), suggested_space(color))
        return np.ascontiguousarray(rgba[..., :3], np.float32)
    reader = PlateReader(open_plate(case.picture, color), color)
    frame = next(number for number in reader.sequence.frames if reader.path(number) == case.picture)
    picture = reader.read(frame)
    return picture.rgb_over(picture.data_window)


def _pixels(path: Path) -> UInt8:
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise FrameError(path, "is not a mask that can be read", "Use PNG or BMP with 8 bits.")
    return np.asarray(pixels if pixels.dtype == np.uint8 else pixels // 256, np.uint8)


def read_masks(case: Case, least_px: int) -> Iterator[tuple[str, Bool]]:
    """(name, (H, W) mask) of each id above 0, or of each color that is not black, with at least `least_px` pixels."""
    pixels = _pixels(case.mask)
    if pixels.ndim == 3:
        wide = pixels[..., :3].astype(np.int32)
        ids = wide[..., 2] * 65536 + wide[..., 1] * 256 + wide[..., 0]
        ids[ids == _VOID[0] * 65536 + _VOID[1] * 256 + _VOID[2]] = 0
    else:
        ids = pixels.astype(np.int32)
    found = [number for number in np.unique(ids) if number]
    for position, number in enumerate(found, start=1):
        mask = ids == number
        if int(mask.sum()) >= least_px:
            yield (case.name if len(found) == 1 else f"{case.name}#{position}"), mask


def read_coverage(case: Case) -> Float32:
    """(H, W) true coverage 0-1 from a gray picture, or from the first channel of a colored one."""
    pixels = _pixels(case.mask)
    gray = pixels if pixels.ndim == 2 else pixels[..., 0]
    return gray.astype(np.float32) / np.float32(255.0)
