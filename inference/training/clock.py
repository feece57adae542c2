"""What teaching's seconds are counted of. Knows nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Final, TypeVar

Report = TypeVar("Report")

PATIENCE: Final = 2.5
"""Seconds on the wall that a patient second may take at most."""


class PatientClock:
    """Goes on while this process computes, and slower while others hold the cores; as fast as the wall's at most.

    On a quiet machine it is the wall's, on any number of cores. Beside a render a minute of it takes longer and teaches
    about as much; it never goes slower than one in `PATIENCE`, so that nobody waits without end.

    Args:
        wall, cpu: clocks in seconds; `cpu` is the processor time of all threads of this process.
    """

    def __init__(
        self, wall: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time
    ) -> None:
        self._wall, self._cpu = wall, cpu
        self._lock = Lock()
        self._before = wall(), cpu()
        self._passed = 0.0

    def __call__(self) -> float:
        """Seconds since any fixed moment: only differences mean something."""
        with self._lock:
            wall, cpu = self._wall(), self._cpu()
            on_the_wall, computed = wall - self._before[0], cpu - self._before[1]
            self._before = wall, cpu
            self._passed += max(min(on_the_wall, computed), on_the_wall / PATIENCE)
            return self._passed


class WorkClock:
    """A clock that stands still while teaching does: paused, giving way to a click or to another job.

    Args:
        clock: what is counted while it works.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._away = 0.0

    def __call__(self) -> float:
        """Seconds since any fixed moment: only differences mean something."""
        return self._clock() - self._away

    def between(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The same reports; until the next one is asked for, nothing is counted."""
        for report in reports:
            left = self._clock()
            yield report
            self._away += self._clock() - left

    def beside(self, poll: Callable[[], bool]) -> Callable[[], bool]:
        """The same poll; what it waits is not counted."""

        def uncounted() -> bool:
            left = self._clock()
            answer = poll()
            self._away += self._clock() - left
            return answer

        return uncounted


CLOCKS: Final[Mapping[str, Callable[[], float]]] = {
    "wall": time.monotonic,
    "cpu": time.process_time,
    "patient": PatientClock(),
}
"""`wall`: as the artist waits; `cpu`: as the processor works for this process, so that a busy machine takes nothing
away. Two cores that are both at work spend two seconds of it in one. `patient`: as the artist waits on a quiet machine,
see `PatientClock`."""


def lesson(
    clock: str, cancelled: Callable[[], bool], taught: Callable[[Callable[[], bool], WorkClock], Iterable[Report]]
) -> Iterator[Report]:
    """What `taught` reports, by the clock of this name in `CLOCKS`; what it waits is not counted.

    Args:
        taught: is given the poll for cancelling and the clock.
    """
    work = WorkClock(CLOCKS[clock])
    yield from work.between(taught(work.beside(cancelled), work))
