"""Colors of a picture in a few dozen words, and how strongly each word speaks for the subject.

Knows regions; knows no prompts. A word is a typical color; a region speaks several neighbouring words a little, so
that a color that was never marked still counts for its neighbours.
"""

from __future__ import annotations

import numpy as np

from inference.models.segment.regions import Float64, Regions

_WORDS = 40
_ROUNDS = 4


def find_palette(regions: Regions) -> Float64:
    """(n, k) how much each region speaks each word; rows sum to 1. Deterministic."""
    color, area = regions.color, regions.area
    words = min(_WORDS, regions.count)
    mean = np.average(color, axis=0, weights=area)
    chosen = [int(np.square(color - mean).sum(axis=1).argmin())]
    apart = np.square(color - color[chosen[0]]).sum(axis=1)
    for _ in range(words - 1):
        chosen.append(int((apart * area).argmax()))
        apart = np.minimum(apart, np.square(color - color[chosen[-1]]).sum(axis=1))
    centres = color[chosen].copy()
    for _ in range(_ROUNDS):
        nearest = np.square(color[:, None] - centres[None]).sum(axis=2).argmin(axis=1)
        mass = np.bincount(nearest, area, words)
        sums = np.stack([np.bincount(nearest, area * color[:, c], words) for c in range(3)], axis=1)
        centres = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-9)[:, None], centres)
    apart = np.square(color[:, None] - centres[None]).sum(axis=2)
    nearest_sq = apart.min(axis=1, keepdims=True)
    speaks = np.exp(-(apart - nearest_sq) / (4.0 * float(np.median(nearest_sq)) + 2e-4))
    return np.asarray(speaks / speaks.sum(axis=1, keepdims=True))


def evidence(palette: Float64, inside: Float64, outside: Float64) -> Float64:
    """(n,) log of how much more likely a region's color is inside than outside, bounded to about ±7.

    Args:
        inside, outside: (n,) pixels of each region that are examples of either.
    """
    share_in = inside @ palette
    share_out = outside @ palette
    share_in = share_in / max(float(share_in.sum()), 1e-9) + 1e-3
    share_out = share_out / max(float(share_out.sum()), 1e-9) + 1e-3
    return np.asarray(palette @ np.log(share_in / share_out))
