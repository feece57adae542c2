"""What the window asks of the takes: named, removed, put back, and brought in from files.

Keeping a take and looking at one are calls of `widgets.studio.Studio`. The real ones are `app/takes.py` and
`app/importing.py`. Every call returns at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from core.frames import FrameNumber
from core.layer import LayerId
from core.matte_reader import LIKELIEST, MatteChannel
from core.take import TakeId


class TakeRoom(Protocol):
    """The takes of the open shot. Each call raises ProjectError when the disk refuses, and nothing has changed;
    what did change is said by `Studio.takes_changed`."""

    def rename(self, take_id: TakeId, name: str) -> None:
        """Another name; it is not given up for a newer take any more."""

    def remove(self, take_id: TakeId) -> None:
        """Forget a take. What was put back from it stays."""

    def put_back(self, take_id: TakeId) -> None:
        """Make its layer what it was: one undoable command. What is there now is kept as a take first."""


class ImportRoom(Protocol):
    """Mattes from files: jobs that end with a take of the layer and a message."""

    def channels(self, path: Path, found: Callable[[tuple[MatteChannel, ...]], None]) -> None:
        """What can be imported from the files at `path`, the likeliest channel first, or a message why nothing."""

    def matte(
        self, layer_id: LayerId, path: Path, channel: MatteChannel = LIKELIEST, playhead: FrameNumber = 0
    ) -> None:
        """A sequence as a take of the layer. One picture without a number of the shot lands at the playhead."""

    def channel(self, layer_id: LayerId, channel: MatteChannel) -> None:
        """A channel of the plate's own files as a take of the layer, or with an empty id as a new layer."""
