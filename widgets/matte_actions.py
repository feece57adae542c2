"""What the Matte menu does: propagate, teach, refine and finish the chosen layer, and take it apart.

Asks the studio; computes nothing.
"""

from __future__ import annotations

from core.frames import FrameRange
from core.layer import Layer
from widgets.actions import Actions
from widgets.finish_actions import FinishActions
from widgets.panels.teach import TeachPanel
from widgets.piece_actions import PieceActions
from widgets.playback_actions import PlaybackActions
from widgets.shape_actions import ShapeActions
from widgets.studio import Studio
from widgets.view_state import ViewState
from widgets.viewport.viewport import Viewport


class MatteActions:
    """Binds the actions of Matte."""

    def __init__(
        self,
        studio: Studio,
        view: ViewState,
        actions: Actions,
        teach: TeachPanel,
        steps: PlaybackActions,
        viewport: Viewport,
    ) -> None:
        self._studio, self._view, self._actions, self._steps = studio, view, actions, steps
        self._teach, self._viewport = teach, viewport
        studio.jobs_changed.connect(lambda _jobs: self._enable_pause())
        self._finish = FinishActions(studio, view, actions)
        self._pieces = PieceActions(studio, view, actions, viewport)
        self.shapes = ShapeActions(viewport, studio, view, actions)
        actions.bind(
            {
                "matte.propagate": self._propagate,
                "matte.propagate_back": lambda: self._propagate_one(-1),
                "matte.propagate_forward": lambda: self._propagate_one(1),
                "matte.teach": teach.teach,
                "matte.teach_live": self._teach_live,
                "matte.teach_pause": teach.toggle_pause,
                "matte.teach_sheet": teach.show_sheet,
                "matte.refine": self._refine,
                "matte.like": self._like,
                "matte.models": studio.refresh_models,
            }
        )

    def enable(self) -> None:
        """Only what can be done with the chosen layer."""
        layer = self._layer()
        authored = layer is not None and bool(layer.key_frames)
        for name in ("propagate", "propagate_back", "propagate_forward", "teach", "teach_sheet", "refine", "like"):
            self._actions[f"matte.{name}"].setEnabled(authored)
        live = self._actions["matte.teach_live"]
        live.setEnabled(layer is not None)
        live.setChecked(layer is not None and layer.live)
        self._enable_pause()
        self._finish.enable()
        self._pieces.enable()
        self.shapes.enable()

    def _teach_live(self) -> None:
        self._teach.toggle_live()
        self.enable()  # a locked layer refuses

    def _enable_pause(self) -> None:
        running = self._teach.running
        pause = self._actions["matte.teach_pause"]
        pause.setEnabled(running is not None and running.can_pause)
        pause.setText("Go on teaching" if running is not None and running.paused else "Pause Teach")

    def _layer(self) -> Layer | None:
        chosen = self._view.look.layer_id
        return self._studio.document.shot.find(chosen)

    def _propagate(self) -> None:
        layer = self._layer()
        if layer is not None:
            self._studio.propagate(layer.id)

    def _propagate_one(self, direction: int) -> None:
        """The neighbouring frame only, and go there: how an artist walks a difficult passage."""
        layer, plate = self._layer(), self._studio.document.shot.plate
        frame = self._view.look.frame + direction
        if layer is not None and plate is not None and frame in plate.frames:
            if frame not in layer.key_frames:
                self._studio.propagate(layer.id, FrameRange(frame, frame))
            self._steps.step(direction)

    def _refine(self) -> None:
        layer = self._layer()
        if layer is not None:
            place = self._viewport.framing.places[0]
            self._studio.refine(layer.id, seen=place.projection.window_under(place.rect))

    def _like(self) -> None:
        layer = self._layer()
        if layer is not None:
            self._studio.like.select(layer.id, self._view.look.frame)
