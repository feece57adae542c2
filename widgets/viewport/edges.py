"""The edge of a matte: where coverage is partial, and the line where it crosses a half.

The edge-only overlay shows the band and the line, the onion skin the line alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from core.arrays import Float32, UInt8
from core.geometry import Window
from widgets.viewport.overlay import Color, Coverage, Derivation, Level, LevelCache, StillCoverage, Table, argb

LINE = 255
"""The level of the half-coverage line; 1-254 are partial coverage."""
FAINTEST = 0.3
"""How strong the band is where coverage is nearly 0, relative to nearly 1: a wisp must be seen."""
BEFORE: Color = (1.0, 0.62, 0.16)
"""The previous frame's edge: amber."""
AFTER: Color = (0.36, 0.68, 1.0)
"""The next frame's edge: blue."""
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def edges(values: UInt8) -> UInt8:
    """Coverage 0-255 → its edge: `LINE` on the last samples inside half coverage, 0 where it is 0 or full, else itself.

    What touches the border of the picture has no edge there.
    """
    inside = cv2.threshold(values, 127, 255, cv2.THRESH_BINARY)[1]
    line = cv2.subtract(inside, cv2.erode(inside, _CROSS))
    band = cv2.threshold(values, 254, 0, cv2.THRESH_TOZERO_INV)[1]
    return np.asarray(cv2.max(band, line), np.uint8)


def outlines(values: UInt8) -> UInt8:
    """Coverage 0-255 → `LINE` on both sides of half coverage, so that it is seen at any zoom; 0 elsewhere."""
    inside = cv2.threshold(values, 127, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, _CROSS), np.uint8)


class EdgeCoverage:
    """The edge of another coverage, finished or under the brush; `how` is `edges` or `outlines`."""

    def __init__(self, whole: Coverage, cache: LevelCache, how: Derivation = edges) -> None:
        self.whole = whole
        self._cache = cache
        self._how = how

    @property
    def window(self) -> Window:
        return self.whole.window

    @property
    def origin(self) -> Any:
        return self.whole.origin

    @property
    def live(self) -> bool:
        return self.whole.live

    def level(self, stride: int) -> Level:
        if isinstance(self.whole, StillCoverage):
            return self._cache.level(self.whole.matte, stride, self._how)
        return self.whole.level(stride).derived(self._how)

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        """The coverage whose edge this is."""
        return self.whole.floats(x, y, step, shape)


@lru_cache(maxsize=64)
def edge_table(color: Color, opacity: float) -> Table:
    """The band in the layer's color, stronger with coverage, and the line, nearly white."""
    coverage = np.arange(256) / 255
    alpha = 255 * min(1.0, max(0.0, opacity)) * (FAINTEST + (1 - FAINTEST) * coverage)
    alpha[0] = 0
    alpha[LINE] = 255 * 0.9
    parts = [np.full(256, min(1.0, max(0.0, part))) for part in color]
    for part in parts:
        part[LINE] = 0.7 + 0.3 * part[LINE]
    return _table(alpha, parts)


@lru_cache(maxsize=8)
def line_table(color: Color) -> Table:
    """The half-coverage line alone, in one color."""
    alpha = np.zeros(256)
    alpha[LINE] = 235
    return _table(alpha, [np.full(256, part) for part in color])


def _table(alpha: Any, parts: list[Any]) -> Table:
    whole = np.rint(alpha)
    return Table(argb(whole, *(np.rint(whole * part) for part in parts)))
