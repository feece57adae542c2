"""What lies over the picture: guides, what the hand has marked, and the brush's outline. The same on every surface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from core.prompts import Box, Prompt
from widgets.tools.tool import BrushSettings
from widgets.viewport.brush_cursor import BrushCursor
from widgets.viewport.compare import Placed
from widgets.viewport.framing import Framing
from widgets.viewport.guides import Marks, draw_guides, prompt_rect, size_rect
from widgets.viewport.scene import Scene


class Foreground:
    """Holds the brush and the marks. `redraw` is called with the rectangle, in points, that looks different; None for
    all of it."""

    def __init__(self, framing: Framing, redraw: Callable[[QRect | None], None]) -> None:
        self.cursor = BrushCursor()
        self.brush = BrushSettings()
        self.brushing = False
        """Whether the tool in the hand is a brush."""
        self._framing = framing
        self._redraw = redraw
        self._marks = Marks()

    def draw(self, painter: QPainter, scene: Scene, places: Sequence[Placed]) -> None:
        draw_guides(painter, scene, places, self._marks, self._framing.size)
        if self.brushing:
            self.cursor.draw(painter, self._framing, self.brush)

    def redraw(self, rect: QRectF, margin: float = 1) -> None:
        """A rectangle of points, and a margin for what is smoothed over its edge."""
        self._redraw(rect.adjusted(-margin, -margin, margin, margin).toAlignedRect())

    def redraw_cursor(self) -> None:
        """Where the brush's outline is now: call it before and after a change of it."""
        if self.brushing:
            for rect in self.cursor.rects(self._framing, self.brush):
                self.redraw(rect)

    def change_brush(self, brush: BrushSettings) -> bool:
        """Whether it is another brush than before."""
        if brush == self.brush:
            return False
        self.redraw_cursor()
        self.brush = brush
        self.redraw_cursor()
        return True

    def let_cursor_go(self) -> None:
        """The outline follows the pointer again."""
        if self.cursor.held is not None:
            self.cursor.held = None
            self._redraw(None)

    # --- marks --------------------------------------------------------------------------------------------------
    @property
    def has_sample(self) -> bool:
        return self._marks.sample is not None

    def show_prompt(self, prompt: Prompt | None, ink: str = "") -> None:
        """The box or line under the hand; None when there is none. `ink`: of a line, `#rrggbb`; by its sign without."""
        for shown in (self._marks.prompt, prompt):
            if shown is not None:
                for place in self._framing.places:
                    self.redraw(prompt_rect(shown, place.projection))
                    if isinstance(shown, Box):
                        self.redraw(size_rect(shown, place))
        self._marks = replace(self._marks, prompt=prompt, ink=ink)

    def show_sample(self, area: Box | None) -> None:
        """The area that was read; None for none."""
        self._marks = replace(self._marks, sample=area)
        self._redraw(None)

    def clear(self) -> None:
        """Another plate: nothing is marked on it."""
        self._marks = Marks()
        self._redraw(None)
