"""The curves of the Frames panel: what each one shows of a frame, how it is written, and its ink. Qt-free."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.expected_error import expected_error
from core.frame_facts import FrameFacts
from core.frames import FrameNumber, FrameRange


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """One curve.

    Args:
        least: the height of the plot is at least this much, in the curve's unit, so that grain stays grain.
        ink: #rrggbb.
        shown: before the artist chooses.
    """

    id: str
    name: str
    value: Callable[[FrameFacts], float]
    written: Callable[[float], str]
    least: float
    ink: str
    strong: bool = False
    dotted: bool = False
    shown: bool = True

    def heights(self, frames: FrameRange, facts: Mapping[FrameNumber, FrameFacts]) -> npt.NDArray[np.float64]:
        """0-1 for every frame of the range, NaN where it is not known."""
        values = np.array([self.value(facts[frame]) if frame in facts else math.nan for frame in frames])
        known = values[np.isfinite(values)]
        return values / max(self.least, float(known.max()) if known.size else 0.0)

    def said(self, facts: FrameFacts | None) -> str:
        """The value at one frame in words; a dash where it is not known."""
        value = math.nan if facts is None else self.value(facts)
        return self.written(value) if math.isfinite(value) else "–"


def _percent(value: float) -> str:
    return f"{value:.0%}"


CURVES: tuple[Curve, ...] = (
    Curve("error", "Likely error", expected_error, _percent, 0.3, "#eda257", strong=True),
    Curve("chatter", "Chatter", lambda facts: facts.chatter_px, lambda value: f"{value:.1f} px", 3.0, "#7fb2d6"),
    Curve("area", "Area", lambda facts: facts.area, lambda value: f"{value:.1%}", 0.0001, "#b9b9b9"),
    Curve("confidence", "Confidence", lambda facts: facts.confidence, _percent, 1.0, "#8fbf8f", shown=False),
    Curve(
        "distance",
        "Key distance",
        lambda facts: float(facts.key_distance) if facts.key_distance >= 0 else math.nan,
        lambda value: f"{value:.0f}",
        12.0,
        "#8a8a8a",
        dotted=True,
    ),
)
"""From the most telling on; two of them are neutral, so that the warm one leads."""
