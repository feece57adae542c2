"""What a correction took away: the expected error of the frames that were made anew since, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.frames import FrameNumber
from core.words import counted


@dataclass(frozen=True, slots=True)
class ErrorRemoved:
    """Grows while the frames that a correction reaches are made anew.

    Args:
        cause: in words: `Frame 1047 corrected`.
        before, after: expected error, 0-1, of every frame whose matte is another one since; the same frames in both.
    """

    cause: str
    before: Mapping[FrameNumber, float] = field(default_factory=dict)
    after: Mapping[FrameNumber, float] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return len(self.before)

    @property
    def means(self) -> tuple[float, float]:
        """Before and after, over those frames; 0 where there are none."""
        number = max(self.frames, 1)
        return sum(self.before.values()) / number, sum(self.after.values()) / number

    @property
    def sentence(self) -> str:
        """`Frame 1047 corrected: likely error 31 % → 12 % over 14 frames`; empty while no frame is made anew."""
        if not self.frames:
            return ""
        before, after = (f"{round(100 * mean)} %" for mean in self.means)
        return f"{self.cause}: likely error {before} → {after} over {counted(self.frames, 'frame')}"
