"""How many threads a network runs on: as many as are quickest just now.

On a quiet machine two cores are nearly twice as fast as one. Where others compute as well, threads of one step
wait for each other, and a step on two of them can take ten times as long as on one. So both are tried, now and then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import torch

TRIALS: Final = 3
"""Steps each choice is tried for; the quickest counts, so that what only the first step does is left out."""
MOST: Final = 8
"""More threads than this bring nothing for a network so small."""
PERIOD: Final = 80
"""Steps after which both are tried again."""


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Threads:
    """Runs steps that cost about the same. The number of threads is the process's: one of these at a time."""

    def __init__(self, most: int | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        most = most or cores()
        self._choices = (1,) if most == 1 else (1, min(most, MOST))
        self._clock = clock
        self._step = 0
        self._quickest: dict[int, float] = {}

    @property
    def count(self) -> int:
        """The number of threads of the next step."""
        place = self._step % PERIOD
        tried = place // TRIALS
        if tried < len(self._choices):
            return self._choices[tried]
        return min(self._choices, key=lambda count: self._quickest.get(count, float("inf")))

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run one step inside; measures it."""
        count = self.count
        if self._step % PERIOD == 0:
            self._quickest.clear()
        if torch.get_num_threads() != count:
            torch.set_num_threads(count)
        began = self._clock()
        yield
        spent = self._clock() - began
        self._quickest[count] = min(spent, self._quickest.get(count, float("inf")))
        trying = self._step % PERIOD < TRIALS * len(self._choices)
        hopeless = spent > 3.0 * min(self._quickest.values())
        self._step += TRIALS - self._step % PERIOD % TRIALS if trying and hopeless else 1
