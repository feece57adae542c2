"""Learn where to begin: one lesson after another, each a layer of the store taught for some seconds from where it is.

An iterator of states, each of which is all there is to go on with: who keeps the newest one loses a lesson at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.corrections.record import PairRecord
from core.corrections.store import CorrectionStore
from core.errors import EngineError, ProjectError
from inference.model import FrameSource, Lesson
from inference.training.beginning import shipped
from inference.training.fine_tune import Plan, fine_tune
from inference.training.show.start import moved, sha256
from inference.training.show.subjects import Subject, opened

MOST_FRAMES: Final = 5
"""A lesson has one to so many corrected frames, as layers have."""
FIRST_PART, LAST_PART = 0.3, 0.1
"""How far the beginning is moved to where a lesson ended, in the first lesson and in the last."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large pictures and crops are, as the options of the model that is taught say; see its manifest."""

    long_edge_px: int
    crop_px: int

    def plan(self, seconds: float, seed: int) -> Plan:
        return Plan(seconds, seed, self.long_edge_px, self.crop_px)


@dataclass(frozen=True, slots=True)
class State:
    """How far learning is.

    Args:
        start: the numbers, see `start.py`.
        rounds: lessons so far.
        seconds: spent on them.
        began_with: SHA-256 of the numbers as they came.
        loss: of the last lesson, at its end.
    """

    start: bytes
    rounds: int = 0
    seconds: float = 0.0
    began_with: str = ""
    loss: float = float("nan")


@dataclass(frozen=True, slots=True)
class Course:
    """What is learnt, and how long.

    Args:
        seconds: in all, counted of `clock`.
        lesson_s: of one lesson.
        clock: seconds since any moment.
        cancelled: polled at every step.
        damaged: told of pairs that cannot be read.
    """

    seconds: float
    lesson_s: float
    seed: int
    extent: Extent
    clock: Callable[[], float]
    cancelled: Callable[[], bool]
    damaged: Callable[[ProjectError], None]


def learn(
    store: CorrectionStore, subjects: Sequence[Subject], course: Course, state: State | None = None
) -> Iterator[State]:
    """A state after each lesson, until the course's seconds are over. The same seed teaches the same lessons, also
    when it goes on from a state.

    Raises:
        Cancelled: within a step.
        EngineError: there is nothing to learn from.
    """
    state = state or State(shipped(), began_with=sha256(shipped()))
    empty, number = 0, state.rounds
    while state.seconds < course.seconds:
        began = course.clock()
        records = _lesson(subjects, course.seed, number)
        number += 1
        frames = opened(store, records, course.damaged)
        if frames is None:
            empty += 1
            if empty > 2 * len(subjects):
                raise EngineError(
                    "The show's corrections", "have nothing in their mattes", "Correct some frames first."
                )
            continue
        empty, lessons = 0, frames.lessons()
        progress = state.seconds / course.seconds
        part = FIRST_PART + (LAST_PART - FIRST_PART) * progress
        adapter, loss = _taught(frames, lessons, state.start, course, number)
        spent = course.clock() - began
        state = replace(
            state, start=moved(state.start, adapter, part), rounds=number, seconds=state.seconds + spent, loss=loss
        )
        yield state


def _taught(
    source: FrameSource, lessons: Sequence[Lesson], start: bytes, course: Course, number: int
) -> tuple[bytes, float]:
    plan = course.extent.plan(course.lesson_s, course.seed * 100_003 + number)
    (*_, last) = fine_tune(source, lessons, start, plan, course.cancelled, course.clock)
    return last.adapter, float(last.metrics.get("loss", float("nan")))


def _lesson(subjects: Sequence[Subject], seed: int, number: int) -> list[PairRecord]:
    """The layers take turns, in another order each time; of one, some frames."""
    if not subjects:
        raise EngineError("The show's corrections", "are none that may be learnt from", "Correct some frames first.")
    turn, place = divmod(number, len(subjects))
    subject = subjects[np.random.default_rng([seed, 0, turn]).permutation(len(subjects))[place]]
    random = np.random.default_rng([seed, 1, number])
    count = int(random.integers(1, min(MOST_FRAMES, len(subject.records)) + 1))
    chosen = random.choice(len(subject.records), count, replace=False)
    return [subject.records[place] for place in sorted(chosen)]
