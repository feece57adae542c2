"""From a coarse matte to the edge of what is seen: of a small picture, and of the plate. Knows arrays only."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32
from inference.motion.flow import sized

SMOOTHNESS: Final = 1e-3
"""How much change of color counts as an edge, squared, where colors are about 0-1."""
SURE: Final = 0.02
"""A matte nearer than this to 0 or 1, all around, is left alone."""
SAME_COLOR: Final = 5.0
"""How far colors may differ to belong together, in Lab, where white is at 100."""
BESIDE: Final = 1
"""So many coarse places around have a say."""


def by_color(coverage: Float32, seen: Float32, where: Bool | None = None) -> Float32:
    """`coverage` (h, w) 0-1, coarse, at the size of `seen`: a pixel takes it from the places around of its own color.

    Args:
        seen: (H, W, 3) 0-1 as an eye sees it; larger than `coverage`.
        where: (H, W) the pixels that are worth it; the others get the coverage enlarged. All of them where it is None.

    Returns:
        (H, W) float32 0-1.
    """
    (rows, columns), (height, width) = coverage.shape, seen.shape[:2]
    answer = sized(coverage, (height, width)).copy()
    places = np.nonzero(np.ones((height, width), bool) if where is None else where)
    if not len(places[0]):
        return answer
    lab = cv2.cvtColor(np.clip(seen, 0.0, 1.0), cv2.COLOR_RGB2LAB) / np.float32(SAME_COLOR)
    coarse = cv2.resize(lab, (columns, rows), interpolation=cv2.INTER_AREA)
    mine = lab[places]
    y = (places[0].astype(np.float32) + 0.5) * (rows / height) - 0.5
    x = (places[1].astype(np.float32) + 0.5) * (columns / width) - 0.5
    near_y, near_x = np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)
    total, weights = np.zeros(len(y), np.float32), np.zeros(len(y), np.float32)
    for down in range(-BESIDE, BESIDE + 1):
        row = np.clip(near_y + down, 0, rows - 1)
        for right in range(-BESIDE, BESIDE + 1):
            column = np.clip(near_x + right, 0, columns - 1)
            unlike = np.square(mine - coarse[row, column]).sum(axis=-1)
            near = np.exp(-0.5 * ((y - row) ** 2 + (x - column) ** 2))
            # Where no place has the pixel's color, all around count alike.
            weight = near * (np.exp(-0.5 * unlike) + np.float32(1e-6))
            total += weight * coverage[row, column]
            weights += weight
    answer[places] = total / weights
    return answer


def at_plate_size(coverage: Float32, seen: Float32, full: Float32) -> Float32:
    """`coverage` (h, w) 0-1 at the size of `full`, its edge led by the full picture's.

    Args:
        seen: (h, w, 3) the picture at working size, as an eye sees it.
        full: (H, W, 3) the same at full size.

    Returns:
        (H, W) float32 0-1. Outside of the unsure band it is the enlarged coverage.
    """
    size = (full.shape[0], full.shape[1])
    enlarged = sized(coverage, size)
    if coverage.shape == size:
        return enlarged
    radius = 4
    box = (2 * radius + 1, 2 * radius + 1)
    gray = seen.mean(axis=-1)
    mean, mean_matte = cv2.blur(gray, box), cv2.blur(coverage, box)
    spread = cv2.blur(gray * gray, box) - mean * mean
    slope = (cv2.blur(gray * coverage, box) - mean * mean_matte) / (spread + SMOOTHNESS)
    offset = mean_matte - slope * mean
    slope, offset = cv2.blur(slope, box), cv2.blur(offset, box)
    unsure = ((coverage > SURE) & (coverage < 1.0 - SURE)).astype(np.float32)
    band = sized(np.asarray(cv2.dilate(unsure, np.ones((3, 3), np.uint8)), np.float32), size)
    led = sized(np.asarray(slope, np.float32), size) * full.mean(axis=-1) + sized(np.asarray(offset, np.float32), size)
    # The guided answer may sharpen what the enlarging blurred; it may not invent coverage far from it.
    led = np.clip(led, enlarged - 0.35, enlarged + 0.35)
    return np.asarray(np.clip(enlarged + band * (led - enlarged), 0.0, 1.0), np.float32)
