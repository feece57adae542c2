"""What the window asks for when it looks at another layer, view or channel than the one that is matted.

Qt-free; `app/looking.py` is the real one. Every call returns at once; results arrive through signals on the
interface's thread.
"""

from __future__ import annotations

from typing import Protocol

from core.frames import FrameNumber
from core.picture import Picture
from core.plate_layers import Shown
from core.signal import Signal
from core.stored_values import StoredValues


class LookingRoom(Protocol):
    """Pictures beside the plate's own, and the values in the file. Nothing here is an edit."""

    picture_ready: Signal[tuple[Shown, FrameNumber]]
    """A picture that was asked for is there, or its error is known."""
    stored_ready: Signal[tuple[Shown, FrameNumber]]

    def picture(self, shown: Shown, frame: FrameNumber) -> Picture | None:
        """The frame read so, or None while it is being read."""

    def error(self, shown: Shown, frame: FrameNumber) -> str:
        """Why there is no such picture, as a sentence; empty when there is one or it is on its way."""

    def stop(self) -> None:
        """Nothing else is looked at any more: give the memory back."""

    def stored(self, shown: Shown, frame: FrameNumber) -> StoredValues | None:
        """The values in the file, as they are; None while they are read. One frame is kept."""
