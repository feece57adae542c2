"""How far every pixel is from the edge of a matte: from the line where its coverage is a half, to a part of a pixel.

Knows coverage only. The nearest pixel of the outline is found, and how far beyond its centre the line runs.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.arrays import Float32, UInt8


def edge_distance(coverage: Float32, reach_px: float) -> Float32 | None:
    """Distance to the half line, negative inside.

    Beyond its border the picture is taken to go on as it ends: the border is no edge.

    Args:
        coverage: (H, W) float32, 0-1.
        reach_px: nobody asks how far further pixels are.

    Returns:
        (H, W) float32 in pixels, never beyond `reach_px` on either side; None where there is no edge.
    """
    inside = np.asarray(coverage >= 0.5, np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    outline = inside & ~np.asarray(cv2.erode(inside, cross, borderType=cv2.BORDER_CONSTANT, borderValue=(1,)), np.uint8)
    x, y, width, height = cv2.boundingRect(outline)
    if not width:
        return None
    margin = math.ceil(reach_px) + 2
    rows = slice(max(0, y - margin), y + height + margin)
    columns = slice(max(0, x - margin), x + width + margin)
    far = np.float32(reach_px)
    result = np.where(inside > 0, -far, far).astype(np.float32, copy=False)
    result[rows, columns] = _near(
        np.ascontiguousarray(coverage[rows, columns]), inside[rows, columns], outline[rows, columns], far
    )
    return result


def _near(coverage: Float32, inside: UInt8, outline: UInt8, far: np.float32) -> Float32:
    rough, labels = cv2.distanceTransformWithLabels(
        1 - outline, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    seeds = np.flatnonzero(outline)
    place_of = np.zeros(len(seeds) + 1, np.int64)
    place_of[labels.ravel()[seeds]] = np.arange(len(seeds))
    beyond = _beyond(coverage, seeds)
    signed = np.where(inside > 0, -far, far).astype(np.float32).ravel()
    asked = np.flatnonzero((rough <= far + 2).ravel())
    nearest = place_of[labels.ravel()[asked]]
    width = coverage.shape[1]
    row, column = np.divmod(asked, width)
    seed_row, seed_column = np.divmod(seeds, width)
    away = np.hypot(row - seed_row[nearest], column - seed_column[nearest]).astype(np.float32)
    within = inside.ravel()[asked] > 0
    signed[asked] = np.clip(np.where(within, -away, away) - beyond[nearest], -far, far)
    return signed.reshape(coverage.shape)


def _beyond(coverage: Float32, seeds: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Float32:
    """How far the line runs beyond the centres of these pixels of the outline, 0-1."""
    height, width = coverage.shape
    row, column = np.divmod(seeds, width)
    own = coverage.ravel()[seeds]
    lowest = own
    for down, across in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beside = coverage[np.clip(row + down, 0, height - 1), np.clip(column + across, 0, width - 1)]
        lowest = np.minimum(lowest, beside)
    return np.asarray(np.clip((own - 0.5) / np.maximum(own - lowest, 1e-6), 0.0, 1.0), np.float32)
