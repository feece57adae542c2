"""Draws scenes with QPainter: pictures converted for the screen by OpenColorIO's baked transform, mattes as tables.

Pictures are converted at the screen's resolution, first as coarsely as fits in `PATIENCE_MS`, then finely on a
worker. Mattes need no conversion but a stride.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from core.geometry import Window
from widgets.theme import color
from widgets.view_state import Channel
from widgets.viewport.compare import Placed
from widgets.viewport.display_frame import DisplayCache, DisplayFrame
from widgets.viewport.overlay import Coverage, LiveCoverage, Table, grey_table
from widgets.viewport.pixels import CompPixels
from widgets.viewport.pointer import Projection
from widgets.viewport.scene import Overlay, Pane, Pictured, Scene
from widgets.viewport.sharpen import Sharpener

PATIENCE_MS = 24.0
"""How long the interface's thread may convert before a coarser picture is shown first."""


class RasterRenderer:
    """Implements `Renderer`. `on_sharper` is called on a worker's thread when a finer picture is ready to be drawn."""

    def __init__(self, on_sharper: Callable[[], None], cache: DisplayCache | None = None) -> None:
        self.cache = cache or DisplayCache()
        self._sharpener = Sharpener(on_sharper)
        self._patched: list[tuple[Hashable, int]] = []

    def draw(self, painter: QPainter, dirty: QRectF, scene: Scene, places: Sequence[Placed]) -> None:
        self._sharpener.resume()
        painter.fillRect(dirty, color("surround"))
        for pane, place in zip(scene.panes, places, strict=True):
            painter.save()
            painter.setClipRect(place.rect, Qt.ClipOperation.IntersectClip)
            if place.clip is not None:
                painter.setClipPath(place.clip, Qt.ClipOperation.IntersectClip)
            self._draw_pane(painter, scene, pane, place)
            painter.restore()

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        for pane, place in zip(scene.panes, places, strict=True):
            pixels = pane.pixels
            if isinstance(pixels, CompPixels) and isinstance(pixels.coverage, LiveCoverage):
                for stride in {self._coarse(pixels, place), place.projection.stride}:
                    frame = self.cache.find(pane.key, pixels, stride)
                    if frame is not None and not self._sharpener.busy_with(frame):
                        frame.renew(pixels, changed)
                        self._patched.append((pane.key, stride))

    def stroke_gone(self) -> None:
        for key, stride in set(self._patched):
            self.cache.drop(key, stride)
        self._patched.clear()

    def close(self) -> None:
        self._sharpener.close()
        self.cache.clear()

    def _draw_pane(self, painter: QPainter, scene: Scene, pane: Pane, place: Placed) -> None:
        projection = place.projection
        if scene.plate is None:
            return
        form = scene.picture.format if scene.picture is not None else scene.plate.format
        painter.fillRect(projection.window_rect(form.display), color("canvas"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not projection.nearest)
        if pane.pixels is not None:
            self._draw_pixels(painter, pane, pane.pixels, place)
        if pane.coverage is not None:
            look = scene.look
            data = look.channel in (Channel.COLOR, Channel.ALPHA, Channel.LUMINANCE)
            table = grey_table(look.exposure_stops, look.gamma) if data else grey_table()
            self._draw_coverage(painter, pane.coverage, table, projection)
        overlays = (*pane.overlays, scene.preview) if scene.preview is not None and pane.pixels else pane.overlays
        for overlay in overlays:
            self._draw_overlay(painter, overlay, projection)

    def _draw_pixels(self, painter: QPainter, pane: Pane, pixels: Pictured, place: Placed) -> None:
        projection = place.projection
        seen = projection.window_under(place.rect).intersect(pixels.window)
        if seen.empty:
            return
        fine = self.cache.frame(pane.key, pixels, projection.stride)
        if fine.missing(seen):
            wait_ms = self._wait_ms(fine, pixels, seen)
            if wait_ms <= PATIENCE_MS and not self._sharpener.busy_with(fine):
                fine.ensure(seen)
            else:
                self._sharpener.wish(fine, seen, keep_others=place.clip is not None or place.rect.left() > 0)
                fine = self.cache.frame(pane.key, pixels, self._coarse(pixels, place))
                if not self._sharpener.busy_with(fine):
                    fine.ensure(seen)
        self._draw_frame(painter, fine, projection)

    def _wait_ms(self, frame: DisplayFrame, pixels: Pictured, seen: Window) -> float:
        return min(frame.missing(seen), frame.lattice.cells(seen).pixels) * pixels.cost * 1e-6

    def _coarse(self, pixels: Pictured, place: Placed) -> int:
        """The finest stride that can be converted within the patience."""
        seen = place.projection.window_under(place.rect).intersect(pixels.window)
        stride = place.projection.stride
        while seen.pixels / stride**2 * pixels.cost * 1e-6 > PATIENCE_MS:
            stride += 1
        return stride

    def _draw_frame(self, painter: QPainter, frame: DisplayFrame, projection: Projection) -> None:
        painter.drawImage(projection.window_rect(frame.lattice.cover), frame.image, QRectF(frame.image.rect()))

    def _draw_coverage(self, painter: QPainter, coverage: Coverage, table: Table, projection: Projection) -> None:
        level = coverage.level(projection.stride)
        image = level.image(table)
        painter.drawImage(projection.window_rect(level.lattice.cover), image, QRectF(image.rect()))

    def _draw_overlay(self, painter: QPainter, overlay: Overlay, projection: Projection) -> None:
        self._draw_coverage(painter, overlay.coverage, overlay.seen_through, projection)
