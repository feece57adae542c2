"""What is on show now: the scene, the stroke under the hand, and the last picture while the next one is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer

from core.frames import FrameNumber
from core.geometry import Window
from core.layer import LayerId
from core.painting import StrokePainter
from core.plate import PlateId
from core.plate_layers import Shown
from widgets.seen import Seen
from widgets.tools.target import new_layer
from widgets.view_state import Look, MissingFrame, ViewState
from widgets.viewport.bakery import Bakery
from widgets.viewport.difference_meter import DifferenceMeter
from widgets.viewport.overlay import LiveCoverage
from widgets.viewport.scene import Scene, SceneBuilder
from widgets.viewport.sides import Live
from widgets.viewport.warnings import Warnings

PATIENCE_MS = 150
"""How long the last picture stays while the next one is read; after that the viewport says it is reading."""


class Stage:
    """Builds a scene when it is asked for one after a change.

    Args:
        on_change: called whenever something may look different.
        on_stroke_gone: called when the live stroke is no longer shown.
        busy: whether a gesture is under way; its stroke stays although mattes arrive.
    """

    def __init__(
        self,
        studio: Seen,
        view: ViewState,
        on_change: Callable[[], None],
        on_stroke_gone: Callable[[], None],
        busy: Callable[[], bool],
    ) -> None:
        self._meter = DifferenceMeter()
        self._meter.measured.connect(self.renew)
        self._warnings, self._bakery = Warnings(), Bakery()
        self._warnings.counted.connect(self.renew)
        self._bakery.baked.connect(self.renew)
        self.baked = self._bakery.baked
        """A view that was asked for can be shown: scenes of all frames look different."""
        self.builder = SceneBuilder(studio, meter=self._meter, warnings=self._warnings, bakery=self._bakery)
        self.live: Live | None = None
        self._studio = studio
        self._view = view
        self._on_change = on_change
        self._on_stroke_gone = on_stroke_gone
        self._busy = busy
        self._scene: Scene | None = None
        self._held: Scene | None = None
        self._patience = QTimer()
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._lose_patience)
        self._listening = (
            studio.picture_ready.connect(self._picture_ready),
            studio.matte_ready.connect(self._matte_ready),
            studio.foregrounds.ready.connect(lambda _layer_id: self.renew()),
            studio.trimaps.changed.connect(lambda _layer_id: self.renew()),
            studio.preview_ready.connect(self._preview_ready),
            studio.references.picture_ready.connect(self._reference_ready),
            studio.takes_changed.connect(lambda _layer_id: self.renew()),
            studio.looking.picture_ready.connect(self._looked_at_ready),
            studio.colors.changed.connect(lambda _color: self.renew()),
            studio.judging.changed.connect(self._judged),
        )

    def close(self) -> None:
        """Stop listening."""
        for stop in self._listening:
            stop()
        self._patience.stop()
        self._meter.close()
        self._warnings.close()
        self._bakery.close()
        self._on_change = _nothing  # what a worker had posted before may still arrive

    @property
    def scene(self) -> Scene:
        """What is true now."""
        if self._scene is None:
            self._scene = self.builder.build(self._view.look, self.live)
            if not self._scene.waiting:
                self._patience.stop()
                self._held = None
            elif self._held is not None and not self._patience.isActive():
                self._patience.start()
        return self._scene

    @property
    def shown(self) -> Scene:
        """What is drawn now: for a moment still the last picture, while the true one is being read."""
        scene, held = self.scene, self._held
        if scene.waiting and held is not None and held.look.compare is scene.look.compare:
            return held
        return scene

    def renew(self) -> None:
        """Something changed: the next look builds the scene anew."""
        if self._scene is not None and self._scene.picture is not None and not self._scene.waiting:
            self._held = self._scene
        self._scene = None
        self._on_change()

    # --- the stroke under the hand ------------------------------------------------------------------------------
    def begin_stroke(self, painter: StrokePainter) -> None:
        """Show the chosen layer's matte with this stroke over it; a layer yet to be made shows the stroke alone."""
        self.drop_stroke()
        shot, look = self._studio.document.shot, self._view.look
        layer = shot.find(look.layer_id)
        ground = self._studio.matte(layer.id, look.frame)[0] if layer is not None else None
        color = layer.color if layer is not None else new_layer(shot).color
        inverted = layer is not None and layer.finish.at(look.frame).inverted
        coverage = LiveCoverage(ground, painter, inverted=inverted)
        self.live = Live(layer.id if layer is not None else "", look.frame, color, coverage)
        self._scene = None  # nothing looks different before the first dab

    def patch(self, changed: Window) -> None:
        """The painter painted inside this plate window."""
        if self.live is not None:
            self.live.coverage.patch(changed)

    def drop_stroke(self) -> None:
        """Show the mattes as the studio has them."""
        if self.live is not None:
            self.live = None
            self._on_stroke_gone()
            self.renew()

    def drop_stroke_of(self, layer_id: LayerId) -> None:
        """The same, if the stroke is this layer's; empty for whatever layer."""
        if self.live is not None and layer_id in ("", self.live.layer_id):
            self.drop_stroke()

    def keep_stroke(self, live: Live | None, look: Look) -> None:
        """After the stroke became a command: show it until the matte that holds it is there."""
        if live is None:
            return
        matte, fresh = self._studio.matte(look.layer_id, live.frame)
        if fresh and matte is not None and matte.coverage is not live.coverage.ground_origin:
            self.drop_stroke()
        else:
            self.live = replace(live, layer_id=look.layer_id)
            self.renew()

    # --- what came ----------------------------------------------------------------------------------------------
    def _picture_ready(self, frame: FrameNumber) -> None:
        look = self._view.look
        if frame == look.frame or (look.missing is MissingFrame.HOLD and self.scene.picture is None):
            self.renew()

    def _looked_at_ready(self, ready: tuple[Shown, FrameNumber]) -> None:
        if ready[0] == self._view.look.shown and self.scene.waiting:
            self.renew()

    def _matte_ready(self, ready: tuple[LayerId, FrameNumber]) -> None:
        layer_id, frame = ready
        if frame == self._view.look.frame:
            if not self._busy():
                self.drop_stroke_of(layer_id)
            self.renew()
        elif self._view.look.onion and abs(frame - self._view.look.frame) == 1:
            self.renew()

    def _reference_ready(self, ready: tuple[PlateId, FrameNumber]) -> None:
        if ready[1] == self._view.look.frame:
            self.renew()

    def _judged(self, layer_id: LayerId) -> None:
        if self._view.look.chatter and layer_id == self._view.look.layer_id:
            self.renew()

    def _preview_ready(self, ready: tuple[LayerId, FrameNumber]) -> None:
        if ready[1] == self._view.look.frame:
            self.renew()

    def _lose_patience(self) -> None:
        self._held = None
        self._on_change()


def _nothing() -> None:
    """Nobody looks any more."""
