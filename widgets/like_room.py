"""What the window asks of the application to find the thing of one frame on all of them. `app/like_everywhere.py`."""

from __future__ import annotations

from typing import Protocol

from core.frames import FrameNumber
from core.layer import LayerId


class LikeRoom(Protocol):
    """Proposals for frames nobody worked on."""

    def select(self, layer_id: LayerId, frame: FrameNumber) -> None:
        """Find what the layer's matte covers at `frame` on every frame of the range that has no key frame, and answer
        there: a job that ends with a take to compare and to put back, and a message."""
