"""The simulated artist's hand: a few strokes of a brush over the worst regions of a matte, none of them exact.

The hand sees the subject's true edge a little beside where it is, works on the largest wrong region with a brush that
suits its width, then on what is the largest then, and stops after so many strokes, or when nothing is left that is
wide enough to be worth one. The same seed gives the same strokes. Clicks are `protocol.py`'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.geometry import Window
from core.painting import StrokePainter, paint_stroke
from core.prompts import Stroke, StrokePoint

MOST_STROKES: Final = 24
"""Strokes on one frame."""
HARDNESS: Final = 0.8
UNSURE_EDGE: Final = 0.001
"""How far beside the true edge the hand sees it, as a part of the picture's diagonal: one pixel of 854 × 480."""
WAVES: Final = 0.02
"""How long the waves of that are, as a part of the diagonal."""
TREMOR: Final = 0.08
"""How far the hand strays from its way, in radii of the brush."""
WORTH: Final = 0.002
"""A region that is nowhere deeper than this part of the diagonal is left as it is."""
LEAST_WORTH_PX: Final = 2.0
SMALLEST: Final = 0.003
LARGEST: Final = 0.06
"""The brush's radius, as parts of the diagonal."""
WIDER: Final = 1.4
"""The brush's radius against half of the region's width: it may reach into what is right anyway."""
LONGEST: Final = 30.0
"""Of a stroke, in radii."""
LEAST_GAIN: Final = 0.04
"""A stroke ends where its next stamp would mend less than this part of itself."""


@dataclass(frozen=True, slots=True)
class Painted:
    """One frame after the hand. `coverage`: (H, W) 0-1; `painted_px`: pixels touched, counted once a stroke."""

    coverage: Float32
    strokes: tuple[Stroke, ...]
    painted_px: int


def corrected(truth: Bool, coverage: Float32, seed: int, most: int = MOST_STROKES) -> Painted:
    """`coverage` (H, W) 0-1 after at most `most` strokes towards `truth` (H, W)."""
    random = np.random.default_rng(seed)
    diagonal = math.hypot(*truth.shape)
    seen = _as_seen(truth, random, diagonal)
    window = Window.of_size(truth.shape[1], truth.shape[0])
    strokes: list[Stroke] = []
    given_up = np.zeros(truth.shape, bool)
    touched = 0
    while len(strokes) < most:
        region = _worst(seen, coverage > 0.5, given_up, max(LEAST_WORTH_PX, WORTH * diagonal))
        if region is None:
            break
        places, adds = region
        stroke = _stroke(places, seen if adds else ~seen, adds, random, diagonal)
        after = coverage if stroke is None else paint_stroke(coverage, window, stroke)
        mended = int(((after > 0.5) != (coverage > 0.5))[places].sum())
        if stroke is None or mended == 0:
            given_up |= places
            continue
        strokes.append(stroke)
        touched += _touched(stroke, window)
        coverage = after
    return Painted(coverage, tuple(strokes), touched)


def _as_seen(truth: Bool, random: np.random.Generator, diagonal: float) -> Bool:
    """The subject as the hand takes it to be: its edge in soft waves beside the true one."""
    away = []
    for _ in range(2):
        noise = cv2.GaussianBlur(random.standard_normal(truth.shape).astype(np.float32), (0, 0), WAVES * diagonal / 2)
        away.append(noise * np.float32(UNSURE_EDGE * diagonal / max(float(noise.std()), 1e-6)))
    columns, rows = np.meshgrid(
        np.arange(truth.shape[1], dtype=np.float32), np.arange(truth.shape[0], dtype=np.float32)
    )
    moved = cv2.remap(
        truth.astype(np.uint8), columns + away[0], rows + away[1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved > 0)


def _worst(seen: Bool, got: Bool, given_up: Bool, worth_px: float) -> tuple[Bool, bool] | None:
    """The largest wrong region that is deep enough: its pixels, and whether coverage is to be added there."""
    best, largest = None, 0
    for wrong, adds in ((seen & ~got & ~given_up, True), (got & ~seen & ~given_up, False)):
        depth = _depth(wrong)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=4)
        for label in np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1:
            area = int(stats[label, cv2.CC_STAT_AREA])
            if area <= largest:
                break
            places = labels == label
            if float(depth[places].max()) > worth_px:
                best, largest = (np.asarray(places), adds), area
                break
    return best


