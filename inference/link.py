"""One connection to one engine: two channels, so that no click waits behind a plate, and deadlines on every call.

Knows gRPC and the contract. A link is used until it is lost and then thrown away; it never comes back.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc

from core.errors import EngineError, EngineLost
from inference import faults
from inference.blobs import BlobKey
from inference.contract import penumbra_pb2 as pb
from inference.contract import penumbra_pb2_grpc as pb_grpc

MESSAGE_BYTES = 8 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
PARK_BYTES = 64 * 1024
"""Bodies of messages larger than this travel as blobs."""
OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.enable_http_proxy", 0),
]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long calls may take, in seconds. A first click on a large picture encodes it, on a CPU for seconds."""

    predict: float = 60.0
    call: float = 15.0
    start_job: float = 60.0
    transfer_idle: float = 60.0


class Link:
    """Channels, stubs and what the engine said about itself. Lives on the client's loop."""

    def __init__(
        self,
        address: str,
        token: str,
        where: str,
        deadlines: Deadlines,
        *,
        tls: bool = False,
        certificates: bytes | None = None,
    ) -> None:
        self.where = where
        self.deadlines = deadlines
        self.info = pb.ServerInfo()
        self.session_id = uuid.uuid4().hex
        self.lost = asyncio.Event()
        self.heard_at = time.monotonic()
        self._token = token
        self._sending: dict[BlobKey, asyncio.Lock] = {}
        credentials = grpc.ssl_channel_credentials(certificates) if tls else None
        self._channels = [
            grpc.aio.secure_channel(address, credentials, options=OPTIONS)
            if credentials
            else grpc.aio.insecure_channel(address, options=OPTIONS)
            for _ in range(2)
        ]
        self.interactive, self.bulk = (
            pb_grpc.PenumbraStub(channel)  # type: ignore[no-untyped-call] # generated
            for channel in self._channels
        )

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (
            ("authorization", f"Bearer {self._token}"),
            ("session_id", self.session_id),
            ("x-request-id", uuid.uuid4().hex),
        )

    def terms(self, timeout_s: float | None) -> dict[str, Any]:
        """What every call carries. It waits for a connection that is being made again, up to its deadline."""
        return {"timeout": timeout_s, "metadata": self.metadata, "wait_for_ready": True}

    async def close(self) -> None:
        self.lost.set()
        for channel in self._channels:
            await channel.close()

    async def unless_lost(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of `work`; EngineLost as soon as the link is given up. gRPC's errors become sentences."""
        task = asyncio.ensure_future(work)
        lost = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() or (self.lost.is_set() and (task.cancelled() or task.exception() is not None)):
                raise EngineLost(self.where, "went away", "It is being started or reached again.")
            return task.result()
        except grpc.aio.AioRpcError as error:
            raise faults.error_of_call(error, self.where) from error
        finally:
            lost.cancel()
            task.cancel()

    async def hello(self, timeout_s: float) -> pb.ServerInfo:
        """Also the heartbeat: the answer is noted."""
        info = await self.interactive.GetServerInfo(
            pb.GetServerInfoRequest(client_version="0.1.0", api_versions=["penumbra.v1"]),
            **self.terms(timeout_s),
        )
        self.heard()
        self.info = info
        return self.info

    def heard(self) -> None:
        self.heard_at = time.monotonic()

    # --- blobs ------------------------------------------------------------------------------------------------------

    async def missing(self, keys: Iterable[BlobKey]) -> dict[BlobKey, int]:
        """Which of these the engine lacks, and the byte each upload goes on at."""
        wanted = list(dict.fromkeys(keys))
        found: dict[BlobKey, int] = {}
        for begin in range(0, len(wanted), 256):
            answer = await self.bulk.HasBlobs(
                pb.HasBlobsRequest(ids=[key.id for key in wanted[begin : begin + 256]]),
                **self.terms(self.deadlines.call),
            )
            found.update({BlobKey.from_id(each.id): each.resume_offset for each in answer.missing})
        return found

    async def put(self, key: BlobKey, source: bytes | Path, offset: int) -> None:
        """Send a blob from `offset` on."""

        async def chunks() -> AsyncIterator[pb.BlobChunk]:
            first = True
            async for piece in _pieces(source, offset):
                yield pb.BlobChunk(id=key.id, offset=offset, data=piece) if first else pb.BlobChunk(data=piece)
                first = False
                self.heard()
            if first:
                yield pb.BlobChunk(id=key.id, offset=offset)

        seconds = self.deadlines.transfer_idle + (key.size - offset) / 1_000_000
        await self.bulk.PutBlob(chunks(), **self.terms(seconds))

    async def send(self, sources: dict[BlobKey, bytes | Path]) -> None:
        """Upload what of these is missing. Two requests for one picture send it once."""
        for key, offset in (await self.missing(sources)).items():
            turn = self._sending.setdefault(key, asyncio.Lock())
            waited = turn.locked()
            async with turn:
                if waited:
                    offsets = await self.missing([key])
                    if key not in offsets:
                        continue
                    offset = offsets[key]
                if isinstance(source := sources[key], Path) and await asyncio.to_thread(_changed, source, key):
                    raise EngineError(source, "changed while it was sent", "Try again.", retryable=True)
                await self.put(key, source, offset)
            self._sending.pop(key, None)

    async def get(self, blob: pb.BlobId) -> bytes:
        """A whole blob, verified."""
        key = BlobKey.from_id(blob)
        if key.size > 4 * 1024**3:
            raise EngineError(self.where, f"offers {key.size} bytes at once", reason="LIMIT")
        data = bytearray()
        seconds = self.deadlines.transfer_idle + key.size / 1_000_000
        async for chunk in self.bulk.GetBlob(pb.GetBlobRequest(id=blob), **self.terms(seconds)):
            data += chunk.data
            self.heard()
            if len(data) > key.size:
                break
        if BlobKey.of(bytes(data)) != key:
            raise EngineError(self.where, "sent something else than was asked for", reason="HASH_MISMATCH")
        return bytes(data)

    async def park(self, masks: Iterable[pb.Mask]) -> None:
        """Large bodies become blobs the engine has."""
        sources: dict[BlobKey, bytes | Path] = {}
        for mask in masks:
            if len(mask.data) > PARK_BYTES:
                key = BlobKey.of(mask.data)
                sources[key] = mask.data
                mask.blob.CopyFrom(key.id)
        if sources:
            await self.send(sources)


def _changed(path: Path, key: BlobKey) -> bool:
    return path.stat().st_size != key.size


async def _pieces(source: bytes | Path, offset: int) -> AsyncIterator[bytes]:
    if isinstance(source, bytes):
        for begin in range(offset, len(source), PIECE_BYTES):
            yield source[begin : begin + PIECE_BYTES]
        return
    with source.open("rb") as stream:
        stream.seek(offset)
        while piece := await asyncio.to_thread(stream.read, PIECE_BYTES):
            yield piece
