"""Frames that have no file: which one is shown instead. Qt-free. What play passes over is `track.py`'s."""

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
