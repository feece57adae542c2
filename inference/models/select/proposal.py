"""A second opinion on a first click: what colors alone say, and when that is worth more than the network's guess.

A thing that stands free before a plain ground is cut out better by its colors than by a small network; everything else
is not. Knows bytes, places and coverage; no network.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32, UInt8
from inference.models.segment import reduced

PX: Final = 192
"""Longer edge of the picture that colors are looked at on."""
_DISC: Final = 0.25
"""Radius of the first guess around the click, in shorter edges of the picture."""
_ROUNDS: Final = 2
_FEW: Final = 256
"""Colors. A picture of fewer is drawn, not filmed: every cut through its flat parts is as good as any other, and
grabCut takes seconds over that, to answer with all of it."""
_RIM: Final = 0.04
"""Of the picture's border: what touches more of it does not stand free."""
_PIECES: Final = 3
_LIKELY: Final = 0.45
"""The network's mean coverage where the colors say inside, at the least."""
_AGREED: Final = 0.25
"""Overlap with the network's own answer, at the least."""


def by_colors(fine: Float32, gain: float, x: float, y: float) -> Bool:
    """(h, w) at most `PX` long: inside by color and border, when a disc around (x, y) is the first guess.

    Args:
        fine: (H, W, 3) scene-linear; `x`, `y` are pixels of it.
        gain: exposure from `reduced.exposure`.
    """
    small = reduced.reduce(fine, PX)
    picture = reduced.as_bytes(reduced.compress(small * np.float32(gain)))
    across, down = small.shape[1] / fine.shape[1], small.shape[0] / fine.shape[0]
    place = (int(x * across), int(y * down))
    seeds = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    cv2.circle(seeds, place, round(_DISC * min(small.shape[:2])), int(cv2.GC_PR_FGD), -1)
    if (seeds == cv2.GC_PR_FGD).all() or (seeds == cv2.GC_PR_BGD).all():
        return np.asarray(seeds == cv2.GC_PR_FGD)
    cv2.circle(seeds, place, 2, int(cv2.GC_FGD), -1)
    if _colors(picture) < _FEW:
        picture = _grained(picture)
    cv2.setRNGSeed(0)
    cv2.grabCut(picture, seeds, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD))


def _colors(picture: UInt8) -> int:
    """How many there are in (h, w, 3) bytes."""
    red, green, blue = (picture[..., channel].astype(np.int32) for channel in range(3))
    return len(np.unique(red << 16 | green << 8 | blue))


def _grained(picture: UInt8) -> UInt8:
    """With the least grain there is, the same each time."""
    grain = np.random.default_rng(0).integers(-1, 2, picture.shape, np.int16)
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def convinces(inside: Bool, answer: Float32) -> bool:
    """Whether what colors say stands free, is of few pieces, and is not against the network's answer.

    Args:
        answer: (h, w) the network's coverage, in pixels of `inside`.
    """
    if not inside.any():
        return False
    rim = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    pieces = cv2.connectedComponents(inside.astype(np.uint8))[0] - 1
    chosen = answer > 0.5
    agreed = float((inside & chosen).sum()) / float((inside | chosen).sum())
    likely = float(answer[inside].mean())
    return float(rim.mean()) < _RIM and pieces <= _PIECES and likely > _LIKELY and agreed > _AGREED
