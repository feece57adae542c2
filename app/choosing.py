"""Part, layer and view of the plate: what its files offer, and reading it another way.

Headers are read on workers; everything else is on the interface's thread. Qt-free.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.hall import Hall
from core.color import ColorConfig
from core.commands import ChangePlate
from core.plate import Plate
from core.plate_choices import PlateChoices, Reading, read_choices
from core.plate_reader import open_plate
from core.shot import Change, Touched
from core.signal import Signal


class Choosing:
    """Follows the document's plate: reads what it offers whenever it is another one."""

    def __init__(self, hall: Hall) -> None:
        self.changed: Signal[PlateChoices] = Signal()
        self.choices = PlateChoices()
        self._hall, self._document = hall, hall.document
        self._path: Path | None = None
        self._away = False
        self._asked = 0
        self._disconnect = hall.document.changed.connect(self._edited)
        self._follow()

    def _edited(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self._follow()

    def _follow(self) -> None:
        """Read what the plate offers, if it is another one."""
        plate = self._document.shot.plate
        path = plate.path if plate else None
        if path == self._path:
            return
        self._path = path
        self._away = False
        self._know(path, PlateChoices())
        if path is not None:
            self._ask(path)

    def _ask(self, path: Path) -> None:
        self._hall.run(
            lambda: read_choices(path), lambda found: self._know(path, found), lambda _error: self._gone(path)
        )

    def _gone(self, path: Path) -> None:
        """A plate that is away offers nothing; that it is away is said by others."""
        self._away = path == self._path

    def came_back(self) -> None:
        """A picture of the plate was read: look again if there was no plate when its choices were asked for."""
        if self._away and self._path is not None:
            self._away = False
            self._ask(self._path)

    def _know(self, path: Path | None, choices: PlateChoices) -> None:
        if path == self._path and choices != self.choices:
            self.choices = choices
            self.changed.emit(choices)

    def read_as(self, reading: Reading, color: ColorConfig) -> None:
        """Open the plate again with these names; one `ChangePlate` when it is known that it can be read."""
        plate = self._document.shot.plate
        if plate is None:
            return
        self._asked += 1
        asked = self._asked
        self._hall.run(
            lambda: open_plate(
                plate.path, color, color_space=plate.color_space, **reading._asdict(), plate_id=plate.id
            ),
            lambda opened: self._opened(asked, plate.path, opened),
        )

    def _opened(self, asked: int, path: Path, opened: Plate) -> None:
        """Only how it is read and its windows are taken over; the rest may have been edited meanwhile."""
        plate = self._document.shot.plate
        if asked != self._asked or plate is None or (plate.id, plate.path) != (opened.id, path):
            return
        now = replace(
            plate,
            part=opened.part,
            layer=opened.layer,
            view=opened.view,
            format=opened.format,
            data_window=opened.data_window,
        )
        if now != plate:
            self._document.do(ChangePlate(now))

    def close(self) -> None:
        """Follow no longer."""
        self._disconnect()
