"""Teaching of plain values: what the widgets' tests look at and talk to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.adapter_commands import TeachLive
from core.arrays import UInt8
from core.color import DisplayTransform
from core.document import Document
from core.frames import FrameNumber
from core.jobs import JobId
from core.layer import AssetId, LayerId
from core.matte import Matte
from core.signal import Signal
from core.take import TakeId
from widgets.teaching import Live, LiveRound, SheetOf


class FakeTeaching:
    """Implements `widgets.teaching.TeachRoom`; `asked` holds what was asked, newest last."""

    def __init__(self, document: Document) -> None:
        self.live_changed: Signal[LayerId] = Signal()
        self.preview_changed: Signal[LayerId] = Signal()
        self.document = document
        self.asked: list[tuple[object, ...]] = []
        self.said = LiveRound(Live.OFF)
        self.tried: tuple[FrameNumber, Matte] | None = None
        self.made: UInt8 | None = None
        self.take_id: TakeId = "take"

    def live(self, layer_id: LayerId) -> LiveRound:
        return self.said

    def set_live(self, layer_id: LayerId, *, live: bool) -> None:
        self.document.do(TeachLive(layer_id, live))

    def pause(self, job_id: JobId, *, paused: bool) -> None:
        self.asked.append(("pause", job_id, paused))

    def preview(self, layer_id: LayerId) -> tuple[FrameNumber, Matte] | None:
        return self.tried

    def compare(self, layer_id: LayerId, asset: AssetId, frame: FrameNumber, found: Callable[[TakeId], None]) -> None:
        self.asked.append(("compare", layer_id, asset, frame))
        found(self.take_id)

    def sheet(self, of: SheetOf, transform: DisplayTransform, done: Callable[[UInt8 | None], None]) -> None:
        self.asked.append(("sheet", of))
        done(self.made)

    def save_sheet(self, sheet: UInt8, path: Path) -> None:
        self.asked.append(("save_sheet", path))
