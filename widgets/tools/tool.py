"""What a tool is, what it is told and what it may ask for. Knows neither Qt nor zoom.

A gesture is a generator: it is started by the press, is sent every event until the release, and returns one command
(one undo step) or None. Escape is `gesture.close()`: the document was never touched.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from core.commands import Command
from core.document import Document
from core.geometry import Window
from core.layer import Layer, LayerId
from core.painting import StrokePainter
from core.plate import Plate
from core.prompts import Box, Prompt
from core.review import DrawnLine
from core.roto.shape import RotoShape
from widgets.seen import Seen
from widgets.studio import Message, Severity
from widgets.view_state import Look, ViewState


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """Mouse or pen, in plate pixels.

    Args:
        kind: `press`, `move` (a button is down), `release` or `hover` (none is).
        x, y: continuous plate pixels, y down; may lie outside the plate.
        view_x, view_y: the same place in points of the viewport, for gestures that move the view itself.
        pressure: 0-1; a mouse gives 1.
        eraser: the pen was turned over.
        pen: a pen and not a mouse. It has no right button, so Ctrl stands for it; a mouse's Ctrl samples.
    """

    kind: Literal["press", "move", "release", "hover"]
    x: float
    y: float
    view_x: float = 0.0
    view_y: float = 0.0
    button: Literal["left", "right", "middle", "none"] = "left"
    pressure: float = 1.0
    eraser: bool = False
    pen: bool = False
    shift: bool = False
    ctrl: bool = False
    alt: bool = False

    @property
    def subtracts(self) -> bool:
        """Right button, Ctrl with a pen, or the pen's other end."""
        return self.button == "right" or self.eraser or (self.pen and self.ctrl)

    @property
    def samples(self) -> bool:
        """Ctrl with a mouse reads pixels, whichever tool is in the hand; with Shift, an area."""
        return self.ctrl and not self.pen and self.button in ("left", "none")


Gesture = Generator[None, PointerEvent, Command | None]


@dataclass(frozen=True, slots=True)
class BrushSettings:
    """Radius in plate pixels; hardness and opacity 0-1, as in `core.prompts.Stroke`."""

    radius_px: float = 24.0
    hardness: float = 0.8
    opacity: float = 1.0

    def changed(
        self, radius_px: float | None = None, hardness: float | None = None, opacity: float | None = None
    ) -> BrushSettings:
        """What is given replaced, within its range."""
        return BrushSettings(
            min(max(radius_px, 0.5), 2000.0) if radius_px is not None else self.radius_px,
            min(max(hardness, 0.0), 1.0) if hardness is not None else self.hardness,
            min(max(opacity, 0.0), 1.0) if opacity is not None else self.opacity,
        )


class GestureView(Protocol):
    """What a gesture may do to the view while the hand moves; the viewport is one. Nothing here edits the shot."""

    @property
    def brush(self) -> BrushSettings: ...
    def set_brush(
        self, radius_px: float | None = None, hardness: float | None = None, opacity: float | None = None
    ) -> None: ...
    def hold_cursor(self, x: float, y: float) -> None:
        """Keep drawing the brush's outline at this place until the gesture ends."""

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by points of the viewport."""

    def begin_stroke(self, painter: StrokePainter) -> None:
        """Show what `painter` paints over the layer's matte."""

    def show_stroke(self, changed: Window) -> None:
        """`painter.buffer` changed inside this window."""

    def end_stroke(self, kept: bool) -> None:
        """The stroke is finished: it becomes a command (`kept`), or it never was."""

    @property
    def line_radius_px(self) -> float:
        """Half the width of a line that prompts, in plate pixels: about the same on screen at any zoom."""

    def show_prompt(self, prompt: Prompt | None, ink: str = "") -> None:
        """The box or line under the hand; None when there is none. `ink`: of a line, `#rrggbb`; by its sign without."""

    def show_drawing(self, line: DrawnLine | None, erased: frozenset[tuple[LayerId, int]] = frozenset()) -> None:
        """The review's line under the hand, and the lines (layer, position in its drawing) the eraser took so far."""

    @property
    def point_px(self) -> float:
        """A point of the screen in plate pixels."""

    def show_shape(self, shape: RotoShape | None) -> None:
        """The roto shape under the hand, in the place of the one with its id; None when there is none."""

    def sample(self, area: Box) -> None:
        """Read the mean of the pixels this area touches, and keep it on screen."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Everything a gesture may look at."""

    studio: Seen
    view: ViewState
    viewport: GestureView

    @property
    def document(self) -> Document:
        return self.studio.document

    @property
    def look(self) -> Look:
        return self.view.look

    @property
    def plate(self) -> Plate | None:
        return self.document.shot.plate

    @property
    def layer(self) -> Layer | None:
        """The chosen layer; None when there is none (or it was removed)."""
        return self.document.shot.find(self.look.layer_id)

    def say(self, text: str, severity: Severity = Severity.INFO) -> None:
        """A gentle sentence for the artist."""
        self.studio.message.emit(Message(severity, text))


class Tool(Protocol):
    """What the pointer does. `cursor` is how it looks over the picture."""

    @property
    def name(self) -> str:
        """`click`, `box`, `scribble`, `brush`, `trimap`, `draw`, `roto`, `pan` or `pick`: its icon and action too."""

    @property
    def cursor(self) -> Literal["cross", "brush", "hand"]: ...

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        """A button went down: the gesture that follows, or None when nothing can come of it."""

    def hover(self, event: PointerEvent, context: ToolContext) -> None:
        """The pointer moved with no button down."""

    def leave(self, context: ToolContext) -> None:
        """The pointer left, the modifier was let go, or another tool was chosen: end what hovering began."""


Key = Literal["return", "escape", "delete"]


@runtime_checkable
class KeyedTool(Protocol):
    """A tool that a few keys mean something to while it is in the hand."""

    def wants(self, key: Key, context: ToolContext) -> bool:
        """Whether the key is this tool's now; else it does what it always does."""

    def key(self, key: Key, context: ToolContext) -> Command | None:
        """It was pressed: one command, or None when there is nothing to edit."""


class QuietHover:
    """For tools that do nothing while no button is down."""

    def hover(self, event: PointerEvent, context: ToolContext) -> None:
        del event, context

    def leave(self, context: ToolContext) -> None:
        del context
