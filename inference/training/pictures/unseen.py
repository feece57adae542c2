"""Generated pictures that no pool holds: what is examined on, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.arrays import Float32
from core.encoding import encode
from inference.training.pictures.pool import ENCODING
from inference.training.pictures.scene import Scene

FIRST_SEED = 10_000_000
"""Scenes from here on are never in a pool."""


def unseen_pictures(count: int, side: int) -> Iterator[tuple[int, Float32, Float32]]:
    """Of `count` seeds, those with a subject.

    Yields:
        The seed; (side, side, 3) the picture, sRGB-encoded, 0-1; (side, side) coverage 0-1 of its largest subject.
    """
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        frame = Scene(seed, (side, side)).frame()
        if frame.mattes:
            largest = max(frame.mattes.values(), key=lambda matte: float(matte.sum()))
            yield seed, np.clip(encode(ENCODING, frame.rgb), 0, 1), np.asarray(largest, np.float32)
