"""The fifteen calls of `penumbra.v1`. Checks, hands the work to lanes, jobs and blobs, and says errors as sentences.

Independent of how it is reached: `inference/serve.py` puts it behind a port.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from core.errors import Cancelled, EngineError, PenumbraError
from inference import faults, wire
from inference.blobs import BlobKey, BlobStore
from inference.contract import penumbra_pb2 as pb
from inference.contract import penumbra_pb2_grpc as pb_grpc
from inference.executor import Executor, Poll, Priority
from inference.faults import NeedBlobsError
from inference.frames import PictureLibrary, Roots
from inference.job_log import JobLog
from inference.kept_encodings import KeptEncodings
from inference.registry import Registry
from inference.server.auth import user
from inference.server.computing import Computing
from inference.server.jobs import Jobs
from inference.server.limits import Limits
from inference.sessions import EncodingCache, Sessions, stale

API_VERSION = "penumbra.v1"
HEARTBEAT_S = 2.0
HEARD_OUT_BYTES = 64_000_000
"""Of an upload already refused."""
KEPT_S = 14 * 24 * 3600.0
"""Ended jobs, and blobs nobody asked for, are forgotten after so long, when an engine starts without work."""
TIGHT_S = 600.0
"""The same, when a quota is half used up."""
MOST_WAITING = 64
log = logging.getLogger(__name__)
Context = Any
"""grpc.aio.ServicerContext: generic in the stubs only."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Setup:
    """What an engine is started with.

    Args:
        data: its folder: blobs, job log, links.
        models: folders of the user's own models.
        roots: named folders whose pictures may be read by path.
        resume: take unfinished jobs up again; else they are ended.
    """

    data: Path
    models: tuple[Path, ...] = ()
    roots: Mapping[str, Path] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    resume: bool = True
    heartbeat_s: float = HEARTBEAT_S
    embedded: Path | None = None
    """Where the embedded models are; None for those that come with Penumbra."""
    encodings: Path | None = None
    """Where precomputed encodings are kept; None for nowhere."""


def _sentences(call: Callable[..., Awaitable[Result]]) -> Callable[..., Awaitable[Result]]:
    """A unary call that fails with a sentence."""

    @functools.wraps(call)
    async def wrapped(self: Service, request: Any, context: Context) -> Result:
        try:
            return await call(self, request, context)
        except PenumbraError as error:
            await _abort(context, error)
            raise  # abort has raised already
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            log.exception("%s failed", call.__name__)
            await _abort(context, EngineError("The engine", f"failed: {error}"))
            raise

    return wrapped


def _stream_sentences(call: Callable[..., AsyncIterator[Result]]) -> Callable[..., AsyncIterator[Result]]:
    """A streaming call that fails with a sentence."""

    @functools.wraps(call)
    async def wrapped(self: Service, request: Any, context: Context) -> AsyncIterator[Result]:
        try:
            async for message in call(self, request, context):
                yield message
        except PenumbraError as error:
            await _abort(context, error)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            log.exception("%s failed", call.__name__)
            await _abort(context, EngineError("The engine", f"failed: {error}"))

    return wrapped


async def _abort(context: Context, error: PenumbraError) -> Any:
    code, message = faults.status_of(error)
    details = ((faults.METADATA_KEY, message.SerializeToString()),)
    await context.abort(code, error.sentence[: faults.LONGEST], details)


async def _hear_out(chunks: AsyncIterator[pb.BlobChunk]) -> None:
    """Read what is still coming, within reason: to a caller whose write fails, gRPC reports that, not our sentence."""
    left = HEARD_OUT_BYTES
    async for chunk in chunks:
        left -= len(chunk.data)
        if left < 0:
            return


