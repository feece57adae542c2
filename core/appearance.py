"""What a subject looks like in one frame, as a few hundred numbers, and how unlike two frames are.

Made from small copies (`core/frame_motion.py`, `core/matte_facts.py`), so it is only as good as the matte is there.
Judges nothing: what it means for the frame to correct next is said in `core/correct_next.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.frame_motion import Sight
from core.matte_facts import LEAST_PX, SmallMatte

SIDE: Final = 24
"""The subject is looked at in a square of so many cells, whatever its size."""
MARGIN: Final = 1.1
"""How much larger than the subject that square is."""
SPECKS: Final = (0.005, 0.995)
"""What of the coverage lies outside these parts, across or down, is not the subject."""
BINS: Final = 8
"""Of the colors, in each of L, a and b."""
CUT: Final = 0.5
"""Coverage on the picture's border from which the subject is cut off there."""
SHAPE, COLOR, DETAIL = 0.45, 0.45, 0.1
"""What each kind of unlikeness weighs."""


@dataclass(frozen=True, eq=False, slots=True)
class Appearance:
    """A subject in one frame.

    Args:
        shape: (SIDE * SIDE) float32, its coverage in the square, of length 1.
        detail: (SIDE * SIDE) float32, its lightness there without the mean, of length 1.
        colors: (BINS ** 3) float32, the roots of its color histogram, of length 1.
        area_px: working pixels.
        cut: whether the picture's left, right, top and bottom border cut it off.
    """

    shape: Float32
    detail: Float32
    colors: Float32
    area_px: float
    cut: tuple[bool, bool, bool, bool] = (False, False, False, False)


NOTHING: Final = Appearance(
    np.zeros(SIDE * SIDE, np.float32), np.zeros(SIDE * SIDE, np.float32), np.zeros(BINS**3, np.float32), 0.0
)
"""Stands where there is no subject."""


@dataclass(frozen=True, eq=False, slots=True)
class Unlikeness:
    """Between frames of one list and frames of another, each (n, m) float32 0-1: 0 alike, 1 nothing in common."""

    shape: Float32
    color: Float32
    detail: Float32

    @property
    def whole(self) -> Float32:
        """All of it, weighed."""
        return np.asarray(SHAPE * self.shape + COLOR * self.color + DETAIL * self.detail, np.float32)


def appearance(seen: Sight, matte: SmallMatte) -> Appearance | None:
    """What the subject looks like here; None where there is none."""
    coverage = matte.coverage
    total = float(coverage.sum())
    if total < LEAST_PX:
        return None
    height, width = seen.size
    left, right = np.searchsorted(np.cumsum(coverage.sum(axis=0)) / total, SPECKS)
    top, bottom = np.searchsorted(np.cumsum(coverage.sum(axis=1)) / total, SPECKS)
    edge = MARGIN * float(max(right - left, bottom - top) + 1)
    steps = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE - 0.5
    across, down = np.meshgrid(steps * edge + (left + right) / 2, steps * edge + (top + bottom) / 2)
    size = max(1, int(edge / SIDE) | 1)

    def squared(values: Float32, border: int) -> Float32:
        softer = cv2.blur(values, (size, size))
        return np.asarray(
            cv2.remap(softer, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR, borderMode=border),
            np.float32,
        )

    shape = squared(np.asarray(coverage, np.float32), cv2.BORDER_CONSTANT)
    light = squared(seen.lab[..., 0].astype(np.float32), cv2.BORDER_REPLICATE)
    mean = float((light * shape).sum()) / max(float(shape.sum()), 1e-6)
    inside = coverage > 0.5
    cut = (coverage[:, 0], coverage[:, width - 1], coverage[0], coverage[height - 1])
    return Appearance(
        _unit(shape),
        _unit((light - mean) * shape),
        _unit(np.sqrt(_histogram(seen.lab[inside if inside.any() else coverage > 0]))),
        total,
        (_cut(cut[0]), _cut(cut[1]), _cut(cut[2]), _cut(cut[3])),
    )


def unlikeness(some: Sequence[Appearance | None], others: Sequence[Appearance | None]) -> Unlikeness:
    """Each of `some` against each of `others`. A frame without a subject is unlike all that have one."""
    empty = np.logical_xor.outer([each is None for each in some], [each is None for each in others])

    def apart(of: Callable[[Appearance], Float32]) -> Float32:
        mine, theirs = _stacked(some, of), _stacked(others, of)
        return np.asarray(np.clip(1.0 - mine @ theirs.T, 0.0, 1.0), np.float32)

    both_empty = np.logical_and.outer([each is None for each in some], [each is None for each in others])
    parts = (apart(lambda each: each.shape), np.sqrt(apart(lambda each: each.colors)), apart(lambda each: each.detail))
    told = (np.where(empty, 1.0, np.where(both_empty, 0.0, part)) for part in parts)
    return Unlikeness(*(np.asarray(part, np.float32) for part in told))


def _stacked(frames: Sequence[Appearance | None], of: Callable[[Appearance], Float32]) -> Float32:
    return np.stack([of(NOTHING if each is None else each) for each in frames])


def _unit(values: Float32) -> Float32:
    flat = np.asarray(values, np.float32).ravel()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), np.float32)


def _histogram(lab: npt.NDArray[np.uint8]) -> Float32:
    """(BINS ** 3) float32 that sums to 1. a and b of real pictures keep near the middle, so that half is binned."""
    around = np.clip((lab[:, 1:].astype(np.int16) - 64) // (128 // BINS), 0, BINS - 1)
    flat = (lab[:, 0].astype(np.int64) // (256 // BINS) * BINS + around[:, 0]) * BINS + around[:, 1]
    counts = np.bincount(flat, minlength=BINS**3)
    return np.asarray(counts / max(int(counts.sum()), 1), np.float32)


def _cut(border: Float32) -> bool:
    return bool(border.max() > CUT)
