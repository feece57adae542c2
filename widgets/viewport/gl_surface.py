"""The picture drawn on a GPU: an OpenGL widget that fills the viewport. At the first fault it says so and stops.

Knows when to draw and which part; what is drawn is in `gl_renderer.py`. Needs a window on a real platform (xcb,
Wayland, Windows, macOS): Qt's offscreen platform has no OpenGL.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from OpenGL import GL
from OpenGL.error import Error
from PySide6.QtCore import QRect, QSize, QSizeF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtOpenGL import QOpenGLPaintDevice
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from core.geometry import Window
from widgets.viewport.compare import Placed
from widgets.viewport.darkroom import Darkroom
from widgets.viewport.display_frame import DisplayCache
from widgets.viewport.gl_graded import Graded
from widgets.viewport.gl_probe import surface_format
from widgets.viewport.gl_renderer import GLRenderer
from widgets.viewport.preparation import Preparation, Prepared, preparation
from widgets.viewport.scene import Scene
from widgets.viewport.surface import Showing, pass_through

log = logging.getLogger(__name__)


class GLSurface(QOpenGLWidget):
    """Implements `Surface` with OpenGL 3.3."""

    failed = Signal(str)
    """Why nothing more will be drawn, in the driver's or Python's words; said once."""
    trying = Signal(bool)
    """The GPU is about to draw for the first time (True); it came back (False), with a picture or an exception."""
    _sharper = Signal()

    def __init__(self, shown: Showing, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFormat(surface_format())
        self.setUpdateBehavior(QOpenGLWidget.UpdateBehavior.PartialUpdate)
        self._shown = shown
        self._darkroom = Darkroom(self._sharper.emit)
        self._renderer: GLRenderer | None = None
        self._dirty: QRect | None = None
        self._broken = False
        self._drawn = 0
        """How many times, to know whether Qt drew at all."""
        self._gpu = ""
        self._sharper.connect(self.update)
        pass_through(self)

    @property
    def path(self) -> str:
        return f"GPU: {self._gpu}" if self._gpu else "GPU"

    def redraw(self, rect: QRect | None = None) -> None:
        if rect is None:
            self.update()
        else:
            self.update(rect)

    def redraw_now(self) -> None:
        """Of a window that is not on a screen yet, only the framebuffer is drawn: Qt composes no such window."""
        before = self._drawn
        self.repaint()
        if self._drawn == before and not self.isValid():
            self.grabFramebuffer()  # makes the context too
        if not self.isValid() or self._broken:
            return
        self.makeCurrent()
        if self._drawn == before:
            self.paintGL()
        GL.glFinish()
        self.doneCurrent()

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        if self._renderer is not None:
            self._renderer.stroke_changed(scene, places, changed)

    def stroke_gone(self) -> None:
        self._darkroom.stroke_gone()

    def prepare(self, scene: Scene, places: Sequence[Placed]) -> Preparation:
        return preparation(self._darkroom.cache, scene, places, lambda pixels: Graded.of(pixels) is None, tints=False)

    def holds(self, prepared: Prepared) -> bool:
        return prepared.still_in(self._darkroom.cache)

    @property
    def cache(self) -> DisplayCache:
        return self._darkroom.cache

    @property
    def sharp(self) -> bool:
        return self._darkroom.sharp

    def release(self) -> None:
        self.trying.emit(False)
        self._broken = True
        self._forget()
        self._darkroom.close()

    # --- Qt's calls ---------------------------------------------------------------------------------------------
    def initializeGL(self) -> None:
        """May come again, with another context: when the window is made anew or moves to another screen."""
        self.trying.emit(True)
        self._attempt(self._prepare)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._broken and not self.isValid():
            self._fail(RuntimeError("there is no OpenGL context"))
        self._dirty = event.rect()
        super().paintEvent(event)

    def paintGL(self) -> None:
        dirty, self._dirty = self._dirty or self.rect(), None
        if self._broken or self._renderer is None:
            return
        renderer = self._renderer
        self._attempt(lambda: self._draw(renderer, dirty))

    def _attempt(self, call: Callable[[], None]) -> None:
        """Call the driver; at the first fault the viewport goes on without it."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 - no list of what drivers do wrong is complete
            self._fail(error)

    def _prepare(self) -> None:
        self._renderer = GLRenderer(self._darkroom)
        self._gpu = bytes(GL.glGetString(GL.GL_RENDERER)).decode("utf-8", "replace")
        self.context().aboutToBeDestroyed.connect(self._forget)

    def _draw(self, renderer: GLRenderer, dirty: QRect) -> None:
        scene, places = self._shown.showing()
        ratio = self.devicePixelRatioF()
        width, height = int(self.width() * ratio + 0.5), int(self.height() * ratio + 0.5)
        left, right = int(dirty.left() * ratio), int((dirty.right() + 1) * ratio + 1)
        top, bottom = int(dirty.top() * ratio), int((dirty.bottom() + 1) * ratio + 1)
        part = QRect(left, height - bottom, right - left, bottom - top).intersected(QRect(0, 0, width, height))
        renderer.draw(part, QSize(width, height), QSizeF(width / ratio, height / ratio), scene, places)
        over = QOpenGLPaintDevice(width, height)  # not the widget: that draws elsewhere while it is being grabbed
        over.setDevicePixelRatio(ratio)
        painter = QPainter(over)
        try:
            painter.setClipRect(dirty)
            self._shown.draw_over(painter)
        finally:
            painter.end()
        self._drawn += 1
        if self._drawn == 1:
            GL.glFinish()
            self.trying.emit(False)

    def _fail(self, error: Exception) -> None:
        if self._broken:
            return
        self._broken = True
        log.error("the picture cannot be drawn on the GPU", exc_info=error)
        self.trying.emit(False)
        self.failed.emit(f"{type(error).__name__}: {error}")

    def _forget(self) -> None:
        """Free what is on the GPU, while its context is still there."""
        renderer, self._renderer = self._renderer, None
        if renderer is None or not self.isValid():
            return
        self.makeCurrent()
        try:
            renderer.close()
        except (Error, RuntimeError) as error:  # a lost context cannot free anything, and need not
            log.info("what was on the GPU went with its context: %s", error)
        finally:
            self.doneCurrent()
