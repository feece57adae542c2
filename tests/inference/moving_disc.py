"""A made shot whose truth is known by hand: a textured disc over a textured ground."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.arrays import Float32
from core.errors import FrameError
from inference.model import Lesson

HEIGHT, WIDTH = 144, 240
Place = Callable[[int], tuple[float, float]]


def across(frame: int) -> tuple[float, float]:
    """Four pixels a frame to the right, a little up and down."""
    return 60.0 + 4.0 * frame, 72.0 + 8.0 * float(np.sin(frame / 4))


class MovingDisc:
    """A `FrameSource`: `frames` pictures, some of which may be missing."""

    def __init__(self, frames: int = 17, place: Place = across, missing: frozenset[int] = frozenset()) -> None:
        self.frames, self.place, self.missing = frames, place, missing
        random = np.random.default_rng(7)
        self._ground = _texture(random, (HEIGHT, WIDTH), np.array([0.10, 0.20, 0.12], np.float32))
        self._skin = _texture(random, (120, 120), np.array([0.55, 0.25, 0.10], np.float32))

    def shape(self) -> tuple[int, int]:
        return HEIGHT, WIDTH

    def truth(self, frame: int, radius: float = 28.0) -> Float32:
        """(HEIGHT, WIDTH) soft coverage of the disc."""
        x, y = self.place(frame)
        columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
        return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0.0, 1.0).astype(np.float32)

    def rgb(self, frame: int, long_edge_px: int | None = None) -> Float32:
        if not 0 <= frame < self.frames or frame in self.missing:
            raise FrameError(f"Frame {frame}", why="is not there")
        x, y = self.place(frame)
        matrix = np.array([[1.0, 0.0, x - 60.0], [0.0, 1.0, y - 60.0]])
        skin = cv2.warpAffine(self._skin, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        coverage = self.truth(frame)[..., None]
        picture = self._ground * (1.0 - coverage) + skin * coverage
        if long_edge_px is None or long_edge_px >= WIDTH:
            return picture
        size = (long_edge_px, round(HEIGHT * long_edge_px / WIDTH))
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)

    def lesson(self, frame: int, held_out: bool = False) -> Lesson:
        return Lesson(frame, self.truth(frame), held_out=held_out)


def _texture(random: np.random.Generator, shape: tuple[int, int], color: Float32) -> Float32:
    grain = cv2.GaussianBlur(random.normal(0.0, 1.0, (*shape, 3)).astype(np.float32), (0, 0), 1.5)
    return np.asarray(color * np.exp(1.5 * grain), np.float32)


def overlap(one: Float32, other: Float32) -> float:
    """Intersection over union at 0.5."""
    first, second = one > 0.5, other > 0.5
    return float((first & second).sum() / max(1, (first | second).sum()))
