"""Find the thing of one frame on another, by what it looks like: not where it moved, where it is.

Colors inside and around the thing are learned on one frame; on another, the place is looked for where these colors lie
in this shape and the picture looks the same. Every frame is searched for itself, so nothing drifts, and what left the
picture and came back is found again. Knows small pictures (`core/frame_motion.Sight`); deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from core.frame_motion import Sight
from core.prompts import Box, Click

BINS: Final = 16
"""Of each channel of Lab, in what colors are counted."""
SCALES: Final = (0.75, 0.87, 1.0, 1.15, 1.35)
"""Sizes the thing is looked for in, relative to where it was shown."""
RING: Final = 0.35
"""How wide the surroundings are that must look unlike it, in sizes of the thing."""
PEAKS: Final = 4
"""Places of each size that are looked at closely."""
LOOKS: Final = 22.0
"""Levels of Lab by which the picture may differ before it looks half as much alike."""
CELLS: Final = 9
"""Across and down, in what two small pictures are compared."""
FOUND: Final = 0.4
"""Part of the likeness it has to itself below which the thing is not there."""
LEAST_PX: Final = 24
"""A thing that covers fewer working pixels has no colors and no shape to be found by."""
MARGIN: Final = 0.04
"""How much larger than what was found the box is, in sizes of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where the thing is.

    Args:
        box: around it, in plate pixels.
        clicks: places deep inside it, in plate pixels, the deepest first; at most two.
        likeness: 1 as much like it as it is itself; below `FOUND` it is not there.
    """

    box: Box
    clicks: tuple[Click, ...]
    likeness: float


@dataclass(frozen=True, eq=False, slots=True)
class Likeness:
    """What a thing looks like.

    Args:
        table: (BINS, BINS, BINS) float32, -1 a color of its surroundings … 1 one of its own.
        shape: (h, w) float32, its coverage inside its bounds, in working pixels.
        lab: (h, w, 3) uint8, what it looks like there.
        own: the score of the thing at its own place.
    """

    table: Float32
    shape: Float32
    lab: UInt8
    own: float

    @classmethod
    def of(cls, seen: Sight, coverage: Float32) -> Likeness | None:
        """Learn what `coverage`, (h, w) 0-1 in working pixels, covers; None where that is too little to go by."""
        inside, outside = coverage > 0.6, coverage < 0.1
        if inside.sum() < LEAST_PX or outside.sum() < LEAST_PX:
            return None
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        around = outside & _near(inside, max(y1 - y0, x1 - x0))
        table = _table(seen.lab, inside, around if around.sum() >= LEAST_PX else outside)
        shape = np.ascontiguousarray(coverage[y0:y1, x0:x1], np.float32)
        made = cls(table, shape, np.ascontiguousarray(seen.lab[y0:y1, x0:x1]), 1.0)
        probable = made._probable(seen.lab)
        contrast = float(_contrasts(probable, shape)[y0, x0])
        return cls(table, shape, made.lab, max(0.05, 0.5 * contrast + 0.5))

    def find(self, seen: Sight) -> Found | None:
        """The place on another frame that is most like it; None where nothing is like it at all."""
        probable = self._probable(seen.lab)
        best, score = (0, 0, 1.0), -np.inf
        for scale in SCALES:
            shape = _sized(self.shape, scale)
            if not _fits(probable, shape):
                continue
            contrasts = _contrasts(probable, shape)
            lab = _sized_lab(self.lab, shape.shape)
            likely = 0.5 * contrasts + 0.5 * _resemblance(seen.lab, lab, shape)
            for y, x in _peaks(likely, shape.shape):
                alike = _alike(seen.lab[y : y + shape.shape[0], x : x + shape.shape[1]], lab, shape)
                value = 0.5 * float(contrasts[y, x]) + 0.5 * alike
                if value > score:
                    best, score = (y, x, scale), value
        if not np.isfinite(score):
            return None
        return self._place(seen, probable, best, score / self.own)

    def _probable(self, lab: UInt8) -> Float32:
        """(h, w) float32, how much each pixel's color is one of the thing's, -1 … 1; calmed a little."""
        places = (lab.astype(np.int32) * BINS) >> 8
        values = self.table[places[..., 0], places[..., 1], places[..., 2]]
        return np.asarray(cv2.GaussianBlur(values, (0, 0), 1.0), np.float32)

    def _place(self, seen: Sight, probable: Float32, where: tuple[int, int, float], likeness: float) -> Found:
        y, x, scale = where
        shape = _sized(self.shape, scale)
        high, wide = shape.shape
        body = (shape > 0.5) & (probable[y : y + high, x : x + wide] > 0)
        if body.sum() < LEAST_PX:
            body = shape > 0.5
        px, py = seen.window.width / seen.size[1], seen.window.height / seen.size[0]
        left, top = seen.window.x0, seen.window.y0
        spare_x, spare_y = MARGIN * wide, MARGIN * high
        box = Box(
            max(left, left + (x - spare_x) * px),
            max(top, top + (y - spare_y) * py),
            min(seen.window.x1, left + (x + wide + spare_x) * px),
            min(seen.window.y1, top + (y + high + spare_y) * py),
        )
        clicks = tuple(Click(left + (x + cx + 0.5) * px, top + (y + cy + 0.5) * py) for cx, cy in _deep(body))
        return Found(box, clicks, min(1.0, likeness))


def _near(inside: Bool, size: int) -> Bool:
    """The surroundings of a thing, about as wide as it is."""
    reach = max(3, size)
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(away <= reach)


def _table(lab: UInt8, inside: Bool, outside: Bool) -> Float32:
    """How much more often each color is inside than outside; smoothed, so that a color nobody saw is neither."""
    counts = []
    for where in (inside, outside):
        places = (lab[where].astype(np.int32) * BINS) >> 8
        flat = (places[:, 0] * BINS + places[:, 1]) * BINS + places[:, 2]
        count = np.bincount(flat, minlength=BINS**3).reshape(BINS, BINS, BINS).astype(np.float32)
        for axis in range(3):
            count = (0.5 * count + 0.25 * (np.roll(count, 1, axis) + np.roll(count, -1, axis))).astype(np.float32)
        counts.append(count / max(1.0, float(count.sum())))
    mine, others = counts
    return np.asarray((mine - others) / (mine + others + np.float32(1e-4)), np.float32)


def _sized(shape: Float32, scale: float) -> Float32:
    size = (max(3, round(shape.shape[1] * scale)), max(3, round(shape.shape[0] * scale)))
    return np.asarray(cv2.resize(shape, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _sized_lab(lab: UInt8, shape: tuple[int, int]) -> UInt8:
    return np.asarray(cv2.resize(lab, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


def _fits(probable: Float32, shape: Float32) -> bool:
    return bool(shape.shape[0] <= probable.shape[0] and shape.shape[1] <= probable.shape[1])


def _contrasts(probable: Float32, shape: Float32) -> Float32:
    """For each place of the shape's upper left corner: its colors inside less those around it, about -1 … 1.

    The surroundings reach beyond the picture's edge, where nothing is like the thing.
    """
    ring = max(2, round(RING * max(shape.shape)))
    body = cv2.copyMakeBorder(shape, ring, ring, ring, ring, cv2.BORDER_CONSTANT, value=0)
    around = np.asarray(1.0 - body, np.float32)
    kernel = body / max(1e-6, float(body.sum())) - 0.5 * around / max(1e-6, float(around.sum()))
    wider = cv2.copyMakeBorder(probable, ring, ring, ring, ring, cv2.BORDER_CONSTANT, value=-0.5)
    found = cv2.matchTemplate(wider, kernel.astype(np.float32), cv2.TM_CCORR)
    return np.asarray(found / 1.5, np.float32)


def _resemblance(there: UInt8, lab: UInt8, shape: Float32) -> Float32:
    """For each place of the shape's upper left corner: how much the picture looks like it there, pixel on pixel."""
    calm = max(1.0, 0.04 * max(shape.shape))
    picture, thing = (cv2.GaussianBlur(each, (0, 0), calm).astype(np.float32) for each in (there, lab))
    mask = np.ascontiguousarray(np.repeat(shape[..., None], 3, axis=2))
    apart = cv2.matchTemplate(picture, thing, cv2.TM_SQDIFF, mask=mask)
    distance = np.sqrt(np.maximum(apart, 0) / max(1e-6, float(np.square(shape).sum())))
    return np.asarray(np.exp2(-distance / LOOKS), np.float32)


