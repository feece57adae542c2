"""Where a frame lies on the timeline, and which numbers are worth writing. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor

from core.frames import FrameNumber, FrameRange

STEPS = (1, 2, 5)
"""Distances between numbers: these times a power of ten."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from frames to pixels. A frame owns the pixels [x(frame), x(frame + 1)).

    Args:
        frames: all that can be shown.
        left_px, width_px: where it is drawn.
        start: the frame at the left edge, may lie inside a frame.
        span: how many frames are visible.
    """

    frames: FrameRange
    left_px: float
    width_px: float
    start: float
    span: float

    @classmethod
    def all_of(cls, frames: FrameRange, left_px: float, width_px: float) -> Scale:
        """The whole range from edge to edge."""
        return cls(frames, left_px, max(1.0, width_px), frames.first, len(frames))

    @property
    def frame_px(self) -> float:
        """How wide a frame is; below 1 several share a pixel."""
        return self.width_px / self.span

    def x(self, frame: float) -> float:
        """The left edge of a frame, in pixels."""
        return self.left_px + (frame - self.start) * self.frame_px

    def center_x(self, frame: FrameNumber) -> float:
        return self.x(frame + 0.5)

    def frame_at(self, x_px: float) -> FrameNumber:
        """The frame under a pixel; the first or last one beyond the ends."""
        return self.frames.clamp(floor(self.start + (x_px - self.left_px) / self.frame_px))

    def zoomed(self, factor: float, x_px: float) -> Scale:
        """Closer by `factor`, the frame under `x_px` staying where it is; never beyond the range, never below 8."""
        span = min(float(len(self.frames)), max(8.0, self.span / factor))
        under = self.start + (x_px - self.left_px) / self.frame_px
        start = under - (x_px - self.left_px) * span / self.width_px
        return replace(self, span=span, start=start).inside()

    def moved(self, dx_px: float) -> Scale:
        """The picture dragged by `dx_px`."""
        return replace(self, start=self.start - dx_px / self.frame_px).inside()

    def resized(self, left_px: float, width_px: float) -> Scale:
        return replace(self, left_px=left_px, width_px=max(1.0, width_px))

    def inside(self) -> Scale:
        """Shifted so that nothing outside the range is shown."""
        last_start = self.frames.last + 1 - self.span
        return replace(self, start=min(max(self.start, float(self.frames.first)), max(last_start, self.frames.first)))

    def number_step(self, label_px: float) -> int:
        """The distance between written numbers so that labels of `label_px` do not touch."""
        power = 1
        while True:
            for step in STEPS:
                if step * power * self.frame_px >= label_px:
                    return step * power
            power *= 10

    def numbers(self, label_px: float) -> list[FrameNumber]:
        """The frames whose numbers are written: round ones, and the first where there is room."""
        step = self.number_step(label_px)
        low, high = max(self.frames.first, floor(self.start)), min(self.frames.last, int(self.start + self.span))
        first = -(-low // step) * step
        return list(range(first, high + 1, step))

    def runs(self, marked: frozenset[FrameNumber]) -> list[tuple[FrameNumber, FrameNumber]]:
        """`marked` as runs of neighbouring frames, both ends included, that lie in the visible part."""
        low, high = floor(self.start), int(self.start + self.span) + 1
        visible = sorted(frame for frame in marked if low <= frame <= high and frame in self.frames)
        found: list[tuple[FrameNumber, FrameNumber]] = []
        for frame in visible:
            if found and frame == found[-1][1] + 1:
                found[-1] = (found[-1][0], frame)
            else:
                found.append((frame, frame))
        return found
