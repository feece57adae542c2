"""The clock that waits for a busy machine, but not for ever."""

from __future__ import annotations

import pytest

from inference.training.clock import PATIENCE, PatientClock


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
