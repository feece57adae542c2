"""How the open plate moves at a frame, for mattes that are blurred along it. Called from workers; thread-safe.

Knows a way to read frames; knows neither document nor Qt. What was measured is kept, smallest copies and all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from app.measuring import Recent
from core.arrays import Float32
from core.errors import FrameError
from core.frame_motion import Sight, motion, sight
from core.frames import FrameNumber
from core.geometry import Window
from core.picture import Picture

KEPT = 48
Read = Callable[[FrameNumber], Picture | None]


class FrameMotions:
    """Args: `reader` gives the identity of the open plate and a way to read its frames; None without a plate."""

    def __init__(self, reader: Callable[[], tuple[str, Read] | None]) -> None:
        self._reader = reader
        self._sights: Recent[Sight] = Recent(KEPT)
        self._motions: Recent[Float32] = Recent(KEPT)
        self._lock = threading.Lock()

    def of(self, identity: str, frame: FrameNumber, window: Window) -> Float32 | None:
        """(h, w, 2) float32, x first: how far each place moves in one frame, in plate pixels.

        The mean of the way from the frame before and the way to the frame after, as far as they can be read; nothing
        moves where neither can, as in a still. None where another plate is open now.
        """
        now = self._reader()
        if now is None or now[0] != identity:
            return None
        with self._lock:
            return self._motions.get((identity, frame, window), lambda: self._measured(now[1], identity, frame, window))

    def _measured(self, read: Read, identity: str, frame: FrameNumber, window: Window) -> Float32:
        here = self._sight(read, identity, frame, window)
        ways = []
        for other, sign in ((frame + 1, 1.0), (frame - 1, -1.0)):
            there = self._sight(read, identity, other, window) if here is not None else None
            if here is not None and there is not None:
                ways.append(motion(here, there).forth * np.float32(sign * here.scale))
        if not ways:
            return np.zeros((1, 1, 2), np.float32)
        return np.asarray(np.mean(ways, axis=0), np.float32)

    def _sight(self, read: Read, identity: str, frame: FrameNumber, window: Window) -> Sight | None:
        def made() -> Sight | None:
            try:
                picture = read(frame)
            except FrameError:
                return None
            return sight(picture.rgb_over(window), window) if picture is not None else None

        return self._sights.get((identity, frame, window), made)
