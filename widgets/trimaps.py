"""What the window asks about trimaps. `app/trimaps.py` is the real one. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.arrays import UInt8
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import LayerId
from core.signal import Signal


@dataclass(frozen=True, eq=False, slots=True)
class SeenTrimap:
    """What refine is told of a frame.

    Args:
        window: what it covers, in plate pixels.
        pixels: (H, W) 0 outside, 128 unknown, 255 inside.
        fresh: False while a newer one is made.
    """

    window: Window
    pixels: UInt8
    fresh: bool = True


class TrimapRoom(Protocol):
    """Trimaps to look at; returns at once, and `changed` says that there is more to see."""

    changed: Signal[LayerId]

    def at(self, layer_id: LayerId, frame: FrameNumber) -> SeenTrimap | None:
        """The newest that is known of the frame; None where there is no matte or no picture yet."""
