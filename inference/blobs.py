"""Content-addressed bytes on disk, by owner: frames as they lie on disk, mattes, adapters.

A blob is uploaded in pieces into a `.part` file, verified by its SHA-256 and only then renamed into place, so a
blob that exists is whole. What was received survives a crash: an upload goes on at the size of its `.part` file.
Owners are separate: knowing a hash is no licence to read what someone else sent.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import EngineError
from inference.contract import penumbra_pb2 as pb

CHUNK_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BlobKey:
    """SHA-256 and size; the only name a blob has."""

    sha256: bytes
    size: int

    @classmethod
    def of(cls, data: bytes) -> BlobKey:
        return cls(hashlib.sha256(data).digest(), len(data))

    @classmethod
    def of_file(cls, path: Path) -> BlobKey:
        """Raises OSError."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
            return cls(digest.digest(), stream.tell())

    @classmethod
    def from_id(cls, message: pb.BlobId) -> BlobKey:
        """Refuses anything that is not a 32-byte hash."""
        if len(message.sha256) != 32:
            raise EngineError("A blob", "is named by something else than a SHA-256", reason="BAD_REQUEST")
        return cls(bytes(message.sha256), message.size)

    @property
    def id(self) -> pb.BlobId:
        return pb.BlobId(sha256=self.sha256, size=self.size)

    @property
    def hex(self) -> str:
        return self.sha256.hex()


