"""The clock that waits for a busy machine, but not for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inference.training.clock import PATIENCE, PatientClock, WorkClock


@pytest.mark.parametrize(
    ("wall_s", "cpu_s", "expected"),
    [(10.0, 19.0, 10.0), (10.0, 10.0, 10.0), (10.0, 6.0, 6.0), (10.0, 1.0, 10.0 / PATIENCE)],
    ids=["two cores", "one core", "a part of one", "hardly any"],
)
def test_a_second_counts_as_far_as_it_was_computed_in(wall_s: float, cpu_s: float, expected: float) -> None:
    """Step by step as in one: what passed on the wall, less what others took, and never less than its share."""
    now = {"wall": 100.0, "cpu": 7.0}
    clock = PatientClock(lambda: now["wall"], lambda: now["cpu"])
    began = clock()

    for _ in range(5):
        now["wall"] += wall_s / 5
        now["cpu"] += cpu_s / 5
        clock()

    assert clock() - began == pytest.approx(expected)


def test_teaching_that_waits_does_not_spend_its_seconds() -> None:
    """Neither between two reports (paused, another job) nor in a poll (a click) does the clock go on."""
    now = [100.0]

    def poll() -> bool:
        now[0] += 7.0
        return True

    clock = WorkClock(lambda: now[0])
    began, waiting = clock(), clock.beside(poll)

    def steps() -> Iterator[bool]:
        for _step in range(2):
            now[0] += 1.0
            yield waiting()

    reports = []
    for report in clock.between(steps()):
        reports.append(report)
        now[0] += 30.0

    assert reports == [True, True]
    assert clock() - began == 2.0
