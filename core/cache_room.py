"""How much memory pictures may take: as they were read, and made ready for the screen.

Knows the machine's memory and the environment; keeps nothing.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

VARIABLE = "PENUMBRA_CACHE_GB"
"""GiB for both together; stands above what the artist has set."""
SMALLEST_GB, LARGEST_GB = 0.25, 1024.0
MOST_READ_BYTES = 8 << 30
MOST_READY_BYTES = 4 << 30
UNKNOWN_BYTES = 4 << 30
"""The machine's memory where nobody says."""


@dataclass(frozen=True, slots=True)
class CacheRoom:
    """Bytes for pictures as they were read (half float), and for those made ready (8 bit, at the screen's resolution,
    with their mattes)."""

    read: int
    ready: int

    @property
    def gb(self) -> float:
        """Both together, in GiB."""
        return (self.read + self.ready) / (1 << 30)

    @classmethod
    def of(cls, gb: float = 0.0) -> CacheRoom:
        """Room within `gb` GiB, two thirds of it for what is read. Without it a quarter of the machine's memory, 8 GiB
        at most, for what is read and half of that for what is made ready. The environment stands above both."""
        gb = _number(os.environ.get(VARIABLE, "")) or gb
        if math.isfinite(gb) and gb > 0:
            total = int(min(max(gb, SMALLEST_GB), LARGEST_GB) * (1 << 30))
            return cls(total * 2 // 3, total // 3)
        machine = _machine_bytes()
        return cls(min(machine // 4, MOST_READ_BYTES), min(machine // 8, MOST_READY_BYTES))


def from_environment() -> bool:
    """Whether the environment says how much."""
    return _number(os.environ.get(VARIABLE, "")) > 0


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return max(0.0, number) if math.isfinite(number) else 0.0


def _machine_bytes() -> int:
    try:
        return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return UNKNOWN_BYTES