class BlobStore:
    """All blobs below one folder. Thread-safe; two uploads of one blob wait for each other by file, not by lock."""

    def __init__(self, folder: Path, *, max_blob_bytes: int, quota_bytes: int) -> None:
        self.folder = folder
        self.max_blob_bytes = max_blob_bytes
        self.quota_bytes = quota_bytes
        self._lock = threading.Lock()
        self._used: dict[str, int] = {}
        self._uploading: set[Path] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, owner: str, key: BlobKey) -> Path:
        """Where the blob lies, whether it exists or not. `owner` becomes a folder name that cannot leave the store."""
        return self._home(owner) / key.hex[:2] / key.hex

    def has(self, owner: str, key: BlobKey) -> bool:
        """Whether the whole blob is here for this owner; touches it, so that a sweep keeps it."""
        path = self.path(owner, key)
        try:
            os.utime(path)
        except OSError:
            return False
        return path.stat().st_size == key.size

    def received(self, owner: str, key: BlobKey) -> int:
        """How many bytes of an unfinished upload are here."""
        part = self._part(owner, key)
        return part.stat().st_size if part.exists() else 0

    def put(self, owner: str, data: bytes) -> BlobKey:
        """Store bytes of our own making."""
        key = BlobKey.of(data)
        if self.has(owner, key):
            return key
        self._reserve(owner, key)
        target = self.path(owner, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.{threading.get_ident()}.own")
        part.write_bytes(data)
        part.replace(target)
        self._count(owner, key.size)
        return key

    def upload(self, owner: str, key: BlobKey, offset: int) -> Upload:
        """Begin or go on with an upload at `offset`. Refused before a byte is read where it could never be kept."""
        if key.size > self.max_blob_bytes:
            why = f"is {key.size} bytes, more than the {self.max_blob_bytes} allowed"
            raise EngineError("A blob", why, reason="LIMIT")
        self._reserve(owner, key)
        part = self._part(owner, key)
        have = self.received(owner, key)
        if offset > have:
            raise EngineError(
                "An upload", f"wants to go on at byte {offset}, but only {have} are here", reason="BAD_REQUEST"
            )
        with self._lock:
            if part in self._uploading:
                raise EngineError("A blob", "is being uploaded already", reason="BUSY", retryable=True)
            self._uploading.add(part)
        return Upload(self, owner, key, part, offset)

    def read(self, owner: str, key: BlobKey) -> bytes:
        """The whole blob. Raises EngineError NEED_BLOB or NOT_FOUND as the caller's word for absence."""
        return b"".join(self.chunks(owner, key, 0))

    def chunks(self, owner: str, key: BlobKey, offset: int) -> Iterator[bytes]:
        """The blob from `offset` on, in pieces of at most 2 MiB."""
        try:
            stream = self.path(owner, key).open("rb")
        except OSError as error:
            raise EngineError("A blob", "is not here", reason="NOT_FOUND") from error
        with stream:
            stream.seek(offset)
            while piece := stream.read(CHUNK_BYTES):
                yield piece

    def used(self, owner: str) -> int:
        """Bytes this owner's blobs take, unfinished ones included; counted on disk once, then kept."""
        with self._lock:
            if owner not in self._used:
                home = self._home(owner)
                self._used[owner] = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
            return self._used[owner]

    def sweep(self, older_than_s: float, keep: Callable[[str], bool] = lambda _: False) -> int:
        """Remove blobs not touched for so long, except those whose hex name is kept. Returns how many went."""
        limit = time.time() - older_than_s
        gone = 0
        for path in list(self.folder.rglob("*")):
            if path.is_file() and path.stat().st_mtime <= limit and not keep(path.name.split(".")[0]):
                path.unlink(missing_ok=True)
                gone += 1
        with self._lock:
            self._used.clear()
        return gone

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._used.clear()

    def _home(self, owner: str) -> Path:
        if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", owner):
            return self.folder / owner
        return self.folder / hashlib.sha256(owner.encode()).hexdigest()

    def _part(self, owner: str, key: BlobKey) -> Path:
        return self.path(owner, key).with_suffix(".part")

    def _reserve(self, owner: str, key: BlobKey) -> None:
        if self.used(owner) + key.size - self.received(owner, key) > self.quota_bytes:
            raise EngineError(
                "The engine",
                f"keeps at most {self.quota_bytes // 1_000_000} MB for each artist, and they are used up",
                "Ask whoever runs it to make room.",
                reason="QUOTA",
            )

    def _count(self, owner: str, size: int) -> None:
        before = self.used(owner)
        with self._lock:
            self._used[owner] = max(0, before + size)


class Upload:
    """One blob on its way in. `write` pieces, then `finish`; `close` in any case: what arrived stays for resuming."""

    def __init__(self, store: BlobStore, owner: str, key: BlobKey, part: Path, offset: int) -> None:
        self._store, self._owner, self._key, self._part = store, owner, key, part
        store.path(owner, key).parent.mkdir(parents=True, exist_ok=True)
        self._stream = part.open("r+b" if part.exists() else "w+b")
        had = part.stat().st_size
        self._stream.truncate(offset)
        self._stream.seek(offset)
        self.received = offset
        store._count(owner, offset - had)  # noqa: SLF001 - the store and its uploads are one thing in two classes

    def write(self, data: bytes) -> None:
        """Append; refuses more than was announced before it is written."""
        if len(data) > CHUNK_BYTES:
            raise EngineError("A blob", f"came in pieces larger than {CHUNK_BYTES} bytes", reason="LIMIT")
        if self.received + len(data) > self._key.size:
            raise EngineError("A blob", f"is longer than the {self._key.size} bytes announced", reason="LIMIT")
        self._stream.write(data)
        self._stream.flush()
        self.received += len(data)
        self._store._count(self._owner, len(data))  # noqa: SLF001 - as above

    def finish(self) -> None:
        """Verify and put into place. A wrong hash removes what was received."""
        if self.received != self._key.size:
            raise EngineError(
                "A blob",
                f"ended after {self.received} of {self._key.size} bytes",
                reason="BAD_REQUEST",
                retryable=True,
            )
        self._stream.seek(0)
        if hashlib.file_digest(self._stream, "sha256").digest() != self._key.sha256:
            self._stream.close()
            self._part.unlink(missing_ok=True)
            self._store._count(self._owner, -self.received)  # noqa: SLF001 - as above
            raise EngineError("A blob", "is not what its SHA-256 says", "Send it again.", reason="HASH_MISMATCH")
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._part.replace(self._store.path(self._owner, self._key))

    def close(self) -> None:
        """Let go of the file; an unfinished upload can be resumed."""
        self._stream.close()
        self._store._uploading.discard(self._part)  # noqa: SLF001 - as above
