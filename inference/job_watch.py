"""A job from the application's side: started once, watched through any number of engine lives, each event once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from google.protobuf.json_format import MessageToDict

from core.errors import Cancelled, EngineError, PenumbraError
from core.frames import FrameNumber
from core.jobs import JobState
from core.matte import Matte
from inference import faults, wire
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb
from inference.frame_refs import FrameNamer, NamedFrames, root_path
from inference.link import Link
from inference.messages import JobEvent, JobRequest, PropagateRequest, RefineRequest, TeachRequest


class WatchedJob:
    """What `Engine.start` gives. `id` is ours, the idempotency key; the engine's own is nobody's business."""

    def __init__(self, request: JobRequest, on_event: Callable[[JobEvent], None]) -> None:
        self.id = uuid.uuid4().hex
        self.done: Future[None] = Future()
        self.request = request
        self.on_event = on_event
        self.wake: Callable[[], None] = lambda: None
        self.cancelled = False
        self.paused = False
        self.remote_id = ""
        self.seq = 0

    def cancel(self) -> None:
        """Ends within a step; `done` then fails with `Cancelled`. Also while the engine is away."""
        self.cancelled = True
        self.wake()

    def pause(self, paused: bool = True) -> None:
        """Hold it, or let it go on. An engine that was started again is told again."""
        self.paused = paused
        self.wake()

    async def begin(self, link: Link, namer: FrameNamer) -> None:
        """Start it, or find it again: the same key gives the same job."""
        message = await start_message(self.id, self.request, link, namer)
        job = await link.bulk.StartJob(message, **link.terms(link.deadlines.start_job))
        self.remote_id = job.id

    async def watch(self, link: Link) -> None:
        """Pass on events after the last one that was passed on; returns after the job's last."""
        if self.paused:
            await self.steer(link)
        request = pb.WatchJobRequest(id=self.remote_id, after_seq=self.seq, inline_masks=True)
        stream = link.bulk.WatchJob(request, **link.terms(None))
        try:
            async for event in stream:
                link.heard()
                if event.heartbeat:
                    continue
                if event.seq != self.seq + 1:
                    raise EngineError("The job", f"skipped from event {self.seq} to {event.seq}", "Start it again.")
                message = await event_from(event, link)
                self.seq = event.seq
                self.on_event(message)
        finally:
            stream.cancel()

    async def steer(self, link: Link) -> None:
        """Tell the engine whether it goes on, is held, or is cancelled."""
        if not self.remote_id:
            return
        if self.cancelled:
            await link.bulk.CancelJob(pb.JobRef(id=self.remote_id), **link.terms(link.deadlines.call))
        else:
            message = pb.PauseJobRequest(id=self.remote_id, paused=self.paused)
            await link.bulk.PauseJob(message, **link.terms(link.deadlines.call))


async def event_from(event: pb.JobEvent, link: Link) -> JobEvent:
    """An event with its matte and adapter fetched."""
    state = JobState(event.state)
    matte: Matte | None = None
    if event.masks:
        mask = event.masks[0]
        body = await link.get(mask.blob) if mask.WhichOneof("body") == "blob" else None
        matte = await asyncio.to_thread(wire.matte_from_mask, mask, body)
    adapter = await link.get(event.outputs[-1]) if event.outputs else b""
    error: PenumbraError | None = None
    if event.HasField("error"):
        error = faults.error_from(event.error)
    elif state is JobState.CANCELLED:
        error = Cancelled()
    metrics: Mapping[str, Any] = MessageToDict(event.metrics) if event.HasField("metrics") else {}
    return JobEvent(
        seq=event.seq,
        state=state,
        progress=event.progress,
        frame=event.frame if event.masks else None,
        matte=matte,
        message=event.message,
        metrics=metrics,
        adapter=adapter,
        error=error,
    )


async def start_message(key: str, request: JobRequest, link: Link, namer: FrameNamer) -> pb.StartJobRequest:
    """The request as a message, all its blobs on the other side."""
    message = pb.StartJobRequest(
        idempotency_key=key,
        model=request.model.name,
        options_json=wire.options_to(request.model.options),
        session_id=link.session_id,
    )
    frames = _frames_of(request, bool(root_path(request.plate.path, link.info.path_roots)))
    named = await asyncio.to_thread(namer.name, request.plate, request.color_config, frames, link.info.path_roots)
    message.plate.CopyFrom(named.plate)
    if named.files:
        await link.send(named.files)
    match request:
        case PropagateRequest():
            await _propagate(message, request, named, link)
        case RefineRequest():
            await _refine(message, request, named, link)
        case TeachRequest():
            await _teach(message, request, named, link)
    return message


def _frames_of(request: JobRequest, by_path: bool) -> list[FrameNumber]:
    """Every frame a model may look at, in ascending order. Where frames must be sent, Teach sees fewer of them."""
    if isinstance(request, RefineRequest):
        reach = int(request.model.options.get("steady", 0))
        beside = {frame + step for frame in request.mattes for step in range(-reach, reach + 1)}
        return sorted(frame for frame in beside if frame in request.mattes or frame in request.plate.frames)
    if isinstance(request, PropagateRequest):
        named = {*request.frames, *request.keys}
    elif by_path:
        return list(request.plate.frames)
    else:
        named = {example.frame for example in request.examples}
    return list(range(min(named), max(named) + 1)) if named else []


async def _masks(mattes: Mapping[FrameNumber, Matte], link: Link) -> list[pb.Mask]:
    masks = await asyncio.to_thread(lambda: [wire.mask_from_matte(matte, frame) for frame, matte in mattes.items()])
    await link.park(masks)
    return masks


async def _propagate(message: pb.StartJobRequest, request: PropagateRequest, named: NamedFrames, link: Link) -> None:
    message.kind = "propagate"
    refs = {ref.frame: ref for ref in named.refs}
    spec = message.propagate
    spec.frames.extend(refs.get(frame, pb.FrameRef(frame=frame)) for frame in request.frames)
    wanted = set(request.frames)
    spec.context.extend(ref for frame, ref in refs.items() if frame not in wanted)
    spec.keys.extend(await _masks(request.keys, link))
    if request.adapter:
        key = BlobKey.of(request.adapter)
        await link.send({key: request.adapter})
        spec.adapter.CopyFrom(key.id)


async def _refine(message: pb.StartJobRequest, request: RefineRequest, named: NamedFrames, link: Link) -> None:
    message.kind = "process"
    message.process.frames.extend(named.refs)
    message.process.mattes.extend(await _masks(request.mattes, link))
    message.process.fixed.extend(await _masks(request.fixed, link))


async def _teach(message: pb.StartJobRequest, request: TeachRequest, named: NamedFrames, link: Link) -> None:
    message.kind = "train"
    refs = {ref.frame: ref for ref in named.refs}
    masks = await _masks({example.frame: example.matte for example in request.examples}, link)
    decided = {example.frame: example.decided for example in request.examples if example.decided is not None}
    drawn = {mask.frame: mask for mask in await _masks(decided, link)}
    for example, mask in zip(request.examples, masks, strict=True):
        message.train.examples.append(
            pb.Example(
                frame=refs.get(example.frame, pb.FrameRef(frame=example.frame)),
                mask=mask,
                weight=example.weight,
                held_out=example.held_out,
                decided=drawn.get(example.frame),
                approved=example.approved,
            )
        )
    taught = {example.frame for example in request.examples}
    message.train.context.extend(ref for frame, ref in refs.items() if frame not in taught)
    if request.resume_from:
        key = BlobKey.of(request.resume_from)
        await link.send({key: request.resume_from})
        message.train.resume_from.CopyFrom(key.id)
