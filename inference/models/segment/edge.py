"""From the small answer to the plate's resolution: the edge follows the plate's own pixels.

Knows a small coverage and the plate; no prompts. Works on tiles that the outline crosses, and remembers every tile
while the small coverage it was made from stands: a click pays for the piece of outline that it moved, however large
the plate is. All that is remembered is a cache: the answer depends on nothing but its inputs, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.errors import Cancelled

_TILE: Final = 128
_TONE: Final = np.array([[0.30, 0.55, 0.15]], np.float32)


class _Span(NamedTuple):
    """A row or a column of tiles.

    Args:
        begin: first plate pixel of the tiles; `end` is one past the last.
        low: first plate pixel that is looked at for them; `high` is one past the last.
        part: the small pixels they depend on.
        mix: (high - low, length of part) how much of each small pixel lies in each plate pixel.
    """

    begin: int
    end: int
    low: int
    high: int
    part: slice
    mix: Float32


@dataclass(frozen=True, slots=True, eq=False)
class _Guide:
    """The plate under one tile and its margin: its tone, and the mean and variance of that around each pixel."""

    tone: Float32
    mean: Float32
    variance: Float32


@dataclass(slots=True, eq=False)
class PlateEdge:
    """The plate a coverage is brought to.

    Args:
        rgb: (H, W, 3) scene-linear plate; read only where the outline runs.
        gain: exposure from `reduced.exposure`.
    """

    rgb: Float32
    gain: float
    _shape: tuple[int, int] = (0, 0)
    """Of the small coverage that all below belongs to."""
    _rows: tuple[_Span, ...] = ()
    _columns: tuple[_Span, ...] = ()
    _guides: dict[tuple[int, int], _Guide] = field(default_factory=dict)
    _tiles: dict[tuple[int, int], Float32 | float] = field(default_factory=dict)
    _made_from: tuple[Float32, float] | None = None
    """The small coverage, and the softness, that `_tiles` are the answer to."""

    @property
    def nbytes(self) -> int:
        """About what it holds: the plate, what it knows of tiles, the last answer."""
        guides = sum(3 * guide.tone.nbytes for guide in list(self._guides.values()))
        return int(self.rgb.nbytes + guides + self.rgb.nbytes // 3)

    def bring(self, small: Float32, softness: float, cancelled: Callable[[], bool]) -> Float32:
        """(H, W) coverage of the plate from (h, w) coverage; a new array, clipped to 0-1.

        Args:
            softness: 0 keeps the outline crisp, 1 lets it follow every gradient.
        """
        self._lay_out(small.shape)
        made_from, self._made_from = self._made_from, None  # what is half done is remembered by no one
        known = made_from is not None and made_from[1] == softness and len(self._tiles) > 0
        changed = small != made_from[0] if known and made_from is not None else np.ones(small.shape, bool)
        for row, column in self._touched(changed):
            part = small[row.part, column.part]
            low, high, _, _ = cv2.minMaxLoc(part)
            if low == high:
                self._tiles[row.begin, column.begin] = low
                continue
            if cancelled():
                raise Cancelled
            self._tiles[row.begin, column.begin] = self._fitted(part, row, column, 1e-4 + 4e-3 * (1.0 - softness))
        self._made_from = small.copy(), softness
        return self._whole()

    def _whole(self) -> Float32:
        result = np.zeros(self.rgb.shape[:2], np.float32)
        for row in self._rows:
            for column in self._columns:
                tile = self._tiles[row.begin, column.begin]
                if not isinstance(tile, float) or tile:
                    result[row.begin : row.end, column.begin : column.end] = tile
        return result

    def _lay_out(self, shape: tuple[int, int]) -> None:
        """Rows and columns of tiles for a small coverage of this shape."""
        if shape == self._shape:
            return
        scales = [length / small for length, small in zip(self.rgb.shape, shape, strict=False)]
        margin = 2 * _radius(scales) + 2
        self._rows, self._columns = (
            tuple(_spans(length, small, margin)) for length, small in zip(self.rgb.shape, shape, strict=False)
        )
        self._guides, self._tiles, self._made_from, self._shape = {}, {}, None, shape

    def _touched(self, changed: Bool) -> Iterator[tuple[_Span, _Span]]:
        """The tiles that depend on a changed pixel."""
        for row in self._rows:
            band = np.asarray(changed[row.part].any(axis=0))
            if band.any():
                for column in self._columns:
                    if band[column.part].any() and changed[row.part, column.part].any():
                        yield row, column

    def _fitted(self, part: Float32, row: _Span, column: _Span, calm: float) -> Float32:
        radius = _radius([length / small for length, small in zip(self.rgb.shape, self._shape, strict=False)])
        grown = _product(_product(row.mix, part), column.mix, cv2.GEMM_2_T)
        place = (row.begin, column.begin)
        if place not in self._guides:
            seen = tone(self.rgb[row.low : row.high, column.low : column.high], self.gain)
            mean = _mean(seen, radius)
            self._guides[place] = _Guide(seen, mean, _mean(seen * seen, radius) - mean * mean)
        fitted = _guided(self._guides[place], grown, radius, calm)
        inner = fitted[row.begin - row.low : row.end - row.low, column.begin - column.low : column.end - column.low]
        return inner.copy()


def tone(rgb: Float32, gain: float) -> Float32:
    """(H, W) one bounded tone a pixel, quick: a square root that bends at high light; odd for negatives."""
    light = cv2.transform(rgb, _TONE * np.float32(gain))
    root = cv2.sqrt(np.abs(light))
    return np.asarray(np.copysign(root / (1.0 + 0.25 * root), light), np.float32)


def _radius(scales: list[float]) -> int:
    return max(1, round(1.5 * max(scales)))


def _spans(length: int, small: int, margin: int) -> Iterator[_Span]:
    """One side of the plate, cut into tiles."""
    scale = length / small
    for begin in range(0, length, _TILE):
        end = min(length, begin + _TILE)
        low, high = max(0, begin - margin), min(length, end + margin)
        first, last = max(0, int(low / scale) - 2), min(small, int(np.ceil(high / scale)) + 2)
        at = np.clip((np.arange(low, high) + 0.5) / scale - 0.5 - first, 0, last - first - 1)
        before = np.minimum(at.astype(np.int64), max(0, last - first - 2))
        mix = np.zeros((high - low, last - first), np.float32)
        mix[np.arange(high - low), before] = 1.0 - (at - before)
        mix[np.arange(high - low), np.minimum(before + 1, last - first - 1)] += at - before
        yield _Span(begin, end, low, high, slice(first, last), mix)


def _product(first: Float32, second: Float32, flags: int = 0) -> Float32:
    """Of two matrices; of small ones NumPy's wakes threads that take longer than the product."""
    product = cv2.gemm(first, second, 1.0, None, 0.0, flags=flags)  # type: ignore[call-overload] # None: nothing added
    return np.asarray(product, np.float32)


def _mean(array: Float32, radius: int) -> Float32:
    return np.asarray(cv2.blur(array, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT), np.float32)


def _guided(guide: _Guide, value: Float32, radius: int, calm: float) -> Float32:
    """He's guided filter: `value` as a local linear function of the guide; clipped to 0-1."""
    mean = _mean(value, radius)
    slope = (_mean(guide.tone * value, radius) - guide.mean * mean) / (guide.variance + np.float32(calm))
    fitted = _mean(slope, radius) * guide.tone + _mean(mean - slope * guide.mean, radius)
    return np.asarray(np.clip(fitted, 0.0, 1.0, out=fitted), np.float32)
