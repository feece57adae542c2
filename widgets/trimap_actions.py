"""What the Matte menu does with trimaps: show them, say what the brush marks, forget what was marked here."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.trimap_commands import ClearTrimap
from core.trimap_mark import Mark
from widgets.actions import Actions
from widgets.studio import Studio
from widgets.view_state import Look, ViewState

ORDER = (Mark.UNKNOWN, Mark.INSIDE, Mark.OUTSIDE)


class TrimapActions:
    """Binds them, and enables only what can be done with the chosen layer."""

    def __init__(self, window: QWidget, studio: Studio, view: ViewState, actions: Actions) -> None:
        self._studio, self._view, self._actions = studio, view, actions
        actions.bind(
            {
                "matte.trimap": lambda: view.set(trimap=not view.look.trimap),
                "matte.trimap_mark": self._next_mark,
                "matte.trimap_clear": self._clear,
            }
        )
        forget = (view.changed.connect(self._looked), studio.document.changed.connect(lambda _change: self._enable()))
        window.destroyed.connect(lambda _gone=None: [call() for call in forget])
        self._enable()

    def _next_mark(self) -> None:
        """The next of unknown, inside, outside; it is shown, so that one sees what."""
        place = ORDER.index(self._view.look.trimap_mark)
        self._view.set(trimap_mark=ORDER[(place + 1) % len(ORDER)], trimap=True)

    def _clear(self) -> None:
        look = self._view.look
        self._studio.document.do(ClearTrimap(look.layer_id, look.frame))

    def _looked(self, _looks: tuple[Look, Look]) -> None:
        self._enable()

    def _enable(self) -> None:
        look = self._view.look
        layer = self._studio.document.shot.find(look.layer_id)
        self._actions["matte.trimap"].setChecked(look.trimap)
        self._actions["matte.trimap_clear"].setEnabled(
            layer is not None and not layer.locked and look.frame in layer.trimap
        )
