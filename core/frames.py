"""Frame numbers and ranges. The number on screen is the one in the file name, everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import PenumbraError

FrameNumber = int
"""The number in the file name (1001). A 0-based place in a list is called a `position`."""


@dataclass(frozen=True, slots=True)
class FrameRange:
    """First and last frame, both included."""

    first: FrameNumber
    last: FrameNumber

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PenumbraError(f"{self.first}-{self.last}", why="the last frame lies before the first")

    @classmethod
    def parse(cls, text: str) -> FrameRange:
        """`1001-1048` or a single `1001`; negative numbers are allowed."""
        found = re.fullmatch(r"\s*(-?\d+)(?:\s*-\s*(-?\d+))?\s*", text)
        if not found:
            raise PenumbraError(text, why="is not a frame range", hint="Write 1001-1048, or one number.")
        first = int(found[1])
        return cls(first, int(found[2]) if found[2] is not None else first)

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def __iter__(self) -> Iterator[FrameNumber]:
        return iter(range(self.first, self.last + 1))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def clamp(self, frame: FrameNumber) -> FrameNumber:
        """The nearest frame inside the range."""
        return min(max(frame, self.first), self.last)

    def outward_from(self, frame: FrameNumber) -> list[FrameNumber]:
        """Every frame, nearest to `frame` first: how caches fill and propagation renews."""
        return sorted(self, key=lambda other: (abs(other - frame), other < frame))
