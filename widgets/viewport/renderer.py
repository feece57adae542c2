"""What draws a scene, behind one interface, so that another path (GL) can take the raster one's place.

The viewport widget owns hands, zoom and scenes; a renderer owns nothing but caches of what it drew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from core.geometry import Window
from widgets.viewport.compare import Placed
from widgets.viewport.scene import Scene


class Renderer(Protocol):
    """Draws pictures and mattes; guides are drawn over them by the viewport."""

    def draw(self, painter: QPainter, dirty: QRectF, scene: Scene, places: Sequence[Placed]) -> None:
        """Draw the part of the scene inside `dirty` (points). Never blocks longer than a hand would notice."""

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        """The live stroke changed inside this plate window: bring what is drawn from it up to date."""

    def stroke_gone(self) -> None:
        """The live stroke is no longer shown: forget what was drawn from it."""

    def close(self) -> None:
        """Stop workers; the renderer is not used again."""
