"""What is noted of numbers in a safetensors file's header: read without a tensor, written always in the same order."""

from __future__ import annotations

import json
from typing import Any, Final

MOST: Final = 1 << 20
"""Bytes of a header; a longer one is no file of ours."""


def notes_of(data: bytes) -> dict[str, str]:
    """Raises ValueError where the header is none."""
    return dict(_header(data)[0].get("__metadata__", {}))


def ordered(data: bytes) -> bytes:
    """The same file with its header by name: safetensors writes what is noted in any order."""
    header, end = _header(data)
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[end:]


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """Eight bytes of length, then JSON; and where the numbers begin."""
    length = int.from_bytes(data[:8], "little")
    if length > MOST:
        raise ValueError("its header has no end")
    header = json.loads(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise ValueError("its header is no table")  # noqa: TRY004 - what was read is data
    return header, 8 + length
