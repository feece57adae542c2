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
from core.plate import PlateId
from core.plate_layers import AS_MATTED, Shown
from core.roto.shape import Role, ShapeId
from core.signal import Signal
from core.trimap_mark import Mark

EXPOSURE_RANGE = (-8.0, 8.0)
"""Stops of the viewer's exposure, whichever way it is changed."""
GAMMA_RANGE = (0.2, 4.0)


class Compare(Enum):
    SINGLE = "single"
    """A alone, or B while `Look.flipped`."""
    WIPE = "wipe"
    DISSOLVE = "dissolve"
    SIDE_BY_SIDE = "side by side"
    STACKED = "stacked"
    DIFFERENCE = "difference"
    """|A - B| of what is scene-linear, brighter where they differ more."""
    MATTE_DIFFERENCE = "matte difference"
    """Signed: green where B has more coverage than A, red where it has less, over the plate."""
    BLEND = "blend"

    @property
    def two_panes(self) -> bool:
        """Whether A and B are drawn each for itself; else there is one picture, of A, of B or of both."""
        return self in (Compare.WIPE, Compare.DISSOLVE, Compare.SIDE_BY_SIDE, Compare.STACKED)

    @property
    def apart(self) -> bool:
        """Whether A and B lie in rooms of their own and move together."""
        return self in (Compare.SIDE_BY_SIDE, Compare.STACKED)


class Blend(Enum):
    """How A and B are laid over each other in `Compare.BLEND`."""

    ADD = "add"
    SCREEN = "screen"
    MULTIPLY = "multiply"
    RED_CYAN = "red and cyan"
    """A in red, B in green and blue: what agrees is grey."""


class MatteStyle(Enum):
    """How a layer's matte is laid over the plate."""

    FILL = "fill"
    EDGE = "edge"
    """Only the band where coverage is neither 0 nor 1, and the half-coverage line."""


class Backdrop(Enum):
    """What stands behind a comp."""

    COLOR = "color"
    BLACK = "black"
    GREY = "grey"
    CHECKER = "checker"
    PLATE = "plate"
    """The reference plate named by `Look.backdrop_plate`, at the same frame."""


class MissingFrame(Enum):
    """What is shown at a frame that has no file."""

    HOLD = "hold"
    """The nearest frame before it (else after it), marked as held."""
    BLANK = "blank"
    """Nothing but its number and the reason."""
    SKIP = "skip"
    """Playback and steps pass over it."""


class Warn(Enum):
    """Pixels that are painted in a warning color over the picture."""

    NON_FINITE = "nan"
    """NaN or Inf in the file."""
    NEGATIVE = "negative"
    GAMUT = "gamut"
    """Outside the display's gamut."""
    CLIP = "clip"
    """Above what the display can show."""


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
    """What one side of a comparison shows.

    Args:
        take_id: for TAKE, and for COMP of a take; empty for the current matte.
        layer_id: whose matte or comp; empty for the chosen layer.
        plate_id: for PLATE, and for COMP: a reference plate; empty for the one being matted.
    """

    kind: SourceKind = SourceKind.PLATE
    take_id: str = ""
    layer_id: LayerId = ""
    plate_id: PlateId = ""


@dataclass(frozen=True, slots=True)
class Pen:
    """What the review's drawings are drawn with. `color` is sRGB 0-1; `width` a part of the picture's height."""

    color: tuple[float, float, float] = (0.95, 0.76, 0.30)
    width: float = 0.006


@dataclass(frozen=True, slots=True)
class Look:
    """Everything about how the picture is seen, except zoom and pan (the viewport's own).

    Args:
        a, b: the two sides; single shows `b` only while `flipped`.
        wipe_x, wipe_y: a point of the wipe line, 0-1 of the display window; `wipe_angle` in degrees, 0 = vertical.
        exposure_stops, gamma: of the viewer only; never in an export.
        mix: of dissolve, 0 = A, 1 = B.
        flipped: single shows B instead of A.
        difference_gain: how many times both kinds of difference are strengthened; 1 = as they are.
        blend: of `Compare.BLEND`.
        comp_color: scene-linear background of the comp, where `backdrop` is COLOR.
        backdrop, backdrop_plate: what stands behind a comp.
        plate_colors: comps have the plate's own colors, whatever their layers say of their foreground.
        ocio_look: an OpenColorIO look by name laid under the view; empty for none.
        overlay: whether the layer's matte is drawn in its color over the plate.
        overlay_opacity: 0-1.
        matte_style: filled, or only its edge.
        onion: the previous and the next frame's matte as thin tinted edges.
        chatter: heat map of where the matte's edge chatters.
        guides: prompts, windows' outlines and cursors.
        overscan: whether pixels outside the display window are shown.
        proxy: every n-th pixel, 1, 2 or 4: lighter to convert, for playback; mattes and prompts stay whole.
        missing: what is shown at a frame that has no file.
        warnings: pixels painted in a warning color.
        drawings: whether the review's drawings are shown.
        shown: another layer, view or channel of the plate's files to look at; what is matted stays what it is.
        review_whole: what is said in the review is about the whole frame, not the chosen layer.
        pen: of the drawing tool.
        shape_id, shape_points: the roto shape that is chosen, and those of its points.
        shape_role: what a new shape does.
        trimap: the chosen layer's trimap in place of its matte.
        trimap_mark: what the trimap's brush says of pixels.
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
    mix: float = 0.5
    flipped: bool = False
    difference_gain: float = 1.0
    blend: Blend = Blend.ADD
    exposure_stops: float = 0.0
    gamma: float = 1.0
    display: str = ""
    view: str = ""
    ocio_look: str = ""
    comp_color: tuple[float, float, float] = (0.18, 0.18, 0.18)
    backdrop: Backdrop = Backdrop.COLOR
    backdrop_plate: PlateId = ""
    plate_colors: bool = False
    overlay: bool = True
    overlay_opacity: float = 0.55
    matte_style: MatteStyle = MatteStyle.FILL
    onion: bool = False
    chatter: bool = False
    guides: bool = True
    overscan: bool = True
    proxy: int = 1
    missing: MissingFrame = MissingFrame.BLANK
    warnings: frozenset[Warn] = frozenset()
    drawings: bool = True
    shown: Shown = AS_MATTED
    review_whole: bool = False
    pen: Pen = Pen()
    shape_id: ShapeId = ""
    shape_points: frozenset[int] = frozenset()
    shape_role: Role = Role.GARBAGE
    trimap: bool = False
    trimap_mark: Mark = Mark.UNKNOWN


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
