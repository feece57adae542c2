"""What is known of a layer's frames without the truth, frame by frame: what the lanes and the plot draw.

Puts measurements of single mattes, of neighbours and against key frames (`core/matte_facts.py`) together. What is not
measured yet counts as ordinary, so that facts are there at once and grow sharper. Knows neither pixels nor files.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final

from core.frames import FrameNumber
from core.matte_facts import LEAST_PX, Likeness, Step

ORDINARY_SLIP: Final = 0.4
"""Working pixels a frame that the edge strays, where nothing is measured."""
ORDINARY_THINNESS: Final = 0.05
ONE_SIDED: Final = 0.25
"""How far towards one end of the subject motion is lost before that end is named, 0-1."""
NO_KEY_FRAME: Final = -1
"""The key distance in a layer without key frames: every matte came from elsewhere."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of one matte: area and edge in working pixels, how many pieces. See `matte_facts.SmallMatte`."""

    area_px: float
    edge_px: float
    parts: int

    @property
    def thinness(self) -> float:
        return self.edge_px / max(self.area_px, LEAST_PX)


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that was measured of a layer so far. Any of it may be missing.

    Args:
        shapes: of each frame's matte.
        steps: from a frame to the next one, by the first.
        likenesses: of a frame's matte to a key frame's palette, by (frame, key frame).
        canvas_px: working pixels of the canvas.
        scale: plate pixels in a working pixel.
    """

    shapes: Mapping[FrameNumber, Shape] = field(default_factory=dict)
    steps: Mapping[FrameNumber, Step] = field(default_factory=dict)
    likenesses: Mapping[tuple[FrameNumber, FrameNumber], Likeness] = field(default_factory=dict)
    canvas_px: float = 1.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """One frame of one layer. NaN where a thing is not measured yet.

    Args:
        area: what part of the canvas the matte covers, 0-1.
        chatter_px: how far the edge moves against the picture from frame to frame, plate pixels, the mean along it.
        key_distance: frames to the nearest key frame; `NO_KEY_FRAME` where there is none.
        confidence: what the model thinks of its answer, 0-1.
        drift: how far the way from the nearest key frame may have strayed at the edge, as a part of the subject.
        doubt: the part of the subject whose colors speak against it, beyond the key frame's own.
        size_change: the area against the key frames', as a logarithm: 0 the same, negative smaller.
        jump: the area against the two neighbours', as a logarithm.
        flicker: the part of the matte that both neighbours lack or have too much, along the picture's motion.
        faint: how much fainter the picture's edge is under the matte's than on the key frames, 0-1.
        lost_side: `left`, `right`, `top` or `bottom` where motion is lost mostly at that end of the subject.
        parts_change: pieces more or fewer than both neighbours have; 0 where those differ.
        alone: neither neighbour has a matte, so there is nothing its edge could move against.
    """

    area: float = math.nan
    chatter_px: float = math.nan
    key_distance: int = 0
    confidence: float = math.nan
    drift: float = math.nan
    doubt: float = math.nan
    size_change: float = math.nan
    jump: float = math.nan
    flicker: float = math.nan
    faint: float = math.nan
    parts_change: int = 0
    alone: bool = False
    lost_side: str = ""

    @property
    def is_key(self) -> bool:
        return self.key_distance == 0

    @property
    def measured(self) -> bool:
        """Whether the matte has been looked at, and not only its place and confidence."""
        return not math.isnan(self.area if self.alone else self.flicker)


def gather(
    frames: tuple[FrameNumber, ...],
    key_frames: frozenset[FrameNumber],
    confidence: Mapping[FrameNumber, float],
    measured: Measurements,
) -> dict[FrameNumber, FrameFacts]:
    """The facts of `frames` (rising; those that have a matte).

    Args:
        key_frames: where the artist authored something; without any, mattes are judged against their neighbours only.
        confidence: where a model said so, 0-1.
    """
    if not frames:
        return {}
    keys = sorted(key_frames)
    slips = [step.slip for step in measured.steps.values()]
    ordinary = sum(slips) / len(slips) if slips else ORDINARY_SLIP
    first, last = min((frames[0], *key_frames)), max((frames[-1], *key_frames))
    each = [measured.steps[frame].slip if frame in measured.steps else ordinary for frame in range(first, last)]
    strayed = [0.0, *accumulate(each)]
    lost = _lost(first, last, measured.steps)
    found, there = {}, frozenset(frames)
    for frame in frames:
        place = bisect_left(keys, frame)
        after = keys[place : place + 1]
        near = after if after == [frame] else [*keys[max(0, place - 1) : place], *after]
        way = min((abs(strayed[frame - first] - strayed[key - first]) for key in near), default=math.nan)
        facts = _facts(frame, near, way, confidence.get(frame, math.nan), measured)
        if near:
            start, end = sorted((frame - first, min(near, key=lambda key: abs(key - frame)) - first))
            facts = replace(facts, lost_side=_lost_side(*(each[end] - each[start] for each in lost)))
        found[frame] = facts if {frame - 1, frame + 1} & there else replace(facts, alone=True)
    return found


def _lost(first: FrameNumber, last: FrameNumber, steps: Mapping[FrameNumber, Step]) -> tuple[list[float], ...]:
    """Sums from `first` on: how much motion was lost, and how much of that towards the right and the bottom."""
    known = [steps.get(frame) for frame in range(first, last)]
    told = (
        [step.slip if step else 0.0 for step in known],
        [step.slip * step.lost_at[0] if step else 0.0 for step in known],
        [step.slip * step.lost_at[1] if step else 0.0 for step in known],
    )
    return tuple([0.0, *accumulate(each)] for each in told)


def _facts(
    frame: FrameNumber, near: Sequence[FrameNumber], way: float, confidence: float, measured: Measurements
) -> FrameFacts:
    shapes, steps = measured.shapes, measured.steps
    distance = min((abs(frame - key) for key in near), default=NO_KEY_FRAME)
    shape = shapes.get(frame)
    if shape is None:
        return FrameFacts(key_distance=distance, confidence=confidence, drift=way * ORDINARY_THINNESS)
    beside = [steps[start] for start in (frame - 1, frame) if start in steps]
    around = [shapes[other] for other in (frame - 1, frame + 1) if other in shapes]
    weights = {key: 1.0 / (abs(frame - key) + 0.5) for key in near}
    known = [key for key in near if key in shapes]
    like = {key: measured.likenesses[frame, key] for key in near if (frame, key) in measured.likenesses}
    key_area = _weighted({key: shapes[key].area_px for key in known}, weights)
    parts = [other.parts for other in around]
    return FrameFacts(
        area=shape.area_px / max(measured.canvas_px, 1.0),
        chatter_px=measured.scale * sum(step.chatter for step in beside) / len(beside) if beside else math.nan,
        key_distance=distance,
        confidence=confidence,
        drift=way * shape.thinness,
        doubt=_weighted({key: one.doubt for key, one in like.items()}, weights),
        size_change=_ratio(shape.area_px, key_area),
        jump=_ratio(shape.area_px, sum(other.area_px for other in around) / len(around)) if around else math.nan,
        flicker=min(step.change for step in beside) if beside else math.nan,
        faint=_weighted({key: min(max(1.0 - one.steepness, 0.0), 1.0) for key, one in like.items()}, weights),
        parts_change=shape.parts - parts[0] if len(parts) == 2 and parts[0] == parts[1] else 0,
    )


def _lost_side(lost: float, across: float, down: float) -> str:
    """Where motion was lost on the way from the nearest key frame: all of it, and towards the right and bottom."""
    if lost <= 0.0:
        return ""
    across, down = across / lost, down / lost
    if max(abs(across), abs(down)) < ONE_SIDED:
        return ""
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "bottom" if down > 0 else "top"


def _weighted(values: Mapping[FrameNumber, float], weights: Mapping[FrameNumber, float]) -> float:
    total = sum(weights[key] for key in values)
    return sum(weights[key] * value for key, value in values.items()) / total if total else math.nan


def _ratio(area_px: float, other_px: float) -> float:
    return math.nan if math.isnan(other_px) else math.log((area_px + 1.0) / (other_px + 1.0))