def _stroke(places: Bool, side: Bool, adds: bool, random: np.random.Generator, diagonal: float) -> Stroke | None:
    """One stroke through a wrong region, its brush within `side`, where it does no harm; None where none fits."""
    depth = _depth(side)
    radius = float(np.clip(WIDER * _depth(places).max(), SMALLEST * diagonal, LARGEST * diagonal))
    while radius >= SMALLEST * diagonal:
        way = _way(places, np.asarray(depth >= radius * HARDNESS), radius)
        if way:
            break
        radius *= 0.7
    else:
        # Narrower than the smallest brush: over its middle line, a little too wide.
        radius = SMALLEST * diagonal
        way = _way(places, places, radius)
    if not way:
        return None
    return Stroke(_by_hand(way, radius, random), radius, adds, HARDNESS)


def _way(places: Bool, allowed: Bool, radius: float) -> list[tuple[float, float]]:
    """Places (x, y) of the brush, each chosen for what it mends, as long as there is something near that is worth it.

    Starts at the end of the region rather than in its middle, so that one stroke covers more of it.
    """
    reach = math.ceil(radius)
    rows, columns = np.flatnonzero(places.any(axis=1)), np.flatnonzero(places.any(axis=0))
    y0, x0 = max(0, int(rows[0]) - 2 * reach), max(0, int(columns[0]) - 2 * reach)
    part = (slice(y0, int(rows[-1]) + 2 * reach + 1), slice(x0, int(columns[-1]) + 2 * reach + 1))
    left, free = places[part].astype(np.float32), allowed[part]
    disc = _disc(radius)
    size = float(disc.sum())
    gain = np.where(free, cv2.filter2D(left, -1, disc, borderType=cv2.BORDER_CONSTANT), 0.0)
    if float(gain.max()) < LEAST_GAIN * size:
        return []
    good = np.argwhere(gain >= 0.6 * gain.max())
    y, x = (int(value) for value in good[np.argmax(np.abs(good - good.mean(axis=0)).sum(axis=1))])
    way, gone = [(x, y)], 0.0
    while gone < LONGEST * radius:
        cv2.circle(left, (x, y), int(radius), 0.0, -1)
        near = (
            slice(max(0, y - 2 * reach), y + 2 * reach + 1),
            slice(max(0, x - 2 * reach), x + 2 * reach + 1),
        )
        found = cv2.filter2D(left[near], -1, disc, borderType=cv2.BORDER_CONSTANT)
        rows, columns = np.ogrid[: found.shape[0], : found.shape[1]]
        distance = np.hypot(rows + near[0].start - y, columns + near[1].start - x)
        open_to = free[near] & (distance > 0.25 * radius) & (distance <= 1.5 * radius)
        worth = np.where(open_to, found - 0.1 * size * distance / radius, -1.0)
        place = int(np.argmax(worth))
        next_y, next_x = (int(value) for value in np.unravel_index(place, worth.shape))
        if float(found[next_y, next_x]) < LEAST_GAIN * size or worth[next_y, next_x] <= 0:
            break
        gone += float(distance[next_y, next_x])
        y, x = next_y + near[0].start, next_x + near[1].start
        way.append((x, y))
    return [(x0 + px + 0.5, y0 + py + 0.5) for px, py in way]


def _by_hand(way: Sequence[tuple[float, float]], radius: float, random: np.random.Generator) -> tuple[StrokePoint, ...]:
    stray = random.normal(0.0, TREMOR * radius, (len(way), 2))
    return tuple(StrokePoint(float(x + dx), float(y + dy)) for (x, y), (dx, dy) in zip(way, stray, strict=True))


def _touched(stroke: Stroke, window: Window) -> int:
    reach = stroke.bounds().intersect(window)
    return 0 if reach.empty else int(np.count_nonzero(StrokePainter.replay(stroke, reach).buffer))


def _depth(mask: Bool) -> Float32:
    """(H, W) pixels to the nearest pixel outside; the picture's border is no outside."""
    if mask.all():
        return np.full(mask.shape, np.float32(max(mask.shape)))
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _disc(radius: float) -> Float32:
    reach = math.ceil(radius)
    rows, columns = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(rows**2 + columns**2 <= radius**2, np.float32)
