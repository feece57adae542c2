"""The same changes on pyqtgraph's ImageItem, as the baseline that a viewport is measured beside.

Used as its documentation says: a float image with levels, a second item with a lookup table for the matte. It manages
no color, so what it shows is not what the viewport shows; what it cannot do at all is not measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from core.frames import FrameNumber
from core.layer import LayerId
from core.painting import StrokePainter
from widgets.application import make_application
from widgets.seen import Seen
from widgets.viewport.stopwatch import HEIGHT, WIDTH, on_wave


class GraphStopwatch:
    """A graphics view of the viewport's size with the plate fitted. Close it with `close()`."""

    def __init__(self, studio: Seen, frame: FrameNumber, layer_id: LayerId) -> None:
        make_application()
        self._studio, self._layer_id = studio, layer_id
        self._view = pyqtgraph.GraphicsView()
        self._view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._view.resize(WIDTH, HEIGHT)
        box = pyqtgraph.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self._view.setCentralItem(box)
        self._plate: Any = pyqtgraph.ImageItem(axisOrder="row-major")
        self._matte: Any = pyqtgraph.ImageItem(axisOrder="row-major")
        table = np.zeros((256, 4), np.uint8)
        table[:, 0], table[:, 3] = 240, np.arange(256) * 0.55
        self._matte.setLookupTable(table)
        box.addItem(self._plate)
        box.addItem(self._matte)
        self._floats = {}
        self._bytes = {}
        for number in self._frames():
            picture, (matte, _) = studio.picture(number), studio.matte(layer_id, number)
            assert picture is not None
            assert matte is not None
            self._floats[number] = picture.rgba[..., :3].astype(np.float32)
            self._bytes[number] = np.rint(matte.float32() * 255).astype(np.uint8)
        self._show(frame)
        self._view.show()
        box.autoRange(padding=0.01)
        self._repaint()

    def close(self) -> None:
        self._view.close()

    def frames(self, frames: Sequence[FrameNumber]) -> list[float]:
        """Milliseconds from another frame's float pixels, given ready, to the screen."""
        return [self._timed(partial(self._show, frame)) for frame in frames]

    def exposures(self, stops: Sequence[float]) -> list[float]:
        """Milliseconds from other levels to the screen."""
        return [self._timed(partial(self._plate.setLevels, (0.0, 2.0**-value))) for value in stops]

    def overlays(self, opacities: Sequence[float]) -> list[float]:
        """Milliseconds from another opacity of the matte to the screen."""
        return [self._timed(partial(self._matte.setOpacity, value)) for value in opacities]

    def brush(self, radius_px: float, events: int) -> list[float]:
        """Milliseconds from each dab to the screen: the stroke's buffer is given to the item anew."""
        plate = self._studio.document.shot.plate
        assert plate is not None
        scale = plate.canvas.width / WIDTH
        painter = StrokePainter(plate.canvas, radius_px)
        return [self._timed(partial(self._dab, painter, number, scale)) for number in range(events)]

    def _dab(self, painter: StrokePainter, number: int, scale: float) -> None:
        place = on_wave(number)
        painter.move(place.x() * scale, place.y() * scale)
        self._matte.setImage(painter.buffer, levels=(0, 255))

    def _frames(self) -> Sequence[FrameNumber]:
        frames = self._studio.document.shot.range
        return tuple(frames) if frames is not None else ()

    def _show(self, frame: FrameNumber) -> None:
        self._plate.setImage(self._floats[frame], levels=(0.0, 1.0))
        self._matte.setImage(self._bytes[frame], levels=(0, 255))

    def _timed(self, change: Callable[[], Any]) -> float:
        start = time.perf_counter()
        change()
        self._repaint()
        return (time.perf_counter() - start) * 1e3

    def _repaint(self) -> None:
        self._view.viewport().repaint()
