"""Training in stages: first many small examples, then fewer large ones. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
