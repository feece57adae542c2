"""The lane of bars: one number a frame, how tall it stands and whether it should worry. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from core.expected_error import expected_error
from core.frame_facts import FrameFacts
from core.frames import FrameNumber

WIDE_PX = 2048.0
"""Chatter is judged against a plate this wide: two pixels on 4K are one on 2K."""


class Lane(Enum):
    """What the bars say; the value is the lane's name."""

    CONFIDENCE = "Confidence"
    EXPECTED_ERROR = "Likely error"
    CHATTER = "Chatter"
    AREA = "Area"
    KEY_DISTANCE = "Key distance"

    @property
    def needs_judging(self) -> bool:
        return self is not Lane.CONFIDENCE

    @property
    def tip(self) -> str:
        return TIPS[self]


TIPS = {
    Lane.CONFIDENCE: "What the model thinks of its own answer.",
    Lane.EXPECTED_ERROR: "How wrong the matte is likely to be: tall bars first.",
    Lane.CHATTER: "How far the edge moves against the picture, from frame to frame.",
    Lane.AREA: "How much of the picture the matte covers; jumps are marked.",
    Lane.KEY_DISTANCE: "Frames to the nearest key frame.",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One frame's bar.

    Args:
        height: 0-1 of the lane.
        worry: 0 none, 1 look at it, 2 probably wrong.
        words: for the tooltip.
        graded: whether no worry is good; else it is neither good nor bad.
        was: how tall it stood before the last correction, 0-1; 0 where that changed nothing.
    """

    height: float
    worry: int
    words: str
    graded: bool = True
    was: float = 0.0


def _worry(value: float, first: float, second: float) -> int:
    return 2 if value >= second else 1 if value >= first else 0


def confidence_bars(confidence: Mapping[FrameNumber, float]) -> dict[FrameNumber, Bar]:
    """Low bars are the worrying ones."""
    return {
        frame: Bar(min(1.0, max(0.0, value)), 2 if value < 0.5 else 1 if value < 0.75 else 0, f"confidence {value:.0%}")
        for frame, value in confidence.items()
        if value == value
    }


def bars(
    lane: Lane,
    facts: Mapping[FrameNumber, FrameFacts],
    confidence: Mapping[FrameNumber, float],
    width_px: int,
    errors_before: Mapping[FrameNumber, float] | None = None,
) -> dict[FrameNumber, Bar]:
    """The bars of a lane; none where nothing is known.

    Args:
        width_px: of the plate.
        errors_before: the expected error of frames that were made anew since, before the last correction.
    """
    if lane is Lane.CONFIDENCE:
        return confidence_bars(confidence)
    made = {frame: _bar(lane, each, WIDE_PX / max(width_px, 1)) for frame, each in facts.items()}
    known = {frame: bar for frame, bar in made.items() if bar is not None}
    before = errors_before or {} if lane is Lane.EXPECTED_ERROR else {}
    tallest = max((*(bar.height for bar in known.values()), *before.values()), default=0.0)
    full = {Lane.EXPECTED_ERROR: 0.4, Lane.CHATTER: 6.0, Lane.KEY_DISTANCE: 12.0}.get(lane, 0.0)
    top = max(tallest, full, 1e-9)
    return {
        frame: Bar(bar.height / top, bar.worry, bar.words, bar.graded, before.get(frame, 0.0) / top)
        for frame, bar in known.items()
    }


def _bar(lane: Lane, facts: FrameFacts, to_wide: float) -> Bar | None:
    """With its height in the lane's own unit; None where it is not measured."""
    if lane is Lane.EXPECTED_ERROR:
        error = expected_error(facts)
        return Bar(error, _worry(error, 0.15, 0.3), f"likely error {error:.0%}")
    if lane is Lane.KEY_DISTANCE:
        distance = facts.key_distance
        if distance < 0:
            return None
        words = "key frame" if facts.is_key else f"{distance} from the nearest key frame"
        return Bar(distance, _worry(distance, 12, 24), words, graded=False)
    value = facts.chatter_px if lane is Lane.CHATTER else facts.area
    if value != value:
        return None
    if lane is Lane.CHATTER:
        wide = value * to_wide
        return Bar(wide, _worry(wide, 2.5, 5.0), f"edge chatters by {value:.1f} px")
    jump = abs(facts.jump) if facts.jump == facts.jump else 0.0
    return Bar(value, _worry(jump, 0.12, 0.3), f"area {value:.1%} of the picture", graded=False)
