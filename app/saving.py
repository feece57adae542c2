"""The open project's file: saved, saved under another name, and whether there is anything to save.

Knows the document and the project; what is done with a closed project is the studio's. Qt-free.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.hall import Hall
from app.recent import Recent
from core.errors import PenumbraError
from core.project_file import Project, abandoned, scratch_folder
from core.shot import Change
from core.signal import Signal

MOST_SESSIONS = 3
"""How many lost sessions are offered; more would hide the recent projects."""


class Saving:
    """See `widgets.saving.SavingRoom` for what each call promises.

    Args:
        project: where the open shot lies; `use` names another one.
        recent: what was opened or saved last.
    """

    def __init__(self, hall: Hall, project: Project, recent: Recent) -> None:
        self.changed: Signal[str] = Signal()
        self.unsaved = False
        self._hall, self._document, self._project, self._recent = hall, hall.document, project, recent
        self._sessions = project.path.parent if project.is_scratch else scratch_folder()
        hall.document.changed.connect(self._edited)

    def use(self, project: Project) -> None:
        """Another project is open now."""
        self._project = project
        self._say(unsaved=project.recovered > 0)

    @property
    def path(self) -> Path | None:
        return None if self._project.is_scratch else self._project.path

    @property
    def untouched(self) -> bool:
        """A nameless session in which nothing was done but open a plate: nothing to save, nothing to keep."""
        scratch = self._project.is_scratch and not self._project.recovered
        return scratch and self._document.steps <= 1 and not self._document.shot.layers

    def save(self) -> None:
        self._save(lambda: self._project.save(self._document.shot))

    def save_as(self, path: Path) -> None:
        self._save(lambda: self._project.save_as(path, self._document.shot))
        if not self._project.is_scratch:
            self._recent.add(self._project.path)

    def recent(self) -> tuple[Path, ...]:
        return (*abandoned(self._sessions)[:MOST_SESSIONS], *self._recent.all())

    def _save(self, write: Callable[[], None]) -> None:
        self.changed.emit("saving")
        try:
            write()
        except PenumbraError as error:
            self._hall.report(error)
            self._say(unsaved=True)
        else:
            self._say(unsaved=False)

    def _edited(self, _: Change) -> None:
        self._say(unsaved=bool(self._document.steps) and not self.untouched)

    def _say(self, *, unsaved: bool) -> None:
        self.unsaved = unsaved
        self.changed.emit("unsaved" if unsaved else "new" if self.untouched else "saved")
