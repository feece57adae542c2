"""The colors of comps to look at: made on a worker, kept while there is room, tried on while a knob is turned.

Knows the document; knows neither Qt nor the engine. What is exported is made again by `core/delivery/`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from app.background import OneAtATime
from app.hall import Hall
from core.foreground.making import foreground_of
from core.foreground.steps import PLATE_COLORS, Foreground
from core.layer import LayerId
from core.matte import Matte
from core.picture import Picture
from core.signal import Signal

BUDGET_BYTES = 512 << 20
"""Of memory; the newest stays whatever it takes."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What a foreground was made from, held so that nothing else takes its place in memory, and what came of it."""

    picture: Picture
    matte: Matte
    foreground: Foreground
    made: Picture

    def of(self, picture: Picture, matte: Matte) -> bool:
        return self.picture.rgba is picture.rgba and self.matte.coverage is matte.coverage


class Foregrounds:
    """Implements `widgets.foreground.ForegroundRoom`. Lives on the interface's thread."""

    def __init__(self, hall: Hall) -> None:
        self.ready: Signal[LayerId] = Signal()
        self._document = hall.document
        self._maker = OneAtATime(hall.post, hall.report)
        self._kept: OrderedDict[tuple[int, int, Foreground], _Made] = OrderedDict()
        self._last: dict[LayerId, _Made] = {}
        self._tried: tuple[LayerId, Foreground] | None = None

    def try_on(self, layer_id: LayerId, foreground: Foreground | None) -> None:
        before = self._tried
        self._tried = None if foreground is None else (layer_id, foreground)
        if before != self._tried:
            self.ready.emit(layer_id)

    def picture(self, layer_id: LayerId, picture: Picture, matte: Matte) -> tuple[Picture, bool]:
        foreground = self._foreground(layer_id)
        if foreground.off:
            return picture, True
        key = (id(picture.rgba), id(matte.coverage), foreground)
        made = self._kept.get(key)
        if made is not None:
            self._kept.move_to_end(key)
            self._last[layer_id] = made
            return made.made, True
        self._make(layer_id, picture, matte, foreground)
        last = self._last.get(layer_id)
        if last is not None and last.picture.rgba is picture.rgba:
            return last.made, False
        return picture, False

    def close(self) -> None:
        """Stop after the one that is being made."""
        self._maker.close()

    def _foreground(self, layer_id: LayerId) -> Foreground:
        if self._tried is not None and self._tried[0] == layer_id:
            return self._tried[1]
        layer = self._document.shot.find(layer_id)
        return layer.foreground if layer is not None else PLATE_COLORS

    def _make(self, layer_id: LayerId, picture: Picture, matte: Matte, foreground: Foreground) -> None:
        def made(result: Picture) -> None:
            self._keep(layer_id, _Made(picture, matte, foreground, result))
            self.ready.emit(layer_id)

        self._maker.make(lambda: foreground_of(picture, matte, foreground), made)

    def _keep(self, layer_id: LayerId, made: _Made) -> None:
        self._kept[id(made.picture.rgba), id(made.matte.coverage), made.foreground] = made
        self._last[layer_id] = made
        while sum(each.made.nbytes for each in self._kept.values()) > BUDGET_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
