"""Who computes when. Two lanes: what an artist waits for, and everything else, in steps.

The interactive lane answers clicks, one after another. The bulk lane runs generators (prefetch, propagate, process,
train), always one step of the most urgent one, and holds its next step back while a click is being answered. So a
click waits for nobody, and a job waits for clicks. See `docs/decisions/0006-engine-lanes.md`. Knows nothing of models.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Generic, TypeVar

from core.errors import Cancelled, EngineError, PenumbraError

Answer = TypeVar("Answer")
Poll = Callable[[], bool]
log = logging.getLogger(__name__)

LONGEST_WAIT_S = 1.0
"""A step is held back for clicks at most so long: an artist who never rests must not stop every job."""
LOOK_AGAIN_S = 0.02
"""How often a step that gives way looks whether it may go on."""
BULK_NICENESS = 5


class Priority(IntEnum):
    """Smaller is more urgent."""

    PREFETCH = 1
    PROPAGATE = 2
    PROCESS = 3
    TRAIN = 4


class Ticket(Generic[Answer]):
    """One interactive call: its answer, and the way to give it up."""

    def __init__(self, work: Callable[[Poll], Answer]) -> None:
        self.work = work
        self.answer: Future[Answer] = Future()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Before it began: it never will. After: the work sees it at its next poll."""
        self._cancelled.set()

    def run(self) -> None:
        if not self.answer.set_running_or_notify_cancel():
            return
        if self._cancelled.is_set():
            self.answer.set_exception(Cancelled())
            return
        try:
            self.answer.set_result(self.work(self._cancelled.is_set))
        except PenumbraError as error:
            self.answer.set_exception(error)
        except Exception as error:
            log.exception("an interactive call failed")
            self.answer.set_exception(EngineError("The engine", f"failed with {type(error).__name__}: {error}"))


@dataclass(order=True, slots=True)
class Task:
    """One generator in the bulk lane. `on_end` is called once, on the lane's thread, with what ended it or None."""

    priority: Priority
    order: int
    begin: Callable[[Poll], Iterator[None]] = field(compare=False)
    on_end: Callable[[Exception | None], None] = field(compare=False)
    steps: Iterator[None] | None = field(default=None, compare=False)
    stop: threading.Event = field(default_factory=threading.Event, compare=False)
    held: bool = field(default=False, compare=False)
    """Paused: no step of it begins."""

    @property
    def ready(self) -> bool:
        return not self.held or self.stop.is_set()


class Executor:
    """The two lanes. Thread-safe; `close` lets the current steps end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets: list[Ticket[object]] = []
        self._answering = False
        self._tasks: list[Task] = []
        self._order = itertools.count()
        self._closed = False
        self._threads = (
            threading.Thread(target=self._answer_clicks, name="interactive", daemon=True),
            threading.Thread(target=self._do_steps, name="bulk", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many interactive calls have not begun."""
        return len(self._tickets)

    def call(self, work: Callable[[Poll], Answer]) -> Ticket[Answer]:
        """Run `work` in the interactive lane, after those already waiting."""
        ticket: Ticket[Answer] = Ticket(work)
        with self._changed:
            self._tickets.append(ticket)  # type: ignore[arg-type] # only run() is called on it
            self._changed.notify_all()
        return ticket

    def start(
        self, priority: Priority, begin: Callable[[Poll], Iterator[None]], on_end: Callable[[Exception | None], None]
    ) -> Task:
        """Run the generator that `begin` makes in the bulk lane, a step at a time."""
        task = Task(priority, next(self._order), begin, on_end)
        with self._changed:
            self._tasks.append(task)
            self._changed.notify_all()
        return task

    def cancel(self, task: Task) -> None:
        """End it within its current step; `on_end` is told `Cancelled`."""
        task.stop.set()
        with self._changed:
            self._changed.notify_all()

    def hold(self, task: Task, *, held: bool) -> None:
        """Pause it, or let it go on. Others go on; one that gives way (see `give_way`) stops within its step."""
        with self._changed:
            task.held = held
            self._changed.notify_all()

    def give_way(self, task: Task, unless: Callable[[], bool]) -> None:
        """Called inside a long step of `task`: wait while a click is answered (at most `LONGEST_WAIT_S`), and while the
        task is held and nobody else wants the lane.

        Args:
            unless: what the task itself holds is waited for: go on, whoever waits.
        """
        until = time.monotonic() + LONGEST_WAIT_S
        with self._changed:
            while not (task.stop.is_set() or self._closed or unless()):
                clicks = (self._answering or self._tickets) and time.monotonic() < until
                alone = task.held and not any(other.ready for other in self._tasks if other is not task)
                if not (clicks or alone):
                    return
                self._changed.wait(LOOK_AGAIN_S)

    def ahead_of(self, task: Task) -> int:
        """How many tasks run before this one."""
        with self._changed:
            return sum(other < task for other in self._tasks)

    def close(self, timeout_s: float = 5.0) -> None:
        """Cancel everything and wait for the lanes to notice."""
        with self._changed:
            self._closed = True
            for ticket in self._tickets:
                ticket.cancel()
            for task in self._tasks:
                task.stop.set()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout_s)

    def _answer_clicks(self) -> None:
        while True:
            with self._changed:
                self._answering = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._tickets or self._closed)
                if not self._tickets:
                    return
                ticket = self._tickets.pop(0)
                self._answering = True
            ticket.run()

    def _do_steps(self) -> None:
        if sys.platform == "linux":  # threads have a niceness of their own there; others share the process's
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BULK_NICENESS)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ready() or self._closed)
                if not self._ready():
                    return
                self._changed.wait_for(self._may_step, LONGEST_WAIT_S)
                if not (ready := self._ready()):
                    continue  # paused meanwhile
                task = min(ready)
            if not self._step(task):
                with self._changed:
                    self._tasks.remove(task)

    def _ready(self) -> list[Task]:
        return [task for task in self._tasks if task.ready]

    def _may_step(self) -> bool:
        return not (self._answering or self._tickets) or any(task.stop.is_set() for task in self._tasks)

    def _step(self, task: Task) -> bool:
        """One step; False when the task has ended."""
        ended: Exception | None = None
        if task.stop.is_set():
            ended = Cancelled()
        else:
            try:
                if task.steps is None:
                    task.steps = task.begin(task.stop.is_set)
                next(task.steps)
            except StopIteration:
                pass
            except Exception as error:  # noqa: BLE001 - a worker's body: it ends the job, not the engine
                ended = error
            else:
                return True
        try:
            if task.steps is not None and hasattr(task.steps, "close"):
                task.steps.close()
            task.on_end(ended)
        except Exception:
            log.exception("the end of a task failed")
        return False
