"""Finished mattes to look at: a large one is made on a worker, and a finish can be tried on while a knob is turned.

Knows the document and where mattes stand; knows neither Qt nor the engine. What is exported does not come this way.
"""

from __future__ import annotations

from app.background import OneAtATime
from app.hall import Hall
from app.mattes import Standing
from core.finish import Finish
from core.finish_keys import unfinished
from core.finish_steps import Feather, MotionBlur, Smooth, Streak
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.roto.shape import RotoShape
from core.signal import Signal

AT_ONCE_PIXELS = 1 << 21
"""A matte of at most so many pixels (HD) is finished where it is looked at: no frame flashes by unfinished. Several
steps, and shapes, count as so many more pixels."""
SLOW = (Feather, Smooth, Streak)
"""Steps that count as two."""


class Finishing:
    """Implements `widgets.finishing.FinishRoom`. Lives on the interface's thread.

    Args:
        ready: emitted when another matte can be shown.
    """

    def __init__(self, hall: Hall, ready: Signal[tuple[LayerId, FrameNumber]]) -> None:
        self._hall, self._document, self._ready = hall, hall.document, ready
        self._maker = OneAtATime(hall.post, hall.report)
        self._shown: tuple[LayerId, FrameNumber, Matte] | None = None
        self._cannot: dict[MatteKey, bool] = {}
        """What could not be made, and whether what it is made from was at hand then."""
        self._place: tuple[LayerId, FrameNumber] | None = None

    def try_on(self, layer_id: LayerId, finish: Finish | None) -> None:
        if self._hall.mattes().try_on(layer_id, finish=finish) and self._place is not None:
            self._ready.emit((layer_id, self._place[1]))

    def try_shapes(self, layer_id: LayerId, shapes: tuple[RotoShape, ...] | None) -> None:
        if self._hall.mattes().try_on(layer_id, shapes=shapes) and self._place is not None:
            self._ready.emit((layer_id, self._place[1]))

    def standing(self, layer_id: LayerId, frame: FrameNumber) -> Standing:
        """What can be shown at once. Where it is yet to be finished: what was shown here before, or it unfinished."""
        mattes, place = self._hall.mattes(), (layer_id, frame)
        self._place = place
        layer = mattes.layer(layer_id)
        key = mattes.far(layer, frame)
        if key == unfinished(key) or self._refused(key) or self._quick(layer, frame):
            standing = mattes.standing(layer_id, frame)
        else:
            self._make(place, key)
            standing = mattes.standing(layer_id, frame, finish=False)
            before = self._shown
            if before is not None and before[:2] == place:
                return Standing(before[2], standing.key, fresh=False)
            return Standing(standing.matte, standing.key, fresh=False)
        if standing.matte is not None:
            self._shown = (layer_id, frame, standing.matte)
        return standing

    def close(self) -> None:
        """Stop after the matte that is being made."""
        self._maker.close()

    def _refused(self, key: MatteKey) -> bool:
        """Whether it could not be made, and nothing came since that it could be made from."""
        had_source = self._cannot.get(key)
        if had_source is False and self._hall.mattes().store.at_hand(unfinished(key)):
            del self._cannot[key]
            return False
        return had_source is not None

    def _quick(self, layer: Layer, frame: FrameNumber) -> bool:
        """Whether the hand does not feel it."""
        plate = self._document.shot.plate
        if plate is None:
            return True
        if any(isinstance(step, MotionBlur) for step in layer.finish.active):
            return False  # it reads frames
        steps = sum(2 if isinstance(step, SLOW) else 1 for step in layer.finish.at(frame).active)
        return plate.canvas.pixels * max(1, steps + len(layer.shapes)) <= AT_ONCE_PIXELS

    def _make(self, place: tuple[LayerId, FrameNumber], key: MatteKey) -> None:
        mattes = self._hall.mattes()
        layer = mattes.layer(place[0])

        def ended(_result: object) -> None:
            if not mattes.store.at_hand(key):
                self._cannot[key] = mattes.store.at_hand(unfinished(key))
            if self._document.shot.find(place[0]) is not None:
                self._ready.emit(place)

        self._maker.make(lambda: mattes.fetch(layer, place[1], key), ended, ended)
