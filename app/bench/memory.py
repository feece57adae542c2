"""The most memory a piece of work took beyond what there was before, on Linux; elsewhere 0 is said.

The kernel keeps the high-water mark of a process, and forgets it when asked to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")


@dataclass(slots=True)
class Memory:
    """In megabytes (2^20), once the work is done: beyond what there was, and of the whole process."""

    megabytes: float = 0.0
    whole_megabytes: float = 0.0


@contextmanager
def most_memory() -> Iterator[Memory]:
    """Around the work; what it says is known when the block is left."""
    memory = Memory()
    if sys.platform != "linux" or not _FORGET.exists():
        yield memory
        return
    _FORGET.write_text("5")
    before = _kilobytes("VmRSS")
    yield memory
    most = _kilobytes("VmHWM")
    memory.megabytes, memory.whole_megabytes = max(0.0, (most - before) / 1024), most / 1024


def _kilobytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return float(line.split()[1])
