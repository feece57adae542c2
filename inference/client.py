"""The engine as the application reaches it: a child process here, or a server somewhere. Same calls, same promises.

All work happens on one thread with its own loop; results and events arrive there. The client keeps the engine alive
(or the way to it), and while it is away requests wait. It imports nothing of the engine's inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.errors import Cancelled, EngineError, EngineLost
from core.frames import FrameNumber
from core.layer import ModelChoice
from core.model_info import ModelInfo
from core.plate import Plate
from core.signal import Signal
from inference import wire
from inference.connection import Connection, Here, Patience, Place, There
from inference.contract import penumbra_pb2 as pb
from inference.engine import EngineState
from inference.frame_refs import FrameNamer
from inference.job_watch import WatchedJob
from inference.link import Deadlines, Link
from inference.messages import JobEvent, JobRequest, KeptFrame, SegmentReply, SegmentRequest
from inference.packed_mattes import PackedMattes
from inference.supervisor import Supervisor

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)
MOST_LOSSES = 3
"""A request during which the engine went away so often is taken to be the cause."""
MOST_TRIES = 20
PRECOMPUTED_AT_ONCE = 16
"""Frames named in one request: those that have to be sent are sent as they are needed."""


@dataclass(slots=True)
class _Asked:
    """A segment request that is not answered yet."""

    seq: int
    future: Future[SegmentReply]
    task: asyncio.Task[SegmentReply] | None = None


class EngineClient:
    """Implements `inference.engine.Engine`. Make one with `local` or `remote`; close it."""

    def __init__(self, place: Place, deadlines: Deadlines | None = None, patience: Patience | None = None) -> None:
        self.state: Signal[EngineState] = Signal()
        self._loop = asyncio.new_event_loop()
        self._namer = FrameNamer()
        self._packed = PackedMattes()
        self._asked: dict[str, _Asked] = {}
        self._seq = 0
        self._prefetching: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self._closed = threading.Event()
        self._connection = Connection(place, deadlines or Deadlines(), patience or Patience(), self.state.emit)
        self._thread = threading.Thread(target=self._run, name="engine client", daemon=True)
        self._thread.start()

    @classmethod
    def local(
        cls,
        data_dir: Path,
        model_dirs: Sequence[Path] = (),
        *,
        deadlines: Deadlines | None = None,
        patience: Patience | None = None,
        arguments: Sequence[str] = (),
    ) -> EngineClient:
        """An engine of our own in a child process. `data_dir` holds its jobs, blobs and log."""
        return cls(Here(Supervisor(data_dir, model_dirs, arguments=arguments)), deadlines, patience)

    @classmethod
    def remote(
        cls,
        url: str,
        token_file: Path,
        ca_file: Path | None = None,
        *,
        deadlines: Deadlines | None = None,
        patience: Patience | None = None,
    ) -> EngineClient:
        """An engine at `HOST:PORT`, with TLS unless it is this machine. Raises EngineError on bad arguments."""
        return cls(There.of(url, token_file, ca_file), deadlines, patience)

    @property
    def now(self) -> EngineState:
        """The newest state: for listeners that came after it was emitted."""
        return self._connection.state

    # --- calls --------------------------------------------------------------------------------------------------------

    def models(self) -> Future[tuple[ModelInfo, ...]]:
        """All models, freshly looked for. Folders that cannot be used are sentences in the log."""

        async def ask(link: Link) -> tuple[ModelInfo, ...]:
            answer = await link.interactive.ListModels(pb.ListModelsRequest(), **link.terms(link.deadlines.call))
            for problem in answer.problems:
                log.warning("%s", problem)
            return tuple(wire.model_from(message) for message in answer.models)

        return self._submit(lambda: self._until_answered(ask))

    def segment(self, request: SegmentRequest) -> Future[SegmentReply]:
        """See `Engine.segment`."""
        future: Future[SegmentReply] = Future()
        if not self._post(lambda: self._begin_segment(request, future)):
            future.set_exception(_closed())
        return future

    def prefetch(self, plate: Plate, color_config: str, frames: tuple[FrameNumber, ...], model: ModelChoice) -> None:
        """See `Engine.prefetch`. Newer frames replace those not yet encoded."""
        self._post(lambda: self._begin_prefetch(plate, color_config, frames, model))

    def precompute(
        self,
        plate: Plate,
        color_config: str,
        frames: tuple[FrameNumber, ...],
        model: ModelChoice,
        on_frame: Callable[[KeptFrame], None],
    ) -> Future[None]:
        """Encode these frames and keep the encodings on disk; those that are there already are only counted.

        `on_frame` is called on the client's thread, in the order of `frames`, once each.
        """
        left = list(frames)

        def kept(event: pb.PrefetchEvent) -> None:
            left.remove(event.frame)
            why = event.error.message or ("its picture did not arrive" if event.need else "")
            on_frame(KeptFrame(event.frame, event.kept_bytes, event.found, why))

        async def ask(link: Link) -> None:
            while left:
                some = tuple(left[:PRECOMPUTED_AT_ONCE])
                await self._encode(link, plate, color_config, some, model, kept, keep=True)

        return self._submit(lambda: self._until_answered(ask))

    def start(self, request: JobRequest, on_event: Callable[[JobEvent], None]) -> WatchedJob:
        """See `Engine.start`."""
        job = WatchedJob(request, on_event)
        if not self._post(lambda: self._begin_job(job)):
            job.done.set_exception(_closed())
        return job

    def close(self) -> None:
        """End a local engine, leave a remote one. Whatever is unanswered fails with `Cancelled`."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        keeping = self._loop.create_task(self._connection.keep())
        keeping.add_done_callback(_say_failure)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._wind_up())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _wind_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await self._connection.close()

    def _post(self, call: Callable[[], None]) -> bool:
        if self._closed.is_set():
            return False
        self._loop.call_soon_threadsafe(call)
        return True

    def _submit(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Future[Answer]:
        future: Future[Answer] = Future()
        if not self._post(lambda: self._answer(self._task(work()), future)):
            future.set_exception(_closed())
        return future

    def _task(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        task = self._loop.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _answer(self, task: asyncio.Task[Answer], future: Future[Answer]) -> None:
        """Whatever ends the task ends the future; a future that is cancelled cancels the task."""

        def settle(_: object) -> None:
            with contextlib.suppress(InvalidStateError):
                if task.cancelled():
                    future.set_exception(Cancelled())
                elif (error := task.exception()) is not None:
                    future.set_exception(error)
                else:
                    future.set_result(task.result())

        def give_up(_: object) -> None:
            if future.cancelled():
                self._post(lambda: void(task.cancel()))

        task.add_done_callback(settle)
        future.add_done_callback(give_up)

    async def _until_answered(self, ask: Callable[[Link], Awaitable[Answer]]) -> Answer:
        """Ask until there is an answer: through restarts, full queues and pictures that have to be sent first."""
        losses = 0
        for _ in range(MOST_TRIES):
            link = await self._connection.ready()
            try:
                return await link.unless_lost(_coroutine(ask(link)))
            except EngineLost:
                losses += 1
                if losses >= MOST_LOSSES:
                    raise
                self._connection.suspect(link)
                await asyncio.sleep(0.1)
            except EngineError as error:
                if not error.retryable or error.reason == "DEADLINE":
                    raise
                await asyncio.sleep(max(error.retry_after_ms, 100) / 1000)
        raise EngineError("The engine", "is too busy", "Try again later.", reason="QUEUE_FULL", retryable=True)

    # --- one frame ----------------------------------------------------------------------------------------------------

    def _begin_segment(self, request: SegmentRequest, future: Future[SegmentReply]) -> None:
        before = self._asked.pop(request.slot, None)
        if before is not None and before.task is not None:
            before.task.cancel()
        self._seq += 1
        asked = _Asked(self._seq, future)
        self._asked[request.slot] = asked
        asked.task = self._task(self._segment(request, asked.seq))
        self._answer(asked.task, future)
        asked.task.add_done_callback(lambda _: self._forget(request.slot, asked))

    def _forget(self, slot: str, asked: _Asked) -> None:
        if self._asked.get(slot) is asked:
            del self._asked[slot]

    async def _segment(self, request: SegmentRequest, seq: int) -> SegmentReply:
        async def ask(link: Link) -> SegmentReply:
            named = await asyncio.to_thread(
                self._namer.one, request.plate, request.color_config, request.frame, link.info.path_roots
            )
            if named.files:
                await link.send(named.files)
            masks = []
            if request.previous is not None:
                masks.append(await asyncio.to_thread(self._packed.mask, request.previous, request.frame))
                await link.park(masks)
            answer = await link.interactive.Predict(
                pb.PredictRequest(
                    session_id=link.session_id,
                    seq=seq,
                    slot=request.slot,
                    model=request.model.name,
                    frame=named.refs[0],
                    plate=named.plate,
                    prev=masks,
                    options_json=wire.options_to(request.model.options),
                    prompts=[wire.prompt_to(prompt) for prompt in request.prompts],
                ),
                **link.terms(link.deadlines.predict),
            )
            link.heard()
            mask = answer.masks[0]
            body = await link.get(mask.blob) if mask.WhichOneof("body") == "blob" else None
            matte = await asyncio.to_thread(wire.matte_from_mask, mask, body)
            return SegmentReply(matte, answer.embedding_hit, dict(answer.timings_ms))

        try:
            return await self._until_answered(ask)
        except EngineError as error:
            if error.reason == "STALE_SEQ":
                raise Cancelled("The request", "was overtaken by a newer one") from error
            raise

    # --- ahead --------------------------------------------------------------------------------------------------------

    def _begin_prefetch(
        self, plate: Plate, color_config: str, frames: tuple[FrameNumber, ...], model: ModelChoice
    ) -> None:
        if self._prefetching is not None:
            self._prefetching.cancel()
        self._prefetching = self._task(self._prefetch(plate, color_config, frames, model))
        self._prefetching.add_done_callback(_say_failure)

    async def _prefetch(
        self, plate: Plate, color_config: str, frames: tuple[FrameNumber, ...], model: ModelChoice
    ) -> None:
        link = await self._connection.ready()
        await link.unless_lost(self._encode(link, plate, color_config, frames, model, void, keep=False))

    async def _encode(
        self,
        link: Link,
        plate: Plate,
        color_config: str,
        frames: tuple[FrameNumber, ...],
        model: ModelChoice,
        each: Callable[[pb.PrefetchEvent], None],
        *,
        keep: bool,
    ) -> None:
        """Have the engine encode frames, and hear of each; `keep` asks for the encodings to stay on its disk."""
        named = await asyncio.to_thread(self._namer.name, plate, color_config, frames, link.info.path_roots)
        if named.files:
            await link.send(named.files)
        request = pb.PrefetchRequest(
            session_id=link.session_id,
            model=model.name,
            frames=named.refs,
            plate=named.plate,
            options_json=wire.options_to(model.options),
            keep=keep,
        )
        stream = link.bulk.Prefetch(request, **link.terms(None))
        try:
            async for event in stream:
                link.heard()
                each(event)
        finally:
            stream.cancel()

    # --- jobs ---------------------------------------------------------------------------------------------------------

    def _begin_job(self, job: WatchedJob) -> None:
        job.wake = lambda: void(self._post(lambda: void(self._task(self._steer(job)))))
        task = self._task(self._job(job))
        self._answer(task, job.done)

    async def _job(self, job: WatchedJob) -> None:
        """Start, watch, and watch again, until the job's last event has been passed on."""
        if job.cancelled:
            raise Cancelled
        await self._until_answered(lambda link: job.begin(link, self._namer))
        if job.cancelled:
            await self._steer(job)
        ended: list[JobEvent] = []
        passed_on = job.on_event

        def pass_on(event: JobEvent) -> None:
            passed_on(event)
            if event.state.ended:
                ended.append(event)

        job.on_event = pass_on
        while not ended:
            link = await self._connection.ready()
            try:
                await link.unless_lost(job.watch(link))
            except EngineError as error:
                if not isinstance(error, EngineLost) and not error.retryable:
                    raise
                self._connection.suspect(link)
            if not ended:
                await asyncio.sleep(0.1)
        if ended[0].error is not None:
            raise ended[0].error

    async def _steer(self, job: WatchedJob) -> None:
        with contextlib.suppress(EngineError):  # the job's own watch says what became of it
            await self._until_answered(job.steer)


async def _coroutine(awaitable: Awaitable[Answer]) -> Answer:
    return await awaitable


def _closed() -> Cancelled:
    return Cancelled("The engine", "was closed")


def void(_: object) -> None:
    """For calls whose answer does not matter."""


def _say_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("%s", error)
