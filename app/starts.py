"""The room of Teach's beginnings: the show's models there are, and the one the artist chose to begin with.

Disks are read on a worker. Knows where models are published; knows neither Qt nor what is in their numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.hall import Hall
from core.disk import cause
from core.errors import PenumbraError, ProjectError
from core.show_models import models_of
from core.signal import Signal
from widgets.starts import Start

Found = tuple[Start, ...]


class Starts:
    """See `widgets.starts.StartRoom` for what each call promises.

    Args:
        stores: the folders of the project's corrections and of the show's; they need not be there.
    """

    def __init__(self, hall: Hall, stores: Callable[[], tuple[Path, ...]]) -> None:
        self.changed: Signal[None] = Signal()
        self.offered: Found = ()
        self.chosen = ""
        self._hall, self._stores = hall, stores
        self._looked_in: tuple[Path, ...] = ()
        self._numbers = b""

    @property
    def numbers(self) -> bytes:
        """Of the chosen model, once they are read; empty for as it came."""
        return self._numbers

    def refresh(self) -> None:
        self._looked_in = stores = self._stores()
        self._hall.run(lambda: _found(stores), lambda found: self._came(stores, found), self._hall.report)

    def choose(self, start_id: str) -> None:
        self.chosen, self._numbers = start_id, b""
        if start_id:
            self._hall.run(lambda: _read(start_id), lambda read: self._taken(start_id, read), self._refused)
        self.changed.emit(None)

    def _came(self, stores: tuple[Path, ...], found: Found) -> None:
        if stores != self._looked_in:
            return
        self.offered = found
        if self.chosen and self.chosen not in {start.id for start in found}:
            self.choose("")  # another project is open, or it was removed
        self.changed.emit(None)

    def _taken(self, start_id: str, read: bytes) -> None:
        if self.chosen == start_id:
            self._numbers = read

    def _refused(self, error: PenumbraError) -> None:
        self.choose("")
        self._hall.report(error)


def _found(stores: tuple[Path, ...]) -> Found:
    """Raises ProjectError where a folder cannot be listed."""
    found: list[Start] = []
    for store in stores:
        models = models_of(store)
        try:
            current = models.current
            found += [Start(str(models.path / each.name), each, each == current) for each in models.all()]
        except OSError as error:
            raise ProjectError(models.path, why=cause(error), hint="Look again when the folder is there.") from error
    newest = sorted(found, key=lambda start: start.model.made, reverse=True)
    return tuple(sorted(newest, key=lambda start: not start.current))


def _read(start_id: str) -> bytes:
    """Raises ProjectError."""
    path = Path(start_id)
    return models_of(path.parent).numbers(path.name)
