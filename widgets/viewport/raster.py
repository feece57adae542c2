"""Draws scenes with QPainter: pictures as the darkroom converted them, mattes as tables.

Mattes need no conversion but a stride.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from core.geometry import Window
from widgets.theme import color
from widgets.view_state import Channel, Look
from widgets.viewport.compare import Placed
from widgets.viewport.darkroom import Darkroom
from widgets.viewport.display_frame import Pixels
from widgets.viewport.overlay import Coverage, Table, grey_table
from widgets.viewport.pane import Overlay, Pane
from widgets.viewport.pointer import Projection
from widgets.viewport.scene import Scene


class RasterRenderer:
    """Draws pictures and mattes; guides are drawn over them by the viewport."""

    def __init__(self, darkroom: Darkroom) -> None:
        self._darkroom = darkroom
        self._sheet = QImage()

    def draw(self, painter: QPainter, dirty: QRectF, scene: Scene, places: Sequence[Placed]) -> None:
        """Draw the part of the scene inside `dirty` (points). Never blocks longer than a hand would notice."""
        self._darkroom.resume()
        for around in _around(dirty, scene, places):
            painter.fillRect(around, color("surround"))
        for pane, place in zip(scene.panes, places, strict=True):
            if place.opacity <= 0:
                continue
            painter.save()
            painter.setClipRect(place.rect, Qt.ClipOperation.IntersectClip)
            if place.clip is not None:
                painter.setClipPath(place.clip, Qt.ClipOperation.IntersectClip)
            if place.opacity < 1:
                self._draw_faded(painter, dirty, scene, pane, place)
            else:
                self._draw_pane(painter, scene, pane, place)
            painter.restore()

    def _draw_faded(self, painter: QPainter, dirty: QRectF, scene: Scene, pane: Pane, place: Placed) -> None:
        """The whole pane, canvas and overlays too, at its opacity: drawn on a sheet first."""
        ratio = place.projection.device_ratio
        size = QSize(math.ceil(place.rect.width() * ratio), math.ceil(place.rect.height() * ratio))
        if self._sheet.size() != size or self._sheet.devicePixelRatio() != ratio:
            self._sheet = QImage(size, QImage.Format.Format_RGB32)
            self._sheet.setDevicePixelRatio(ratio)
        part = dirty.intersected(place.rect)
        sheet = QPainter(self._sheet)
        sheet.setClipRect(part)
        sheet.fillRect(part, color("surround"))
        self._draw_pane(sheet, scene, pane, place)
        sheet.end()
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        painter.setOpacity(place.opacity)
        painter.drawImage(place.rect.topLeft(), self._sheet)

    def _draw_pane(self, painter: QPainter, scene: Scene, pane: Pane, place: Placed) -> None:
        projection = place.projection
        if scene.plate is None:
            return
        form = scene.picture.format if scene.picture is not None else scene.plate.format
        if pane.pixels is None or not _covers(pane.pixels.window, form.display):
            painter.fillRect(projection.window_rect(form.display), color("canvas"))
        if place.bounds is not None:
            painter.setClipRect(projection.window_rect(place.bounds), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not projection.nearest)
        if pane.pixels is not None:
            self._draw_pixels(painter, pane, pane.pixels, place)
        if pane.coverage is not None:
            painter.fillRect(projection.window_rect(pane.coverage.window), Qt.GlobalColor.black)
            self._draw_coverage(painter, pane.coverage, matte_table(scene.look), projection)
        for overlay in overlays_over(scene, pane):
            self._draw_coverage(painter, overlay.coverage, overlay.seen_through, projection)

    def _draw_pixels(self, painter: QPainter, pane: Pane, pixels: Pixels, place: Placed) -> None:
        frame = self._darkroom.developed(pane.key, pixels, place)
        if frame is not None:
            where = place.projection.window_rect(frame.lattice.cover)
            painter.drawImage(where, frame.image, QRectF(frame.image.rect()))

    def _draw_coverage(self, painter: QPainter, coverage: Coverage, table: Table, projection: Projection) -> None:
        level = coverage.level(projection.stride)
        image = level.image(table)
        painter.drawImage(projection.window_rect(level.lattice.cover), image, QRectF(image.rect()))


def _covers(outer: Window, inner: Window) -> bool:
    return outer.intersect(inner) == inner


def _around(dirty: QRectF, scene: Scene, places: Sequence[Placed]) -> list[QRectF]:
    """What of `dirty` is to be filled first: no need to where a single picture, drawn whole, lies over it."""
    if len(places) == 1 and places[0].clip is None and places[0].opacity >= 1 and scene.picture is not None:
        pixels, place = scene.panes[0].pixels, places[0]
        if pixels is not None and _covers(pixels.window, scene.picture.format.display):
            rect = place.projection.window_rect(scene.picture.format.display).intersected(place.rect)
            inside = rect.adjusted(1, 1, -1, -1).toAlignedRect().adjusted(1, 1, -1, -1)
            whole = dirty.toAlignedRect()
            inner = inside.intersected(whole)
            if not inner.isEmpty():
                return _frame(whole, inner)
    return [dirty]


def _frame(outer: QRect, inner: QRect) -> list[QRectF]:
    """Four rectangles around `inner`, which lies inside `outer`."""
    width, height = outer.width(), inner.height()
    above, below = inner.top() - outer.top(), outer.bottom() - inner.bottom()
    return [
        QRectF(outer.left(), outer.top(), width, above),
        QRectF(outer.left(), inner.bottom() + 1, width, below),
        QRectF(outer.left(), inner.top(), inner.left() - outer.left(), height),
        QRectF(inner.right() + 1, inner.top(), outer.right() - inner.right(), height),
    ]


def matte_table(look: Look) -> Table:
    """What a matte alone is drawn through."""
    data = look.channel in (Channel.COLOR, Channel.ALPHA, Channel.LUMINANCE)
    return grey_table(look.exposure_stops, look.gamma) if data else grey_table()


def overlays_over(scene: Scene, pane: Pane) -> tuple[Overlay, ...]:
    """What is laid over a pane's picture, the lowest first."""
    if scene.preview is not None and pane.pixels is not None:
        return (*pane.overlays, scene.preview)
    return pane.overlays
