"""The exact coverage of a polygon: how much of each pixel lies inside it. Knows neither curves nor roles.

Every straight piece is cut at the borders of the pixels it crosses; what each part adds to the area on its right is
summed along the row. Where an outline goes round a place twice, either way, it is inside.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.geometry import Window

Float64 = npt.NDArray[np.float64]
_ROUNDING = 1e-4
"""So near to 0 or 1 it is what it should be: sums of single precision are not exact."""


def area(corners: Float64, window: Window) -> Float32:
    """How much of each pixel of `window` lies inside a closed polygon.

    Args:
        corners: (N, 2) x, y in plate pixels; the last one is joined to the first.

    Returns:
        (H, W) float32 over `window`, 0-1.
    """
    height, width = window.shape
    if len(corners) < 3 or window.empty:
        return np.zeros(window.shape, np.float32)
    begin = corners - (window.x0, window.y0)
    pieces = np.concatenate([begin, np.roll(begin, -1, 0)], 1)
    pieces = pieces[pieces[:, 1] != pieces[:, 3]]
    pieces = _inside_rows(pieces, height)
    pieces = _cut(pieces, 0, np.array([0.0, width]))
    pieces[:, (0, 2)] = np.clip(pieces[:, (0, 2)], 0, width)
    for axis in (1, 0):
        pieces = _cut_at_pixels(pieces, axis)
    sums = np.zeros((height, width + 2), np.float32)
    row = np.clip(np.floor((pieces[:, 1] + pieces[:, 3]) / 2), 0, height - 1).astype(np.int64)
    middle = (pieces[:, 0] + pieces[:, 2]) / 2
    column = np.clip(np.floor(middle), 0, width).astype(np.int64)
    down, beyond = pieces[:, 3] - pieces[:, 1], middle - column
    np.add.at(sums, (row, column), (down * (1 - beyond)).astype(np.float32))
    np.add.at(sums, (row, column + 1), (down * beyond).astype(np.float32))
    covered = np.minimum(np.abs(np.cumsum(sums[:, :width], axis=1, dtype=np.float32)), 1.0)
    covered[covered < _ROUNDING] = 0.0
    covered[covered > 1.0 - _ROUNDING] = 1.0
    return np.asarray(covered, np.float32)


def _inside_rows(pieces: Float64, height: int) -> Float64:
    """The parts of the pieces that lie between the first row's top and the last row's bottom."""
    cut = _cut(pieces, 1, np.array([0.0, height]))
    middle = (cut[:, 1] + cut[:, 3]) / 2
    return cut[(middle > 0) & (middle < height)]


def _cut(pieces: Float64, axis: int, lines: Float64) -> Float64:
    """Every piece cut where it crosses one of a few lines; those of no height are left out."""
    begin, end = pieces[:, axis], pieces[:, axis + 2]
    way = np.where(end == begin, 1.0, end - begin)
    parts = np.clip((lines[None, :] - begin[:, None]) / way[:, None], 0.0, 1.0)
    parts[end == begin] = 0.0
    steps = np.concatenate([np.zeros((len(pieces), 1)), np.sort(parts, 1), np.ones((len(pieces), 1))], 1)
    return _between(np.repeat(np.arange(len(pieces)), steps.shape[1] - 1), pieces, steps[:, :-1], steps[:, 1:])


def _cut_at_pixels(pieces: Float64, axis: int) -> Float64:
    """Every piece cut at each whole number it crosses."""
    begin, end = pieces[:, axis], pieces[:, axis + 2]
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    first = np.floor(low) + 1
    crossed = np.maximum(np.ceil(high) - first, 0).astype(np.int64)
    count = crossed + 1
    number = np.repeat(np.arange(len(pieces)), count)
    at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    way = np.where(end == begin, 1.0, end - begin)[number]
    forth = end[number] >= begin[number]

    def part(step: npt.NDArray[np.int64]) -> Float64:
        """Where along its piece a cut lies; the first and the last are its ends."""
        line = np.where(forth, first[number] - 1 + step, first[number] + crossed[number] - step)
        inside = (line - begin[number]) / way
        return np.where(step == 0, 0.0, np.where(step == count[number], 1.0, inside))

    return _between(number, pieces, part(at), part(at + 1))


def _between(number: npt.NDArray[np.int64], pieces: Float64, first: Float64, last: Float64) -> Float64:
    """From one part of a piece to another; without those of no height."""
    chosen, first, last = pieces[number], first.ravel()[:, None], last.ravel()[:, None]
    way = chosen[:, 2:] - chosen[:, :2]
    made = np.concatenate([chosen[:, :2] + way * first, chosen[:, :2] + way * last], 1)
    return np.asarray(made[made[:, 1] != made[:, 3]], np.float64)
