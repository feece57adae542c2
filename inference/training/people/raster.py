"""Triangles to samples: which triangle is seen at each sample of a grid, and where on it.

Whole arrays at a time: triangles are sorted by size, and all of one size are tried on a grid of that size at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import Bool, Float32
from inference.training.people.assets import Int32

_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 1024)
_AT_ONCE = 1_500_000


@dataclass(frozen=True, slots=True)
class Fragments:
    """Where triangles cover samples.

    Args:
        sample: (N,) number of the sample, row by row.
        depth: (N,) distance, larger is farther.
        face: (N,) number of the triangle.
        shares: (N, 3) of its corners.
    """

    sample: npt.NDArray[np.int64]
    depth: Float32
    face: Int32
    shares: Float32

    def __len__(self) -> int:
        return len(self.sample)

    def where(self, chosen: Bool | npt.NDArray[np.int64]) -> Fragments:
        return Fragments(self.sample[chosen], self.depth[chosen], self.face[chosen], self.shares[chosen])


def covered(points: Float32, faces: Int32, shape: tuple[int, int]) -> Fragments:
    """Every sample that every triangle covers.

    Args:
        points: (V, 3) x and y in samples (a sample's middle is at .5), and depth.
        faces: (F, 3) places in `points`.
        shape: rows and columns.
    """
    height, width = shape
    corners = points[faces]
    low = np.ceil(corners[..., :2].min(axis=1) - 0.5).astype(np.int64)
    high = np.floor(corners[..., :2].max(axis=1) - 0.5).astype(np.int64)
    low, high = np.maximum(low, 0), np.minimum(high, [width - 1, height - 1])
    size = (high - low).max(axis=1) + 1
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    fit = ((high - low).min(axis=1) >= 0) & (np.abs(area) > 1e-9)
    found: list[Fragments] = []
    least = 0
    for largest in _SIZES:
        chosen = np.nonzero(fit & (size > least) & (size <= largest))[0]
        least = largest
        step = max(1, _AT_ONCE // (largest * largest))
        for start in range(0, len(chosen), step):
            some = chosen[start : start + step]
            found.append(_tried(corners[some], area[some], low[some], high[some], largest, some, width))
    if not found:
        empty = np.zeros(0, np.float32)
        return Fragments(np.zeros(0, np.int64), empty, np.zeros(0, np.int32), np.zeros((0, 3), np.float32))
    return Fragments(
        np.concatenate([piece.sample for piece in found]),
        np.concatenate([piece.depth for piece in found]),
        np.concatenate([piece.face for piece in found]),
        np.concatenate([piece.shares for piece in found]),
    )


def _tried(
    corners: Float32,
    area: Float32,
    low: npt.NDArray[np.int64],
    high: npt.NDArray[np.int64],
    side: int,
    numbers: npt.NDArray[np.int64],
    width: int,
) -> Fragments:
    reach = np.arange(side)
    columns, rows = low[:, :1] + reach, low[:, 1:] + reach
    x = (columns + np.float32(0.5) - corners[:, :1, 0])[:, None, :].astype(np.float32)
    y = (rows + np.float32(0.5) - corners[:, :1, 1])[:, :, None].astype(np.float32)
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    by = (np.float32(1) / area)[:, None, None]
    second = (x * two[:, 1, None, None] - y * two[:, 0, None, None]) * by
    third = (y * one[:, 0, None, None] - x * one[:, 1, None, None]) * by
    inside = (second >= -1e-6) & (third >= -1e-6) & (second + third <= 1 + 1e-6)
    inside &= (columns <= high[:, :1])[:, None, :] & (rows <= high[:, 1:])[:, :, None]
    which, row, column = np.nonzero(inside)
    share_2, share_3 = second[which, row, column], third[which, row, column]
    shares = np.stack([1 - share_2 - share_3, share_2, share_3], axis=1).astype(np.float32)
    depth = np.einsum("ij,ij->i", corners[which, :, 2], shares)
    sample = rows[which, row] * width + columns[which, column]
    return Fragments(sample, depth, numbers[which].astype(np.int32), shares)


def nearest(fragments: Fragments, samples: int) -> npt.NDArray[np.int64]:
    """(samples,) place of the nearest fragment on each sample, -1 where there is none."""
    seen = np.full(samples, -1, np.int64)
    if not len(fragments):
        return seen
    depth = fragments.depth.astype(np.float64)
    span = max(float(np.ptp(depth)), 1e-9)
    keys = ((depth - depth.min()) / span * (2**30)).astype(np.int64) << 32 | np.arange(len(depth), dtype=np.int64)
    least = np.full(samples, np.iinfo(np.int64).max)
    np.minimum.at(least, fragments.sample, keys)
    covered_ones = least != np.iinfo(np.int64).max
    seen[covered_ones] = least[covered_ones] & 0xFFFFFFFF
    return seen


def ranked(fragments: Fragments, order: npt.NDArray[np.int64]) -> Int32:
    """(N,) how many of the same sample lie nearer, of fragments taken in `order` (by sample, then depth)."""
    sample = fragments.sample[order]
    starts = np.concatenate([[True], sample[1:] != sample[:-1]])
    first = np.maximum.accumulate(np.where(starts, np.arange(len(sample)), 0))
    return (np.arange(len(sample)) - first).astype(np.int32)


def normals_of(points: Float32, faces: Int32) -> Float32:
    """(V, 3) of length 1, smooth over the triangles around each point."""
    corners = points[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    summed = np.zeros_like(points)
    for place in range(3):
        for axis in range(3):
            summed[:, axis] += np.bincount(faces[:, place], across[:, axis], len(points))
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(length, 1e-9), np.float32)
