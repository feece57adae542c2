"""Which frame to look at next: how wrong each one is likely to be, why, and in which order that is worth an eye.

A small, explicit model: eight facts, each with a weight and a sentence. The weights were fitted on generated shots
with known truth (moving cut-outs and the sample shot's woods, with and without faults put into single frames), then
rounded; docs/benchmarks.md says how well the order does on sequences it was not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.frame_facts import FrameFacts
from core.frames import FrameNumber
from core.words import counted

REACH_FRAMES: Final = 3.0
"""So many frames around one that was looked at, the others are partly known by it."""
KNOWN_BY: Final = 0.3
"""How much of the expected error a frame's neighbour explains, 0-1."""
TELLING: Final = 0.4
"""A second reason is given when it weighs at least so much of the first one."""
LEAST_JUMP: Final = 0.05
"""An area that changes by less is not spoken of."""
ORDINARY_DOUBT: Final = 0.3
"""What a model that says nothing of its confidence is taken for."""


@dataclass(frozen=True, slots=True)
class Term:
    """One reason to look: how much of it there is, what it weighs, and how it is said."""

    weight: float
    most: float
    amount: Callable[[FrameFacts], float]
    words: Callable[[FrameFacts], str]


def _drift(facts: FrameFacts) -> str:
    return f"motion is lost at the {facts.lost_side + ' ' if facts.lost_side else ''}edge"


def _percent(value: float) -> str:
    return f"{round(100 * value)} %"


def _unsure(facts: FrameFacts) -> float:
    return ORDINARY_DOUBT if math.isnan(facts.confidence) else 1.0 - facts.confidence


def _distance(facts: FrameFacts) -> str:
    return f"{counted(facts.key_distance, 'frame')} from the nearest key frame"


def _jump(facts: FrameFacts) -> str:
    change = math.expm1(facts.jump)
    return f"area drops by {_percent(-change)}" if change < 0 else f"area jumps by {_percent(change)}"


def _size(facts: FrameFacts) -> str:
    change = math.expm1(facts.size_change)
    return f"{_percent(abs(change))} {'smaller' if change < 0 else 'larger'} than at the key frame"


def _flicker(facts: FrameFacts) -> str:
    if facts.parts_change:
        return "a piece goes and comes again" if facts.parts_change < 0 else "a piece comes and goes again"
    if abs(facts.jump) >= 0.5 * facts.flicker and abs(facts.jump) > LEAST_JUMP:
        return _jump(facts)
    return f"edge chatters, {facts.chatter_px:.1f} px"


TERMS: Final[tuple[Term, ...]] = (
    Term(0.16, 3.0, lambda facts: facts.drift, _drift),
    Term(0.10, 1.0, lambda facts: facts.doubt, lambda _: "colors do not fit the key frame"),
    Term(0.12, 1.0, _unsure, lambda facts: "the model is unsure" if facts.confidence == facts.confidence else ""),
    Term(0.18, 1.0, lambda facts: abs(facts.size_change), _size),
    Term(0.30, 3.0, lambda facts: facts.key_distance / 24.0, _distance),
    Term(0.40, 1.0, lambda facts: facts.flicker, _flicker),
    Term(0.20, 1.0, lambda facts: abs(facts.jump), _jump),
    Term(0.085, 1.0, lambda facts: facts.faint, lambda _: "no edge in the picture under the matte's"),
)


def _shares(facts: FrameFacts) -> list[tuple[float, Term]]:
    """What each term adds; a fact that is not known adds nothing."""
    amounts = [(term.amount(facts), term) for term in TERMS]
    return [(term.weight * min(max(amount, 0.0), term.most), term) for amount, term in amounts if amount == amount]


def expected_error(facts: FrameFacts) -> float:
    """How wrong this frame's matte is likely to be, 0-1, as 1 - intersection over union; 0 on a key frame."""
    if facts.is_key:
        return 0.0
    return 1.0 - math.exp(-sum(share for share, _ in _shares(facts)))


def reason(facts: FrameFacts) -> str:
    """Why this frame is worth a look, in words; the strongest reason, and a second one that is nearly as strong."""
    shares = sorted(_shares(facts), key=lambda each: -each[0])
    said = [(share, words) for share, term in shares if share > 0 and (words := term.words(facts))]
    if facts.is_key or not said:
        return ""
    strong = dict.fromkeys(words for share, words in said if share >= TELLING * said[0][0])
    return ", ".join(list(strong)[:2])


@dataclass(frozen=True, slots=True)
class LookAt:
    """A frame that is worth a look.

    Args:
        expected_error: 0-1, 1 - intersection over union.
        reason: in words.
    """

    frame: FrameNumber
    expected_error: float
    reason: str


def queue(facts: Mapping[FrameNumber, FrameFacts], without: Iterable[FrameNumber] = ()) -> tuple[LookAt, ...]:
    """Every frame but key frames and those in `without`, in the order in which they are worth a look.

    The most likely wrong comes first; a frame near one that was offered already waits a little, because what is seen
    in one is nearly seen in both.
    """
    left_out = frozenset(without)
    frames = sorted(frame for frame, each in facts.items() if not each.is_key and frame not in left_out)
    errors = np.array([expected_error(facts[frame]) for frame in frames])
    places, waits = np.array(frames, np.float64), np.zeros(len(frames))
    left = np.ones(len(frames), bool)
    order: list[LookAt] = []
    while left.any():
        place = int(np.argmax(np.where(left, errors * (1.0 - waits), -1.0)))
        left[place] = False
        order.append(LookAt(frames[place], float(errors[place]), reason(facts[frames[place]])))
        waits = np.maximum(waits, KNOWN_BY * np.exp(-np.abs(places - places[place]) / REACH_FRAMES))
    return tuple(order)


def spread(looks: Sequence[LookAt], most: int, apart: int) -> tuple[LookAt, ...]:
    """The first `most` of `looks` that lie at least `apart` frames from each other; where there are not so many, the
    first of the others as well. In the order of `looks`."""
    chosen: list[LookAt] = []
    for look in looks:
        if len(chosen) < most and all(abs(look.frame - other.frame) >= apart for other in chosen):
            chosen.append(look)
    rest = [look for look in looks if look not in chosen][: most - len(chosen)]
    return tuple(look for look in looks if look in chosen or look in rest)
