"""Takes and imports for the widgets' tests: a list that can be edited, and requests written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from core.commands import PutBack
from core.document import Document
from core.frames import FrameNumber
from core.layer import LayerId
from core.matte_reader import LIKELIEST, MatteChannel
from core.signal import Signal
from core.take import TakeId
from widgets.studio import TakeInfo


class Shelf(Protocol):
    """What of the fake studio the fake takes edit."""

    document: Document
    take_list: list[TakeInfo]


class FakeTaking:
    """Implements `widgets.takes.TakeRoom`."""

    def __init__(self, studio: Shelf) -> None:
        self.changed: Signal[LayerId] = Signal()
        self._studio = studio

    def rename(self, take_id: TakeId, name: str) -> None:
        takes = self._studio.take_list
        takes[:] = [replace(take, name=name) if take.id == take_id else take for take in takes]
        self.changed.emit(takes[0].layer_id)

    def remove(self, take_id: TakeId) -> None:
        takes = self._studio.take_list
        gone = next(take for take in takes if take.id == take_id)
        takes.remove(gone)
        self.changed.emit(gone.layer_id)

    def put_back(self, take_id: TakeId) -> None:
        take = next(take for take in self._studio.take_list if take.id == take_id)
        layer = self._studio.document.shot.layer(take.layer_id)
        self._studio.document.do(PutBack(layer.id, layer, take.name))


class FakeImporting:
    """Implements `widgets.takes.ImportRoom`; `offered` is what files are said to have."""

    def __init__(self) -> None:
        self.offered: tuple[MatteChannel, ...] = (MatteChannel("A"),)
        self.asked: list[tuple[Any, ...]] = []

    def channels(self, path: Path, found: Callable[[tuple[MatteChannel, ...]], None]) -> None:
        self.asked.append(("channels", path))
        found(self.offered)

    def matte(
        self, layer_id: LayerId, path: Path, channel: MatteChannel = LIKELIEST, playhead: FrameNumber = 0
    ) -> None:
        self.asked.append(("matte", layer_id, path, channel, playhead))

    def channel(self, layer_id: LayerId, channel: MatteChannel) -> None:
        self.asked.append(("channel", layer_id, channel))
