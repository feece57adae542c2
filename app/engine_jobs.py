"""Run one job on the engine and put it on the job board; what its events mean is the caller's business."""

from __future__ import annotations

from collections.abc import Callable

from app.job_board import JobBoard
from core.errors import Cancelled, PenumbraError
from core.jobs import JobId, JobState
from core.layer import LayerId
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
            board.update(job_id, JobState.CANCELLED, message="what was finished is kept")
        else:
            board.update(job_id, JobState.FAILED, message=_sentence(error))
        on_end(error if isinstance(error, Exception) else None)

    job = engine.start(request, lambda event: post(lambda: event_came(event)))
    board.on_cancel(job_id, job.cancel)
    board.on_pause(job_id, job.pause)
    job.done.add_done_callback(lambda done: post(lambda: ended(Cancelled() if done.cancelled() else done.exception())))
    return job_id


class LayerJobs:
    """Jobs of one kind on the engine, at most one a layer: a newer one takes the place of the one that runs.

    Args:
        kind: as `JobStatus.kind`.
        on_end: called with (layer, error or None) when a job ended that nothing took the place of.
    """

    def __init__(
        self,
        engine: Engine,
        board: JobBoard,
        post: Post,
        kind: str,
        on_end: Callable[[LayerId, Exception | None], None],
    ) -> None:
        self._engine = engine
        self._board = board
        self._post = post
        self._kind = kind
        self._on_end = on_end
        self._running: dict[LayerId, JobId] = {}

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def runs(self, layer_id: LayerId) -> bool:
        """Whether there is a job for the layer."""
        return layer_id in self._running

    def start(
        self,
        layer_id: LayerId,
        title: str,
        request: JobRequest,
        on_event: Callable[[JobEvent], None],
        on_success: Callable[[], None] = lambda: None,
    ) -> JobId:
        """Start a job for a layer; `on_success` is called before `on_end` when it ended well."""
        self.stop(layer_id)

        def ended(error: Exception | None) -> None:
            if self._running.get(layer_id) != job_id:
                return
            del self._running[layer_id]
            if error is None:
                try:
                    on_success()
                except PenumbraError as refused:  # such as no room to keep what was made
                    error = refused
            self._on_end(layer_id, error)

        job_id = run_job(self._engine, self._board, self._post, self._kind, title, request, on_event, ended)
        self._running[layer_id] = job_id
        return job_id

    def stop(self, layer_id: LayerId) -> None:
        """Cancel the layer's job, if there is one; what it finished is kept."""
        running = self._running.pop(layer_id, None)
        if running is not None:
            self._board.cancel(running)


def _sentence(error: BaseException) -> str:
    return error.sentence if isinstance(error, PenumbraError) else f"{type(error).__name__}: {error}"
