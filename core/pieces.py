"""The separate pieces of a matte, and which piece of the next frame is which.

A piece is what hangs together at half coverage; the soft rim around it, and specks too small to be a piece, belong to
the piece they are nearest to, so that the pieces of a matte add up to it again. From frame to frame a piece is known by
where it lies: it is what overlaps with it most. Pieces that run into one another are cut where they are as near to the
one as to the other of the frame before. Knows neither layers nor files.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import AnyFloat, UInt8

MOST_PIECES = 24
"""So many at most; smaller ones than the largest so many join the nearest."""
SMALLEST_PART = 0.005
"""Of the whole matte; what is smaller is no piece of its own."""
_SHARE = 0.1
"""Of the largest overlap; an overlap smaller than this is a brush in passing."""

_Ints = npt.NDArray[np.int32]


def pieces(coverage: AnyFloat) -> UInt8:
    """Which piece every pixel belongs to.

    Args:
        coverage: (H, W), 0-1.

    Returns:
        (H, W): 1 for the largest piece, 2 for the next; 0 where the coverage is 0.
    """
    solid = _solid(coverage)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    if count <= 1:
        return np.zeros(coverage.shape, np.uint8)
    areas = np.asarray(stats[1:, cv2.CC_STAT_AREA])
    largest = np.argsort(-areas, kind="stable")[:MOST_PIECES]
    kept = largest[areas[largest] >= SMALLEST_PART * areas.sum()]
    named = np.zeros(count, np.uint8)
    named[kept + 1] = np.arange(1, len(kept) + 1)
    return _spread(named[np.asarray(numbers)], coverage)


def followed(coverage: AnyFloat, before: UInt8) -> UInt8:
    """The pieces of another frame by the names they had in the frame before.

    Args:
        coverage: (H, W), 0-1.
        before: (H, W), as `pieces` gives it, not all 0.

    Returns:
        (H, W): as `before`; a piece that is not seen here has no pixel.
    """
    solid = _solid(coverage)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    result = np.zeros(coverage.shape, np.uint8)
    if count <= 1:
        return result
    near = _nearest(before)
    names = int(before.max()) + 1
    for number in range(1, count):
        x, y, width, height = (int(stats[number, place]) for place in range(4))
        place = np.s_[y : y + height, x : x + width]
        here = np.asarray(numbers[place] == number)
        overlap = np.bincount(before[place][here], minlength=names)[1:]
        claims = np.flatnonzero(overlap > _SHARE * overlap.max()) + 1
        if not len(claims):  # it lies where nothing was
            claims = np.array([np.bincount(near[place][here]).argmax()])
        wanted = near[place][here]
        wanted[~np.isin(wanted, claims)] = claims[np.argmax(overlap[claims - 1])]
        result[place][here] = wanted
    return _spread(result, coverage)


def remembered(labels: UInt8, before: UInt8) -> UInt8:
    """`labels`, and where a piece is not seen, the place where it was seen last, for the frame after this one."""
    gone = np.setdiff1d(np.unique(before), np.unique(labels))
    return np.where((labels == 0) & np.isin(before, gone), before, labels).astype(np.uint8)


def _solid(coverage: AnyFloat) -> UInt8:
    """1 at half coverage or more; of a matte that nowhere has so much, wherever there is any."""
    solid = coverage >= np.float32(0.5)
    return (solid if solid.any() else coverage > 0).astype(np.uint8)


def _spread(labels: UInt8, coverage: AnyFloat) -> UInt8:
    """Every pixel with any coverage gets the label it is nearest to."""
    covered = coverage > 0
    if not labels.any() or not (covered & (labels == 0)).any():
        return labels
    return np.where(covered, _nearest(labels), 0).astype(np.uint8)


def _nearest(labels: UInt8) -> UInt8:
    """The label nearest to every pixel."""
    _, places = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers: _Ints = np.asarray(places, np.int32)
    label_of = np.zeros(int(numbers.max()) + 1, np.uint8)
    marked = labels > 0
    label_of[numbers[marked]] = labels[marked]
    return label_of[numbers]
