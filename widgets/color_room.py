"""What the window asks about color: the project's config, and why a plate is read as it is.

Qt-free; `app/color_choice.py` is the real one. Every call returns at once.
"""

from __future__ import annotations

from typing import Protocol

from core.color import ColorConfig
from core.signal import Signal


class ColorRoom(Protocol):
    """The config in use is `studio.color`."""

    changed: Signal[ColorConfig]
    """Another config is in use: pictures come again, and displays and views are others."""
    reason_changed: Signal[str]

    def choose(self, config: str) -> None:
        """A path, an `ocio://` name, or empty for `$OCIO` (the built-in config where that is not set): one undoable
        command once it is loaded, or a message why it cannot be used."""

    def reload(self) -> None:
        """Read the config's file again."""

    @property
    def reason(self) -> str:
        """Why the plate is read in its color space, as a sentence; empty while that is not known."""

    @property
    def suggested(self) -> str:
        """The color space that the file itself leads to; empty where that is not known."""
