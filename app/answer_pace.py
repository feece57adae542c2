"""How long full answers take, by model and plate: what decides whether a coarse one is asked for first."""

from __future__ import annotations

from collections import deque
from statistics import median

GOAL_MS = 120.0
"""An answer that takes longer is felt: the hand has moved on."""
QUICK_AGAIN = 0.75
"""Below this part of the goal the coarse answer is left out again; between both all stays as it is."""
LARGE_PIXELS = 2_500_000
"""A plate larger than this is taken to be slow until it was measured."""
REMEMBERED = 3


class AnswerPace:
    """Remembers the last few answers of each model on each plate."""

    def __init__(self) -> None:
        self._spent: dict[tuple[str, str], deque[float]] = {}
        self._slow: dict[tuple[str, str], bool] = {}

    def note(self, model: str, plate_identity: str, spent_ms: float) -> None:
        """A full answer came after so many milliseconds, not counting the encoding of its picture."""
        place = (model, plate_identity)
        spent = self._spent.setdefault(place, deque(maxlen=REMEMBERED))
        spent.append(spent_ms)
        limit = GOAL_MS * (QUICK_AGAIN if self._slow.get(place) else 1.0)
        self._slow[place] = median(spent) > limit

    def slow(self, model: str, plate_identity: str, pixels: int) -> bool:
        """Whether the full answer is likely to come later than it should; `pixels` of the plate's canvas."""
        return self._slow.get((model, plate_identity), pixels > LARGE_PIXELS)
