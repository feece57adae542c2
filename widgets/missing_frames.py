"""Frames that have no file: which one is shown instead, and which ones playback and steps pass over. Qt-free."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from core.frames import FrameNumber, FrameRange
from widgets.view_state import Look, MissingFrame


def held_frame(look: Look, frames: FrameRange, missing: AbstractSet[FrameNumber]) -> FrameNumber:
    """The frame whose picture is shown at the look's frame.

    The frame itself, unless it is missing and missing frames are held: then the nearest one before it that exists,
    else the nearest after it.
    """
    if look.missing is not MissingFrame.HOLD or look.frame not in missing:
        return look.frame
    before = (frame for frame in range(look.frame - 1, frames.first - 1, -1) if frame not in missing)
    after = (frame for frame in range(look.frame + 1, frames.last + 1) if frame not in missing)
    return next(before, next(after, look.frame))


def passes_over(look: Look, missing: AbstractSet[FrameNumber], frame: FrameNumber) -> bool:
    """Whether playback and steps leave this frame out."""
    return look.missing is MissingFrame.SKIP and frame in missing


def next_shown(
    look: Look, frames: FrameRange, missing: AbstractSet[FrameNumber], frame: FrameNumber, direction: int
) -> FrameNumber:
    """The first frame from `frame` on, in this direction (1 or -1), that is not passed over; `frame`, clamped, where
    every one that is left is."""
    wanted = frames.clamp(frame)
    while passes_over(look, missing, wanted):
        if wanted + direction not in frames:
            return frames.clamp(frame)
        wanted += direction
    return wanted
