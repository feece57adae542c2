"""What the Layer menu does with pieces: split a layer, lift the piece under the pointer, join with the layer below.

Asks the studio; computes nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QCursor

from core.layer import Layer, LayerId
from core.shot import Change, Touched
from widgets.actions import Actions
from widgets.studio import Message, Severity, Studio
from widgets.view_state import ViewState
from widgets.viewport.viewport import Viewport


class PieceActions:
    """Binds them, and enables only what can be done with the chosen layer."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions, viewport: Viewport) -> None:
        self._studio, self._view, self._actions, self._viewport = studio, view, actions, viewport
        self._before_lift: frozenset[LayerId] | None = None
        forget = studio.document.changed.connect(self._changed)
        viewport.destroyed.connect(lambda _gone=None: forget())
        actions.bind({"layer.split": self._split, "layer.lift": self._lift, "layer.join": self._join})

    def enable(self) -> None:
        layer = self._layer()
        for name in ("split", "lift"):
            self._actions[f"layer.{name}"].setEnabled(layer is not None and bool(layer.key_frames))
        self._actions["layer.join"].setEnabled(self._below() is not None)

    def pointed(self) -> tuple[float, float] | None:
        """The place under the mouse pointer in plate pixels; None where it is not over the picture."""
        place = QPointF(self._viewport.mapFromGlobal(QCursor.pos()))
        if not self._viewport.rect().contains(place.toPoint()):
            return None
        framing = self._viewport.framing
        return framing.projection_of(framing.pane_under(place)).to_plate(place.x(), place.y())

    # --- inside -------------------------------------------------------------------------------------------------

    def _layer(self) -> Layer | None:
        return self._studio.document.shot.find(self._view.look.layer_id)

    def _below(self) -> Layer | None:
        """The layer after the chosen one in the list."""
        layer, layers = self._layer(), self._studio.document.shot.layers
        place = layers.index(layer) + 1 if layer is not None else len(layers)
        return layers[place] if place < len(layers) else None

    def _split(self) -> None:
        layer = self._layer()
        if layer is not None:
            self._studio.pieces.split(layer.id, self._view.look.frame)

    def _lift(self) -> None:
        layer, place = self._layer(), self.pointed()
        if layer is not None and place is not None:
            self._before_lift = frozenset(each.id for each in self._studio.document.shot.layers)
            self._studio.pieces.lift(layer.id, self._view.look.frame, *place)
        elif layer is not None:
            self._studio.message.emit(Message(Severity.INFO, "Point at a piece of the matte, then press the key."))

    def _changed(self, change: Change) -> None:
        """The layer that was lifted is chosen: it is what the hand goes on with."""
        before = self._before_lift
        if before is None or change.touched is not Touched.LAYERS:
            return
        new = [layer.id for layer in self._studio.document.shot.layers if layer.id not in before]
        if new:
            self._before_lift = None
            self._view.set(layer_id=new[0])

    def _join(self) -> None:
        layer, below = self._layer(), self._below()
        if layer is not None and below is not None:
            self._studio.pieces.join((layer.id, below.id))
