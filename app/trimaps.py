"""Trimaps to look at: the band around a layer's matte with what was painted over it, made on a worker.

Knows the document, the mattes and the plate's frames; knows neither Qt nor the engine. What refine is told is worked
out again where it is asked (`app/refining.py`), by the same functions.
"""

from __future__ import annotations

from collections.abc import Hashable

from app.background import OneAtATime
from app.hall import Hall
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, Layer, LayerId
from core.matte import Matte
from core.picture import Picture
from core.signal import Signal
from core.trimap_paint import marked, trimap
from widgets.trimaps import SeenTrimap


class Trimaps:
    """Implements `widgets.trimaps.TrimapRoom`. Lives on the interface's thread. Keeps one trimap: that of the place
    that is looked at."""

    def __init__(self, hall: Hall) -> None:
        self.changed: Signal[LayerId] = Signal()
        self._hall = hall
        self._maker = OneAtATime(hall.post, hall.report)
        self._made: tuple[Hashable, Hashable, SeenTrimap] | None = None
        """What it was made of, where, and it."""

    def at(self, layer_id: LayerId, frame: FrameNumber) -> SeenTrimap | None:
        bench = self._hall.bench()
        layer, loader = self._hall.document.shot.find(layer_id), bench.loader
        if layer is None or loader is None:
            return None
        picture, matte = loader.picture(frame), bench.mattes.current(layer, frame)
        matte_key = layer.matte_key(loader.plate.identity, frame)
        if picture is None or matte is None or matte_key == EMPTY_MATTE:
            return None
        place = (loader.plate.identity, layer_id, frame)
        band_px = float(layer.refine.options.get("band_px", 0)) if layer.refine is not None else 0.0
        said = (layer.trimap.get(frame, ()), layer.shapes_told(frame)[1])
        key = (place, matte_key, said, band_px)
        before = self._made
        if before is not None and before[0] == key:
            return before[2]
        self._make(key, place, layer, frame, picture, matte, band_px)
        if before is not None and before[1] == place:
            return SeenTrimap(before[2].window, before[2].pixels, fresh=False)
        return None

    def close(self) -> None:
        """Stop after the one that is being made."""
        self._maker.close()

    def _make(
        self,
        key: Hashable,
        place: Hashable,
        layer: Layer,
        frame: FrameNumber,
        picture: Picture,
        matte: Matte,
        band_px: float,
    ) -> None:
        def made() -> SeenTrimap:
            window = matte.window
            marks = marked(layer.trimap.get(frame, ()), window, layer.shapes_told(frame)[1])
            return SeenTrimap(window, trimap(picture.rgb_over(window), matte.float32(), marks, band_px))

        def done(seen: SeenTrimap) -> None:
            self._made = (key, place, seen)
            self.changed.emit(layer.id)

        self._maker.make(made, done)
