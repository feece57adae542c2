"""Inside or outside by color and border, pixel by pixel: GrabCut on a small picture, its outline on a larger one.

Knows bytes and seeds; no prompts. Each side's colors are a mixture of Gaussians and the cheapest border divides them.
Deterministic: OpenCV's random numbers are seeded for each call.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from inference.models.segment.regions import Float64

OUTSIDE, INSIDE = int(cv2.GC_BGD), int(cv2.GC_FGD)
MAYBE_OUTSIDE, MAYBE_INSIDE = int(cv2.GC_PR_BGD), int(cv2.GC_PR_FGD)

_SMALL_PX = 4500
"""Pixels of the picture that colors are learned on."""
_BAND = 1.5
"""Half the width of what is left open when the outline is drawn again, in pixels of the small picture."""
_HELD = 0.2
"""A small pixel is certain when this share of it is."""


def color_cut(picture: UInt8, seeds: UInt8) -> Bool:
    """(h, w) True inside.

    Args:
        picture: (h, w, 3) any three channels of color.
        seeds: (h, w) OUTSIDE, INSIDE, MAYBE_OUTSIDE or MAYBE_INSIDE; what is certain stays.
    """
    height, width = seeds.shape
    certain = (seeds == OUTSIDE) | (seeds == INSIDE)
    scale = min(1.0, float(np.sqrt(_SMALL_PX / (height * width))))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    outside, inside = np.zeros((1, 65)), np.zeros((1, 65))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    found = _cut(small, _shrunk(seeds, size), outside, inside, cv2.GC_INIT_WITH_MASK)
    grown = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    if scale == 1.0 or not outside.any():
        return np.where(certain, seeds == INSIDE, grown)
    reach = max(1, round(_BAND / scale))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    left_open = cv2.dilate(grown.astype(np.uint8), kernel) != cv2.erode(grown.astype(np.uint8), kernel)
    redrawn = np.where(
        left_open, np.where(grown, MAYBE_INSIDE, MAYBE_OUTSIDE), np.where(grown, INSIDE, OUTSIDE)
    ).astype(np.uint8)
    redrawn[certain] = seeds[certain]
    answer = redrawn == INSIDE
    rows, columns = np.flatnonzero(left_open.any(axis=1)), np.flatnonzero(left_open.any(axis=0))
    if len(rows):
        seen = np.s_[max(0, rows[0] - 1) : rows[-1] + 2, max(0, columns[0] - 1) : columns[-1] + 2]
        part, seeded = np.ascontiguousarray(picture[seen]), np.ascontiguousarray(redrawn[seen])
        answer[seen] = _cut(part, seeded, outside, inside, cv2.GC_EVAL_FREEZE_MODEL)
    return np.asarray(answer)


def _shrunk(seeds: UInt8, size: tuple[int, int]) -> UInt8:
    """Seeds of a smaller picture; certain pixels outvote the others of their small pixel."""

    def share(chosen: Bool) -> Float32:
        return np.asarray(cv2.resize(chosen.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)

    small = np.where(share((seeds == INSIDE) | (seeds == MAYBE_INSIDE)) > 0.5, MAYBE_INSIDE, MAYBE_OUTSIDE)
    inside, outside = share(seeds == INSIDE), share(seeds == OUTSIDE)
    small[inside > _HELD] = INSIDE
    small[(outside > _HELD) & (outside > inside)] = OUTSIDE
    return small.astype(np.uint8)


def _cut(picture: UInt8, seeds: UInt8, outside: Float64, inside: Float64, mode: int) -> Bool:
    """One round of GrabCut; `outside` and `inside` are its mixtures, learned or taken as they are by `mode`."""
    chosen = (seeds == INSIDE) | (seeds == MAYBE_INSIDE)
    left_open = (seeds == MAYBE_INSIDE) | (seeds == MAYBE_OUTSIDE)
    if not chosen.any() or chosen.all() or not left_open.any():
        return np.asarray(chosen)
    cv2.setRNGSeed(0)
    cv2.grabCut(picture, seeds, (0, 0, 1, 1), outside, inside, 1, mode)
    return np.asarray((seeds == INSIDE) | (seeds == MAYBE_INSIDE))
