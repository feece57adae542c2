"""What the window asks of the reference plates: other pictures of the shot, looked at and never matted.

A reference is another version on disk, a clean plate or a background. The real ones are `app/references.py`.
Every call returns at once; pictures come by `picture_ready`, on the interface's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.frames import FrameNumber
from core.picture import Picture
from core.plate import Plate, PlateId
from core.signal import Signal


class References(Protocol):
    """The reference plates of the open shot."""

    picture_ready: Signal[tuple[PlateId, FrameNumber]]
    """(plate, frame of the shot): its picture is there now, or why there is none is known."""
    ask_color_space: Signal[tuple[Path, Sequence[str]]]
    """(path, color spaces to choose from): the window asks, then calls `add` again."""

    def plates(self) -> tuple[Plate, ...]:
        """In the order they were added."""

    def picture(self, plate_id: PlateId, frame: FrameNumber) -> Picture | None:
        """What the reference shows at a frame of the shot; None while it is being read, or where there is none."""

    def error(self, plate_id: PlateId, frame: FrameNumber) -> str:
        """Why there is no picture, as a sentence; empty when there is one or it is on its way."""

    def placing(self, plate_id: PlateId) -> str:
        """How its frames are laid on the shot's, a short phrase ("same frame numbers"); empty for an unknown one."""

    def add(self, path: Path, color_space: str | None = None) -> None:
        """Add a sequence, still or movie: one undoable command when it is known that it can be read."""

    def remove(self, plate_id: PlateId) -> None:
        """Take a reference out of the shot; undoable. Its files are not touched."""
