"""What the window asks of the application about the project's file. `app/saving.py` is the real one."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from core.signal import Signal


class SavingRoom(Protocol):
    """The open project's file, and what was open before."""

    changed: Signal[str]
    """`new` (nothing to save yet), `saved`, `unsaved` or `saving`, for the autosave indicator."""

    @property
    def path(self) -> Path | None:
        """Where the project lies; None while it has no name."""

    @property
    def unsaved(self) -> bool:
        """Whether there is anything that only the journal holds."""

    def save(self) -> None:
        """Write the project; an error is a message, and the project stays unsaved."""

    def save_as(self, path: Path) -> None:
        """Give the project this name from now on."""

    def recent(self) -> tuple[Path, ...]:
        """Projects and plates, newest first; before them, the newest sessions that a crash left behind."""
