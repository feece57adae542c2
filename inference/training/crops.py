"""Draw training crops from the corrected frames: where the matte is decided, turned, scaled, mirrored, regraded.

Knows arrays only; no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32

NEAR_EDGE: Final = 0.55
"""Part of the crops whose centre lies on the subject's edge."""
INSIDE: Final = 0.15
"""Part of the crops whose centre lies inside the subject."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A corrected frame made ready.

    Args:
        color: (h, w, 3) float32, as the network sees it.
        truth: (h, w, 2) float32: coverage 0-1, and how much each pixel counts.
    """

    color: Float32
    truth: Float32


@dataclass(frozen=True, slots=True)
class Batch:
    """Color (B, S, S, 3), coverage and weight (B, S, S), all float32."""

    color: Float32
    coverage: Float32
    weight: Float32


class Crops:
    """An endless supply of batches; the same seed draws the same crops."""

    def __init__(self, drawn: Sequence[Drawn], size_px: int, seed: int) -> None:
        self._drawn = tuple(drawn)
        self._size = size_px
        self._random = np.random.default_rng(seed)
        self._edges = [_edge_places(frame.truth[..., 0]) for frame in drawn]
        self._insides = [np.argwhere(frame.truth[..., 0] > 0.5) for frame in drawn]
        self._grain = self._random.standard_normal(4 * size_px * size_px * 3, dtype=np.float32)
        self._turn = 0

    def batch(self, count: int) -> Batch:
        """`count` crops, the frames taking turns."""
        size = self._size
        color = np.empty((count, size, size, 3), np.float32)
        truth = np.empty((count, size, size, 2), np.float32)
        for position in range(count):
            self._draw_into(color[position], truth[position])
        return Batch(color, np.ascontiguousarray(truth[..., 0]), np.ascontiguousarray(truth[..., 1]))

    def _draw_into(self, color: Float32, truth: Float32) -> None:
        self._turn = (self._turn + 1) % len(self._drawn)
        frame = self._drawn[self._turn]
        matrix = self._placement()
        size = (self._size, self._size)
        cv2.warpAffine(frame.color, matrix, size, color, cv2.INTER_LINEAR, cv2.BORDER_REFLECT_101)
        cv2.warpAffine(frame.truth, matrix, size, truth, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
        self._regrade(color)

    def _placement(self) -> npt.NDArray[np.float64]:
        random, size = self._random, self._size
        y, x = self._centre()
        scale = float(np.exp(random.uniform(-0.45, 0.45)))
        angle = float(random.normal(0.0, 0.18))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
        turn[:, 0] *= -1.0 if random.random() < 0.5 else 1.0
        turn = turn @ np.array([[1.0, random.normal(0.0, 0.06)], [0.0, np.exp(random.normal(0.0, 0.06))]])
        middle = size / 2 + random.uniform(-0.3, 0.3, 2) * size
        return np.concatenate([turn, (middle - turn @ np.array([x, y]))[:, None]], axis=1)

    def _centre(self) -> tuple[float, float]:
        draw = self._random.random()
        places = self._edges[self._turn] if draw < NEAR_EDGE else self._insides[self._turn]
        if draw < NEAR_EDGE + INSIDE and len(places):
            y, x = places[self._random.integers(len(places))]
            return float(y), float(x)
        height, width = self._drawn[self._turn].color.shape[:2]
        return self._random.uniform(0, height), self._random.uniform(0, width)

    def _regrade(self, color: Float32) -> None:
        """Exposure, tint, softness and grain, as they change over a shot; in place."""
        random = self._random
        gain = np.exp(random.normal(0.0, 0.08) + random.normal(0.0, 0.03, 3)).astype(np.float32)
        color *= gain
        color += np.float32(random.normal(0.0, 0.03))
        if random.random() < 0.25:
            length = int(random.integers(2, 6))
            cv2.blur(color, (length, 1) if random.random() < 0.7 else (length, length), color)
        if random.random() < 0.5:
            start = int(random.integers(len(self._grain) - color.size))
            grain = self._grain[start : start + color.size].reshape(color.shape)
            cv2.scaleAdd(grain, float(random.uniform(0.0, 0.03)), color, color)


def _edge_places(coverage: Float32) -> npt.NDArray[np.int64]:
    solid = (coverage > 0.5).astype(np.uint8)
    return np.argwhere(cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0)
