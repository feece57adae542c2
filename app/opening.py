"""Open what the artist points at: a plate, a project, the sample shot. Read on a worker; refusals are sentences.

Knows files and what is said about them. What is done with an opened plate or project is the studio's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from app.hall import Hall
from core.color import ColorConfig
from core.errors import PenumbraError
from core.jobs import JobState
from core.plate import Plate
from core.plate_reader import ColorSpaceNeeded, open_plate
from core.project_file import Project, is_project
from core.signal import Signal
from widgets.studio import Message, Severity


class Opening:
    """See `Studio.open` and `Studio.open_sample`.

    Args:
        on_plate, on_project: put it into the document, on the interface's thread; with the path that was given.
        sample: makes the sample shot and returns its plate's path; None where there is none.
    """

    def __init__(
        self,
        hall: Hall,
        on_plate: Callable[[Path, Plate], None],
        on_project: Callable[[Path, Project], None],
        say: Callable[[Message], None],
        sample: Callable[[], Path] | None,
    ) -> None:
        self.ask_color_space: Signal[tuple[Path, Sequence[str]]] = Signal()
        self._hall, self._say, self._sample = hall, say, sample
        self._on_plate, self._on_project = on_plate, on_project

    def open(self, path: Path, color_space: str | None = None) -> None:
        """A plate or a project, on a worker; errors arrive as messages."""
        if is_project(path):
            self._hall.run(lambda: open_project(path), lambda project: self._opened_project(path, project))
            return
        color = self._hall.color()
        self._hall.run(
            lambda: open_plate(path, color, color_space=color_space),
            lambda plate: self._opened_plate(path, plate),
            lambda error: self._refused(path, error),
        )

    def _opened_project(self, path: Path, project: Project) -> None:
        recovered = project.recovered
        self._on_project(path, project)
        if recovered:
            edits = f"{recovered} edits made after the last save were recovered."
            self._hall.said(f"{path.name}: {edits} Save to keep them for good.")
        if project.damage is not None:
            self._hall.report(project.damage)
        self._say_missing()

    def _opened_plate(self, path: Path, plate: Plate) -> None:
        self._on_plate(path, plate)
        self._say_missing()

    def _say_missing(self) -> None:
        """Which frames of the plate have no file. A plate that is away may come back."""
        loader = self._hall.bench().loader
        if loader is None or not loader.missing:
            return
        plate, missing = loader.plate, sorted(loader.missing)
        text = f"{plate.name}: {len(missing)} of {len(plate.frames)} frames are missing, the first is {missing[0]}."
        if len(missing) == len(plate.frames):
            text = f"{plate.path}: the plate is not there. All work on it is kept, and its frames are shown when it is."
        self._hall.said(text, ", ".join(map(str, missing)), well=False)

    def _refused(self, path: Path, error: PenumbraError) -> None:
        if isinstance(error, ColorSpaceNeeded):
            self.ask_color_space.emit((path, tuple(self._hall.color().spaces)))
        else:
            self._hall.report(error)

    def open_sample(self) -> None:
        """Make the sample shot if it is not there, and open it."""
        if self._sample is None:
            self._say(Message(Severity.ERROR, "The sample shot does not come with this installation."))
            return
        job = self._hall.board.open("load", "Make the sample shot")
        self._hall.board.update(job, JobState.RUNNING, math.nan, "rendering on first use, half a minute at most")

        def made(path: Path) -> None:
            self._hall.board.update(job, JobState.DONE, 1.0, "")
            self.open(path)

        def failed(error: PenumbraError) -> None:
            self._hall.board.update(job, JobState.FAILED, message=error.sentence)
            self._hall.report(error)

        self._hall.run(self._sample, made, failed)


def open_project(path: Path) -> Project:
    """A project all of whose parts can be used. Raises PenumbraError; it is closed then."""
    project = Project.open(path)
    try:
        ColorConfig.load(project.shot.color_config)
    except PenumbraError:
        project.close()
        raise
    return project
