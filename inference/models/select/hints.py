"""What was asked, as planes beside the picture: the one drawing of prompts that training and the program share.

Knows numbers only; places are pixels of the working picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from core.arrays import Float32
from inference.models.select.network import HINTS, MOST_CLICKS

STRIDE = 4
"""Working pixels to one of the planes."""
_NARROW_PX = 1.2
_WIDE_PART = 0.1


class Mark(NamedTuple):
    """A click, or a place along a stroke."""

    x: float
    y: float
    adds: bool = True


class Frame(NamedTuple):
    """A box around the subject."""

    x0: float
    y0: float
    x1: float
    y1: float


def hint_planes(
    shape: tuple[int, int],
    marks: Sequence[Mark],
    box: Frame | None = None,
    previous: Float32 | None = None,
    extent: float | None = None,
) -> Float32:
    """(HINTS, H/4, W/4) float32: marks that add and subtract, narrow, then wide; box; previous matte; extent twice.

    Args:
        shape: (H, W) of the working picture, multiples of 4.
        previous: (H, W) coverage 0-1.
        extent: how much of the picture the subject is meant to fill, 0-1; None where nothing is meant.
    """
    height, width = shape[0] // STRIDE, shape[1] // STRIDE
    planes = np.zeros((HINTS, height, width), np.float32)
    xs, ys = np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5
    wide = _WIDE_PART * (height * width) ** 0.5
    for mark in marks:
        away_x, away_y = (xs - mark.x / STRIDE) ** 2, (ys - mark.y / STRIDE) ** 2
        for first, reach in ((0, _NARROW_PX), (2, wide)):
            spot = np.exp(-away_y / (2 * reach**2))[:, None] * np.exp(-away_x / (2 * reach**2))[None]
            place = first if mark.adds else first + 1
            np.maximum(planes[place], spot, out=planes[place])
    if box is not None:
        x0, y0, x1, y1 = (max(0, round(value / STRIDE)) for value in box)
        planes[4, y0:y1, x0:x1] = 1
    if previous is not None:
        planes[5] = cv2.resize(previous, (width, height), interpolation=cv2.INTER_AREA)
    if extent is not None:
        planes[6] = 1
        planes[7] = extent_code(extent)
    return planes


def extent_code(extent: float) -> float:
    """Part of the picture on the scale the network is told: -1 for a thousandth, 1 for all of it."""
    return float(np.clip(1 + np.log10(max(extent, 1e-6)) * 2 / 3, -1.5, 1))


def click_table(shape: tuple[int, int], marks: Sequence[Mark]) -> Float32:
    """(MOST_CLICKS, 3) float32: x and y in 0-1 and 1 adds, -1 subtracts. Of more marks the first and the last ones."""
    table = np.zeros((MOST_CLICKS, 3), np.float32)
    half = MOST_CLICKS // 2
    kept = marks if len(marks) <= MOST_CLICKS else [*marks[:half], *marks[-half:]]
    for place, mark in enumerate(kept):
        table[place] = (mark.x / shape[1], mark.y / shape[0], 1 if mark.adds else -1)
    return table
