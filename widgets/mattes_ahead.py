"""What the window asks of the application so that play waits for no matte. `app/mattes_ahead.py` is the real one."""

from __future__ import annotations

from typing import Protocol

from core.frames import FrameNumber
from core.signal import Signal


class MattesAhead(Protocol):
    """Mattes brought into memory before they are looked at."""

    came: Signal[FrameNumber]
    """What was not at hand at this frame has been fetched, as far as it can be."""

    def at_hand(self, frame: FrameNumber) -> bool:
        """Whether the visible mattes of a frame can be had without the disk or a brush. Those that cannot are fetched,
        and `came` follows."""
