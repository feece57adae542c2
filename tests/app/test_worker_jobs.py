"""A job on a worker of this program ends in one of three ways, and one that edits ends as one step or as none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.worker_jobs import RoomJobs, WorkerJob
from core.errors import Cancelled, ExportError, PenumbraError
from core.jobs import JobState
from tests.app.fake_hall import at_once, fake_hall


def refused(_: object) -> str:
    raise ExportError("Shot", why="the disk is full")


def cancelled(_: object) -> str:
    raise Cancelled("Shot", "was changed meanwhile")


@pytest.mark.parametrize(
    ("done", "state", "message", "said"),
    [
        (lambda made: f"{made} made", JobState.DONE, "3 made", []),
        (refused, JobState.FAILED, "Shot: the disk is full.", ["Shot: the disk is full."]),
        (cancelled, JobState.CANCELLED, "Shot: was changed meanwhile.", []),
    ],
)
def test_its_end_is_on_the_board(done: Callable[[int], str], state: JobState, message: str, said: list[str]) -> None:
    """Whether the work or what is done with it fails; what was cancelled is no error."""
    reported = list[PenumbraError]()
    hall = fake_hall(report=reported.append)
    job = WorkerJob(hall, "load", "Load three")

    job.run(lambda: 3, done)

    (row,) = hall.board.all()
    assert (row.state, row.message, [error.sentence for error in reported]) == (state, message, said)
    assert job.ended


@pytest.mark.parametrize("when", ["while it works", "after it worked", "as its project was left"])
def test_a_cancelled_job_makes_no_step(when: str) -> None:
    """The list asks it to stop, or the room does; it hears of it where it says how far it is, or before its step."""
    waiting, steps = list[Callable[[], None]](), list[int]()
    hall = fake_hall(run=lambda *asked: waiting.append(lambda: at_once(*asked)))
    jobs = RoomJobs(hall)

    def work(job: WorkerJob) -> int:
        job.go_on(0.5, "half of it")
        if when == "after it worked":
            hall.board.cancel(job.id)
        return 3

    jobs.start("load", "Load three", work, lambda made: str(steps.append(made)))
    if when == "while it works":
        hall.board.cancel(hall.board.all()[0].id)
    elif when == "as its project was left":
        jobs.stop()
    waiting.pop()()

    (row,) = hall.board.all()
    assert (row.state, steps) == (JobState.CANCELLED, [])
    assert row.progress == (0.5 if when == "after it worked" else 0.0)
