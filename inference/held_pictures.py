"""The pictures of a plate with gaps: a frame that is missing or broken shows its nearest neighbour's.

One bad file must not end a job over a thousand frames. What was held is said in a sentence. Knows neither models nor
jobs.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.arrays import Float32
from core.errors import FrameError
from core.frames import FrameNumber
from inference.frames import Pictures


class HeldPictures:
    """Implements `inference.model.FrameSource` over `pictures`; the frames of `wanted` are the job's own."""

    def __init__(self, pictures: Pictures, wanted: Iterable[FrameNumber]) -> None:
        self.canvas = pictures.canvas
        self._pictures = pictures
        self._wanted = frozenset(wanted)
        self._bad = pictures.unavailable()
        self._good = sorted(pictures.frames - self._bad)

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        """As `Pictures.rgb`, of the nearest frame that can be read. Raises FrameError where none can."""
        if frame not in self._bad:
            try:
                return self._pictures.rgb(frame, long_edge_px)
            except FrameError:
                self._bad |= {frame}
        for other in sorted(self._good, key=lambda other: (abs(other - frame), other)):
            if other in self._bad:
                continue
            try:
                return self._pictures.rgb(other, long_edge_px)
            except FrameError:
                self._bad |= {other}
        return self._pictures.rgb(frame, long_edge_px)

    def shape(self) -> tuple[int, int]:
        """(H, W) of the canvas."""
        return self._pictures.shape()

    def readable(self, frame: FrameNumber) -> bool:
        """Whether the frame has a picture of its own; reads it."""
        if frame not in self._bad:
            try:
                self._pictures.rgb(frame)
            except FrameError:
                self._bad |= {frame}
        return frame not in self._bad

    def note(self, so: str = "the nearest frame's is used") -> str:
        """Which of the wanted frames are known to have no picture of their own, as a sentence; empty when all have."""
        held = sorted(self._bad & self._wanted)
        if not held:
            return ""
        listed = ", ".join(map(str, held[:5])) + (f" and {len(held) - 5} more" if len(held) > 5 else "")
        which = f"Frame {listed} has" if len(held) == 1 else f"Frames {listed} have"
        return f"{which} no readable picture: {so}."
