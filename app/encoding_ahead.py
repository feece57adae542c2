"""Has the engine encode the frame an artist looks at, before there is a click: a first click then waits for no picture.

Knows the document and the engine. A newer wish replaces one that was not begun; the engine answers clicks before it
encodes anything ahead.
"""

from __future__ import annotations

from core.document import Document
from core.frames import FrameNumber
from core.layer import Layer, LayerId
from inference.engine import Engine
from widgets.tools.target import new_layer


class EncodingAhead:
    """Follows the artist: where the hand rests, on which layer, answered by which model."""

    def __init__(self, document: Document, engine: Engine) -> None:
        self._document = document
        self._engine = engine
        self._rests: tuple[FrameNumber, LayerId] | None = None

    def rest(self, frame: FrameNumber, layer_id: LayerId = "") -> None:
        """The artist looks at this frame and works on this layer; empty: on the first one, or one not there yet."""
        self._rests = frame, layer_id
        shot = self._document.shot
        if shot.plate is not None:
            layer = self._layer(layer_id)
            self._engine.prefetch(shot.plate, shot.color_config, (frame,), layer.segment_at(frame))

    def leave(self) -> None:
        """The artist looks at no frame in particular: play goes on."""
        self._rests = None

    def model_changed(self, layer_id: LayerId) -> None:
        """Another model, or another of its options, answers this layer's clicks now; empty: of any layer."""
        if self._rests is not None:
            frame, resting = self._rests
            if layer_id in ("", self._layer(resting).id):
                self.rest(frame, resting)

    def _layer(self, layer_id: LayerId) -> Layer:
        shot = self._document.shot
        return shot.find(layer_id) or next(iter(shot.layers), None) or new_layer(shot)
