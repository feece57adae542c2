"""What the Matte menu does to the shape of mattes: on every frame by the layer's finish, or on this frame by hand.

Edits by commands; computes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from core.finish import Finish
from core.finish_commands import FinishFrame, SetFinish
from core.layer import Layer
from widgets.actions import Actions
from widgets.studio import Message, Severity, Studio
from widgets.view_state import ViewState

STEP_PX = 0.5
"""How far one press grows or shrinks."""
SMALL_PART = 2000
"""On one frame, what is smaller than this part of the picture is a hole or a speck, where the layer says nothing."""
EVERY_FRAME = ("grow", "shrink", "invert")
THIS_FRAME = ("fill_holes", "remove_specks", "grow_frame", "shrink_frame", "invert_frame")


class FinishActions:
    """Binds them, and enables only what can be done with the chosen layer."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions) -> None:
        self._studio, self._view, self._actions = studio, view, actions
        actions.bind(
            {
                "matte.grow": lambda: self._every(grow_px=STEP_PX),
                "matte.shrink": lambda: self._every(grow_px=-STEP_PX),
                "matte.invert": self._invert,
                "matte.fill_holes": lambda: self._here(Finish(holes_px2=self._size("holes_px2"))),
                "matte.remove_specks": lambda: self._here(Finish(specks_px2=self._size("specks_px2"))),
                "matte.grow_frame": lambda: self._here(Finish(grow_px=STEP_PX)),
                "matte.shrink_frame": lambda: self._here(Finish(grow_px=-STEP_PX)),
                "matte.invert_frame": lambda: self._here(Finish(inverted=True)),
            }
        )

    def enable(self) -> None:
        """An edit of one frame needs a layer with mattes; whether there is one here is asked when it is done."""
        layer = self._layer()
        authored = layer is not None and bool(layer.key_frames)
        for name in EVERY_FRAME:
            self._actions[f"matte.{name}"].setEnabled(layer is not None)
        for name in THIS_FRAME:
            self._actions[f"matte.{name}"].setEnabled(authored)
        self._actions["matte.invert"].setChecked(layer is not None and layer.finish.inverted)

    def _layer(self) -> Layer | None:
        return self._studio.document.shot.find(self._view.look.layer_id)

    def _every(self, grow_px: float) -> None:
        layer = self._layer()
        if layer is not None:
            finish = replace(layer.finish, grow_px=layer.finish.grow_px + grow_px)
            self._studio.document.do(SetFinish(layer.id, finish))

    def _invert(self) -> None:
        layer = self._layer()
        if layer is not None:
            finish = replace(layer.finish, inverted=not layer.finish.inverted)
            self._studio.document.do(SetFinish(layer.id, finish))

    def _size(self, name: str) -> int:
        """As large as the layer's finish says, else a small part of the picture."""
        layer, plate = self._layer(), self._studio.document.shot.plate
        wanted = getattr(layer.finish, name) if layer is not None else 0
        return int(wanted) or (max(1, plate.canvas.pixels // SMALL_PART) if plate is not None else 0)

    def _here(self, finish: Finish) -> None:
        layer, frame = self._layer(), self._view.look.frame
        if layer is None:
            return
        if layer.locked:
            self._studio.message.emit(
                Message(Severity.INFO, f"{layer.name} is locked. Unlock it to change its mattes.")
            )
            return
        if self._studio.matte(layer.id, frame)[0] is None:
            self._studio.message.emit(Message(Severity.INFO, f"{layer.name} has no matte on frame {frame} yet."))
            return
        base = self._studio.shown_key(layer.id, frame)
        self._studio.document.do(FinishFrame(layer.id, frame, finish, base))
