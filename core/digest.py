"""One way to hash values, so that two floors that mean the same thing get the same key."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Dataclasses, tuples, mappings and paths as JSON can say them, with a type name so that kinds never collide.

    A value that keeps its own hash in `content` (a stroke with hundreds of points) is said by that hash; one that
    says in `hashed_as` what it was before it could do more is said by that.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        content = getattr(value, "content", None)
        if isinstance(content, str):
            return content
        earlier = getattr(value, "hashed_as", None)
        if earlier is not None:
            return plain(earlier)
        fields = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"": type(value).__name__, **fields}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 7 and 7.0 are one radius, before a project was saved and after
    return value


def digest(*values: Any) -> str:
    """32 hex digits of SHA-256 over the canonical JSON of `values`; the order of mapping keys does not matter."""
    text = json.dumps([plain(value) for value in values], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
