"""The jobs of this program as the artist sees them: started, progressing, cancelled, ended.

Lives on the interface's thread. Knows nothing of what a job does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count

from core.jobs import JobId, JobState, JobStatus
from core.signal import Signal

KEPT_ENDED = 20
"""How many ended jobs stay in the list."""
PASSING = "live"
"""The kind of job of which only the newest is worth a line once it has ended: rounds of live teaching."""


class JobBoard:
    """Every job has a status and a call that cancels it."""

    def __init__(self) -> None:
        self.changed: Signal[tuple[JobStatus, ...]] = Signal()
        self._jobs: dict[JobId, JobStatus] = {}
        self._cancels: dict[JobId, Callable[[], None]] = {}
        self._pauses: dict[JobId, Callable[[bool], None]] = {}
        self._curves: dict[JobId, list[Mapping[str, float]]] = {}
        self._numbers = count(1)

    def open(self, kind: str, title: str) -> JobId:
        """A new job, queued."""
        job_id = f"{kind}-{next(self._numbers)}"
        self._jobs[job_id] = JobStatus(job_id, kind, title)
        self._forget_old()
        self._tell()
        return job_id

    def on_cancel(self, job_id: JobId, cancel: Callable[[], None]) -> None:
        """What to call when the artist cancels the job."""
        self._cancels[job_id] = cancel

    def on_pause(self, job_id: JobId, pause: Callable[[bool], None]) -> None:
        """What to call with True to hold the job and with False to let it go on."""
        self._pauses[job_id] = pause
        if job_id in self._jobs:
            self._jobs[job_id] = replace(self._jobs[job_id], can_pause=True)
            self._tell()

    def pause(self, job_id: JobId, *, paused: bool) -> None:
        """Hold the job within a step, or let it go on. Nothing for one that has ended or cannot be held."""
        old, pause = self._jobs.get(job_id), self._pauses.get(job_id)
        if old is None or pause is None or old.paused == paused:
            return
        pause(paused)
        self._jobs[job_id] = replace(old, paused=paused)
        self._tell()

    def update(
        self,
        job_id: JobId,
        state: JobState | None = None,
        progress: float | None = None,
        message: str | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Change what differs. An ended job never changes again."""
        old = self._jobs.get(job_id)
        if old is None or old.state.ended:
            return
        new = replace(
            old,
            state=old.state if state is None else state,
            progress=old.progress if progress is None else progress,
            message=old.message if message is None else message,
            metrics=old.metrics if metrics is None else {**old.metrics, **metrics},
        )
        if metrics:
            self._curves.setdefault(job_id, []).append(dict(metrics))
        if new.state.ended:
            self._cancels.pop(job_id, None)
            self._pauses.pop(job_id, None)
            new = replace(new, paused=False, can_pause=False)
        if new != old:
            self._jobs[job_id] = new
            self._tell()

    def cancel(self, job_id: JobId) -> None:
        """Ask the job to stop; it says itself when it has."""
        cancel = self._cancels.get(job_id)
        if cancel is not None:
            self.update(job_id, message="cancelling")
            cancel()

    def cancel_all(self) -> None:
        for job_id in tuple(self._cancels):
            self.cancel(job_id)

    def all(self) -> tuple[JobStatus, ...]:
        """Oldest first."""
        return tuple(self._jobs.values())

    def running(self, kind: str = "") -> tuple[JobStatus, ...]:
        return tuple(job for job in self._jobs.values() if not job.state.ended and kind in ("", job.kind))

    def curve(self, job_id: JobId) -> tuple[Mapping[str, float], ...]:
        """Every set of metrics the job ever reported, in order."""
        return tuple(self._curves.get(job_id, ()))

    def _forget_old(self) -> None:
        ended = [job_id for job_id, job in self._jobs.items() if job.state.ended]
        passed = [job_id for job_id in ended if self._jobs[job_id].kind == PASSING]
        for job_id in {*ended[:-KEPT_ENDED], *passed}:
            del self._jobs[job_id]
            self._curves.pop(job_id, None)

    def _tell(self) -> None:
        self.changed.emit(self.all())
