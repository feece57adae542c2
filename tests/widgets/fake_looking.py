"""Other layers of the plate's files and color configs of plain dictionaries, for the widgets' tests."""

from __future__ import annotations

from typing import Any

from core.color import ColorConfig
from core.document import Document
from core.frames import FrameNumber
from core.picture import Picture
from core.plate_layers import Shown
from core.signal import Signal
from core.stored_values import StoredValues


class FakeLooking:
    """Implements `widgets.looking.LookingRoom`."""

    def __init__(self) -> None:
        self.picture_ready: Signal[tuple[Shown, FrameNumber]] = Signal()
        self.stored_ready: Signal[tuple[Shown, FrameNumber]] = Signal()
        self.pictures: dict[tuple[Shown, FrameNumber], Picture] = {}
        self.errors: dict[tuple[Shown, FrameNumber], str] = {}
        self.values: dict[tuple[Shown, FrameNumber], StoredValues] = {}
        self.stopped = 0

    def put(self, shown: Shown, frame: FrameNumber, picture: Picture) -> None:
        self.pictures[shown, frame] = picture
        self.picture_ready.emit((shown, frame))

    def picture(self, shown: Shown, frame: FrameNumber) -> Picture | None:
        return self.pictures.get((shown, frame))

    def error(self, shown: Shown, frame: FrameNumber) -> str:
        return self.errors.get((shown, frame), "")

    def stop(self) -> None:
        self.stopped += 1

    def stored(self, shown: Shown, frame: FrameNumber) -> StoredValues | None:
        return self.values.get((shown, frame))


class FakeColors:
    """Implements `widgets.color_room.ColorRoom`; `asked` holds what was asked for, in order."""

    def __init__(self, document: Document) -> None:
        self.changed: Signal[ColorConfig] = Signal()
        self.reason_changed: Signal[str] = Signal()
        self.asked: list[tuple[Any, ...]] = []
        self.reason = "The file does not say."
        self.suggested = "ACEScg"
        self._document = document

    def choose(self, config: str) -> None:
        self.asked.append(("choose", config))

    def reload(self) -> None:
        self.asked.append(("reload",))
