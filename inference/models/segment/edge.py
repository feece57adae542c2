"""From the small answer to the plate's resolution: the edge follows the plate's own pixels.

Knows a small coverage and the plate; no prompts. Works on tiles that the outline crosses and copies the rest, and
remembers tiles whose small coverage did not change (a cache: the answer depends on nothing but its inputs).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.errors import Cancelled

_TILE = 256


@dataclass(slots=True, eq=False)
class PlateEdge:
    """The plate a coverage is brought to.

    Args:
        rgb: (H, W, 3) scene-linear plate; read only where the outline runs.
        gain: exposure from `reduced.exposure`.
    """

    rgb: Float32
    gain: float
    _guides: dict[tuple[int, int], Float32] = field(default_factory=dict)
    _last_small: Float32 | None = None
    _last: Float32 | None = None

    def bring(self, small: Float32, softness: float, cancelled: Callable[[], bool]) -> Float32:
        """(H, W) coverage of the plate from (h, w) coverage; a new array, clipped to 0-1.

        Args:
            softness: 0 keeps the outline crisp, 1 lets it follow every gradient.
        """
        height, width = self.rgb.shape[:2]
        scale_y, scale_x = height / small.shape[0], width / small.shape[1]
        radius = max(1, round(1.5 * max(scale_x, scale_y)))
        margin = 2 * radius + 2
        known = self._last if self._last_small is not None and self._last_small.shape == small.shape else None
        result = np.zeros((height, width), np.float32) if known is None else known
        last_small, self._last_small = self._last_small, None  # what is half done is remembered by no one
        for top in range(0, height, _TILE):
            for left in range(0, width, _TILE):
                y0, y1 = max(0, top - margin), min(height, top + _TILE + margin)
                x0, x1 = max(0, left - margin), min(width, left + _TILE + margin)
                rows = slice(max(0, int(y0 / scale_y) - 2), int(np.ceil(y1 / scale_y)) + 2)
                columns = slice(max(0, int(x0 / scale_x) - 2), int(np.ceil(x1 / scale_x)) + 2)
                part = small[rows, columns]
                before = last_small[rows, columns] if known is not None and last_small is not None else None
                if before is not None and np.array_equal(part, before):
                    continue
                bottom, right = min(height, top + _TILE), min(width, left + _TILE)
                low, high = float(part.min()), float(part.max())
                if low == high:
                    result[top:bottom, left:right] = low
                    continue
                if cancelled():
                    raise Cancelled
                grown = _enlarge(part, rows.start, columns.start, (y0, y1, x0, x1), (scale_y, scale_x))
                guide = self._guide(top, left, (y0, y1, x0, x1))
                fitted = _guided(guide, grown, radius, 1e-4 + 4e-3 * (1.0 - softness))
                result[top:bottom, left:right] = fitted[top - y0 : bottom - y0, left - x0 : right - x0]
        self._last_small, self._last = small.copy(), result
        return result.copy()

    def _guide(self, top: int, left: int, bounds: tuple[int, int, int, int]) -> Float32:
        kept = self._guides.get((top, left))
        if kept is None:
            y0, y1, x0, x1 = bounds
            kept = self._guides[top, left] = tone(self.rgb[y0:y1, x0:x1], self.gain)
        return kept


def tone(rgb: Float32, gain: float) -> Float32:
    """(H, W) one bounded tone a pixel, quick: a square root that bends at high light; odd for negatives."""
    light = rgb @ np.array([0.30, 0.55, 0.15], np.float32)
    root = np.copysign(np.sqrt(np.abs(light * np.float32(gain))), light)
    return np.asarray(root / (1.0 + 0.25 * np.abs(root)), np.float32)


def _enlarge(
    part: Float32, row: int, column: int, bounds: tuple[int, int, int, int], scale: tuple[float, float]
) -> Float32:
    """`part` of the small coverage, resampled to the plate's pixels of `bounds` (pixel centres at + 0.5)."""
    y0, y1, x0, x1 = bounds
    ys = ((np.arange(y0, y1) + 0.5) / scale[0] - 0.5 - row).astype(np.float32)
    xs = ((np.arange(x0, x1) + 0.5) / scale[1] - 0.5 - column).astype(np.float32)
    grid_x, grid_y = np.meshgrid(xs, ys)
    return np.asarray(cv2.remap(part, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _guided(guide: Float32, value: Float32, radius: int, calm: float) -> Float32:
    """He's guided filter: `value` as a local linear function of `guide`; clipped to 0-1."""

    def mean(array: Float32) -> npt.NDArray[np.float32]:
        return np.asarray(cv2.blur(array, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT), np.float32)

    mean_guide, mean_value = mean(guide), mean(value)
    slope = (mean(guide * value) - mean_guide * mean_value) / (mean(guide * guide) - mean_guide**2 + np.float32(calm))
    offset = mean_value - slope * mean_guide
    return np.asarray(np.clip(mean(slope) * guide + mean(offset), 0.0, 1.0), np.float32)
