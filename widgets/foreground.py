"""What the window asks about the colors of a layer's comp. `app/foregrounds.py` is the real one."""

from __future__ import annotations

from typing import Protocol

from core.foreground.steps import Foreground
from core.layer import LayerId
from core.matte import Matte
from core.picture import Picture
from core.signal import Signal


class ForegroundRoom(Protocol):
    """The plate's picture with a subject's own colors, made off the interface's thread.

    `ready` says of which layer another comp can be shown.
    """

    ready: Signal[LayerId]

    def picture(self, layer_id: LayerId, picture: Picture, matte: Matte) -> tuple[Picture, bool]:
        """What a comp of the layer is made of, and whether it is that: else what was shown last, or the plate's own
        picture, until `ready`."""

    def try_on(self, layer_id: LayerId, foreground: Foreground | None) -> None:
        """Show the layer's comp with this foreground, without an edit; None shows it as it is."""
