"""The frames that play goes over, and what happens at their ends. Qt-free; knows neither time nor pictures."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum

from core.frames import FrameNumber, FrameRange

BEHIND = 3
"""While nothing plays, a frame behind the playhead is as likely wanted as one so many times as far ahead."""


class Ends(Enum):
    """What play does at the end of the range."""

    LOOP = "loop"
    PING_PONG = "ping-pong"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the track and the way it is passed: `direction` is 1 or -1."""

    position: int
    direction: int


@dataclass(frozen=True, slots=True)
class Track:
    """Frames in rising order; those that are passed over are not among them."""

    frames: tuple[FrameNumber, ...]
    ends: Ends = Ends.LOOP

    @classmethod
    def of(cls, frames: FrameRange | None, passed: frozenset[FrameNumber], ends: Ends) -> Track:
        """The track over a range; empty where there is none."""
        if frames is None:
            return cls((), ends)
        return cls(tuple(frame for frame in frames if frame not in passed), ends)

    def __len__(self) -> int:
        return len(self.frames)

    def frame(self, place: Place) -> FrameNumber:
        return self.frames[place.position]

    def place(self, frame: FrameNumber, direction: int) -> Place:
        """Where a frame lies. One that is not on the track lies a step before the next one that will be played."""
        after = bisect_left(self.frames, frame)
        if after < len(self.frames) and self.frames[after] == frame:
            return Place(after, direction)
        return Place(after - 1 if direction > 0 else after, direction)

    def beginning(self, direction: int) -> FrameNumber:
        """Where play in this direction begins."""
        return self.frames[0] if direction > 0 else self.frames[-1]

    def ended(self, place: Place) -> bool:
        """Whether play ends here."""
        last = len(self.frames) - 1
        return self.ends is Ends.ONCE and (place.position >= last if place.direction > 0 else place.position <= 0)

    def walk(self, place: Place, steps: int) -> Place:
        """So many frames on, over the ends as the mode says."""
        count = len(self.frames)
        to = place.position + place.direction * steps
        if self.ends is Ends.ONCE or count < 2:
            return Place(min(max(to, 0), count - 1), place.direction)
        if self.ends is Ends.LOOP:
            return Place(to % count, place.direction)
        period = 2 * (count - 1)
        phase = (place.position if place.direction > 0 else period - place.position) + steps
        phase %= period
        return Place(phase, 1) if phase < count - 1 else Place(period - phase, -1)

    def upcoming(self, place: Place) -> tuple[FrameNumber, ...]:
        """Every frame once, in the order in which play reaches them, the one at `place` first."""
        count = len(self.frames)
        if not count:
            return ()
        here = min(max(place.position, 0), count - 1)
        ahead = self.frames[here:] if place.direction > 0 else self.frames[here::-1]
        behind = self.frames[:here] if place.direction > 0 else self.frames[:here:-1]
        turns = self.ends is Ends.PING_PONG
        return (*ahead, *(behind[::-1] if turns else behind))

    def around(self, frame: FrameNumber) -> tuple[FrameNumber, ...]:
        """Every frame, nearest first; those behind count as farther."""
        return tuple(sorted(self.frames, key=lambda other: _distance(other - frame)))


def _distance(ahead: int) -> int:
    return ahead if ahead >= 0 else -BEHIND * ahead
