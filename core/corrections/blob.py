"""Arrays and texts by the hash of what they hold: the same pixels are kept once, and a torn file is found out.

A blob's file is a magic word, a small header, and zstandard-compressed bytes. Its key is the SHA-256 of header and
uncompressed bytes, so that it does not depend on who compressed it. Knows files and bytes, not what they mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zstandard

from core.disk import sync_file, sync_folder, write_whole

BlobKey = str
"""64 hex digits."""

MAGIC = b"PNBLOB1\n"
MOST_BYTES = 1 << 32
"""What a blob may unpack to; nothing the program makes comes near it."""
_LENGTH = struct.Struct("<I")
_TYPES = ("float16", "float32", "uint8")
_KEY = re.compile(r"[0-9a-f]{64}")


class BlobDamaged(ValueError):
    """A blob's file is torn, is something else, or does not hold what its key says."""


def pack(array: npt.NDArray[Any]) -> tuple[BlobKey, bytes]:
    """Key and file of an array of one of float16, float32, uint8."""
    if array.dtype.name not in _TYPES:
        raise ValueError(f"{array.dtype.name} is not kept in blobs")
    whole = np.ascontiguousarray(array)
    header = json.dumps({"type": whole.dtype.name, "shape": list(whole.shape)}, separators=(",", ":")).encode()
    raw = whole.reshape(-1).view(np.uint8).data if whole.size else b""
    key = hashlib.sha256(header)
    key.update(raw)
    payload = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(raw)
    return key.hexdigest(), MAGIC + _LENGTH.pack(len(header)) + header + payload


def unpack(key: BlobKey, data: bytes) -> npt.NDArray[Any]:
    """The array of a blob's file, checked against its key. Raises BlobDamaged."""
    head = len(MAGIC) + _LENGTH.size
    if len(data) < head or not data.startswith(MAGIC):
        raise BlobDamaged("it does not begin like one of the store's files")
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    header = data[head : head + length]
    try:
        said = json.loads(header)
        shape, kind = tuple(int(size) for size in said["shape"]), np.dtype(str(said["type"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BlobDamaged("its header cannot be read") from error
    size = math.prod(shape) * kind.itemsize
    if kind.name not in _TYPES or min(shape, default=0) < 0 or size > MOST_BYTES:
        raise BlobDamaged("its header makes no sense")
    try:
        if zstandard.frame_content_size(data[head + length :]) != size:  # before memory is taken for it
            raise BlobDamaged("it does not hold as much as it says")
        raw = zstandard.ZstdDecompressor().decompress(data[head + length :])
    except zstandard.ZstdError as error:
        raise BlobDamaged("it is cut or was overwritten") from error
    if len(raw) != size or hashlib.sha256(header + raw).hexdigest() != key:
        raise BlobDamaged("it does not hold what its name says")
    return np.frombuffer(raw, kind).reshape(shape)


class Blobs:
    """The blobs below one folder. No locks: a file appears whole under a name that only its content gives.

    Args:
        folder: there already.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: BlobKey) -> Path:
        """Raises ValueError when `key` is none: it may come from another's file."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no blob's key")
        return self.folder / key[:2] / key

    def has(self, key: BlobKey) -> bool:
        return self.path(key).exists()

    def put(self, array: npt.NDArray[Any]) -> BlobKey:
        """Keep an array; `sync` makes it durable. Raises OSError with nothing half-written."""
        key, data = pack(array)
        self.put_file(key, data)
        return key

    def sync(self, keys: Iterable[BlobKey]) -> None:
        """Wait until the disk has them: before a record names them. Raises OSError."""
        paths = [self.path(key) for key in keys]
        for path in paths:
            sync_file(path)
        for folder in {path.parent for path in paths}:
            sync_folder(folder)

    def put_file(self, key: BlobKey, data: bytes) -> None:
        """Keep a blob's file as it is. One that is there and whole is only said to be needed again (see `upkeep`)."""
        path = self.path(key)
        with contextlib.suppress(OSError):  # not there, or not ours to touch: a whole one is written in its place
            if path.read_bytes() == data:
                os.utime(path)
                return
        path.parent.mkdir(exist_ok=True)  # never the store itself: a folder that was thrown away stays away
        write_whole(path, data, sync=False)

    def get(self, key: BlobKey) -> npt.NDArray[Any]:
        """A read-only array. Raises OSError when it is not there, BlobDamaged when it is not what it should be."""
        return unpack(key, self.path(key).read_bytes())

    def all(self) -> dict[BlobKey, Path]:
        """Every file that has a blob's name, whole or not."""
        return {path.name: path for path in self.folder.glob("[0-9a-f][0-9a-f]/*") if _KEY.fullmatch(path.name)}
