"""Training in stages: first many small examples, then fewer large ones. Knows numbers only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class Stage:
    """So many steps with examples of `side` pixels, `batch` of them at once: pictures, or subjects with their views."""

    steps: int
    side: int
    batch: int


def steps_of(stages: Sequence[Stage]) -> int:
    return sum(stage.steps for stage in stages)


def stage_at(stages: Sequence[Stage], step: int) -> Stage:
    """The stage that a step belongs to; the last one beyond the end."""
    for stage in stages:
        if step < stage.steps:
            return stage
        step -= stage.steps
    return stages[-1]


def fed(
    stages: Sequence[Stage], step: int, seconds: float, batches: Callable[[Stage, int], Iterable[Batch]]
) -> Iterator[Batch]:
    """A batch for each step from `step` on, until the last stage is done or `seconds` are over.

    Args:
        batches: of a stage, from a step on; as many as are asked for.
    """
    ends = time.monotonic() + seconds
    while step < steps_of(stages) and time.monotonic() < ends:
        stage = stage_at(stages, step)
        for batch in batches(stage, step):
            yield batch
            step += 1
            done = step >= steps_of(stages) or stage_at(stages, step) != stage
            if done or time.monotonic() >= ends:
                break
