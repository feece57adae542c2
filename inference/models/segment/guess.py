"""What whole thing does a first mark mean? Several sizes are tried; the best-looking answer is taken.

For each size color and border decide, with nearness as a prior. A good answer ends where the picture changes, has the
mark near its middle, differs in color from what surrounds it and does not run along the picture's border.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Bool
from inference.models.segment.cut import minimum_cut
from inference.models.segment.palette import evidence
from inference.models.segment.regions import Float64
from inference.models.segment.views import Ground

_REACHES = (0.07, 0.13, 0.22, 0.35)
"""Expected radius of the thing, in shorter edges of the picture."""
_TASTE = np.array([4.0, 1.0, -0.5, -4.0, 0.1])
"""What each of `features` counts; whole and half numbers chosen by hand."""
_ROUNDS = 3
_BORDER_COST = 5.0


def best_guess(ground: Ground, mark: Bool, inside: Bool, outside: Bool, reach: float) -> Bool:
    """(n,) the regions of the thing.

    Args:
        mark: (h, w) pixels of the first mark.
        inside, outside: regions whose side is certain.
        reach: scales the sizes that are tried.
    """
    regions = ground.regions
    apart = cv2.distanceTransform((~mark).astype(np.uint8), cv2.DIST_L2, 5)
    away = regions.mean(np.asarray(apart, np.float32)) / min(mark.shape)
    ys, xs = np.nonzero(mark)
    middle = (float(xs.mean()), float(ys.mean()))
    best, chosen = -np.inf, inside
    for expected in _REACHES:
        found = _grow(ground, away / (expected * reach), inside, outside)
        score = _looks(ground, found, middle)
        if score > best:
            best, chosen = score, found
    return chosen


def _grow(ground: Ground, away: Float64, inside: Bool, outside: Bool) -> Bool:
    regions = ground.regions
    chosen = (away < 1.0) | inside
    for _ in range(_ROUNDS):
        favour = evidence(ground.palette, regions.area * chosen, regions.area * ~chosen) - (away - 1.0)
        chosen = minimum_cut(regions, favour, _BORDER_COST, inside, outside)
    return chosen


def features(ground: Ground, chosen: Bool, middle: tuple[float, float]) -> Float64:
    """What makes an answer look good: edge, apart, middle, rim, size (logarithm of its share)."""
    regions = ground.regions
    area = float(regions.area[chosen].sum())
    total = float(regions.area.sum())
    if area <= 0 or area >= total:
        return np.array([0.0, 0.0, 2.0, 1.0, 0.0])
    outline = chosen[regions.tail] != chosen[regions.head]
    length = float(regions.length[outline].sum())
    edge = 1.0 - float((regions.length * regions.affinity)[outline].sum() + 8.0) / (length + 8.0)
    words_in = (regions.area * chosen) @ ground.palette / area
    words_out = (regions.area * ~chosen) @ ground.palette / (total - area)
    apart = 0.5 * float(np.abs(words_in - words_out).sum())
    x, y = (regions.area[chosen, None] * regions.centre[chosen]).sum(axis=0) / area
    off = min(2.0, float(np.hypot(x - middle[0], y - middle[1])) / np.sqrt(area / np.pi))
    rim = float(regions.rim[chosen].sum()) / (length + float(regions.rim[chosen].sum()) + 1.0)
    size = np.log(area / total)
    return np.array([edge, apart, off, rim, size])


def _looks(ground: Ground, chosen: Bool, middle: tuple[float, float]) -> float:
    return float(features(ground, chosen, middle) @ _TASTE)
