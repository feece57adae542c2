"""Beginnings for the widgets' tests: those a test puts in, and what was chosen."""

from __future__ import annotations

from core.signal import Signal
from widgets.starts import Start


class FakeStarts:
    """Implements `widgets.starts.StartRoom`."""

    def __init__(self) -> None:
        self.changed: Signal[None] = Signal()
        self.offered: tuple[Start, ...] = ()
        self.chosen = ""

    def choose(self, start_id: str) -> None:
        self.chosen = start_id
        self.changed.emit(None)

    def refresh(self) -> None:
        self.changed.emit(None)
