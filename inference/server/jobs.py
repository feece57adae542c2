"""Jobs: begun, logged step by step, watched, cancelled, and after a crash gone on with where they were.

A result is a blob first, then an event in the log, and only then is anyone told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator

from core.errors import Cancelled, EngineError, PenumbraError
from core.jobs import JobState
from inference import faults, wire
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb
from inference.executor import Executor, Poll, Priority, Task
from inference.job_log import JobLog, JobRow
from inference.server.computing import INLINE_BYTES, Computing, Step
from inference.server.limits import Limits

log = logging.getLogger(__name__)
PRIORITIES = {"propagate": Priority.PROPAGATE, "process": Priority.PROCESS, "train": Priority.TRAIN}
TASKS = {"propagate": "propagate", "process": "refine", "train": "teach"}
ATTEMPT = "Attempt"
MOST_ATTEMPTS = 4
"""A job that was running at so many crashes in a row without a new event is taken to be their cause."""


class Jobs:
    """All jobs of the engine. Methods are called on the loop's thread unless they say otherwise."""

    def __init__(self, jobs: JobLog, executor: Executor, computing: Computing, limits: Limits) -> None:
        self._log, self._executor, self._computing, self._limits = jobs, executor, computing, limits
        self._tasks: dict[str, Task] = {}
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._loop = asyncio.get_running_loop()
        self._closing = False

    def start(self, owner: str, request: pb.StartJobRequest) -> JobRow:
        """The job of this request, begun if it is new. Refused before it is logged where it cannot be done."""
        known = self._log.find(owner, request.idempotency_key)
        if known is not None:
            return known
        self._check(owner, request)
        row, new = self._log.add(owner, request)
        if new:
            self._submit(row)
        return row

    def resume(self) -> int:
        """Take up again what a crash left behind. Returns how many jobs."""
        rows = self._log.unended()
        for row in rows:
            self._submit(row)
        return len(rows)

    def abandon(self) -> None:
        """End what an earlier window left behind: no one waits for it."""
        for row in self._log.unended():
            self._append(row.id, pb.JobEvent(state=JobState.CANCELLED.value, message="The window was closed."))

    def close(self) -> None:
        """From now on a job that is stopped is not ended: the next engine goes on with it."""
        self._closing = True

    def job(self, owner: str, job_id: str) -> JobRow:
        """Raises EngineError NOT_FOUND, also for other people's jobs."""
        row = self._log.job(job_id)
        if row is None or row.owner != owner:
            raise EngineError("The job", "is not known to the engine", "Start it again.", reason="NOT_FOUND")
        return row

    def cancel(self, owner: str, job_id: str) -> JobRow:
        """Ends within a step; a job that has ended stays as it is."""
        row = self.job(owner, job_id)
        task = self._tasks.get(job_id)
        if task is not None:
            self._executor.cancel(task)
        elif not row.state.ended:
            self._append(job_id, pb.JobEvent(state=JobState.CANCELLED.value))
        return self.job(owner, job_id)

    def pause(self, owner: str, job_id: str, *, paused: bool) -> JobRow:
        """Hold its next step back, or let it go on; teaching stops within a step. A job that has ended stays so."""
        row = self.job(owner, job_id)
        task = self._tasks.get(job_id)
        if task is not None:
            self._executor.hold(task, held=paused)
        return row

    def position(self, job_id: str) -> int:
        task = self._tasks.get(job_id)
        return self._executor.ahead_of(task) if task else 0

    async def watch(
        self, owner: str, job_id: str, after_seq: int, inline: bool, heartbeat_s: float
    ) -> AsyncIterator[pb.JobEvent]:
        """Events after `after_seq` as they come, a heartbeat where nothing does; ends after the job's last event."""
        self.job(owner, job_id)
        rung = asyncio.Event()
        self._watchers.setdefault(job_id, set()).add(rung)
        seq = after_seq
        try:
            while True:
                rung.clear()
                events = self._log.events(job_id, seq, limit=32)
                for event in events:
                    seq = event.seq
                    yield self._inlined(owner, event) if inline else event
                if events:
                    continue
                row = self.job(owner, job_id)
                if row.state.ended and row.last_seq <= seq:
                    return
                try:
                    await asyncio.wait_for(rung.wait(), heartbeat_s)
                except TimeoutError:
                    yield pb.JobEvent(job_id=job_id, heartbeat=True, state=row.state.value, progress=row.progress)
        finally:
            self._watchers[job_id].discard(rung)
            if not self._watchers[job_id]:
                del self._watchers[job_id]

    # --- below: called on the bulk lane's thread, except _submit ------------------------------------------------------

    def _submit(self, row: JobRow) -> None:
        task = self._executor.start(
            PRIORITIES[row.kind],
            lambda poll: self._run(row, poll),
            lambda error: self._ended(row, error),
        )
        self._tasks[row.id] = task

    def _run(self, row: JobRow, poll: Poll) -> Iterator[None]:
        request = self._log.request(row.id)
        attempt = self._log.begin(row.id)
        past = self._log.all_events(row.id)
        attempts = _attempts_without_result(past)
        if attempts >= MOST_ATTEMPTS:
            why = f"ended the engine {attempts} times without getting further"
            raise EngineError("The job", why, "Try another model or fewer frames.", reason="MODEL_BROKEN")
        message = "" if attempt == 1 else f"{ATTEMPT} {attempt}: going on where it was."
        event = pb.JobEvent(state=JobState.RUNNING.value, progress=_progress(row.kind, past), message=message)
        steps = self._begin(row, request, past, poll)
        while self._append(row.id, event):
            yield
            step = next(steps, None)
            if step is None:
                return
            event = self._event(row.owner, step)
        raise Cancelled

    def _begin(self, row: JobRow, request: pb.StartJobRequest, past: list[pb.JobEvent], poll: Poll) -> Iterator[Step]:
        done = frozenset(event.masks[0].frame for event in past if event.masks)
        if row.kind == "propagate":
            return self._computing.propagate(row.owner, request, done, poll)
        if row.kind == "process":
            return self._computing.refine(row.owner, request, done, poll)
        outputs = [event.outputs[0] for event in past if event.outputs]
        checkpoint = b""
        if outputs:
            checkpoint = self._computing.blobs.read(row.owner, BlobKey.from_id(outputs[-1]))
        return self._computing.teach(row.owner, request, checkpoint, self._giving_way(row, request.model, poll))

    def _giving_way(self, row: JobRow, name: str, poll: Poll) -> Poll:
        """A poll that waits while a click is answered: a report of teaching is many steps."""
        model = self._computing.registry.find(name, TASKS[row.kind])

        def wait_and_poll() -> bool:
            task = self._tasks.get(row.id)
            if task is not None:
                self._executor.give_way(task, lambda: model.wanted)
            return poll()

        return wait_and_poll

    def _event(self, owner: str, step: Step) -> pb.JobEvent:
        event = pb.JobEvent(state=JobState.RUNNING.value, progress=step.progress, message=step.message)
        if step.frame is not None and step.matte is not None:
            mask = wire.mask_from_matte(step.matte, step.frame)
            mask.blob.CopyFrom(self._computing.blobs.put(owner, mask.data).id)
            event.frame = step.frame
            event.masks.append(mask)
        if step.metrics:
            event.metrics.update(step.metrics)
        if step.output:
            event.outputs.append(self._computing.blobs.put(owner, step.output).id)
        return event

    def _ended(self, row: JobRow, error: Exception | None) -> None:
        self._tasks.pop(row.id, None)
        if self._closing and isinstance(error, Cancelled):
            return
        past = self._log.all_events(row.id)
        outputs = [event.outputs[0] for event in past if event.outputs][-1:]
        said = [event.message for event in past if event.message and not event.message.startswith(ATTEMPT)]
        event = pb.JobEvent(state=JobState.DONE.value, progress=1.0, outputs=outputs, message="".join(said[-1:]))
        if isinstance(error, Cancelled):
            event = pb.JobEvent(state=JobState.CANCELLED.value, outputs=outputs)
        elif error is not None:
            if not isinstance(error, PenumbraError):
                log.error("job %s failed", row.id, exc_info=error)
                error = EngineError("The job", f"failed with {type(error).__name__}: {error}", "Start it again.")
            event = pb.JobEvent(state=JobState.FAILED.value, message=error.sentence, error=faults.error_to(error))
        self._append(row.id, event)

    def _append(self, job_id: str, event: pb.JobEvent) -> bool:
        """False when the job has ended already: then nothing more is logged."""
        logged = self._log.append(job_id, event) is not None
        self._loop.call_soon_threadsafe(self._ring, job_id)
        return logged

    def _ring(self, job_id: str) -> None:
        for rung in self._watchers.get(job_id, ()):
            rung.set()

    def _inlined(self, owner: str, event: pb.JobEvent) -> pb.JobEvent:
        for mask in event.masks:
            if mask.WhichOneof("body") == "blob" and mask.blob.size <= INLINE_BYTES:
                mask.data = self._computing.blobs.read(owner, BlobKey.from_id(mask.blob))
        return event

    def _check(self, owner: str, request: pb.StartJobRequest) -> None:
        """Everything that can be known to be wrong before the job is logged."""
        spec = request.WhichOneof("spec")
        if request.kind not in PRIORITIES or spec != request.kind:
            raise wire.bad_request("The job", f"is of kind {request.kind!r} with {spec or 'nothing'} to do")
        self._limits.check_canvas(wire.window_from(request.plate.canvas))
        model = self._computing.registry.find(request.model, TASKS[request.kind])
        model.options(wire.options_from(request.options_json))
        counts: dict[str, Callable[[], int]] = {
            "propagate": lambda: max(len(request.propagate.frames), len(request.propagate.keys)),
            "process": lambda: len(request.process.mattes),
            "train": lambda: len(request.train.examples),
        }
        count = counts[request.kind]()
        if count > self._limits.max_frames_per_job:
            why = f"has {count} frames, the engine takes {self._limits.max_frames_per_job}"
            raise EngineError("The job", why, "Split it.", reason="LIMIT")
        if not count or (request.kind == "propagate" and not request.propagate.keys):
            raise wire.bad_request("The job", "has no frames or nothing to start from")
        waiting = [row for row in self._log.jobs(owner) if not row.state.ended]
        if len(waiting) >= self._limits.max_queued_jobs_per_user:
            raise EngineError(
                "The engine",
                f"has {len(waiting)} of your jobs waiting already",
                "Wait for one to end, or cancel one.",
                reason="QUEUE_FULL",
                retryable=True,
                retry_after_ms=2000,
            )


def _progress(kind: str, past: list[pb.JobEvent]) -> float:
    """How far a job is when it is begun again: frames stay done, teaching goes over its time once more."""
    return max((event.progress for event in past), default=0.0) if kind != "train" else 0.0


def _attempts_without_result(events: list[pb.JobEvent]) -> int:
    """How often the job was begun since it last brought anything."""
    attempts = 0
    for event in reversed(events):
        if event.masks or event.outputs or event.HasField("metrics"):
            break
        attempts += event.seq == 1 or event.message.startswith(ATTEMPT)
    return attempts
