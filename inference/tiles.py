"""A large picture in pieces that overlap: only where something is wanted, joined without a seam. Knows arrays only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from core.arrays import Bool, Float32
from core.errors import Cancelled

LEAST: Final = np.float32(1e-3)
"""What the last pixel of a piece still counts."""
Look = Callable[[tuple[slice, slice]], Float32]
"""Rows and columns of a piece → (h, w) its answer."""


def in_tiles(wanted: Bool, side: int, overlap: int, look: Look, cancelled: Callable[[], bool]) -> Float32:
    """(H, W) the answers of pieces of `side` pixels at most, blended where they overlap; 0 where none was asked.

    Args:
        wanted: (H, W); pieces without any of it are not asked.
        overlap: pixels that neighbours have in common; less than `side`.

    Raises Cancelled between pieces.
    """
    answer, weight = np.zeros(wanted.shape, np.float32), np.zeros(wanted.shape, np.float32)
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    if not len(rows):
        return answer
    for top in _starts(int(rows[0]), int(rows[-1]) + 1, side, overlap):
        for left in _starts(int(columns[0]), int(columns[-1]) + 1, side, overlap):
            place = slice(top, min(top + side, wanted.shape[0])), slice(left, min(left + side, wanted.shape[1]))
            if not wanted[place].any():
                continue
            if cancelled():
                raise Cancelled
            found = look(place)
            say = _ramp(found.shape[0], overlap)[:, None] * _ramp(found.shape[1], overlap)
            answer[place] += say * found
            weight[place] += say
    return np.asarray(answer / np.maximum(weight, LEAST**2), np.float32)


def _starts(first: int, end: int, side: int, overlap: int) -> list[int]:
    """Where pieces begin that cover `first` to `end`, evenly."""
    count = max(1, -(-(end - first - overlap) // (side - overlap)))
    last = max(first, end - side)
    return sorted({round(first + (last - first) * place / max(1, count - 1)) for place in range(count)})


def _ramp(length: int, overlap: int) -> Float32:
    """(length,) 1 in the middle, down to almost nothing over the overlap at both ends."""
    inward = np.minimum(np.arange(length), np.arange(length)[::-1]) + np.float32(1)
    return np.asarray(np.clip(inward / np.float32(overlap + 1), LEAST, 1), np.float32)
