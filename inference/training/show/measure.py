"""What a show's model is worth: layers of shots it never learnt from, taught for a moment from it and without it.

Both are taught the same frames for the same time and asked for the same others. Knows stores through `subjects`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.corrections.store import CorrectionStore
from inference.training.fine_tune import fine_tune
from inference.training.show.learn import Course
from inference.training.show.subjects import Subject, opened

MOST_LAYERS: Final = 12
MOST_FRAMES: Final = 6
"""Of a layer: one half is taught, the other is asked for."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One layer: the mean absolute error, 0-1, on what was not taught, begun as it came and with the show's model."""

    subject: Subject
    before: float
    after: float


def measure(store: CorrectionStore, subjects: Sequence[Subject], start: bytes, course: Course) -> Iterator[Measured]:
    """One by one, `MOST_LAYERS` at most, spread over all; a layer of which nothing can be held out is passed over.

    Args:
        course: `lesson_s` is how long each is taught.
    """
    step = max(1, len(subjects) // MOST_LAYERS)
    for subject in subjects[::step][:MOST_LAYERS]:
        frames = opened(store, subject.records[:MOST_FRAMES], course.damaged)
        if frames is None:
            continue
        known = [lesson.frame for lesson in frames.lessons()]
        lessons = frames.lessons(held_out=known[1::2])
        plan = course.extent.plan(course.lesson_s, course.seed)
        errors = []
        for begun in (b"", start):
            (*_, last) = fine_tune(frames, lessons, begun, plan, course.cancelled, course.clock)
            errors.append(last.metrics.get("held_out_error"))
        if errors[0] is not None and errors[1] is not None:
            yield Measured(subject, float(errors[0]), float(errors[1]))
