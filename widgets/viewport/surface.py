"""What draws a viewport's scene, behind one interface: `RasterSurface` here with QPainter, `GLSurface` on a GPU.

The viewport owns hands, zoom and scenes and holds one surface that fills it. A surface owns nothing but caches of what
it drew, so one can take another's place in the middle of a gesture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.geometry import Window
from widgets.viewport.compare import Placed
from widgets.viewport.darkroom import Darkroom
from widgets.viewport.display_frame import DisplayCache
from widgets.viewport.preparation import Preparation, Prepared, preparation
from widgets.viewport.raster import RasterRenderer
from widgets.viewport.scene import Scene


class Showing(Protocol):
    """What a surface draws; the viewport is one. Asked anew for every repaint."""

    def showing(self) -> tuple[Scene, Sequence[Placed]]:
        """The scene and where its panes lie."""

    def draw_over(self, painter: QPainter) -> None:
        """Guides, marks and the brush's outline, in points."""


class Surface(Protocol):
    """A widget that fills the viewport and draws what it shows. Pointer and keys pass through to the viewport."""

    @property
    def path(self) -> str:
        """How it draws, for the artist: `Raster`, or `GPU` and the GPU's name."""

    def redraw(self, rect: QRect | None = None) -> None:
        """This part (points; None for all) looks different: draw it soon."""

    def redraw_now(self) -> None:
        """Draw all of it and return when it is drawn: for measurements and tests."""

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        """The live stroke changed inside this plate window: bring what is drawn from it up to date."""

    def stroke_gone(self) -> None:
        """The live stroke is no longer shown: forget what was drawn from it."""

    def prepare(self, scene: Scene, places: Sequence[Placed]) -> Preparation:
        """What a worker can do so that this scene will only have to be drawn."""

    def holds(self, prepared: Prepared) -> bool:
        """Whether what was prepared is still kept; it counts as used just now."""

    @property
    def cache(self) -> DisplayCache:
        """The pictures made ready."""

    @property
    def sharp(self) -> bool:
        """Whether the picture drawn last is as fine as the screen; else a finer one follows by itself."""

    def release(self) -> None:
        """Stop workers and free what is kept; the surface is not used again."""


class RasterSurface(QWidget):
    """Implements `Surface` with QPainter: everywhere, and fastest where there is no GPU."""

    path = "Raster"
    _sharper = Signal()

    def __init__(self, shown: Showing, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown = shown
        self._darkroom = Darkroom(self._sharper.emit)
        self._renderer = RasterRenderer(self._darkroom)
        self._sharper.connect(self.update)
        pass_through(self)

    def redraw(self, rect: QRect | None = None) -> None:
        if rect is None:
            self.update()
        else:
            self.update(rect)

    def redraw_now(self) -> None:
        self.repaint()

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        self._darkroom.stroke_changed(scene, places, changed)

    def stroke_gone(self) -> None:
        self._darkroom.stroke_gone()

    def prepare(self, scene: Scene, places: Sequence[Placed]) -> Preparation:
        return preparation(self._darkroom.cache, scene, places)

    def holds(self, prepared: Prepared) -> bool:
        return prepared.still_in(self._darkroom.cache)

    @property
    def cache(self) -> DisplayCache:
        return self._darkroom.cache

    @property
    def sharp(self) -> bool:
        return self._darkroom.sharp

    def release(self) -> None:
        self._darkroom.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        scene, places = self._shown.showing()
        painter = QPainter(self)
        try:
            self._renderer.draw(painter, QRectF(event.rect()), scene, places)
            self._shown.draw_over(painter)
        finally:
            painter.end()


def pass_through(surface: QWidget) -> None:
    """Leave pointer, pen, keys and cursor to the viewport below, and promise to paint every pixel."""
    surface.setObjectName("viewport.surface")
    surface.setAccessibleName("Picture")
    surface.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    surface.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    surface.setFocusPolicy(Qt.FocusPolicy.NoFocus)