class Service(pb_grpc.PenumbraServicer):
    """One engine. Made on the loop that serves it."""

    def __init__(self, setup: Setup) -> None:
        self.boot_id = uuid.uuid4().hex
        self.setup = setup
        limits = setup.limits
        self._blobs = BlobStore(
            setup.data / "blobs", max_blob_bytes=limits.max_blob_bytes, quota_bytes=limits.user_blob_quota_bytes
        )
        self._registry = Registry(setup.models, setup.embedded) if setup.embedded else Registry(setup.models)
        library = PictureLibrary(Roots(setup.roots), self._blobs, setup.data / "links")
        kept = KeptEncodings(setup.encodings)
        self._computing = Computing(self._registry, library, self._blobs, EncodingCache(), kept, self.boot_id)
        self._executor = Executor()
        self._sessions = Sessions()
        self._log = JobLog(setup.data / "jobs.sqlite")
        self._jobs = Jobs(self._log, self._executor, self._computing, limits)
        if setup.resume:
            if not self._jobs.resume():
                self._log.forget(KEPT_S)
                self._blobs.sweep(KEPT_S)
        else:
            self._jobs.abandon()
            self._log.forget(0.0)
            self._blobs.clear()

    async def close(self) -> None:
        """Stop computing; unfinished jobs stay in the log to be taken up again."""
        self._jobs.close()
        await asyncio.to_thread(self._executor.close)
        self._log.close()

    # --- the engine -------------------------------------------------------------------------------------------------

    @_sentences
    async def GetServerInfo(self, _request: pb.GetServerInfoRequest, _context: Context) -> pb.ServerInfo:
        return pb.ServerInfo(
            api_version=API_VERSION,
            build="0.1.0",
            boot_id=self.boot_id,
            features=["prompts", "slots", "teach", "refine", "pause"],
            limits=self.setup.limits.message(),
            path_roots=[
                pb.PathRoot(name=name, os="posix", folder=str(folder)) for name, folder in self.setup.roots.items()
            ],
            heartbeat_ms=int(self.setup.heartbeat_s * 1000),
            user=user.get(),
        )

    @_sentences
    async def ListModels(self, request: pb.ListModelsRequest, _context: Context) -> pb.ListModelsResponse:
        await asyncio.to_thread(self._registry.rescan)
        models = [wire.model_to(info) for info in self._registry.models(request.task)]
        return pb.ListModelsResponse(models=models, problems=self._registry.problems)

    # --- blobs ------------------------------------------------------------------------------------------------------

    @_sentences
    async def HasBlobs(self, request: pb.HasBlobsRequest, _context: Context) -> pb.HasBlobsResponse:
        owner, missing = user.get(), []
        for each in request.ids:
            key = BlobKey.from_id(each)
            if not self._blobs.has(owner, key):
                missing.append(pb.Missing(id=each, resume_offset=self._blobs.received(owner, key)))
        return pb.HasBlobsResponse(missing=missing)

    @_sentences
    async def PutBlob(self, chunks: AsyncIterator[pb.BlobChunk], _context: Context) -> pb.PutBlobResponse:
        first = await anext(chunks, None)
        if first is None:
            raise wire.bad_request("A blob", "came without a name")
        try:
            return await self._received(first, chunks)
        except PenumbraError:
            await _hear_out(chunks)
            raise

    async def _received(self, first: pb.BlobChunk, rest: AsyncIterator[pb.BlobChunk]) -> pb.PutBlobResponse:
        owner, key = user.get(), BlobKey.from_id(first.id)
        if self._blobs.has(owner, key):
            await _hear_out(rest)
            return pb.PutBlobResponse(id=first.id, existed=True, received=key.size)
        upload = self._blobs.upload(owner, key, first.offset)
        try:
            await asyncio.to_thread(upload.write, first.data)
            async for chunk in rest:
                await asyncio.to_thread(upload.write, chunk.data)
            await asyncio.to_thread(upload.finish)
        finally:
            upload.close()
        return pb.PutBlobResponse(id=first.id, received=key.size)

    @_stream_sentences
    async def GetBlob(self, request: pb.GetBlobRequest, _context: Context) -> AsyncIterator[pb.BlobChunk]:
        key = BlobKey.from_id(request.id)
        if not self._blobs.has(user.get(), key):
            raise EngineError("A blob", "is not here", reason="NOT_FOUND")
        chunks = self._blobs.chunks(user.get(), key, request.offset)
        offset = request.offset
        while piece := await asyncio.to_thread(next, chunks, b""):
            head = {"id": key.id, "offset": offset} if offset == request.offset else {}
            yield pb.BlobChunk(data=piece, **head)  # type: ignore[arg-type] # two keywords of two types
            offset += len(piece)

    # --- one frame --------------------------------------------------------------------------------------------------

    @_sentences
    async def OpenSession(self, request: pb.OpenSessionRequest, _context: Context) -> pb.Session:
        self._sessions.open(user.get(), request.session_id)
        return pb.Session(session_id=request.session_id, boot_id=self.boot_id)

    @_sentences
    async def CloseSession(self, request: pb.SessionRef, _context: Context) -> pb.Session:
        self._sessions.close(user.get(), request.session_id)
        return pb.Session(session_id=request.session_id, boot_id=self.boot_id)

    @_stream_sentences
    async def Prefetch(self, request: pb.PrefetchRequest, _context: Context) -> AsyncIterator[pb.PrefetchEvent]:
        self._check_frames(request.plate, len(request.frames))
        owner, loop = user.get(), asyncio.get_running_loop()
        events: asyncio.Queue[pb.PrefetchEvent | PenumbraError | None] = asyncio.Queue()

        def steps(poll: Poll) -> Any:
            for event in self._computing.prefetch(owner, request, poll):
                loop.call_soon_threadsafe(events.put_nowait, event)
                yield

        def ended(error: Exception | None) -> None:
            if error is not None and not isinstance(error, PenumbraError):
                error = EngineError("The engine", f"failed: {error}")
            loop.call_soon_threadsafe(events.put_nowait, error)

        task = self._executor.start(Priority.PREFETCH, steps, ended)
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, PenumbraError):
                    raise event
                yield event
        finally:
            self._executor.cancel(task)

    @_sentences
    async def Predict(self, request: pb.PredictRequest, _context: Context) -> pb.PredictResponse:
        limits, owner = self.setup.limits, user.get()
        self._check_frames(request.plate, 1)
        limits.check_count(request)
        prompts = wire.prompts_from(request)
        limits.check_prompts(prompts, wire.window_from(request.plate.canvas))
        if self._executor.waiting >= MOST_WAITING:
            raise EngineError("The engine", "is busy", reason="QUEUE_FULL", retryable=True, retry_after_ms=200)
        session = self._sessions.open(owner, request.session_id)
        self._sessions.arrive(session, request.slot, request.seq)

        def work(poll: Poll) -> pb.PredictResponse:
            def overtaken() -> bool:
                return poll() or self._sessions.overtaken(session, request.slot, request.seq)

            if overtaken():
                raise stale()
            return self._computing.predict(owner, request, prompts, overtaken)

        ticket = self._executor.call(work)
        try:
            return await asyncio.wrap_future(ticket.answer)
        except Cancelled:
            raise stale() from None
        finally:
            ticket.cancel()

    def _check_frames(self, plate: pb.PlateRef, count: int) -> None:
        self.setup.limits.check_canvas(wire.window_from(plate.canvas))
        if count > self.setup.limits.max_frames_per_job:
            raise EngineError("The request", f"names {count} frames", reason="LIMIT")

    # --- jobs -------------------------------------------------------------------------------------------------------

    @_sentences
    async def StartJob(self, request: pb.StartJobRequest, _context: Context) -> pb.Job:
        if self._blobs.used(user.get()) > self.setup.limits.user_blob_quota_bytes // 2 and not self._log.unended():
            self._log.forget(TIGHT_S)
            await asyncio.to_thread(self._blobs.sweep, TIGHT_S)
        self._check_blobs(user.get(), request)
        row = self._jobs.start(user.get(), request)
        return row.message(self._jobs.position(row.id))

    @_stream_sentences
    async def WatchJob(self, request: pb.WatchJobRequest, _context: Context) -> AsyncIterator[pb.JobEvent]:
        watched = self._jobs.watch(
            user.get(), request.id, request.after_seq, request.inline_masks, self.setup.heartbeat_s
        )
        async for event in watched:
            yield event

    @_sentences
    async def GetJob(self, request: pb.JobRef, _context: Context) -> pb.Job:
        return self._jobs.job(user.get(), request.id).message(self._jobs.position(request.id))

    @_sentences
    async def ListJobs(self, request: pb.ListJobsRequest, _context: Context) -> pb.ListJobsResponse:
        rows = self._log.jobs(user.get(), request.state, request.kind, request.project)
        begin = int(request.page_token) if request.page_token.isdecimal() else 0
        size = min(request.page_size or 100, 1000)
        jobs = [row.message(self._jobs.position(row.id)) for row in rows[begin : begin + size]]
        token = str(begin + size) if begin + size < len(rows) else ""
        return pb.ListJobsResponse(jobs=jobs, next_page_token=token)

    @_sentences
    async def CancelJob(self, request: pb.JobRef, _context: Context) -> pb.Job:
        return self._jobs.cancel(user.get(), request.id).message()

    @_sentences
    async def PauseJob(self, request: pb.PauseJobRequest, _context: Context) -> pb.Job:
        return self._jobs.pause(user.get(), request.id, paused=request.paused).message()

    def _check_blobs(self, owner: str, request: pb.StartJobRequest) -> None:
        """Say at once which blobs a job will need, rather than fail in its middle."""
        refs = [*request.propagate.frames, *request.propagate.context, *request.process.frames, *request.train.context]
        refs += [example.frame for example in request.train.examples]
        masks = [*request.propagate.keys, *request.process.mattes, *request.process.fixed]
        masks += [mask for example in request.train.examples for mask in (example.mask, example.decided)]
        ids = [ref.blob for ref in refs if ref.WhichOneof("src") == "blob"]
        ids += [mask.blob for mask in masks if mask.WhichOneof("body") == "blob"]
        if request.propagate.HasField("adapter"):
            ids.append(request.propagate.adapter)
        if request.train.HasField("resume_from"):
            ids.append(request.train.resume_from)
        missing = [each for each in ids if not self._blobs.has(owner, BlobKey.from_id(each))]
        if missing:
            raise NeedBlobsError(missing)
