"""One matte as one file: magic, JSON header, compressed coverage, checksum.

A file that was torn, cut or overwritten with garbage reads as absent, never as a wrong matte. Knows no keys' meaning.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import asdict

import numpy as np
import zstandard

from core.geometry import Window
from core.layer import MatteKey
from core.matte import Matte, Provenance

MAGIC = b"PNMATTE1"
_LENGTHS = struct.Struct("<IQ")
_CHECKSUM_BYTES = 32
_MOST_PIXELS = 1 << 30


def pack(key: MatteKey, matte: Matte) -> bytes:
    """The file of a matte: coverage as half, window, confidence and provenance."""
    half = matte.half()
    coverage = np.ascontiguousarray(half.coverage)
    planes = np.ascontiguousarray(coverage.view(np.uint8).reshape(-1, 2).T)
    payload = zstandard.ZstdCompressor(level=1).compress(planes.tobytes())
    header = {
        "key": key,
        "window": [half.window.x0, half.window.y0, half.window.x1, half.window.y1],
        "confidence": None if math.isnan(half.confidence) else half.confidence,
        "provenance": asdict(half.provenance),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    body = MAGIC + _LENGTHS.pack(len(text), len(payload)) + text + payload
    return body + hashlib.sha256(body).digest()


def unpack(key: MatteKey, data: bytes) -> Matte | None:
    """The matte of a file, half coverage; None when the file is not whole or holds another key."""
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
    planes = zstandard.ZstdDecompressor().decompress(payload, max_output_size=window.pixels * 2)
    pairs = np.ascontiguousarray(np.frombuffer(planes, np.uint8).reshape(2, -1).T)
    coverage = pairs.view(np.float16).reshape(window.shape)
    confidence = float("nan") if header["confidence"] is None else float(header["confidence"])
    return Matte(window, coverage, confidence, Provenance(**header["provenance"]))