def _peaks(scores: Float32, size: tuple[int, int]) -> list[tuple[int, int]]:
    """The highest places, (row, column), no two of them nearer than half the thing."""
    left = scores.copy()
    found = []
    for _ in range(PEAKS):
        _, _, _, (x, y) = cv2.minMaxLoc(left)
        if not np.isfinite(left[y, x]):
            break
        found.append((int(y), int(x)))
        high, wide = max(1, size[0] // 2), max(1, size[1] // 2)
        left[max(0, y - high) : y + high + 1, max(0, x - wide) : x + wide + 1] = -np.inf
    return found


def _alike(there: UInt8, lab: UInt8, shape: Float32) -> float:
    """How much two small pictures look alike inside a shape, 0-1: cell by cell, so that a leg may stand elsewhere; all
    of it may be a little brighter or darker."""
    weights = cv2.resize(shape, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    means = []
    for picture in (there, lab):
        covered = picture.astype(np.float32) * shape[..., None]
        means.append(cv2.resize(covered, (CELLS, CELLS), interpolation=cv2.INTER_AREA) / (weights[..., None] + 1e-3))
    apart = means[0] - means[1]
    weight = weights / max(1e-6, float(weights.sum()))
    light = float((apart[..., 0] * weight).sum())
    apart[..., 0] -= np.clip(light, -LOOKS, LOOKS)
    distance = float((np.sqrt(np.square(apart).sum(axis=2)) * weight).sum())
    return float(np.exp2(-distance / LOOKS))


def _deep(body: Bool) -> list[tuple[int, int]]:
    """The deepest place of a thing, (x, y), and the deepest far from it, where that is deep too."""
    depth = cv2.distanceTransform(np.pad(body, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    _, deepest, _, (x, y) = cv2.minMaxLoc(depth)
    found = [(int(x), int(y))]
    away = np.hypot(np.arange(body.shape[1])[None, :] - x, np.arange(body.shape[0])[:, None] - y)
    depth[away < max(body.shape) / 3] = 0
    _, second, _, (x, y) = cv2.minMaxLoc(depth)
    if second > 0.4 * deepest:
        found.append((int(x), int(y)))
    return found
