"""Run one job on a worker of this program and put it on the job board: begun, told of, cancelled, ended.

What the work is, is the caller's business. A job that the engine does is run by `app/engine_jobs.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from app.hall import Hall, Result
from core.errors import Cancelled, PenumbraError
from core.jobs import JobState


class WorkerJob:
    """One job, on the board as soon as it is made; `run` begins its work.

    Args:
        kind, title: as in `JobStatus`.
    """

    def __init__(self, hall: Hall, kind: str, title: str) -> None:
        self._hall = hall
        self._stop = Event()
        self.id = hall.board.open(kind, title)
        self.ended = False
        hall.board.on_cancel(self.id, self.stop)
        hall.board.update(self.id, JobState.RUNNING)

    # --- for the work, on any thread ----------------------------------------------------------------------------

    def progress(self, part: float, message: str | None = None) -> None:
        """Say how far it is: 0-1, NaN when that cannot be known."""
        self._hall.post(lambda: self._hall.board.update(self.id, JobState.RUNNING, part, message))

    def stopped(self) -> bool:
        """Whether it is to stop."""
        return self._stop.is_set()

    def go_on(self, part: float, message: str | None = None) -> None:
        """Say how far it is and go on. Raises Cancelled when it is to stop."""
        if self.stopped():
            raise Cancelled
        self.progress(part, message)

    # --- on the interface's thread ------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask it to stop; it says itself when it has."""
        self._stop.set()

    def run(self, work: Callable[[], Result], done: Callable[[Result], str]) -> None:
        """Call `work` on a worker, then `done` with what came of it, which answers the job's last words.

        An error of either is the job's end; it is reported, unless it says that the job was cancelled.
        """

        def finished(result: Result) -> None:
            try:
                words = done(result)
            except PenumbraError as error:
                failed(error)
            else:
                self._end(JobState.DONE, words)

        def failed(error: PenumbraError) -> None:
            if isinstance(error, Cancelled):
                self._end(JobState.CANCELLED, error.sentence)
            else:
                self._end(JobState.FAILED, error.sentence)
                self._hall.report(error)

        self._hall.run(work, finished, failed)

    def _end(self, state: JobState, message: str) -> None:
        self.ended = True
        self._hall.board.update(self.id, state, 1.0 if state is JobState.DONE else None, message)


class RoomJobs:
    """The jobs of a room that edits: each ends as one step, or as none when it was cancelled or its project left."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._jobs: list[WorkerJob] = []

    def start(self, kind: str, title: str, work: Callable[[WorkerJob], Result], edit: Callable[[Result], str]) -> None:
        """Begin a job.

        Args:
            work: on a worker; it calls `go_on` as often as cancelling may take.
            edit: the step, on the interface's thread, and the job's last words. It raises Cancelled where the shot
                is another one by now.
        """
        job = WorkerJob(self._hall, kind, title)
        self._jobs = [*(other for other in self._jobs if not other.ended), job]

        def step(result: Result) -> str:
            if job.stopped():  # after the work was done
                raise Cancelled
            return edit(result)

        job.run(lambda: work(job), step)

    def stop(self) -> None:
        """Cancel what runs: the project is being left."""
        for job in self._jobs:
            job.stop()
