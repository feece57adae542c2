"""What the window asks about the finish of layers. `app/finishing.py` is the real one."""

from __future__ import annotations

from typing import Protocol

from core.finish import Finish
from core.layer import LayerId


class FinishRoom(Protocol):
    """A finish that is only looked at, while a knob is turned."""

    def try_on(self, layer_id: LayerId, finish: Finish | None) -> None:
        """Show the layer with this finish, without an edit; None shows it as it is. `matte_ready` follows."""
