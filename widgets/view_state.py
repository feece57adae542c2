"""How the artist is looking: frame, layer, channel, compare mode, exposure. Not undoable, not part of the shot.

One immutable `Look`, held by one `ViewState` that says when it changed. The viewport and the panels only read it and
call `ViewState.set`; nothing keeps a copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from core.frames import FrameNumber
from core.layer import LayerId
from core.signal import Signal


class Compare(Enum):
    SINGLE = "single"
    WIPE = "wipe"
    SIDE_BY_SIDE = "side by side"


class Channel(Enum):
    COLOR = "rgb"
    RED = "r"
    GREEN = "g"
    BLUE = "b"
    ALPHA = "a"
    LUMINANCE = "y"


class SourceKind(Enum):
    PLATE = "plate"
    MATTE = "matte"
    COMP = "comp"
    TAKE = "take"
    """The matte of a kept take."""


@dataclass(frozen=True, slots=True)
class Source:
    """What one side of a comparison shows. `take_id` only for TAKE (and for COMP of a take)."""

    kind: SourceKind = SourceKind.PLATE
    take_id: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything about how the picture is seen, except zoom and pan (the viewport's own).

    Args:
        a, b: the two sides; `b` is used by wipe and side by side.
        wipe_x, wipe_y: a point of the wipe line, 0-1 of the display window; `wipe_angle` in degrees, 0 = vertical.
        exposure_stops, gamma: of the viewer only; never in an export.
        comp_color: scene-linear background of the comp.
        overlay: whether the layer's matte is drawn in its color over the plate.
        overlay_opacity: 0-1.
        guides: prompts, windows' outlines and cursors (key O).
    """

    frame: FrameNumber = 1
    layer_id: LayerId = ""
    channel: Channel = Channel.COLOR
    a: Source = Source()
    b: Source = Source(SourceKind.MATTE)
    compare: Compare = Compare.SINGLE
    wipe_x: float = 0.5
    wipe_y: float = 0.5
    wipe_angle: float = 0.0
    exposure_stops: float = 0.0
    gamma: float = 1.0
    display: str = ""
    view: str = ""
    comp_color: tuple[float, float, float] = (0.18, 0.18, 0.18)
    overlay: bool = True
    overlay_opacity: float = 0.55
    guides: bool = True


class ViewState:
    """Holds the current look; `changed` carries (before, after)."""

    def __init__(self, look: Look | None = None) -> None:
        self.look = look or Look()
        self.changed: Signal[tuple[Look, Look]] = Signal()

    def set(self, **changes: Any) -> None:
        """Replace fields of the look; silent when nothing differs."""
        before, self.look = self.look, replace(self.look, **changes)
        if before != self.look:
            self.changed.emit((before, self.look))
