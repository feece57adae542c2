"""A project's file that is never written, for the widgets' tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.document import Document
from core.signal import Signal


class FakeSaving:
    """Implements `widgets.saving.SavingRoom`. Requests go into `asked`, the studio's own list."""

    def __init__(self, document: Document, asked: list[tuple[Any, ...]]) -> None:
        self.changed: Signal[str] = Signal()
        self.path: Path | None = None
        self.recent_paths: tuple[Path, ...] = ()
        self._document, self._asked = document, asked

    @property
    def unsaved(self) -> bool:
        return self._document.steps > 0 and not any(asked[0].startswith("save") for asked in self._asked)

    def save(self) -> None:
        self._asked.append(("save",))
        self.changed.emit("saved")

    def save_as(self, path: Path) -> None:
        self._asked.append(("save_as", path))
        self.path = path
        self.changed.emit("saved")

    def recent(self) -> tuple[Path, ...]:
        return self.recent_paths
