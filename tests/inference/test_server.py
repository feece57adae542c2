"""The contract itself, call by call, against a server in this process: what is promised and what is refused."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from core.matte import Matte
from core.plate import Plate
from inference import wire
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb
from inference.contract import penumbra_pb2_grpc as pb_grpc
from inference.faults import METADATA_KEY
from inference.serve import open_server
from inference.server.auth import Tokens
from inference.server.limits import Limits
from inference.server.service import Service, Setup

TOKENS = {"anna-anna-anna-anna": "anna", "bert-bert-bert-bert": "bert"}
CHUNK = 1024 * 1024


@dataclass
class Desk:
    """A stub, and whose it is."""

    stub: Any
    setup: Setup
    token: str = "anna-anna-anna-anna"

    async def call(self, name: str, message: Any, **terms: Any) -> Any:
        metadata = (("authorization", f"Bearer {self.token}"),)
        return await getattr(self.stub, name)(message, metadata=metadata, timeout=20, **terms)

    def stream(self, name: str, message: Any) -> Any:
        return getattr(self.stub, name)(message, metadata=(("authorization", f"Bearer {self.token}"),), timeout=20)

    async def put(self, data: bytes, size: int | None = None, sha256: bytes | None = None, offset: int = 0) -> Any:
        blob = pb.BlobId(sha256=sha256 or hashlib.sha256(data).digest(), size=len(data) if size is None else size)

        async def chunks() -> AsyncIterator[pb.BlobChunk]:
            yield pb.BlobChunk(id=blob, offset=offset, data=data[offset : offset + CHUNK])
            for begin in range(offset + CHUNK, len(data), CHUNK):
                yield pb.BlobChunk(data=data[begin : begin + CHUNK])

        return await self.call("PutBlob", chunks())

    async def refusal(self, call: Awaitable[Any]) -> tuple[grpc.StatusCode, pb.Error]:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        details = dict(refused.value.trailing_metadata() or ())
        return refused.value.code(), pb.Error.FromString(details.get(METADATA_KEY, b""))


@asynccontextmanager
async def serving(setup: Setup) -> AsyncIterator[Desk]:
    service = Service(setup)
    server, port = await open_server(service, "127.0.0.1:0", Tokens(TOKENS))
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)])
    try:
        yield Desk(pb_grpc.PenumbraStub(channel), setup)
    finally:
        await channel.close()
        await server.stop(0)
        await service.close()


@pytest.fixture
def setup(tmp_path: Path, model_dir: Path, plate: Plate) -> Setup:
    limits = Limits(max_blob_bytes=5_000_000, user_blob_quota_bytes=9_000_000, max_queued_jobs_per_user=3)
    return Setup(tmp_path / "data", (model_dir,), {"show": plate.path.parent}, limits, heartbeat_s=0.2)


Scene = Callable[[Desk], Awaitable[None]]


def play(setup: Setup, scene: Scene) -> None:
    async def whole() -> None:
        async with serving(setup) as desk:
            await scene(desk)

    asyncio.run(whole())


def click(plate: Plate, seq: int = 1, slot: str = "a", **options: object) -> pb.PredictRequest:
    return pb.PredictRequest(
        session_id="s",
        seq=seq,
        slot=slot,
        model="fake",
        frame=pb.FrameRef(root_path="show:/plate.####.exr", frame=1004),
        plate=wire.plate_to(plate, ""),
        prompts=[pb.Prompt(click=pb.Click(x=20.5, y=10.5, positive=True))],
        options_json=wire.options_to(options),
    )


def job(plate: Plate, matte: Matte, key: str = "k", last: int = 1010, **options: object) -> pb.StartJobRequest:
    return pb.StartJobRequest(
        idempotency_key=key,
        kind="propagate",
        model="fake",
        plate=wire.plate_to(plate, ""),
        options_json=wire.options_to(options),
        propagate=pb.PropagateSpec(
            keys=[wire.mask_from_matte(matte, 1001)],
            frames=[pb.FrameRef(root_path="show:/plate.####.exr", frame=f) for f in range(1002, last + 1)],
        ),
    )


# --- who is calling ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "wrong", "anna-anna-anna-ann", "anna-anna-anna-annaa"])
def test_no_call_without_a_token(setup: Setup, plate: Plate, token: str) -> None:
    """Unary, streaming up and streaming down alike."""

    async def scene(desk: Desk) -> None:
        desk.token = token
        for refused in (
            desk.call("GetServerInfo", pb.GetServerInfoRequest()),
            desk.put(b"data"),
            desk.stream("WatchJob", pb.WatchJobRequest(id="x")).read(),
        ):
            code, error = await desk.refusal(refused)
            assert (code, error.reason) == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")

    play(setup, scene)


def test_server_says_who_one_is_and_what_it_takes(setup: Setup) -> None:
    """Version, boot, limits, roots, heartbeat, user."""

    async def scene(desk: Desk) -> None:
        info = await desk.call("GetServerInfo", pb.GetServerInfoRequest())
        assert (info.api_version, info.user, info.heartbeat_ms) == ("penumbra.v1", "anna", 200)
        assert info.limits.max_blob_bytes == 5_000_000
        assert [root.name for root in info.path_roots] == ["show"]
        assert info.boot_id

    play(setup, scene)


def test_owners_do_not_see_each_other(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """Neither blobs nor jobs, not even that they exist."""

    async def scene(desk: Desk) -> None:
        blob = (await desk.put(b"anna's plate")).id
        started = await desk.call("StartJob", job(plate, key_matte))
        bert = Desk(desk.stub, setup, "bert-bert-bert-bert")

        assert len((await bert.call("HasBlobs", pb.HasBlobsRequest(ids=[blob]))).missing) == 1
        assert (await bert.refusal(bert.stream("GetBlob", pb.GetBlobRequest(id=blob)).read()))[1].reason == "NOT_FOUND"
        assert (await bert.refusal(bert.call("GetJob", pb.JobRef(id=started.id))))[1].reason == "NOT_FOUND"
        assert (await bert.refusal(bert.call("CancelJob", pb.JobRef(id=started.id))))[1].reason == "NOT_FOUND"
        watched = bert.stream("WatchJob", pb.WatchJobRequest(id=started.id)).read()
        assert (await bert.refusal(watched))[1].reason == "NOT_FOUND"
        assert not (await bert.call("ListJobs", pb.ListJobsRequest())).jobs
        assert len((await desk.call("ListJobs", pb.ListJobsRequest())).jobs) == 1

    play(setup, scene)


# --- blobs ------------------------------------------------------------------------------------------------------------


def test_upload_is_resumed_after_the_connection_broke(setup: Setup) -> None:
    """The server says where to go on; the whole is verified."""

    async def scene(desk: Desk) -> None:
        data = np.random.default_rng(1).bytes(3 * CHUNK)
        blob = pb.BlobId(sha256=hashlib.sha256(data).digest(), size=len(data))

        async def broken() -> AsyncIterator[pb.BlobChunk]:
            yield pb.BlobChunk(id=blob, data=data[:CHUNK])
            await asyncio.sleep(30)

        upload = asyncio.ensure_future(desk.call("PutBlob", broken()))
        missing = []
        while not missing or not missing[0].resume_offset:
            await asyncio.sleep(0.02)
            missing = (await desk.call("HasBlobs", pb.HasBlobsRequest(ids=[blob]))).missing
        upload.cancel()
        await asyncio.sleep(0.1)

        assert missing[0].resume_offset == CHUNK
        assert (await desk.put(data, offset=CHUNK)).received == len(data)
        assert (await desk.put(data)).existed
        pieces = [chunk.data async for chunk in desk.stream("GetBlob", pb.GetBlobRequest(id=blob, offset=CHUNK))]
        assert b"".join(pieces) == data[CHUNK:]

    play(setup, scene)


def test_bad_blobs_are_refused_with_a_reason(setup: Setup) -> None:
    """A terabyte, a wrong hash, a name that is no hash, chunks that are too large, more than the quota."""

    async def scene(desk: Desk) -> None:
        async def one(chunk: pb.BlobChunk) -> AsyncIterator[pb.BlobChunk]:
            yield chunk

        huge = pb.BlobChunk(id=BlobKey.of(bytes(4_000_000)).id, data=bytes(4_000_000))
        assert (await desk.refusal(desk.put(b"x", size=2**40)))[1].reason == "LIMIT"
        assert (await desk.refusal(desk.put(b"x", sha256=bytes(32))))[1].reason == "HASH_MISMATCH"
        assert (await desk.refusal(desk.put(b"x", sha256=b"../../etc")))[1].reason == "BAD_REQUEST"
        assert (await desk.refusal(desk.call("PutBlob", one(huge))))[1].reason == "LIMIT"
        random = np.random.default_rng(2)
        for _ in range(2):
            await desk.put(random.bytes(4_000_000))
        assert (await desk.refusal(desk.put(random.bytes(4_000_000))))[1].reason == "QUOTA"

    play(setup, scene)


def test_giant_messages_never_arrive(setup: Setup) -> None:
    """9 MiB over a limit of 8 is refused by the transport."""

    async def scene(desk: Desk) -> None:
        code, _ = await desk.refusal(desk.call("Predict", pb.PredictRequest(slot="x" * 9 * CHUNK)))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED

    play(setup, scene)


# --- one frame --------------------------------------------------------------------------------------------------------


def test_older_seq_is_stale(setup: Setup, plate: Plate) -> None:
    """Of one slot; other slots count for themselves."""

    async def scene(desk: Desk) -> None:
        await desk.call("Predict", click(plate, seq=5))
        code, error = await desk.refusal(desk.call("Predict", click(plate, seq=4)))
        assert (code, error.reason) == (grpc.StatusCode.ABORTED, "STALE_SEQ")
        await desk.call("Predict", click(plate, seq=1, slot="b"))

    play(setup, scene)


def test_newer_seq_ends_the_older_work(setup: Setup, plate: Plate) -> None:
    """Within a poll of the model, not after its three seconds."""

    async def scene(desk: Desk) -> None:
        old = asyncio.ensure_future(desk.call("Predict", click(plate, seq=1, segment_s=10.0)))
        await asyncio.sleep(0.3)
        began = time.perf_counter()
        await desk.call("Predict", click(plate, seq=2))
        assert time.perf_counter() - began < 2.0
        assert (await desk.refusal(old))[1].reason == "STALE_SEQ"

    play(setup, scene)


def test_deadline_and_cancel_reach_the_model(setup: Setup, plate: Plate) -> None:
    """A call that is given up does not keep the lane busy."""

    async def scene(desk: Desk) -> None:
        metadata = (("authorization", f"Bearer {desk.token}"),)
        with pytest.raises(grpc.aio.AioRpcError):
            await desk.stub.Predict(click(plate, segment_s=10.0), metadata=metadata, timeout=0.3)
        began = time.perf_counter()
        await desk.call("Predict", click(plate, slot="b"))
        assert time.perf_counter() - began < 2.0

    play(setup, scene)


def changed(request: pb.PredictRequest, change: Callable[[pb.PredictRequest], object]) -> pb.PredictRequest:
    change(request)
    return request


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda r: setattr(r.prompts[0].click, "x", float("nan")), "BAD_REQUEST"),
        (lambda r: setattr(r.prompts[0].click, "x", 1e9), "BAD_REQUEST"),
        (lambda r: r.prompts.extend([r.prompts[0]] * 5000), "LIMIT"),
        (lambda r: r.ClearField("prompts"), "BAD_REQUEST"),
        (lambda r: r.prompts.append(pb.Prompt(stroke=pb.Stroke(xyp=[1e7, 0, 1], radius=3))), "BAD_REQUEST"),
        (lambda r: r.prompts.append(pb.Prompt(stroke=pb.Stroke(xyp=[1, 1, 1] * 200_001, radius=3))), "LIMIT"),
        (lambda r: setattr(r, "options_json", '{"radius": "wide"}'), "OPTION_INVALID"),
        (lambda r: setattr(r, "options_json", "{"), "OPTION_INVALID"),
        (lambda r: setattr(r, "model", "../../model"), "NOT_FOUND"),
        (lambda r: setattr(r.frame, "root_path", "show:/../../etc/passwd"), "PATH_DENIED"),
        (lambda r: setattr(r.frame, "root_path", "/etc/passwd"), "PATH_DENIED"),
        (lambda r: setattr(r.frame, "frame", 4), "BAD_IMAGE"),
        (lambda r: setattr(r.plate.canvas, "x1", 2**30), "LIMIT"),
        (lambda r: setattr(r.plate, "color_space", "no such space"), "BAD_IMAGE"),
        (lambda r: r.frame.blob.CopyFrom(BlobKey.of(b"absent").id), "BAD_IMAGE"),
        (lambda r: setattr(r.frame, "suffix", ".exr") or r.frame.blob.CopyFrom(BlobKey.of(b"a").id), "NEED_BLOB"),
        (lambda r: r.prev.append(pb.Mask(encoding="zstd-f16", data=b"x", window=pb.Window(x1=4, y1=4))), "BAD_REQUEST"),
    ],
)
def test_bad_requests_are_refused_with_a_reason(
    setup: Setup, plate: Plate, change: Callable[[pb.PredictRequest], object], reason: str
) -> None:
    """And the engine answers the next good one."""

    async def scene(desk: Desk) -> None:
        _, error = await desk.refusal(desk.call("Predict", changed(click(plate), change)))
        if reason == "BAD_IMAGE" and error.reason == "NEED_BLOB":
            return  # absence is said before the suffix is looked at
        assert error.reason == reason
        assert error.message
        await desk.call("Predict", click(plate, seq=9))

    play(setup, scene)


# --- jobs -------------------------------------------------------------------------------------------------------------


async def watch(desk: Desk, job_id: str, after: int = 0, most: int = 10_000) -> list[pb.JobEvent]:
    events: list[pb.JobEvent] = []
    async for event in desk.stream("WatchJob", pb.WatchJobRequest(id=job_id, after_seq=after, inline_masks=True)):
        events.append(event)
        if len(events) == most:
            break
    return events


def test_start_is_idempotent_and_watch_resumes(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """The same key is the same job; two watchers see the same log from wherever they like."""

    async def scene(desk: Desk) -> None:
        first = await desk.call("StartJob", job(plate, key_matte))
        again = await desk.call("StartJob", job(plate, key_matte))
        whole = await watch(desk, first.id)
        rest = await watch(desk, first.id, after=4)

        assert first.id == again.id
        seqs = [event.seq for event in whole if not event.heartbeat]
        assert seqs == list(range(1, len(seqs) + 1))
        assert [event.seq for event in rest] == seqs[4:]
        assert [event.frame for event in whole if event.masks] == list(range(1002, 1011))
        assert (await desk.call("GetJob", pb.JobRef(id=first.id))).state == "done"

    play(setup, scene)


def test_heartbeats_come_while_nothing_happens(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """A silent stream means a dead engine, never a slow model."""

    async def scene(desk: Desk) -> None:
        started = await desk.call("StartJob", job(plate, key_matte, last=1003, step_s=0.7))
        events = await watch(desk, started.id)
        assert sum(event.heartbeat for event in events) >= 3

    play(setup, scene)


def test_cancel_is_idempotent_and_within_a_step(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """A running job, a queued one, an ended one."""

    async def scene(desk: Desk) -> None:
        running = await desk.call("StartJob", job(plate, key_matte, "a", 1040, step_s=0.1))
        queued = await desk.call("StartJob", job(plate, key_matte, "b", 1040))
        await watch(desk, running.id, most=3)
        for each in (running, queued, running):
            await desk.call("CancelJob", pb.JobRef(id=each.id))
        for each in (running, queued):
            events = await watch(desk, each.id)
            assert events[-1].state == "cancelled"
            assert sum(bool(event.masks) for event in events) <= 4
        assert (await desk.call("CancelJob", pb.JobRef(id=running.id))).state == "cancelled"

    play(setup, scene)


def test_queue_of_one_artist_is_bounded(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """The fourth waiting job is refused for now; the same key is not counted again; others may go on."""

    async def scene(desk: Desk) -> None:
        for key in "abc":
            await desk.call("StartJob", job(plate, key_matte, key, 1040, step_s=0.2))
        code, error = await desk.refusal(desk.call("StartJob", job(plate, key_matte, "d")))
        assert (code, error.reason, error.retryable) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL", True)
        await desk.call("StartJob", job(plate, key_matte, "a"))
        await Desk(desk.stub, setup, "bert-bert-bert-bert").call("StartJob", job(plate, key_matte, "d"))

    play(setup, scene)


def test_jobs_that_cannot_be_done_are_not_begun(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """Wrong kind, wrong model, bad options, missing blobs, too many frames: nothing is logged."""

    async def scene(desk: Desk) -> None:
        many = job(plate, key_matte)
        many.propagate.frames.extend([many.propagate.frames[0]] * 10_001)
        lost = job(plate, key_matte)
        lost.propagate.keys[0].blob.CopyFrom(BlobKey.of(b"absent").id)
        empty = job(plate, key_matte)
        empty.propagate.ClearField("keys")
        wrong = job(plate, key_matte)
        wrong.kind = "train"
        odd = job(plate, key_matte, radius=-1)
        for request, reason in (
            (many, "LIMIT"),
            (lost, "NEED_BLOB"),
            (empty, "BAD_REQUEST"),
            (wrong, "BAD_REQUEST"),
            (odd, "OPTION_INVALID"),
        ):
            assert (await desk.refusal(desk.call("StartJob", request)))[1].reason == reason
        assert not (await desk.call("ListJobs", pb.ListJobsRequest())).jobs

    play(setup, scene)


def test_failed_job_ends_with_a_sentence(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """A frame that is not there fails the job that needs it, and says which."""

    async def scene(desk: Desk) -> None:
        started = await desk.call("StartJob", job(plate, key_matte, last=1041))
        events = await watch(desk, started.id)
        assert events[-1].state == "failed"
        assert "1041" in events[-1].error.message
        assert sum(bool(event.masks) for event in events) == 39

    play(setup, scene)


def test_job_log_survives_the_server(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """A server that comes back goes on at the next missing frame; a watcher goes on at the next event."""

    async def whole() -> None:
        async with serving(setup) as desk:
            started = await desk.call("StartJob", job(plate, key_matte, last=1030, step_s=0.02))
            before = [event for event in await watch(desk, started.id, most=12) if not event.heartbeat]
        async with serving(setup) as desk:
            after = [e for e in await watch(desk, started.id, after=before[-1].seq) if not e.heartbeat]

        seqs = [event.seq for event in before + after]
        assert seqs == list(range(1, len(seqs) + 1))
        frames = [event.frame for event in before + after if event.masks]
        assert frames == list(range(1002, 1031))
        assert after[-1].state == "done"

    asyncio.run(whole())


def test_job_list_is_paged(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """By state and kind; a token leads to the next page."""

    async def scene(desk: Desk) -> None:
        for key in "ab":
            await watch(desk, (await desk.call("StartJob", job(plate, key_matte, key, 1002))).id)
        first = await desk.call("ListJobs", pb.ListJobsRequest(page_size=1, state="done"))
        second = await desk.call("ListJobs", pb.ListJobsRequest(page_size=1, page_token=first.next_page_token))
        assert len(first.jobs) == len(second.jobs) == 1
        assert first.jobs[0].id != second.jobs[0].id
        assert not second.next_page_token
        assert not (await desk.call("ListJobs", pb.ListJobsRequest(kind="train"))).jobs

    play(setup, scene)


def test_sessions_open_and_close(setup: Setup) -> None:
    """Soft state: closing one that is not there is fine."""

    async def scene(desk: Desk) -> None:
        opened = await desk.call("OpenSession", pb.OpenSessionRequest(session_id="s"))
        closed = await desk.call("CloseSession", pb.SessionRef(session_id="s"))
        assert opened.boot_id == closed.boot_id

    play(setup, scene)


def test_prefetch_says_what_it_did(setup: Setup, plate: Plate) -> None:
    """Cached, needed, or why not, frame by frame."""

    async def scene(desk: Desk) -> None:
        refs = [pb.FrameRef(root_path="show:/plate.####.exr", frame=frame) for frame in (1004, 1999)]
        refs.append(pb.FrameRef(blob=BlobKey.of(b"absent").id, frame=3, suffix=".exr"))
        request = pb.PrefetchRequest(model="fake", plate=wire.plate_to(plate, ""), frames=refs)
        events = [event async for event in desk.stream("Prefetch", request)]
        assert [event.cached for event in events] == [True, False, False]
        assert events[1].error.message
        assert len(events[2].need) == 1
        assert (await desk.call("Predict", click(plate))).embedding_hit

    play(setup, scene)
