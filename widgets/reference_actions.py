"""Adding and removing reference plates: the File menu's part, and the question what color a picture is in.

Paths are chosen here and handed to the studio; no file is read in this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from widgets.actions import Actions
from widgets.dialogs.color_space import ColorSpaceDialog
from widgets.dialogs.opening import PICTURES
from widgets.studio import Studio

FILTERS = f"Pictures ({PICTURES});;All files (*)"


class ReferenceActions:
    """Binds `file.add_reference`, and fills `menu` with the references that can be removed each time it opens."""

    def __init__(self, window: QWidget, studio: Studio, actions: Actions, menu: QMenu) -> None:
        self._window, self._studio, self._menu = window, studio, menu
        self._folder: Path | None = None
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        actions.bind({"file.add_reference": self._choose})
        forget = studio.references.ask_color_space.connect(lambda asked: self.ask_color_space(*asked))
        window.destroyed.connect(lambda _gone=None: forget())

    def ask_color_space(self, path: Path, spaces: Sequence[str]) -> None:
        """Ask, and add with the answer."""
        dialog = ColorSpaceDialog(path, spaces, self._window)
        dialog.accepted.connect(lambda: self._studio.references.add(path, dialog.space))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _choose(self) -> None:
        plate = self._studio.document.shot.plate
        if plate is None:
            return
        start = self._folder or plate.path.parent
        chosen, _filter = QFileDialog.getOpenFileName(self._window, "Add reference plate", str(start), FILTERS)
        if chosen:
            self._folder = Path(chosen).parent
            self._studio.references.add(Path(chosen))

    def _fill(self) -> None:
        self._menu.clear()
        references = self._studio.references
        for plate in references.plates():
            action = self._menu.addAction(plate.name.replace("&", "&&"), partial(references.remove, plate.id))
            action.setToolTip(f"{plate.path}\n{references.placing(plate.id)}")
        if self._menu.isEmpty():
            self._menu.addAction("There are none").setEnabled(False)
