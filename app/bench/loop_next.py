"""Which frame the simulated artist of `bench loop` corrects next: the one the program suggests, or a rule beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from app.measuring import Judged
from core.frames import FrameNumber

SUGGESTED: Final = "suggested"
RULES: Final = (SUGGESTED, "worst", "gap", "random")
"""`worst`: the frame most likely wrong; `gap`: the middle of the widest gap without a key frame; `random`."""


def frame_next(
    rule: str, judged: Judged, keys: Collection[FrameNumber], frames: Sequence[FrameNumber], seed: int
) -> FrameNumber | None:
    """One of `frames` (rising, without key frames); None where there is none.

    Args:
        judged: what the window would know.
        keys: at least one.
        seed: of `random`; a round's own number comes from how many key frames there are.
    """
    if not frames:
        return None
    if rule == "random":
        return int(np.random.default_rng([seed, len(keys)]).choice(np.array(frames)))
    if rule == "gap":
        return _middle_of_widest(sorted(keys), frames)
    known = judged.suggestions if rule == SUGGESTED else judged.queue
    there = frozenset(frames)
    return next((each.frame for each in known if each.frame in there), frames[0])  # every matte is missing: the first


def _middle_of_widest(keys: Sequence[FrameNumber], frames: Sequence[FrameNumber]) -> FrameNumber:
    ends = (min(frames[0], keys[0]) - 1, *keys, max(frames[-1], keys[-1]) + 1)
    first, last = max(pairwise(ends), key=lambda gap: gap[1] - gap[0])
    return min(frames, key=lambda frame: abs(frame - (first + last) / 2))
