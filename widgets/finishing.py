"""What the window asks about the finish of layers. `app/finishing.py` is the real one."""

from __future__ import annotations

from typing import Protocol

from core.finish import Finish
from core.layer import LayerId
from core.roto.shape import RotoShape


class FinishRoom(Protocol):
    """A finish, or shapes, that are only looked at, while a knob is turned or the hand drags."""

    def try_on(self, layer_id: LayerId, finish: Finish | None) -> None:
        """Show the layer with this finish, without an edit; None shows it as it is. `matte_ready` follows."""

    def try_shapes(self, layer_id: LayerId, shapes: tuple[RotoShape, ...] | None) -> None:
        """The same with these shapes."""
