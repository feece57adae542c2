"""What anyone may know about work that is watched and can be cancelled. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

JobId = str


class JobState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job as the job list shows it.

    Args:
        id: unique while the program runs.
        kind: `propagate`, `teach`, `live`, `refine`, `export`, `load`, `like`, `sheet`, `layers`, `shapes`.
        title: what the artist reads ("Propagate Hero, 1001-1048").
        progress: 0-1; NaN when it cannot be known.
        message: the last thing worth saying, a short phrase.
        metrics: the newest figures by name (loss, held_out_error, seconds, step).
        paused, can_pause: whether it is held, and whether it can be.
    """

    id: JobId
    kind: str
    title: str
    state: JobState = JobState.QUEUED
    progress: float = 0.0
    message: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    paused: bool = False
    can_pause: bool = False
