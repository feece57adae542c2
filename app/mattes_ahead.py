"""Mattes brought into memory before they are looked at: play reads none on the interface's thread.

Knows the document and where mattes stand. Reading a file and painting a correction happen on a worker.
"""

from __future__ import annotations

from app.background import Background
from app.hall import Hall
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.signal import Signal

Wanted = tuple[LayerId, FrameNumber, MatteKey]


class MattesAhead:
    """Implements `widgets.mattes_ahead.MattesAhead`. Lives on the interface's thread."""

    def __init__(self, hall: Hall) -> None:
        self.came: Signal[FrameNumber] = Signal()
        self._hall, self._document = hall, hall.document
        self._worker = Background(hall.post, hall.report, workers=1)
        self._reading: set[Wanted] = set()
        self._tried: dict[tuple[LayerId, FrameNumber], MatteKey] = {}
        """What was read and still is not in memory; the newest of each layer and frame."""

    def at_hand(self, frame: FrameNumber) -> bool:
        """Whether all visible mattes of a frame are in memory; those that are not are fetched, and `came` says so."""
        away = [layer for layer in self._document.shot.layers if layer.visible and not self._has(layer, frame)]
        return not away

    def close(self) -> None:
        """Stop after the matte that is being read."""
        self._worker.close()

    def _has(self, layer: Layer, frame: FrameNumber) -> bool:
        mattes = self._hall.mattes()
        key = mattes.far(layer, frame)
        if not key:
            return True
        wanted = (layer.id, frame, key)
        if self._tried.get((layer.id, frame)) == key:
            return True  # it cannot be had any sooner
        if wanted not in self._reading:
            self._reading.add(wanted)
            self._worker.run(
                lambda: mattes.fetch(layer, frame, key),
                lambda _done: self._ended(wanted),
                lambda _error: self._ended(wanted),
            )
        return False

    def _ended(self, wanted: Wanted) -> None:
        layer_id, frame, key = wanted
        self._reading.discard(wanted)
        if not self._hall.mattes().store.at_hand(key):
            self._tried[layer_id, frame] = key
        self.came.emit(frame)
