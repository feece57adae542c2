"""What teaching is measured on: frames or regions the network is never trained on. Knows arrays only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.arrays import Float32
from inference.model import Lesson

REGION: Final = 1 / 3
"""Height and width of a held-out region, as parts of the subject's bounds."""


def mean_error(coverage: Float32, truth: Float32, counted: Float32) -> float:
    """Mean absolute error, 0-1, over the pixels where `counted` is above zero; all (h, w)."""
    places = counted > 0.0
    return float(np.abs(coverage - truth)[places].mean()) if places.any() else 0.0


def overlap(coverage: Float32, truth: Float32) -> float:
    """Intersection over union of both at 0.5; 1 where both are empty."""
    one, other = coverage > 0.5, truth > 0.5
    union = np.count_nonzero(one | other)
    return float(np.count_nonzero(one & other) / union) if union else 1.0


def held_out_region(lessons: Sequence[Lesson]) -> tuple[int, tuple[slice, slice]] | None:
    """Where to measure when no frame is held out: a part of one lesson's subject, on its edge.

    Chosen by weight and frame number alone, so that it stays the same over rounds: of the frames the artist was surest
    of, the first. A frame that was only clicked is no truth to be measured against. None when there is no subject.
    """
    subjects = [
        (-lesson.weight, lesson.frame, position)
        for position, lesson in enumerate(lessons)
        if (lesson.coverage > 0.5).any()
    ]
    if not subjects:
        return None
    _, frame, position = min(subjects)
    rows, columns = np.nonzero(lessons[position].coverage > 0.5)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    height, width = max(2, int((bottom - top) * REGION)), max(2, int((right - left) * REGION))
    random = np.random.default_rng(abs(frame))
    place = int(random.integers(len(rows)))
    y = int(np.clip(rows[place] - height // 2, top, max(top, bottom - height)))
    x = int(np.clip(columns[place] - width // 2, left, max(left, right - width)))
    return position, (slice(y, y + height), slice(x, x + width))
