"""Who computes when: clicks first, one step at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from core.errors import Cancelled, EngineError
from inference.executor import Executor, Poll, Priority


@pytest.fixture
def executor() -> Iterator[Executor]:
    executor = Executor()
    yield executor
    executor.close()


def test_click_does_not_wait_for_a_step(executor: Executor) -> None:
    """A step of half a second is running; the click is answered at once."""
    running = threading.Event()

    def steps(_: Poll) -> Iterator[None]:
        while True:
            running.set()
            time.sleep(0.5)
            yield

    executor.start(Priority.TRAIN, steps, lambda _: None)
    running.wait(5)
    began = time.perf_counter()
    executor.call(lambda _: None).answer.result(5)

    assert time.perf_counter() - began < 0.3


def test_jobs_wait_while_a_click_is_answered(executor: Executor) -> None:
    """No new step begins during a click."""
    count = [0]

    def steps(_: Poll) -> Iterator[None]:
        while True:
            count[0] += 1
            time.sleep(0.01)
            yield

    executor.start(Priority.TRAIN, steps, lambda _: None)
    time.sleep(0.1)

    def click(_: Poll) -> int:
        time.sleep(0.05)
        before = count[0]
        time.sleep(0.2)
        return count[0] - before

    assert executor.call(click).answer.result(5) <= 1


def test_more_urgent_work_cuts_in(executor: Executor) -> None:
    """Between two steps of teaching a propagation takes over; teaching goes on afterwards."""
    order: list[str] = []
    ended = threading.Event()

    def job(name: str, count: int) -> Iterator[None]:
        for _ in range(count):
            order.append(name)
            time.sleep(0.02)
            yield

    executor.start(Priority.TRAIN, lambda _: job("train", 10), lambda _: ended.set())
    time.sleep(0.05)
    executor.start(Priority.PROPAGATE, lambda _: job("propagate", 5), lambda _: None)
    assert ended.wait(5)

    first = order.index("propagate")
    assert order[first : first + 5] == ["propagate"] * 5
    assert order[-1] == "train"


def test_cancel_ends_within_a_step_and_closes_the_generator(executor: Executor) -> None:
    """Its `finally` runs; the end is told once."""
    told: list[Exception | None] = []
    closed, ended, running = threading.Event(), threading.Event(), threading.Event()

    def steps(_: Poll) -> Iterator[None]:
        try:
            while True:
                running.set()
                yield
        finally:
            closed.set()

    task = executor.start(Priority.PROPAGATE, steps, lambda error: (told.append(error), ended.set())[1])
    running.wait(5)
    executor.cancel(task)

    assert ended.wait(5)
    assert closed.is_set()
    assert [type(error) for error in told] == [Cancelled]


def test_failures_are_answers(executor: Executor) -> None:
    """Whatever is raised ends one call or one job, never a lane."""
    told: list[Exception | None] = []
    ended = threading.Event()

    def broken(_: Poll) -> Iterator[None]:
        yield
        raise ZeroDivisionError("division by zero")

    executor.start(Priority.TRAIN, broken, lambda error: (told.append(error), ended.set())[1])
    with pytest.raises(EngineError, match="KeyError"):
        executor.call(lambda _: {}["nothing"]).answer.result(5)
    assert ended.wait(5)

    assert isinstance(told[0], ZeroDivisionError)
    assert executor.call(lambda _: 3).answer.result(5) == 3


def test_a_held_job_stands_still_inside_its_step_and_lets_others_by(executor: Executor) -> None:
    """Nothing of it is computed until it is let go; a more urgent job runs meanwhile; cancelling ends it at once."""
    count, ended, other = [0], threading.Event(), threading.Event()

    def steps(_: Poll) -> Iterator[None]:
        while True:
            for _step in range(5):
                executor.give_way(task, lambda: False)
                if task.stop.is_set():
                    raise Cancelled
                count[0] += 1
                time.sleep(0.005)
            yield

    task = executor.start(Priority.TRAIN, steps, lambda _: ended.set())
    time.sleep(0.1)
    executor.hold(task, held=True)
    time.sleep(0.05)
    held = count[0]
    time.sleep(0.1)
    still = count[0]
    executor.start(Priority.PROPAGATE, lambda _: iter([None]), lambda _: other.set())

    assert (held > 0, still) == (True, held)
    assert other.wait(5)
    executor.hold(task, held=False)
    deadline = time.monotonic() + 5
    while count[0] <= still + 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert count[0] > still + 5
    executor.hold(task, held=True)
    executor.cancel(task)
    assert ended.wait(5)


def test_a_long_step_gives_way_to_a_click_but_not_to_one_that_waits_for_it(executor: Executor) -> None:
    """Inside one report of many steps none begins during a click, unless the click needs what the step holds."""
    count, wanted = [0], [False]

    def steps(_: Poll) -> Iterator[None]:
        while not task.stop.is_set():
            executor.give_way(task, lambda: wanted[0])
            count[0] += 1
            time.sleep(0.005)
        yield

    def click(_: Poll) -> int:
        time.sleep(0.05)
        before = count[0]
        time.sleep(0.15)
        return count[0] - before

    task = executor.start(Priority.TRAIN, steps, lambda _: None)
    time.sleep(0.05)
    during = executor.call(click).answer.result(5)
    wanted[0] = True
    needed = executor.call(click).answer.result(5)
    executor.cancel(task)

    assert during <= 1
    assert needed > 3
