"""Reference plates of plain dictionaries, for the widgets' tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.commands import AddPlate, RemovePlate
from core.document import Document
from core.frames import FrameNumber
from core.picture import Picture
from core.plate import Plate, PlateId
from core.signal import Signal


class FakeReferences:
    """Implements `widgets.references.References`; `asked` holds what was asked for, in order."""

    def __init__(self, document: Document) -> None:
        self.picture_ready: Signal[tuple[PlateId, FrameNumber]] = Signal()
        self.ask_color_space: Signal[tuple[Path, Sequence[str]]] = Signal()
        self.pictures: dict[tuple[PlateId, FrameNumber], Picture] = {}
        self.errors: dict[tuple[PlateId, FrameNumber], str] = {}
        self.asked: list[tuple[Any, ...]] = []
        self._document = document

    def put(self, plate: Plate, pictures: dict[FrameNumber, Picture]) -> Plate:
        """An `AddPlate` command with these pictures."""
        self._document.do(AddPlate(plate))
        for frame, picture in pictures.items():
            self.pictures[plate.id, frame] = picture
            self.picture_ready.emit((plate.id, frame))
        return plate

    def plates(self) -> tuple[Plate, ...]:
        return self._document.shot.plates[1:]

    def picture(self, plate_id: PlateId, frame: FrameNumber) -> Picture | None:
        present = any(plate.id == plate_id for plate in self.plates())
        return self.pictures.get((plate_id, frame)) if present else None

    def error(self, plate_id: PlateId, frame: FrameNumber) -> str:
        if all(plate.id != plate_id for plate in self.plates()):
            return "This reference plate is not in the shot any more. Choose another one."
        return self.errors.get((plate_id, frame), "")

    def placing(self, plate_id: PlateId) -> str:
        return "same frame numbers" if any(plate.id == plate_id for plate in self.plates()) else ""

    def add(self, path: Path, color_space: str | None = None) -> None:
        self.asked.append(("add", path, color_space))

    def remove(self, plate_id: PlateId) -> None:
        self.asked.append(("remove", plate_id))
        self._document.do(RemovePlate(plate_id))
