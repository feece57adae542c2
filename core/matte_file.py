"""One matte as one file: magic, JSON header, compressed coverage, checksum.

A file that was torn, cut or overwritten with garbage reads as absent, never as a wrong matte. Knows no keys' meaning.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import zstandard

from core.arrays import AnyFloat
from core.geometry import Window
from core.layer import MatteKey
from core.matte import Matte, Provenance

MAGIC = b"PNMATTE1"
HEADER_BYTES = 4096
"""More than a header ever needs."""
_LENGTHS = struct.Struct("<IQ")
_CHECKSUM_BYTES = 32
_MOST_PIXELS = 1 << 30
_BYTES = {"float16": 2, "float32": 4}


def pack(key: MatteKey, matte: Matte) -> bytes:
    """The file of a matte: coverage in its own type, window, confidence and provenance."""
    coverage = np.ascontiguousarray(matte.coverage)
    payload = zstandard.ZstdCompressor(level=1).compress(coverage.data)
    header = {
        "key": key,
        "type": coverage.dtype.name,
        "window": [matte.window.x0, matte.window.y0, matte.window.x1, matte.window.y1],
        "confidence": None if math.isnan(matte.confidence) else matte.confidence,
        "provenance": asdict(matte.provenance),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    body = MAGIC + _LENGTHS.pack(len(text), len(payload)) + text + payload
    return body + hashlib.sha256(body).digest()


def confidence_of(key: MatteKey, beginning: bytes) -> float:
    """What the first `HEADER_BYTES` of a file say the model thought of its matte, 0-1; NaN when they do not say.

    The pixels are not checked: this is for an overview, not for a matte.
    """
    head = len(MAGIC) + _LENGTHS.size
    if len(beginning) < head or not beginning.startswith(MAGIC):
        return math.nan
    text_length, _payload_length = _LENGTHS.unpack_from(beginning, len(MAGIC))
    try:
        header = json.loads(beginning[head : head + text_length])
        known = header["confidence"] if header["key"] == key else None
        return math.nan if known is None else float(known)
    except (ValueError, KeyError, TypeError):
        return math.nan


def unpack(key: MatteKey, data: bytes) -> Matte | None:
    """The matte of a file; None when the file is not whole or holds another key."""
    head = len(MAGIC) + _LENGTHS.size
    if len(data) < head + _CHECKSUM_BYTES or not data.startswith(MAGIC):
        return None
    text_length, payload_length = _LENGTHS.unpack_from(data, len(MAGIC))
    if len(data) != head + text_length + payload_length + _CHECKSUM_BYTES:
        return None
    if hashlib.sha256(data[:-_CHECKSUM_BYTES]).digest() != data[-_CHECKSUM_BYTES:]:
        return None
    header = json.loads(data[head : head + text_length])
    window = Window(*header["window"])
    if header["key"] != key or window.pixels > _MOST_PIXELS:
        return None
    payload = data[head + text_length : -_CHECKSUM_BYTES]
    size = _BYTES[header["type"]]
    coverage: AnyFloat = np.empty(window.shape, np.float16) if size == 2 else np.empty(window.shape, np.float32)
    with zstandard.ZstdDecompressor().stream_reader(payload) as reader:
        if reader.readinto(coverage.reshape(-1).view(np.uint8).data) != coverage.nbytes:
            return None
    confidence = float("nan") if header["confidence"] is None else float(header["confidence"])
    return Matte(window, coverage, confidence, _provenance(header["provenance"]))


def _provenance(said: dict[str, Any]) -> Provenance:
    """As it was written; what an older version did not say is empty, what a newer one adds is passed over."""
    known = {each.name: said[each.name] for each in fields(Provenance) if each.name in said}
    return Provenance(**{**known, "key_frames": tuple(known.get("key_frames", ()))})
