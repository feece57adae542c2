"""Which frame to correct next: where one correction is likely to take most of the expected error away, and why.

That is another question than which frame is most likely wrong (`core/expected_error.py`). A correction mends its own
frame, and helps the frames up to the next key frames on both sides, the more the nearer and the more alike they are. A
frame much like a key frame teaches little, and one that stands alone in being wrong helps no other. Approved frames are
neither offered nor counted: nothing changes there.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.appearance import COLOR, DETAIL, SHAPE, Appearance, Unlikeness, unlikeness
from core.arrays import Float32
from core.expected_error import expected_error, reason
from core.frame_facts import FrameFacts
from core.frames import FrameNumber
from core.words import counted

FRAMES_APART: Final = 24.0
"""So many frames are as far as two pictures with nothing in common."""
LITTLE_LEFT: Final = 0.2
"""As near to a key frame as this, half of what a correction could teach is known already."""
MOST_WITNESSES: Final = 240
"""Of a longer stretch only so many frames are looked at, evenly spread."""
HELPED: Final = 0.25
"""A frame counts as helped where so much of its expected error goes."""
UNLIKE: Final = 0.22
"""Unlikeness to the nearest key frame from which it is spoken of."""
MUCH_LARGER: Final = 0.35
"""The same of the area, as a logarithm."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A frame to correct.

    Args:
        expected_error: of the frame itself, 0-1.
        removes: the expected error that would go, summed over frames.
        helps: how many other frames it would help.
        reason: in words.
    """

    frame: FrameNumber
    expected_error: float
    removes: float
    helps: int
    reason: str


@dataclass(frozen=True, eq=False, slots=True)
class _Stretch:
    """The frames between two neighbouring key frames (or an end of the shot), and the key frames beside them."""

    frames: tuple[FrameNumber, ...]
    keys: tuple[FrameNumber, ...]


def suggestions(
    facts: Mapping[FrameNumber, FrameFacts],
    appearances: Mapping[FrameNumber, Appearance | None],
    approved: AbstractSet[FrameNumber] = frozenset(),
    most: int = 1,
) -> tuple[Suggestion, ...]:
    """The best frames to correct, the best first; each as if those before it had been corrected.

    Args:
        facts: of every frame with a matte; key frames among them.
        appearances: as far as they are known; frames without one are told apart by their distance only.
        approved: frames that stay as they are.
    """
    keys = {frame for frame, each in facts.items() if each.is_key}
    errors = {frame: expected_error(each) for frame, each in facts.items() if frame not in approved and not each.is_key}
    found: list[Suggestion] = []
    known: dict[_Place, tuple[Suggestion, dict[FrameNumber, float]]] = {}
    while len(found) < most:
        best: tuple[Suggestion, dict[FrameNumber, float]] | None = None
        for stretch in _stretches(sorted(errors), sorted(keys)):
            place = (stretch.frames[0], stretch.frames[-1], stretch.keys)
            if place not in known:
                known[place] = _best(stretch, errors, facts, appearances)
            if best is None or known[place][0].removes > best[0].removes:
                best = known[place]
        if best is None:
            break
        chosen, left = best
        found.append(chosen)
        keys.add(chosen.frame)
        errors = {frame: left.get(frame, error) for frame, error in errors.items() if frame != chosen.frame}
    return tuple(found)


_Place = tuple[FrameNumber, FrameNumber, tuple[FrameNumber, ...]]


def _stretches(frames: Sequence[FrameNumber], keys: Sequence[FrameNumber]) -> list[_Stretch]:
    found: dict[int, list[FrameNumber]] = {}
    for frame in frames:
        found.setdefault(bisect_left(keys, frame), []).append(frame)
    return [
        _Stretch(tuple(within), tuple(keys[max(0, place - 1) : place + 1] if place else keys[:1]))
        for place, within in found.items()
    ]


def _best(
    stretch: _Stretch,
    errors: Mapping[FrameNumber, float],
    facts: Mapping[FrameNumber, FrameFacts],
    appearances: Mapping[FrameNumber, Appearance | None],
) -> tuple[Suggestion, dict[FrameNumber, float]]:
    """The best frame of a stretch, and what error is left in the others then."""
    step = -(-len(stretch.frames) // MOST_WITNESSES)
    frames = stretch.frames[::step]
    mine = np.array([errors[frame] for frame in frames], np.float64)
    unlike = _unlike(frames, frames, appearances)
    to_others = _apart(frames, frames, unlike)
    if stretch.keys:
        to_keys = _apart(frames, stretch.keys, _unlike(frames, stretch.keys, appearances)).min(axis=1)
        gone = np.clip((to_keys[:, None] - to_others) / (to_keys[:, None] + LITTLE_LEFT), 0.0, 1.0)
        np.fill_diagonal(gone, 1.0)
    else:
        gone = np.eye(len(frames))
    removed = gone * mine[:, None]  # (error of, where corrected)
    place = int(np.argmax(removed.sum(axis=0)))
    chosen = frames[place]
    helped = int(np.count_nonzero(gone[:, place] >= HELPED)) * step - 1
    left = {frame: float(mine[row] * (1.0 - gone[row, place])) for row, frame in enumerate(frames)}
    why = _words(chosen, stretch.keys, max(helped, 0), facts[chosen], appearances)
    removes = float(removed[:, place].sum()) * step
    return Suggestion(chosen, float(mine[place]), removes, max(helped, 0), why), left


def _unlike(
    frames: Sequence[FrameNumber],
    others: Sequence[FrameNumber],
    appearances: Mapping[FrameNumber, Appearance | None],
) -> Unlikeness | None:
    """None where one of them was never looked at."""
    if any(frame not in appearances for frame in (*frames, *others)):
        return None
    return unlikeness([appearances[frame] for frame in frames], [appearances[frame] for frame in others])


def _apart(frames: Sequence[FrameNumber], others: Sequence[FrameNumber], unlike: Unlikeness | None) -> Float32:
    """(frames, others): how far each is from each, in time and in looks."""
    time = np.abs(np.subtract.outer(np.array(frames, np.float32), np.array(others, np.float32))) / FRAMES_APART
    return np.asarray(time if unlike is None else time + unlike.whole, np.float32)


# --- in words ---------------------------------------------------------------------------------------------------------


def _words(
    frame: FrameNumber,
    keys: Sequence[FrameNumber],
    helped: int,
    facts: FrameFacts,
    appearances: Mapping[FrameNumber, Appearance | None],
) -> str:
    """`unlike every key frame: the subject turned; motion is lost at the left edge; would help 14 frames`"""
    why = reason(facts)
    help_words = f"would help {counted(helped, 'frame')} around it" if helped else ""
    return "; ".join(words for words in (_unlike_words(frame, keys, appearances), why, help_words) if words)


def _unlike_words(
    frame: FrameNumber, keys: Sequence[FrameNumber], appearances: Mapping[FrameNumber, Appearance | None]
) -> str:
    here, known = appearances.get(frame), [key for key in keys if appearances.get(key) is not None]
    if here is None or not known:
        return ""
    whole = unlikeness([here], [appearances[key] for key in known])
    nearest = int(np.argmin(whole.whole[0]))
    key = appearances[known[nearest]]
    what = _what(here, key, whole, nearest) if key is not None else ""
    if not what:
        return ""
    whose = "unlike every key frame" if len(known) > 1 else f"unlike key frame {known[nearest]}"
    return f"{whose}: {what}"


def _what(here: Appearance, key: Appearance, unlike: Unlikeness, nearest: int) -> str:
    """What is different, the most telling first: leaving the picture, size, light, shape. Empty where little is."""
    for side, now, then in zip(("left", "right", "top", "bottom"), here.cut, key.cut, strict=True):
        if now and not then:
            return f"the subject leaves the picture at the {side}"
    larger = math.log(here.area_px / key.area_px)
    if abs(larger) >= MUCH_LARGER:
        return f"the subject is {_times(larger)}"
    if float(unlike.whole[0, nearest]) < UNLIKE:
        return ""
    shape, color, detail = (float(part[0, nearest]) for part in (unlike.shape, unlike.color, unlike.detail))
    weighed = {
        "the subject turned or changed its shape": SHAPE * shape,
        "its light or colors changed": COLOR * color,
        "another side of it is seen": DETAIL * detail,
    }
    return max(weighed, key=lambda words: weighed[words])


def _times(larger: float) -> str:
    part = round(100 * abs(math.expm1(larger)))
    return f"{part} % {'larger' if larger > 0 else 'smaller'}"
