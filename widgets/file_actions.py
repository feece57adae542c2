"""What the File menu does: open, save, export, and the questions that go with them.

Paths are chosen here and handed to the studio; no file is read or written in this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from core.delivery import PRESETS
from core.errors import PenumbraError
from core.plate import PlateId
from widgets.actions import Actions
from widgets.dialogs.color_space import ColorSpaceDialog
from widgets.dialogs.export import ExportDialog
from widgets.dialogs.opening import OpenDialog
from widgets.dialogs.unsaved import OFFERED_AGAIN, THROWN_AWAY, Answer, ask_stop, ask_unsaved
from widgets.studio import Message, Severity, Studio
from widgets.view_state import ViewState

SUFFIX = ".penumbra"


class FileActions:
    """Binds the actions of File. `window` is the parent of the dialogs."""

    def __init__(self, window: QWidget, studio: Studio, view: ViewState, actions: Actions) -> None:
        self._window, self._studio, self._view = window, studio, view
        self._folder = Path.home()
        self._exported: dict[PlateId, tuple[Path, str]] = {}
        """Where a plate's mattes went last, and as which preset."""
        self.discarded = False
        """Whether the artist chose not to save when the window was closed."""
        actions.bind(
            {
                "file.open": self._choose_file,
                "file.open_folder": self._choose_folder,
                "file.open_sample": self._open_sample,
                "file.save": self.save,
                "file.save_as": self.save_as,
                "file.export": self.export,
                "file.quit": window.close,
            }
        )
        studio.ask_color_space.connect(lambda asked: self.ask_color_space(*asked))

    @property
    def name(self) -> str:
        """What the open work is called."""
        project, plate = self._studio.saving.path, self._studio.document.shot.plate
        if project is not None:
            return project.stem
        return plate.name if plate is not None else "Untitled"

    def open_path(self, path: Path) -> None:
        """Open a plate or project, after asking about what is unsaved."""
        if self.may_leave():
            self._folder = path.parent
            self._studio.open(path)

    def save(self) -> bool:
        """Save; ask for a name where there is none. False when it was not saved."""
        if self._studio.saving.path is None:
            return self.save_as()
        return self._saved(self._studio.saving.path, new=False)

    def save_as(self) -> bool:
        """Ask for a name and save there."""
        start = self._studio.saving.path or self._folder / f"{self.name}{SUFFIX}"
        chosen, _filter = QFileDialog.getSaveFileName(
            self._window, "Save project as", str(start), f"Penumbra project (*{SUFFIX})"
        )
        if not chosen:
            return False
        path = Path(chosen)
        return self._saved(path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX), new=True)

    def may_leave(self) -> bool:
        """Whether the open work may be left: saved, discarded on purpose, or nothing to save."""
        self.discarded = False
        if not self._studio.saving.unsaved or self._studio.document.shot.plate is None:
            return True
        consequence = THROWN_AWAY if self._studio.saving.path is None else OFFERED_AGAIN
        answer = ask_unsaved(self._window, self.name, consequence)
        if answer is Answer.SAVE:
            return self.save()
        self.discarded = answer is Answer.DISCARD
        return self.discarded

    def may_close(self) -> bool:
        """Whether the window may go: nothing is being written, or that may be stopped; and the work may be left."""
        writing = [job for job in self._studio.jobs() if job.kind == "export" and not job.state.ended]
        if (writing and not ask_stop(self._window, writing[0].title)) or not self.may_leave():
            return False
        for job in writing:
            self._studio.cancel(job.id)
        return True

    def export(self) -> None:
        """The export dialog for the chosen layer."""
        shot = self._studio.document.shot
        project = self._studio.saving.path
        plate_id = shot.plate.id if shot.plate is not None else ""
        first = (project.parent if project is not None else self._folder, PRESETS[0].id)
        folder, kind = self._exported.get(plate_id, first)
        look = self._view.look
        dialog = ExportDialog(
            shot, folder, look.layer_id, self._window, kind=kind, display=look.display, view=look.view
        )

        def accepted() -> None:
            if dialog.plan is not None:
                self._exported[plate_id] = (Path(dialog.folder.text().strip()), dialog.preset.id)
                self._studio.export(dialog.plan)

        dialog.accepted.connect(accepted)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def ask_color_space(self, path: Path, spaces: Sequence[str]) -> None:
        """Ask, and open again with the answer."""
        dialog = ColorSpaceDialog(path, spaces, self._window)
        dialog.accepted.connect(lambda: self._studio.open(path, dialog.space))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _saved(self, path: Path, *, new: bool) -> bool:
        try:
            if new:
                self._studio.saving.save_as(path)
            else:
                self._studio.saving.save()
        except PenumbraError as error:
            self._studio.message.emit(Message(Severity.ERROR, error.sentence))
            return False
        return not self._studio.saving.unsaved

    def _choose_file(self) -> None:
        dialog = OpenDialog(self._window, self._folder)
        dialog.exec()
        dialog.deleteLater()
        if dialog.chosen is not None:
            self.open_path(dialog.chosen)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, "Open the sequence or project in", str(self._folder))
        if chosen:
            self.open_path(Path(chosen))

    def _open_sample(self) -> None:
        if self.may_leave():
            self._studio.open_sample()
