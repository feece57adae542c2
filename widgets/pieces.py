"""What the window asks about the pieces of a layer. `app/pieces.py` is the real one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.frames import FrameNumber
from core.layer import LayerId


class PieceRoom(Protocol):
    """Each call returns at once; a job does the work, and ends with one undoable command or a message why not."""

    def split(self, layer_id: LayerId, frame: FrameNumber) -> None:
        """A layer for each separate piece that is seen at `frame`; the largest stays in the layer."""

    def lift(self, layer_id: LayerId, frame: FrameNumber, x: float, y: float) -> None:
        """The piece at a place (plate pixels) becomes a layer of its own; the rest stays."""

    def join(self, layer_ids: Sequence[LayerId]) -> None:
        """The first of these layers gets what all of them have; the others go."""
