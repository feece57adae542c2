"""Small regions of a picture and the graph between neighbours: what clicks are reasoned about on.

Knows colors and borders, not prompts. About two thousand regions stand for the picture, so that growing, cutting
and walking over them costs milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Regions and the edges between those that touch.

    Args:
        labels: (h, w) int32, 0 to n - 1, every region connected.
        color: (n, 3) mean of the perceptual picture.
        area: (n,) pixels.
        centre: (n, 2) x, y of the mean pixel.
        rim: (n,) pixels of the region on the picture's border.
        tail, head: (m,) the two regions of an edge, tail < head.
        length: (m,) pixels of border between them.
        contrast: (m,) how strongly the picture changes across the border, perceptual units.
        affinity: (m,) 1 where nothing divides the two, towards 0 across a strong edge.
    """

    labels: Int32
    color: Float64
    area: Float64
    centre: Float64
    rim: Float64
    tail: Int32
    head: Int32
    length: Float64
    contrast: Float64
    affinity: Float64

    @property
    def count(self) -> int:
        return len(self.area)

    def mean(self, seen: Float32) -> Float64:
        """(n,) mean of an (h, w) array over each region."""
        return np.asarray(np.bincount(self.labels.ravel(), seen.ravel(), self.count) / self.area)


def _gradient(picture: Float32) -> Float32:
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    return np.asarray(np.sqrt((dx * dx + dy * dy).sum(axis=2)) / 8.0, np.float32)


def _seeds(gradient: Float32, step_px: int) -> Int32:
    """One marker per cell of a grid, at the calmest pixel of the cell's middle."""
    height, width = gradient.shape
    rows = np.linspace(0, height, max(1, round(height / step_px)) + 1).astype(int)
    columns = np.linspace(0, width, max(1, round(width / step_px)) + 1).astype(int)
    markers = np.zeros((height, width), np.int32)
    label = 1
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            inset_y = (bottom - top) // 4
            inset_x = (right - left) // 4
            cell = gradient[top + inset_y : bottom - inset_y, left + inset_x : right - inset_x]
            y, x = divmod(int(cell.argmin()), cell.shape[1])
            markers[top + inset_y + y, left + inset_x + x] = label
            label += 1
    return markers


def _watershed(picture: Float32, markers: Int32) -> Int32:
    """Flood from the markers; every pixel gets a label (the lines go to the neighbour of the nearest color)."""
    low, high = np.percentile(picture[::2, ::2], [0.5, 99.5])
    bytes_ = np.clip((picture - low) * (255.0 / max(high - low, 1e-6)), 0, 255).astype(np.uint8)
    bytes_ = cv2.copyMakeBorder(cv2.GaussianBlur(bytes_, (3, 3), 0), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    flooded = cv2.copyMakeBorder(markers, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.watershed(np.ascontiguousarray(bytes_), flooded)
    labels = np.ascontiguousarray(flooded[1:-1, 1:-1])
    for _ in range(4):
        ys, xs = np.nonzero(labels < 1)
        if not len(ys):
            break
        best = np.full(len(ys), np.inf, np.float32)
        chosen = np.zeros(len(ys), np.int32)
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            ny = np.clip(ys + dy, 0, labels.shape[0] - 1)
            nx = np.clip(xs + dx, 0, labels.shape[1] - 1)
            apart = np.square(picture[ny, nx] - picture[ys, xs]).sum(axis=1)
            apart[labels[ny, nx] < 1] = np.inf
            nearer = apart < best
            best[nearer] = apart[nearer]
            chosen[nearer] = labels[ny, nx][nearer]
        labels[ys, xs] = chosen
    return np.maximum(labels - 1, 0)


def find_regions(picture: Float32, step_px: int) -> Regions:
    """Divide a perceptual picture into regions about `step_px` wide that follow its edges.

    Args:
        picture: (h, w, 3) from `reduced.perceptual`.
    """
    gradient = _gradient(picture)
    labels = _watershed(picture, _seeds(gradient, step_px))
    used, places = np.unique(labels, return_inverse=True)
    labels = places.reshape(picture.shape[:2]).astype(np.int32)
    count = len(used)
    flat = labels.ravel()
    area = np.bincount(flat, minlength=count).astype(np.float64)
    color = np.stack([np.bincount(flat, picture[..., c].ravel(), count) / area for c in range(3)], axis=1)
    ys, xs = np.indices(labels.shape)
    sums = np.stack([np.bincount(flat, xs.ravel(), count), np.bincount(flat, ys.ravel(), count)], axis=1)
    centre = sums / area[:, None]
    rim = np.zeros(count)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        rim += np.bincount(side, minlength=count)
    tail, head, length, across = _borders(labels, picture)
    apart = np.sqrt(np.square(color[tail] - color[head]).sum(axis=1))
    contrast = 0.5 * apart + 0.5 * across
    scale = float(contrast.mean()) + 1e-6 if len(contrast) else 1.0
    affinity = np.exp(-np.square(contrast / scale) * 0.7)
    return Regions(labels, color, area, centre, rim, tail, head, length, contrast, affinity)


def _borders(labels: Int32, picture: Float32) -> tuple[Int32, Int32, Float64, Float64]:
    """Pairs that touch, the length of their border and the mean change of the picture across it."""
    soft = cv2.GaussianBlur(picture, (3, 3), 0)
    count = int(labels.max()) + 1
    keys, changes = [], []
    for axis in (0, 1):
        size = labels.shape[axis]
        if size < 4:
            continue
        near, far = labels.take(range(size - 1), axis), labels.take(range(1, size), axis)
        before = soft.take(np.clip(np.arange(size - 1) - 1, 0, size - 1), axis)
        after = soft.take(np.clip(np.arange(size - 1) + 2, 0, size - 1), axis)
        differ = near != far
        a, b = near[differ].astype(np.int64), far[differ].astype(np.int64)
        keys.append(np.minimum(a, b) * count + np.maximum(a, b))
        changes.append(np.sqrt(np.square(after[differ] - before[differ]).sum(axis=1)))
    key = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    change = np.concatenate(changes) if changes else np.zeros(0, np.float32)
    pairs, place = np.unique(key, return_inverse=True)
    length = np.bincount(place, minlength=len(pairs)).astype(np.float64)
    across = np.bincount(place, change, len(pairs)) / np.maximum(length, 1)
    return (pairs // count).astype(np.int32), (pairs % count).astype(np.int32), length, across
