"""How right the mattes of a sequence are, and whether what is thought of them is so. Knows arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from app.bench.propagate import iou
from app.bench.protocol import boundary_f
from core.arrays import Bool, Float32
from core.frames import FrameNumber


def scores(mattes: Mapping[FrameNumber, Float32], truth: Mapping[FrameNumber, Bool]) -> dict[str, float]:
    """Means over the frames of `truth`; a frame without a matte counts as an empty one.

    Returns:
        `iou`: at 0.5, DAVIS's region measure J; `f`: DAVIS's boundary measure at 0.5; `j_and_f`: their mean;
        `mae`: the mean absolute error of the coverage, 0-1; `worst_iou`; `frames`: how many.
    """
    overlaps, outlines, errors = [], [], []
    for frame, wanted in truth.items():
        got = mattes.get(frame, np.zeros(wanted.shape, np.float32))
        overlaps.append(iou(got, wanted))
        outlines.append(boundary_f(wanted, np.asarray(got > 0.5)))
        errors.append(float(np.abs(got - wanted).mean()))
    if not overlaps:
        return dict.fromkeys(("iou", "j_and_f", "f", "mae", "worst_iou"), math.nan) | {"frames": 0}
    region, outline = float(np.mean(overlaps)), float(np.mean(outlines))
    return {
        "iou": region,
        "j_and_f": (region + outline) / 2,
        "f": outline,
        "mae": float(np.mean(errors)),
        "worst_iou": min(overlaps),
        "frames": len(overlaps),
    }


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's: the correlation of the ranks, ties sharing theirs; NaN below three values or where all are alike."""
    if len(one) < 3:
        return math.nan
    first, second = (_centred(rankdata(values)) for values in (one, other))
    length = math.sqrt(float(first @ first) * float(second @ second))
    return float(first @ second) / length if length > 0.0 else math.nan


def _centred(ranks: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(ranks - ranks.mean())
