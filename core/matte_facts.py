"""What can be measured of a matte without knowing the truth: alone, against the next frame's, against the key frame's.

Knows small copies of frames (`core/frame_motion.py`) and mattes at the same size. Judges nothing: what the numbers
mean for the error is said in `core/expected_error.py`. All lengths are working pixels unless they say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from core.frame_motion import Motion, Sight, reduced, warped, work_size
from core.geometry import Window
from core.matte import Matte

LEAST_PX: Final = 4.0
"""A matte smaller than this is taken for empty."""
LEAST_PART: Final = 0.02
"""A piece smaller than this part of the subject is a speck, not a part."""
BINS: Final = 16
"""Of the palette, in each of L, a and b."""


@dataclass(frozen=True, eq=False, slots=True)
class SmallMatte:
    """A matte at working size, and what follows from it alone.

    Args:
        coverage: (h, w) float32 0-1.
        area_px: the sum of it.
        edge_px: the length of its half-coverage line.
        band: (h, w) bool, the pixels around that line.
        parts: how many pieces it has, specks left out.
    """

    coverage: Float32
    area_px: float
    edge_px: float
    band: Bool
    parts: int

    @property
    def empty(self) -> bool:
        return self.area_px < LEAST_PX

    @property
    def thinness(self) -> float:
        """What part of the subject one pixel of edge is: how much an edge that is off by one pixel costs."""
        return self.edge_px / max(self.area_px, LEAST_PX)


def small_matte(matte: Matte, window: Window) -> SmallMatte:
    """`matte` over `window`, at the size in which a frame of that window is judged."""
    return measured(reduced(matte.over(window), work_size(window)))


def measured(coverage: Float32) -> SmallMatte:
    """(h, w) float32 0-1, measured."""
    inside = (coverage > 0.5).astype(np.uint8)
    area = float(coverage.sum())
    lines, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    length = float(sum(cv2.arcLength(line, closed=True) for line in lines))
    drawn = np.zeros(inside.shape, np.uint8)
    cv2.drawContours(drawn, lines, -1, 1, 1)
    band = cv2.dilate(drawn, np.ones((7, 7), np.uint8)) > 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    pieces = stats[1:, cv2.CC_STAT_AREA]
    parts = int(np.count_nonzero(pieces >= max(LEAST_PX, LEAST_PART * area)))
    return SmallMatte(coverage, area, length, np.asarray(band), parts)


@dataclass(frozen=True, slots=True)
class Step:
    """Two neighbouring frames' mattes against each other.

    Args:
        chatter: how far the edge moves against the picture, in working pixels, the mean along the edge.
        slip: how far the way to the next frame and back misses home at the edge.
        speed: how far the subject moves.
        change: how much of the matte comes or goes although the picture does not: 1 - intersection over union.
        lost_at: where along the edge the way is missed, across and down: 0 all around, 1 all at the right or bottom.
    """

    chatter: float
    slip: float
    speed: float
    change: float
    lost_at: tuple[float, float] = (0.0, 0.0)


def step(here: SmallMatte, there: SmallMatte, moved: Motion) -> Step:
    """`moved` leads from `here` to `there`."""
    if here.empty and there.empty:
        return Step(0.0, 0.0, 0.0, 0.0)
    ways = ((here, there, moved.forth, moved.stray), (there, here, moved.back, moved.stray_back))
    chatter, slip, speed, change = [], [], [], []
    for mine, other, to, stray in ways:
        carried = warped(other.coverage, to)
        off = np.abs(mine.coverage - carried)
        chatter.append(float(off.sum()) / max(mine.edge_px, other.edge_px, 1.0))
        change.append(float(off.sum()) / max(float(np.maximum(mine.coverage, carried).sum()), LEAST_PX))
        if not mine.empty:
            slip.append(float(stray[mine.band].mean()) if mine.band.any() else 0.0)
            speed.append(float((np.hypot(to[..., 0], to[..., 1]) * mine.coverage).sum()) / mine.area_px)
    return Step(_mean(chatter), _mean(slip), _mean(speed), _mean(change), _lost_at(here, moved.stray))


def _lost_at(matte: SmallMatte, stray: Float32) -> tuple[float, float]:
    rows, columns = np.nonzero(matte.band)
    weights = stray[rows, columns].astype(np.float64)
    if not len(rows) or weights.sum() <= 0.0:
        return 0.0, 0.0
    places = []
    for along in (columns, rows):
        half = max((float(along.max()) - float(along.min())) / 2, 1.0)
        places.append(float(np.clip((weights @ along / weights.sum() - along.mean()) / half, -1.0, 1.0)))
    return places[0], places[1]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def chatter_heat(here: SmallMatte, there: SmallMatte, moved: Motion) -> Float32:
    """(h, w) float32 0-1: where the matte differs from its neighbour's, carried along the picture's motion."""
    return np.asarray(np.abs(here.coverage - warped(there.coverage, moved.forth)), np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Palette:
    """The colors of a subject and of its surroundings, learned on a key frame.

    Args:
        share: (BINS, BINS, BINS) float32: how likely a color belongs to the subject, 0-1.
        wrong_inside, wrong_outside: what part of the key frame's own pixels it gets wrong, 0-1.
        steepness: the picture's mean gradient along the key frame's edge.
    """

    share: Float32
    wrong_inside: float
    wrong_outside: float
    steepness: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """A matte against a key frame's palette.

    Args:
        doubt: what part of the subject has a color that speaks against it, beyond the key frame's own.
        steepness: the picture's gradient along the edge, relative to the key frame's.
    """

    doubt: float
    steepness: float


def palette(seen: Sight, matte: SmallMatte) -> Palette | None:
    """What a key frame teaches; None where it has no subject or no surroundings."""
    around = _around(matte)
    inside = matte.coverage > 0.75
    if np.count_nonzero(inside) < 8 or np.count_nonzero(around) < 8:
        return None
    subject, ground = _histogram(seen.lab, inside), _histogram(seen.lab, around)
    share = np.asarray((subject + 1e-6) / (subject + ground + 2e-6), np.float32)
    likely = _looked_up(share, seen.lab)
    wrong_inside, wrong_outside = 1.0 - float(likely[inside].mean()), float(likely[around].mean())
    return Palette(share, wrong_inside, wrong_outside, _along_edge(seen, matte))


def likeness(seen: Sight, matte: SmallMatte, known: Palette) -> Likeness:
    """How well this matte fits what the key frame taught."""
    if matte.empty:
        return Likeness(0.0, 1.0)
    around, inside = _around(matte), matte.coverage > 0.5
    likely = _looked_up(known.share, seen.lab)
    too_much = (1.0 - float(likely[inside].mean()) - known.wrong_inside) if inside.any() else 0.0
    too_little = (float(likely[around].mean()) - known.wrong_outside) if around.any() else 0.0
    ring = np.count_nonzero(around) / max(matte.area_px, LEAST_PX)
    return Likeness(
        max(0.0, too_much) + ring * max(0.0, too_little), _along_edge(seen, matte) / max(known.steepness, 1e-3)
    )


def _around(matte: SmallMatte) -> Bool:
    """The surroundings: a ring about as large as the subject."""
    radius = int(np.clip(round(0.25 * np.sqrt(max(matte.area_px, 1.0))), 4, 40))
    core = (matte.coverage > 0.05).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray((cv2.dilate(core, kernel) > 0) & (core == 0))


def _bins(lab: UInt8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # a and b of real pictures keep near the middle: their bins are half as wide as those of L.
    light = lab[..., 0] >> 4
    around = np.clip((lab[..., 1:].astype(np.int16) - 64) >> 3, 0, BINS - 1)
    return light, around[..., 0], around[..., 1]


def _histogram(lab: UInt8, chosen: Bool) -> Float32:
    """(BINS, BINS, BINS) float32 that sums to 1, softened over neighbouring bins."""
    light, a, b = _bins(lab[chosen])
    flat = (light.astype(np.int64) * BINS + a) * BINS + b
    counts = np.bincount(flat, minlength=BINS**3).astype(np.float32).reshape(BINS, BINS, BINS)
    for axis in range(3):
        rolled = np.moveaxis(counts, axis, 0)
        soft = 0.5 * rolled
        soft[1:] += 0.25 * rolled[:-1]
        soft[:-1] += 0.25 * rolled[1:]
        counts = np.moveaxis(soft, 0, axis)
    return np.asarray(counts / max(float(counts.sum()), 1e-6), np.float32)


def _looked_up(share: Float32, lab: UInt8) -> Float32:
    light, a, b = _bins(lab)
    return np.asarray(cv2.blur(np.ascontiguousarray(share[light, a, b]), (3, 3)), np.float32)


def _along_edge(seen: Sight, matte: SmallMatte) -> float:
    """The mean of the steepest gradient within a pixel of the edge."""
    line = cv2.morphologyEx((matte.coverage > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    if not line.any():
        return 0.0
    return float(cv2.dilate(seen.gradient, np.ones((3, 3), np.uint8))[line].mean())
