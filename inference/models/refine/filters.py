"""The quick methods: a filter led by the plate's tone, over the tiles that hold a piece of the band."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.errors import Cancelled
from core.trimap import tone
from inference.models.refine.guided import guided_edge

FILTERS = ("guided", "cross-bilateral")
_TILE = 512
_MOST_BILATERAL_PX = 8


def filtered(
    method: str, rgb: Float32, coverage: Float32, band: Bool, detail: float, cancelled: Callable[[], bool]
) -> Float32:
    """(H, W) 0-1, a new array; meant to be used inside the band only.

    Args:
        method: one of `FILTERS`.
        detail: 0-1; higher follows weaker edges.
    """
    height, width = band.shape
    radius = _radius(coverage, band)
    margin = 2 * radius + 2
    result = coverage.astype(np.float32, copy=True)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            if not band[top : top + _TILE, left : left + _TILE].any():
                continue
            if cancelled():
                raise Cancelled
            y0, x0 = max(0, top - margin), max(0, left - margin)
            part = (slice(y0, min(height, top + _TILE + margin)), slice(x0, min(width, left + _TILE + margin)))
            if method == "guided":
                found = guided_edge(tone(rgb[part]), coverage[part], radius, 10.0 ** (-2.5 - 2.0 * detail))
            else:
                found = cross_bilateral(
                    tone(rgb[part]), coverage[part], min(radius, _MOST_BILATERAL_PX), 10.0 ** (-0.5 - detail)
                )
            bottom, right = min(height, top + _TILE), min(width, left + _TILE)
            result[top:bottom, left:right] = found[top - y0 : bottom - y0, left - x0 : right - x0]
    return result


def cross_bilateral(guide: Float32, coverage: Float32, radius: int, alike: float) -> Float32:
    """(H, W) the mean of the coverage around each pixel, weighted by how near and how alike in the guide it is.

    Args:
        guide: (H, W) tone of the plate.
        alike: the difference of tone that weighs 0.6.
    """
    height, width = guide.shape
    edge = (radius, radius, radius, radius)
    wide_guide = cv2.copyMakeBorder(guide, *edge, borderType=cv2.BORDER_REFLECT_101)
    wide = cv2.copyMakeBorder(coverage, *edge, borderType=cv2.BORDER_REFLECT_101)
    total = np.zeros((height, width), np.float32)
    weights = np.zeros((height, width), np.float32)
    for dy in range(2 * radius + 1):
        for dx in range(2 * radius + 1):
            far = ((dy - radius) ** 2 + (dx - radius) ** 2) / (2.0 * (radius / 2.0) ** 2)
            there = (slice(dy, dy + height), slice(dx, dx + width))
            weight = np.exp(-np.square(wide_guide[there] - guide) / np.float32(2 * alike * alike) - np.float32(far))
            total += weight * wide[there]
            weights += weight
    return np.asarray(np.clip(total / weights, 0.0, 1.0), np.float32)


def _radius(coverage: Float32, band: Bool) -> int:
    """The filter's radius: a little more than half of the band's mean half-width."""
    inside = (coverage >= 0.5).astype(np.uint8)
    outline = int((inside != cv2.erode(inside, np.ones((3, 3), np.uint8))).sum())
    return int(np.clip(round(0.6 * float(band.sum()) / (2.0 * max(outline, 1))), 2, 32))
