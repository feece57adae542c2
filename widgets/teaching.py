"""What the window asks of teaching, beside starting it: live rounds, pausing, comparing what was taught, a sheet of it.

Starting a lesson and answering its offer are calls of `widgets.studio.Studio`. Using, renaming and removing a taught
model are commands (`core/adapter_commands.py`). The real one is `app/taught_models.py`. Every call returns at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from core.arrays import UInt8
from core.color import DisplayTransform
from core.frames import FrameNumber
from core.jobs import JobId
from core.layer import AssetId, LayerId
from core.matte import Matte
from core.signal import Signal
from core.take import TakeId


class Live(Enum):
    """What live teaching of a layer does now."""

    OFF = "off"
    WAITS = "waits"
    """For the hand to rest, or for a matte that is being made."""
    LEARNS = "learns"
    RESTS = "rests"
    """Until the next correction: there is nothing to learn yet, or nothing more to win."""


@dataclass(frozen=True, slots=True)
class LiveRound:
    """The newest round of live teaching.

    Args:
        round: counted from the last correction; 0 before the first.
        before, after: mean absolute error on what is never trained on, 0-1: of what was in use until then, and of what
            this round made; NaN or infinite where it was not measured.
        used: whether what it made is in use.
    """

    state: Live
    round: int = 0
    before: float = math.nan
    after: float = math.nan
    used: bool = False


@dataclass(frozen=True, slots=True)
class SheetOf:
    """What a contact sheet compares.

    Args:
        assets, names: of the models, one column each; an empty asset is the model as it came.
        held_out: frames that none of them was trained on.
    """

    layer_id: LayerId
    assets: tuple[AssetId, ...]
    names: tuple[str, ...]
    held_out: tuple[FrameNumber, ...] = ()


class TeachRoom(Protocol):
    """Teaching of the open shot's layers."""

    live_changed: Signal[LayerId]
    """There is something new to say of a layer's live teaching."""
    preview_changed: Signal[LayerId]
    """What is being learnt was tried on an unseen frame, or that is over."""

    def live(self, layer_id: LayerId) -> LiveRound:
        """What live teaching of a layer does now."""

    def set_live(self, layer_id: LayerId, *, live: bool) -> None:
        """The switch: one undoable command. What the layer looks like is kept as a take before it goes on."""

    def pause(self, job_id: JobId, *, paused: bool) -> None:
        """Hold a running lesson within a step, or let it go on."""

    def preview(self, layer_id: LayerId) -> tuple[FrameNumber, Matte] | None:
        """The newest try on a frame that is not trained on, while a lesson runs."""

    def compare(self, layer_id: LayerId, asset: AssetId, frame: FrameNumber, found: Callable[[TakeId], None]) -> None:
        """The layer's mattes with another taught model (empty: the model as it came), as a take; frames near `frame`
        first, those not made yet arrive in it. The layer stays as it is."""

    def sheet(self, of: SheetOf, transform: DisplayTransform, done: Callable[[UInt8 | None], None]) -> None:
        """A contact sheet, (H, W, 3) uint8, of key frames and held-out frames: what the artist agreed to, and what each
        model makes of them. None where it was cancelled, or a message says why there is none."""

    def save_sheet(self, sheet: UInt8, path: Path) -> None:
        """The sheet as a PNG."""
