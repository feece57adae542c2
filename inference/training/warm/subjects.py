"""Subjects for the learner, made in a process of its own: each a few views, in another order each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from torch.utils.data import IterableDataset

from core.arrays import Float32
from inference.training.clicks.examples import Source
from inference.training.warm.views import Shots, Views

VIEWS: Final = 5
EXAMPLE: Final = 1.7
"""Side of an example against that of a view."""
USED: Final = 2
"""Times that a subject's views are learnt from, each time from other ones of them."""
HELD: Final = 48
"""Subjects to choose among, so that those of one picture do not follow each other."""


class Subjects(IterableDataset[tuple[Float32, Float32]]):
    """Color (VIEWS, side, side, 3) and coverage (VIEWS, side, side), endlessly."""

    def __init__(self, source: Source, side: int, seed: tuple[int, ...]) -> None:
        self._source, self._side, self._seed = source, side, seed

    def __iter__(self) -> Iterator[tuple[Float32, Float32]]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng(self._seed)
        held: list[Views] = []
        left: list[int] = []
        for views in Shots(self._source.examples(int(EXAMPLE * self._side), rng), VIEWS, self._side, rng):
            held.append(views)
            left.append(USED)
            while len(held) == HELD:
                place = int(rng.integers(HELD))
                order = rng.permutation(VIEWS)
                yield held[place].color[order], held[place].coverage[order]
                left[place] -= 1
                if not left[place]:
                    held.pop(place)
                    left.pop(place)
