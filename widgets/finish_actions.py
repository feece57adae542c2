"""What the Matte menu does to the shape of mattes: on every frame by the layer's finish, or on this frame by hand; and
the colors of their comps.

Edits by commands; computes nothing.
"""

from __future__ import annotations

from core.finish import Finish
from core.finish_commands import FinishFrame, SetFinish
from core.finish_steps import FillHoles, RemoveSpecks
from core.foreground.commands import SetForeground
from core.layer import Layer
from widgets.actions import Actions
from widgets.review import seal_words
from widgets.studio import Message, Severity, Studio
from widgets.view_state import ViewState

STEP_PX = 0.5
"""How far one press grows or shrinks."""
SMALL_PART = 2000
"""On one frame, what is smaller than this part of the picture is a hole or a speck, where the layer says nothing."""
EVERY_FRAME = ("grow", "shrink", "invert", "foreground")
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
                "matte.foreground": self._foreground,
                "matte.fill_holes": lambda: self._here(Finish.of(holes_px2=self._size(FillHoles))),
                "matte.remove_specks": lambda: self._here(Finish.of(specks_px2=self._size(RemoveSpecks))),
                "matte.grow_frame": lambda: self._here(Finish.of(grow_px=STEP_PX)),
                "matte.shrink_frame": lambda: self._here(Finish.of(grow_px=-STEP_PX)),
                "matte.invert_frame": lambda: self._here(Finish.of(inverted=True)),
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
        self._actions["matte.foreground"].setChecked(layer is not None and layer.foreground.estimates)

    def _layer(self) -> Layer | None:
        return self._studio.document.shot.find(self._view.look.layer_id)

    def _every(self, grow_px: float) -> None:
        layer = self._layer()
        if layer is not None:
            self._studio.document.do(SetFinish(layer.id, layer.finish.with_grown(grow_px)))

    def _invert(self) -> None:
        layer = self._layer()
        if layer is not None:
            self._studio.document.do(SetFinish(layer.id, layer.finish.with_turned()))

    def _foreground(self) -> None:
        layer = self._layer()
        if layer is not None:
            foreground = layer.foreground.with_estimate(on=not layer.foreground.estimates)
            self._studio.document.do(SetForeground(layer.id, foreground))

    def _size(self, kind: type[FillHoles] | type[RemoveSpecks]) -> int:
        """As large as the layer's finish says, else a small part of the picture."""
        layer, plate = self._layer(), self._studio.document.shot.plate
        steps = layer.finish.active if layer is not None else ()
        wanted = max((step.most_px2 for step in steps if isinstance(step, kind)), default=0)
        return wanted or (max(1, plate.canvas.pixels // SMALL_PART) if plate is not None else 0)

    def _here(self, finish: Finish) -> None:
        layer, frame = self._layer(), self._view.look.frame
        if layer is None:
            return
        if layer.locked:
            self._studio.message.emit(
                Message(Severity.INFO, f"{layer.name} is locked. Unlock it to change its mattes.")
            )
            return
        if sealed := seal_words(self._studio.document.shot, layer.id, frame):
            self._studio.message.emit(Message(Severity.INFO, f"{layer.name}, frame {frame}. {sealed}"))
            return
        if self._studio.matte(layer.id, frame)[0] is None:
            self._studio.message.emit(Message(Severity.INFO, f"{layer.name} has no matte on frame {frame} yet."))
            return
        base = self._studio.shown_key(layer.id, frame)
        self._studio.document.do(FinishFrame(layer.id, frame, finish, base))
