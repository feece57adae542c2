"""The contract itself, call by call, against a server in this process: what is promised and what is refused."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable

import grpc
import numpy as np
import pytest

from core.matte import Matte
from core.plate import Plate
from inference import wire
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb
from inference.server.service import Setup
from tests.inference.desk import CHUNK, Desk, click, job, play

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


def test_a_refused_upload_is_heard_out(setup: Setup) -> None:
    """Else its next write fails, and gRPC tells the caller of that instead of the reason."""

    async def scene(desk: Desk) -> None:
        sent = 0

        async def slow(size: int) -> AsyncIterator[pb.BlobChunk]:
            nonlocal sent
            yield pb.BlobChunk(id=pb.BlobId(sha256=bytes(32), size=size), data=bytes(1000))
            while sent < 5:
                await asyncio.sleep(0.02)
                sent += 1
                yield pb.BlobChunk(data=bytes(1000))

        code, error = await desk.refusal(desk.call("PutBlob", slow(2**40)))
        assert (code, error.reason, sent) == (grpc.StatusCode.INVALID_ARGUMENT, "LIMIT", 5)

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
