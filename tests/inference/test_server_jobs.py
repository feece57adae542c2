"""Jobs over the contract: idempotent, watched from anywhere, cancelled, bounded, taken up again."""

from __future__ import annotations

import asyncio

import grpc

from core.matte import Matte
from core.plate import Plate
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb
from inference.server.jobs import MOST_ATTEMPTS, _attempts_without_result
from inference.server.service import Setup
from tests.inference.desk import Desk, job, play, serving, watch


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


def test_a_paused_job_waits_and_goes_on(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """No event while it is paused; then the rest of them, each once."""

    async def scene(desk: Desk) -> None:
        started = await desk.call("StartJob", job(plate, key_matte, last=1008, step_s=0.05))
        await watch(desk, started.id, most=3)
        await desk.call("PauseJob", pb.PauseJobRequest(id=started.id, paused=True))
        await asyncio.sleep(0.15)
        before = (await desk.call("GetJob", pb.JobRef(id=started.id))).last_seq
        await asyncio.sleep(0.2)
        paused = await desk.call("GetJob", pb.JobRef(id=started.id))
        await desk.call("PauseJob", pb.PauseJobRequest(id=started.id))
        events = await watch(desk, started.id)
        assert (paused.last_seq, paused.state) == (before, "running")
        assert [event.frame for event in events if event.masks] == list(range(1002, 1009))

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
    """A job none of whose pictures can be read fails, and names one of them."""

    async def scene(desk: Desk) -> None:
        request = job(plate, key_matte, last=1005)
        del request.propagate.context[:]
        for ref in request.propagate.frames:
            ref.frame += 1000
        started = await desk.call("StartJob", request)
        events = await watch(desk, started.id)
        assert events[-1].state == "failed"
        assert "2002" in events[-1].error.message
        assert not any(event.masks for event in events)

    play(setup, scene)


def test_missing_frame_is_held_and_said(setup: Setup, plate: Plate, key_matte: Matte) -> None:
    """One frame without a file does not fail a job: every frame has a matte, and the last event names the one."""

    async def scene(desk: Desk) -> None:
        started = await desk.call("StartJob", job(plate, key_matte, last=1041))
        events = [event for event in await watch(desk, started.id) if not event.heartbeat]
        assert events[-1].state == "done"
        assert "1041" in events[-1].message
        assert {event.frame for event in events if event.masks} == set(range(1002, 1042))

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


def test_attempts_are_counted_since_the_last_result() -> None:
    """A job that ends its engine again and again without bringing anything is given up; one that gets on is not."""
    begun = [pb.JobEvent(seq=1, state="running")]
    begun += [pb.JobEvent(seq=n, state="running", message=f"Attempt {n}: going on") for n in range(2, 5)]
    got_on = [*begun, pb.JobEvent(seq=5, state="running", masks=[pb.Mask(frame=1)])]

    assert _attempts_without_result(begun) == MOST_ATTEMPTS
    assert _attempts_without_result(got_on) == 0
