"""How far what the network says of a correction is believed: the more, the nearer it is to the mark.

A correction is of one kind: what adds takes nothing away, what subtracts adds nothing. How large it may be is read off
the mark: the error that it points at reaches about as far as the mark lies from the outline, its *depth*. Knows numbers
and coverage; no network.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.geometry import Window
from inference.models.select.changes import window_of

HAZE: Final = 0.04
"""A network is never sure; so near to nothing is nothing, and so near to all is all."""
SURE: Final = 6.0
"""Logits beyond it count no more."""
_CLOSE: Final = 0.3
"""In depths: within it distance counts no more."""
_LEAST_DEPTH: Final = 0.003
"""Of the picture's longer edge."""


class Belief(NamedTuple):
    """What counts, in logits for the mark's side. Fitted to 13 replayed sittings of twenty clicks.

    Args:
        usual: where nothing else speaks; networks say too little at the mark.
        network: of what it says of the window around the subject.
        touch: of what it says when it looks from nearer.
        before: of what was believed before this mark.
        away: lost with each e-folding of the distance, in depths.
    """

    usual: float
    network: float
    touch: float
    before: float
    away: float


LARGE: Final = Belief(usual=0.8, network=0.85, touch=0.0, before=0.2, away=0.3)
"""Of a correction that the window around the subject shows well."""
SMALL: Final = Belief(usual=0.87, network=0.35, touch=0.54, before=0.3, away=0.32)
"""Of one that was looked at from nearer."""
BEYOND: Final = Belief(usual=2.04, network=0.64, touch=0.0, before=0.58, away=1.02)
"""Of a small one, where it reaches beyond what was looked at from nearer."""


class Pointed(NamedTuple):
    """A mark, as corrections see it.

    Args:
        mark: (h, w) its pixels.
        adds: its side.
        depth: how far it lies from the outline, in pixels; at least a few.
    """

    mark: Bool
    adds: bool
    depth: float


def pointed(before: Float32, mark: Bool, adds: bool) -> Pointed:
    """`before`: (h, w) coverage that the mark corrects. The picture's border is an outline too."""
    against = ((before > 0.5) != adds).astype(np.uint8)
    against = cv2.copyMakeBorder(against, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    deep = cv2.distanceTransform(against, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return Pointed(mark, adds, max(2.0, _LEAST_DEPTH * max(mark.shape), float(deep[mark].max())))


def judged(
    before: Float32, found: Float32, seen: Window, at: Pointed, touch: Float32 | None = None, near: Window | None = None
) -> Float32:
    """(h, w) coverage over `seen`: `before` moved towards the mark's side only.

    Args:
        before: (h, w) coverage of the picture.
        found: logits over `seen`.
        touch: logits over `near`, which lies in the picture; None where there was no nearer look.
    """
    rows, columns = seen.within(Window.of_size(before.shape[1], before.shape[0]))
    sign = 1.0 if at.adds else -1.0
    away = np.log(_away(at.mark, seen) / at.depth + np.float32(_CLOSE))
    was = sign * _believed(before[rows, columns])
    said = sign * np.clip(found, -SURE, SURE)
    how = LARGE if touch is None else BEYOND
    favour = how.usual + how.network * said + how.before * was - how.away * away
    both = seen.intersect(near) if near is not None else None
    if touch is not None and near is not None and both is not None and not both.empty:
        here, own = both.within(seen), both.within(near)
        nearer = sign * np.clip(touch[own], -SURE, SURE)
        evidence = SMALL.network * said[here] + SMALL.touch * nearer + SMALL.before * was[here]
        favour[here] = SMALL.usual + evidence - SMALL.away * away[here]
    part = before[rows, columns]
    return np.maximum(part, covered(favour)) if at.adds else np.minimum(part, 1 - covered(favour))


def covered(logits: Float32) -> Float32:
    """Coverage of logits."""
    likely = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
    return np.asarray(np.clip((likely - HAZE) / (1.0 - 2.0 * HAZE), 0, 1), np.float32)


def _believed(coverage: Float32) -> Float32:
    """Logits of coverage; nothing and all are less than sure."""
    likely = np.clip(coverage, 0.02, 0.98)
    return np.asarray(np.log(likely / (1 - likely)), np.float32)


def _away(mark: Bool, seen: Window) -> Float32:
    """Over `seen`: how far each pixel is from the mark."""
    said = window_of(mark)
    assert said is not None
    around = seen.union(said)
    rows, columns = around.within(Window.of_size(mark.shape[1], mark.shape[0]))
    apart = cv2.distanceTransform((~mark[rows, columns]).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(apart[seen.within(around)], np.float32)
