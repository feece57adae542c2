"""An in-process server and somebody who calls it: what the tests of the contract share; an engine in this process."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
import pytest

from core.matte import Matte
from core.plate import Plate
from inference import wire
from inference.client import EngineClient
from inference.connection import There
from inference.contract import penumbra_pb2 as pb
from inference.contract import penumbra_pb2_grpc as pb_grpc
from inference.faults import METADATA_KEY
from inference.serve import open_server
from inference.server.auth import Tokens
from inference.server.service import Service, Setup

TOKENS = {"anna-anna-anna-anna": "anna", "bert-bert-bert-bert": "bert"}
CHUNK = 1024 * 1024
Answer = TypeVar("Answer")


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


@contextmanager
def engine_inside(setup: Setup) -> Iterator[EngineClient]:
    """A client whose engine is in this very process, on a loop of its own: what it needs is imported once."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="engine inside", daemon=True)
    thread.start()

    def wait_for(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(20)

    async def begun() -> tuple[Service, grpc.aio.Server, int]:
        service = Service(setup)
        return service, *await open_server(service, "127.0.0.1:0", Tokens(TOKENS))

    async def ended() -> None:
        await server.stop(0)
        await service.close()

    service, server, port = wait_for(begun())
    client = EngineClient(There(f"127.0.0.1:{port}", next(iter(TOKENS)), tls=False, certificates=None))
    try:
        yield client
    finally:
        client.close()
        wait_for(ended())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


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


async def watch(desk: Desk, job_id: str, after: int = 0, most: int = 10_000) -> list[pb.JobEvent]:
    events: list[pb.JobEvent] = []
    async for event in desk.stream("WatchJob", pb.WatchJobRequest(id=job_id, after_seq=after, inline_masks=True)):
        events.append(event)
        if len(events) == most:
            break
    return events
