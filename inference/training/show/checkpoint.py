"""Where learning stands, on disk: one file that is replaced whole, so that whoever is killed goes on from the last one.

Knows bytes; no torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.disk import write_whole

FILE: Final = "checkpoint"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is needed to go on.

    Args:
        settings: of the learning; with others it is another learning.
        learnt_from: ids of the pairs there were to learn from.
    """

    start: bytes
    rounds: int
    seconds: float
    began_with: str
    settings: Mapping[str, Any]
    learnt_from: tuple[str, ...]

    def suits(self, settings: Mapping[str, Any], pairs: Collection[str]) -> bool:
        """Whether it may be gone on with: nothing was learnt that may no longer be."""
        return self.settings == settings and set(self.learnt_from) <= set(pairs)


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Raises OSError; then the one before is still there."""
    said = {
        "version": VERSION,
        "rounds": checkpoint.rounds,
        "seconds": checkpoint.seconds,
        "began_with": checkpoint.began_with,
        "settings": dict(checkpoint.settings),
        "learnt_from": list(checkpoint.learnt_from),
        "sha256": hashlib.sha256(checkpoint.start).hexdigest(),
    }
    write_whole(folder / FILE, json.dumps(said).encode() + b"\n" + checkpoint.start)


def load(folder: Path) -> Checkpoint | None:
    """None where there is none, or none that can be used."""
    try:
        said, _, start = (folder / FILE).read_bytes().partition(b"\n")
        raw: Any = json.loads(said)
        if raw["version"] != VERSION or raw["sha256"] != hashlib.sha256(start).hexdigest():
            return None
        return Checkpoint(
            start,
            int(raw["rounds"]),
            float(raw["seconds"]),
            str(raw["began_with"]),
            dict(raw["settings"]),
            tuple(raw["learnt_from"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
