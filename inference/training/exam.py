"""What a layer gets with and without a lesson, on what is never trained on: the figures the artist decides by.

Before and after are asked the same way, through propagation, so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.arrays import Bool, Float32
from core.errors import FrameError
from core.frames import FrameNumber
from inference.model import FrameSource, Lesson
from inference.motion.flow import sized
from inference.motion.kept_flows import KeptFlows
from inference.motion.memory import Appearance
from inference.motion.propagation import Propagation
from inference.training.evaluate import held_out_region, mean_error
from inference.training.taught import TaughtEye


@dataclass(frozen=True, slots=True)
class Question:
    """A frame whose answer is known, and where it counts: (H, W), true inside."""

    lesson: Lesson
    counts: Bool


class Exam:
    """Held-out frames; where there are none, the held-out region of one lesson, asked from the other lessons.
    Approved frames are asked besides: what the artist was content with must not get worse.

    Args:
        source: the pictures.
        lessons: all of them, held out or not.
        motion_px, motion_weight: as the layer propagates.
        kept: motion of earlier requests.
        appearance: what memory sees with.
    """

    def __init__(
        self,
        source: FrameSource,
        lessons: Sequence[Lesson],
        motion_px: int,
        motion_weight: float,
        cancelled: Callable[[], bool],
        kept: KeptFlows | None = None,
        appearance: Appearance | None = None,
    ) -> None:
        self._motion_weight = motion_weight
        self._source = source
        self._frames = sorted(lesson.frame for lesson in lessons)
        authored = [lesson for lesson in lessons if not lesson.approved]
        self._questions = _questions(authored)
        self._approved = [_whole(lesson) for lesson in lessons if lesson.approved]
        asked = {question.lesson.frame for question in self._questions}
        keys = {lesson.frame: lesson.coverage for lesson in authored if lesson.frame not in asked}
        # One for both sittings: the motion between the frames is looked at once.
        self._propagation: Propagation | None = None
        if keys and (self._questions or self._approved):
            self._propagation = Propagation(source, keys, motion_px, cancelled, kept, appearance)

    def error(self, adapter: bytes) -> float | None:
        """Mean absolute error, 0-1, with this adapter, or by motion alone without one.

        None where nothing can be asked: a single lesson leaves no other frame to propagate from.
        """
        return self._marks(self._questions, adapter)

    def approved_error(self, adapter: bytes) -> float | None:
        """The same on the approved frames; None where there are none."""
        return self._marks(self._approved, adapter)

    def preview(self, adapter: bytes) -> dict[FrameNumber, Float32]:
        """What the network alone makes of a frame that no lesson is of, over the canvas; nothing where none is."""
        frame = unseen_frame(self._frames)
        if frame is None:
            return {}
        eye = TaughtEye(adapter)
        try:
            rgb = self._source.rgb(frame, eye.long_edge_px)
        except FrameError:
            return {}
        return {frame: sized(eye.look(rgb), self._source.shape())}

    def _marks(self, questions: Sequence[Question], adapter: bytes) -> float | None:
        propagation = self._propagation
        if propagation is None or not questions:
            return None
        frames: list[FrameNumber] = [question.lesson.frame for question in questions]
        if adapter:
            answers = propagation.taught(frames, TaughtEye(adapter), self._motion_weight)
        else:
            answers = propagation.carried(frames)
        got = {answer.frame: answer.coverage for answer in answers}
        errors = []
        for question in questions:
            truth = question.lesson.coverage
            coverage = got.get(question.lesson.frame, np.zeros_like(truth))
            errors.append(mean_error(coverage, truth, question.counts.astype(np.float32)))
        return float(np.mean(errors))


def unseen_frame(frames: Sequence[FrameNumber]) -> FrameNumber | None:
    """In the middle of the longest stretch between two of `frames` (ascending); None where none lies between."""
    gaps = [(after - before, before) for before, after in pairwise(frames) if after - before > 1]
    if not gaps:
        return None
    length, first = max(gaps, key=lambda gap: (gap[0], -gap[1]))
    return first + length // 2


def _questions(lessons: Sequence[Lesson]) -> list[Question]:
    held_out = [lesson for lesson in lessons if lesson.held_out]
    if held_out:
        return [_whole(lesson) for lesson in held_out]
    region = held_out_region(lessons)
    if region is None:
        return []
    position, (rows, columns) = region
    counts = np.zeros(lessons[position].coverage.shape, bool)
    counts[rows, columns] = True
    return [Question(lessons[position], counts)]


def _whole(lesson: Lesson) -> Question:
    return Question(lesson, np.ones(lesson.coverage.shape, bool))
