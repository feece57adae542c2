"""The corrected frames made ready for teaching: at a working size that suits the subject, as the network sees them.

Knows pictures and lessons, and a taught network only to doubt by it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.arrays import Float32
from core.errors import EngineError
from core.frames import FrameNumber
from inference.model import FrameSource, Lesson
from inference.motion.flow import exposure_gain, sized
from inference.training.crops import Crops, Drawn
from inference.training.evaluate import held_out_region
from inference.training.network import MatteNet
from inference.training.taught import answer, graded

COARSE_PX: Final = 70.0
"""A lesson begins at a working size at which the subject is about so large: the root of its area."""
FINE_PX: Final = 125.0
"""The size it goes on with."""
COARSE_CROP_PX: Final = 128
SMALLEST_EDGE_PX: Final = 320
DECIDED_WEIGHT: Final = 3.0
"""How much more a pixel counts that lies under the artist's strokes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A frame that is measured on: color (h, w, 3), coverage (h, w), and where, 1 or 0 (h, w).

    `frame` is None for a frame of which only a region is held out: it is no preview.
    """

    frame: FrameNumber | None
    color: Float32
    coverage: Float32
    where: Float32


@dataclass(frozen=True, slots=True)
class Sizes:
    """Longer edges of the pictures that are worked at, first and later, and the exposure they are seen with."""

    coarse_px: int
    fine_px: int
    gain: float

    @classmethod
    def of(cls, source: FrameSource, lessons: Sequence[Lesson], most_px: int) -> Sizes:
        """What suits the lessons; no larger than `most_px`. Raises EngineError where none has a subject."""
        sides = [math.sqrt(np.count_nonzero(lesson.coverage > 0.5)) for lesson in lessons]
        seen = sorted(side for side in sides if side > 0.0)
        if not seen:
            why = "no corrected frame has anything in its matte"
            raise EngineError("Teaching", why, "Paint the subject in one frame.")
        longest = max(source.shape())
        edges = [longest * subject_px / seen[(len(seen) - 1) // 2] for subject_px in (COARSE_PX, FINE_PX)]
        coarse, fine = (round(min(max(edge, SMALLEST_EDGE_PX), most_px, longest)) for edge in edges)
        gains = [exposure_gain(source.rgb(lesson.frame, coarse)) for lesson in lessons]
        return cls(coarse, fine, float(np.exp(np.mean(np.log(gains)))))


class Prepared:
    """The lessons at one working size: those to train on, and what is only measured on.

    Raises EngineError where every frame is held out.
    """

    def __init__(self, source: FrameSource, lessons: Sequence[Lesson], long_edge_px: int, gain: float) -> None:
        self.drawn: list[Drawn] = []
        self.measured: list[Measured] = []
        self._trained = [lesson for lesson in lessons if not lesson.held_out]
        region = None if any(lesson.held_out for lesson in lessons) else held_out_region(lessons)
        for position, lesson in enumerate(lessons):
            color = graded(source.rgb(lesson.frame, long_edge_px), gain)
            size = (color.shape[0], color.shape[1])
            coverage = sized(lesson.coverage, size)
            if lesson.held_out:
                self.measured.append(Measured(lesson.frame, color, coverage, np.ones(size, np.float32)))
                continue
            weight = np.full(lesson.coverage.shape, lesson.weight, np.float32)
            if lesson.decided is not None:
                weight *= 1.0 + (DECIDED_WEIGHT - 1.0) * lesson.decided
            if region is not None and region[0] == position:
                hidden = np.zeros_like(weight)
                hidden[region[1]] = 1.0
                weight[region[1]] = 0.0
                where = (sized(hidden, size) > 0.99).astype(np.float32)
                self.measured.append(Measured(None, color, coverage, where))
            self.drawn.append(Drawn(color, np.stack([coverage, sized(weight, size)], axis=-1)))
        if not self.drawn:
            raise EngineError("Teaching", "every corrected frame is held out", "Correct one more frame.")
        self._weights = [frame.truth[..., 1].copy() for frame in self.drawn]

    def crops(self, most_px: int, seed: int) -> Crops:
        """Crops no larger than the pictures; a multiple of 32, as the network wants it."""
        shortest = min(min(frame.color.shape[:2]) for frame in self.drawn)
        return Crops(self.drawn, min(most_px, max(64, shortest // 32 * 32)), seed)

    def doubt(self, network: MatteNet) -> None:
        """Where the network contradicts a frame that was only clicked, that frame counts less; strokes always count.

        Nothing is doubted where every frame was only clicked: then nobody knows better.
        """
        if not any(lesson.weight >= 1.0 for lesson in self._trained):
            return
        for frame, weight, lesson in zip(self.drawn, self._weights, self._trained, strict=True):
            if lesson.weight >= 1.0:
                continue
            contradicted = np.abs(answer(network, frame.color) - frame.truth[..., 0])
            if lesson.decided is not None:
                contradicted *= 1.0 - sized(lesson.decided, weight.shape)
            frame.truth[..., 1] = weight * np.where(contradicted > 0.3, 1.0 - 0.95 * contradicted, 1.0)
