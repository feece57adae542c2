"""What the window asks of the application when a first click is ambiguous: the part, the thing, the whole.

The real one is `app/alternatives.py`. Every call returns at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.frames import FrameNumber
from core.layer import LayerId
from core.matte import Matte
from core.signal import Signal


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to understand the prompts of a frame.

    Args:
        word: `as is` for what stands without a choice; else by how much it covers: `part`, `whole`, and where two are
            smaller or larger `detail` or `more`.
        reach: what the frame's reach would be; None as the layer says.
        matte: what it gives, in full.
        chosen: whether it is the one that stands.
    """

    word: str
    reach: float | None
    matte: Matte
    chosen: bool


class AlternativeRoom(Protocol):
    """Other answers to the first prompts of a frame, asked for in the background."""

    changed: Signal[tuple[LayerId, FrameNumber]]
    """What is offered at this place is something else now."""

    def look_for(self, layer_id: LayerId, frame: FrameNumber, *, asked: bool = False) -> bool:
        """Ask for the alternatives of this place, in place of those of another one; `changed` follows when there are
        some. False when its prompts leave nothing to choose, or they were dismissed and nobody `asked` again."""

    def of(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Alternative, ...]:
        """From the smallest to the largest; empty while nothing is offered here."""

    def choose(self, layer_id: LayerId, frame: FrameNumber, reach: float | None) -> None:
        """Take one: an undoable step. Nothing happens when it stands already."""

    def dismiss(self) -> None:
        """The artist does not want to choose here: offer nothing, and ask nothing more."""
