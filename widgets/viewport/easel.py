"""Holds the surface that fills a viewport, and puts another in its place: when the artist asks, or when a GPU fails.

The only place that makes surfaces. OpenGL is imported when it is asked for, not before.
"""

from __future__ import annotations

import logging
from typing import Literal

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from widgets.viewport.surface import RasterSurface, Showing, Surface

log = logging.getLogger(__name__)

Way = Literal["raster", "gl"]
"""How pictures are drawn: with QPainter, or by OpenGL on a GPU."""


class Easel(QObject):
    """Args: `viewport` is the widget the surface fills, `shown` what it draws."""

    changed = Signal(str)
    """Another surface is there: how it draws, as `Surface.path`."""
    trying = Signal(bool)
    """A GPU is about to draw for the first time (True), and came back (False)."""
    failed = Signal(str)
    """A GPU failed and the raster surface took its place: a sentence for the artist."""

    def __init__(self, viewport: QWidget, shown: Showing) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._shown = shown
        self.way: Way = "raster"
        self._widget: QWidget
        self.surface: Surface
        self._put(RasterSurface(shown, viewport))

    def use(self, way: Way) -> None:
        """Draw this way from now on. A gesture under way goes on: surfaces know nothing of it."""
        if way == self.way:
            return
        old, old_widget = self.surface, self._widget
        if way == "raster":
            self._put(RasterSurface(self._shown, self._viewport))
        elif not self._put_gl():
            return
        self.way = way
        self._widget.setGeometry(self._viewport.rect())
        self._widget.show()
        old_widget.hide()
        old.release()
        shiboken6.delete(old_widget)  # at once: a later garbage collection would take the context from under another
        self.changed.emit(self.surface.path)

    def release(self) -> None:
        """Free what the surface holds; nothing is drawn after this."""
        self.use("raster")
        self.surface.release()

    def fill(self) -> None:
        """The viewport has another size."""
        self._widget.setGeometry(self._viewport.rect())

    def _put(self, surface: RasterSurface) -> None:
        self.surface = self._widget = surface

    def _put_gl(self) -> bool:
        try:
            from widgets.viewport.gl_surface import GLSurface  # not every machine has it
        except (ImportError, AttributeError, OSError) as error:  # what PyOpenGL raises without a library to load
            log.warning("OpenGL cannot be loaded", exc_info=error)
            self.failed.emit(f"OpenGL cannot be loaded ({_one_line(str(error))}). The picture is drawn without a GPU.")
            return False
        surface = GLSurface(self._shown, self._viewport)
        surface.trying.connect(self.trying)
        surface.failed.connect(self._lost, Qt.ConnectionType.QueuedConnection)  # not from inside its own repaint
        self.surface = self._widget = surface
        return True

    def _lost(self, why: str) -> None:
        """Go on without the GPU."""
        if self.way == "raster":
            return
        self.use("raster")
        self.failed.emit(
            f"The GPU stopped drawing ({_one_line(why)}). The picture is drawn without it from here on; "
            "nothing you did is lost. View, Draw with, GPU tries it again."
        )


def _one_line(why: str) -> str:
    """A driver's words, short enough for a sentence."""
    return " ".join(why.split())[:120]
