"""What the Review menu does: a status for this frame, its note, the next mark, the export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from core.review import ReviewStatus
from widgets.actions import Actions
from widgets.dialogs.review_export import ReviewExportDialog
from widgets.panels.review import STATUSES, ReviewPanel
from widgets.studio import Studio
from widgets.view_state import Look, ViewState


class ReviewActions:
    """Binds the actions of Review. `show_panel` brings the panel to the front; `window` is the dialog's parent."""

    def __init__(
        self,
        window: QWidget,
        studio: Studio,
        view: ViewState,
        actions: Actions,
        panel: ReviewPanel,
        show_panel: Callable[[], None],
    ) -> None:
        self._window, self._studio, self._view, self._actions, self._panel = window, studio, view, actions, panel
        self._show_panel = show_panel
        actions.bind(
            {
                **{action_id: self._status_call(status) for action_id, status in STATUSES},
                "review.note": self._write_note,
                "review.next": lambda: panel.step(1),
                "review.previous": lambda: panel.step(-1),
                "review.whole": lambda: view.set(review_whole=not view.look.review_whole),
                "review.clear_drawing": panel.clear_drawing,
                "view.drawings": lambda: view.set(drawings=not view.look.drawings),
                "file.export_review": self.export,
            }
        )
        view.changed.connect(self._looked)
        self._tick(view.look)

    def export(self) -> None:
        """The export dialog; its plan becomes a job."""
        self._panel.note.keep()
        shot, project = self._studio.document.shot, self._studio.saving.path
        if shot.plate is None:
            return
        folder = project.parent if project is not None else Path.home()
        takes = [(take.id, take.name) for layer in shot.layers for take in self._studio.takes(layer.id)]
        dialog = ReviewExportDialog(shot, self._view.look, self._panel.table.wanted(), takes, folder, self._window)

        def accepted() -> None:
            if dialog.plan is not None:
                self._studio.reviewing.export(dialog.plan)

        dialog.accepted.connect(accepted)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _write_note(self) -> None:
        if not self._panel.note.hasFocus():
            self._show_panel()
        self._panel.note.toggle()

    def _status_call(self, status: ReviewStatus) -> Callable[[], None]:
        return lambda: self._panel.set_status(status)

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].drawings != change[1].drawings or change[0].review_whole != change[1].review_whole:
            self._tick(change[1])

    def _tick(self, look: Look) -> None:
        self._actions["view.drawings"].setChecked(look.drawings)
        self._actions["review.whole"].setChecked(look.review_whole)
