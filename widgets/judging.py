"""What the window asks of the judge of frames: facts, what to look at next, and where an edge chatters. Qt-free.

The real one is `app/judging.py`. Every call returns at once; what is known grows, and `changed` says so on the
interface's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.arrays import UInt8
from core.color import DisplayTransform
from core.correct_next import Suggestion
from core.error_removed import ErrorRemoved
from core.expected_error import LookAt
from core.frame_facts import FrameFacts
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import LayerId
from core.signal import Signal


@dataclass(frozen=True, eq=False, slots=True)
class Heat:
    """Where a matte differs from its neighbours', each carried along the picture's motion.

    Args:
        window: what it covers, in plate pixels.
        values: (h, w) uint8, smaller than the window: 255 where the matte is there in one frame and not in the other.
    """

    window: Window
    values: UInt8


@dataclass(frozen=True, eq=False, slots=True)
class WorstFrame:
    """One picture of the sheet: (h, w, 3) uint8 display values with the matte's edge drawn in."""

    look: LookAt
    picture: UInt8


class Judging(Protocol):
    """Facts are kept for the layers somebody asked to be judged, and renewed by themselves when mattes change."""

    changed: Signal[LayerId]
    """More is known of a layer's frames, or of one's heat."""

    def judge(self, layer_id: LayerId, around: FrameNumber) -> None:
        """Keep this layer judged from now on; what is not known yet is measured from `around` outward."""

    def pause(self, *, paused: bool) -> None:
        """Measure nothing for the moment: the frames are playing and need the machine."""

    def facts(self, layer_id: LayerId) -> Mapping[FrameNumber, FrameFacts]:
        """Of every frame with a matte, as far as they are known; empty before `judge` and without key frames."""

    def queue(self, layer_id: LayerId) -> Sequence[LookAt]:
        """The frames in the order in which they are worth a look, with the reasons; no key frames."""

    def suggestions(self, layer_id: LayerId) -> Sequence[Suggestion]:
        """The frames to correct next, the best first, each as if those before it had been corrected."""

    def removed(self, layer_id: LayerId) -> ErrorRemoved | None:
        """What the last correction of this layer (or another model) took away so far; None before there was one."""

    def progress(self, layer_id: LayerId) -> tuple[int, int]:
        """(frames measured, frames with a matte)."""

    def chatter(self, layer_id: LayerId, frame: FrameNumber) -> Heat | None:
        """The heat of the matte on screen. None while it is computed (`changed` follows), or for ever
        where the frame has no neighbour to compare with."""

    def sheet(
        self, layer_id: LayerId, most: int, transform: DisplayTransform, done: Callable[[Sequence[WorstFrame]], None]
    ) -> None:
        """Pictures of the first `most` frames of the queue, made on a worker; `done` on the interface's thread."""

    def save_sheet(self, layer_id: LayerId, worst: Sequence[WorstFrame], path: Path) -> None:
        """Write them as one PNG, on a worker; what came of it is said by message."""
