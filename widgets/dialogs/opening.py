"""The dialog that opens a plate or a project. A project is a folder: going into one is choosing it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

PROJECT, IN_PROJECT = ".penumbra", "project.json"
PICTURES = "*.exr *.png *.tif *.tiff *.jpg *.jpeg *.mov *.mp4 *.mkv *.mxf"
FILTERS = f"Pictures and projects ({PICTURES} *{PROJECT} {IN_PROJECT});;All files (*)"


def is_project(path: Path) -> bool:
    """Whether a folder looks like a project; opening it says more."""
    return path.suffix == PROJECT and (path / IN_PROJECT).is_file()


class OpenDialog(QFileDialog):
    """`chosen` is the plate's file or the project's folder; None when the dialog was cancelled."""

    def __init__(self, parent: QWidget | None, folder: Path) -> None:
        super().__init__(parent, "Open", str(folder), FILTERS)
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.chosen: Path | None = None
        self.fileSelected.connect(self._file)
        self.directoryEntered.connect(self._entered)

    def accept(self) -> None:
        named = self.selectedFiles()
        if named and is_project(Path(named[0])):
            self._entered(named[0])
        else:
            super().accept()

    def _file(self, name: str) -> None:
        path = Path(name)
        self.chosen = path.parent if path.name == IN_PROJECT else path

    def _entered(self, name: str) -> None:
        path = Path(name)
        if is_project(path):
            self.chosen = path
            self.done(QFileDialog.DialogCode.Accepted)
