"""The outlines of a matte at half coverage, to a part of a pixel, as closed lines measured by their length.

Knows arrays; knows neither shapes nor time.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from core.arrays import Float32
from core.roto.outline import Float64

FINER = 4
"""So many times more pixels are looked at across and down."""
SMOOTH_PX = 1.0
"""Steps of pixels along an outline are averaged over about this length."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed line.

    Args:
        corners: (N, 2) places in plate pixels, y down; the last is joined with the first.
        hole: what is inside of it is not covered.
    """

    corners: Float64
    hole: bool = False

    @property
    def lengths(self) -> Float64:
        """(N + 1) along the line from its first place to each, and back to it."""
        steps = np.roll(self.corners, -1, 0) - self.corners
        return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])

    @property
    def area_px2(self) -> float:
        x, y = self.corners[:, 0], self.corners[:, 1]
        return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2

    @property
    def middle(self) -> Float64:
        return np.asarray(self.corners.mean(0), np.float64)

    def at(self, parts: Float64) -> Float64:
        """(M, 2) places at these parts of its length; 1 is a whole round, and more goes round again."""
        lengths = self.lengths
        along = np.mod(parts, 1.0) * lengths[-1]
        closed = np.concatenate([self.corners, self.corners[:1]])
        return np.stack([np.interp(along, lengths, closed[:, axis]) for axis in (0, 1)], 1)

    def normals(self, parts: Float64) -> Float64:
        """(M, 2) of length 1, all to one side."""
        step = 1.5 / max(self.lengths[-1], 1e-6)
        way = self.at(parts + step) - self.at(parts - step)
        turned = np.stack([way[:, 1], -way[:, 0]], 1)
        return np.asarray(turned / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None], np.float64)


def outlines(coverage: Float32, x0: float = 0.0, y0: float = 0.0) -> list[Outline]:
    """All outlines of a matte where its coverage is a half, the largest first.

    Args:
        coverage: (H, W), 0-1.
        x0, y0: the place of its first pixel's corner in the plate.
    """
    rows, columns = np.flatnonzero((coverage > 0.5).any(1)), np.flatnonzero((coverage > 0.5).any(0))
    if not len(rows):
        return []
    top, left = max(0, int(rows[0]) - 2), max(0, int(columns[0]) - 2)  # faint pixels beside it say where a half is
    inside = np.pad(coverage[top : rows[-1] + 3, left : columns[-1] + 3], 2).astype(np.float32)
    size = inside.shape[1] * FINER, inside.shape[0] * FINER
    larger = cv2.resize(inside, size, interpolation=cv2.INTER_LINEAR)
    chains, family = cv2.findContours((larger > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for chain, relatives in zip(chains, family[0] if family is not None else (), strict=True):
        if len(chain) < 8:
            continue
        hole = bool(relatives[3] >= 0)
        line = _smooth(chain[:, 0, :].astype(np.float64))
        line = _outward(line, 0.5 if not hole else -0.5)
        places = (line + 0.5) / FINER - 2 + np.array([left + x0, top + y0])
        found.append(Outline(places, hole))
    return sorted(found, key=lambda outline: -outline.area_px2)


def _smooth(chain: Float64) -> Float64:
    """Without the steps of pixels; what lies straight stays where it is."""
    return np.asarray(gaussian_filter1d(chain, SMOOTH_PX * FINER, axis=0, mode="wrap"), np.float64)


def _outward(line: Float64, by: float) -> Float64:
    """A chain goes through the middles of the outermost pixels: their outer edge is half a pixel on."""
    way = np.roll(line, -2, 0) - np.roll(line, 2, 0)
    turned = np.stack([way[:, 1], -way[:, 0]], 1) / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    x, y = line[:, 0], line[:, 1]
    around = np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))
    return np.asarray(line + np.sign(around) * by * turned, np.float64)
