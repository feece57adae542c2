"""Run one job on the engine and put it on the job board; what its events mean is the caller's business."""

from __future__ import annotations

from collections.abc import Callable

from app.job_board import JobBoard
from core.errors import Cancelled, PenumbraError
from core.jobs import JobId, JobState
from core.signal import Post
from inference.engine import Engine
from inference.messages import JobEvent, JobRequest

Ended = Callable[[Exception | None], None]


def run_job(
    engine: Engine,
    board: JobBoard,
    post: Post,
    kind: str,
    title: str,
    request: JobRequest,
    on_event: Callable[[JobEvent], None],
    on_end: Ended,
) -> JobId:
    """Start `request`; `on_event` and `on_end` are called on the interface's thread, `on_end` last and once.

    `on_end` is given None when the job ended well, `Cancelled` when it was cancelled, else the error.
    """
    job_id = board.open(kind, title)
    last_words = [""]

    def event_came(event: JobEvent) -> None:
        # QUEUED and RUNNING only: how it ended is said by `ended`, after the last matte was handed over.
        state = event.state if not event.state.ended else None
        if event.state.ended:
            last_words.append(event.message)
        metrics = {name: float(value) for name, value in event.metrics.items() if isinstance(value, int | float)}
        board.update(job_id, state, event.progress, event.message or None, metrics or None)
        on_event(event)

    def ended(error: BaseException | None) -> None:
        if error is None:
            board.update(job_id, JobState.DONE, 1.0, last_words[-1])
        elif isinstance(error, Cancelled):
            board.update(job_id, JobState.CANCELLED, message="cancelled; what was finished is kept")
        else:
            board.update(job_id, JobState.FAILED, message=_sentence(error))
        on_end(error if isinstance(error, Exception) else None)

    job = engine.start(request, lambda event: post(lambda: event_came(event)))
    board.on_cancel(job_id, job.cancel)
    job.done.add_done_callback(lambda done: post(lambda: ended(Cancelled() if done.cancelled() else done.exception())))
    return job_id


def _sentence(error: BaseException) -> str:
    return error.sentence if isinstance(error, PenumbraError) else f"{type(error).__name__}: {error}"
