"""An interface thread without an interface: the command line and the tests run a studio in it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from core.errors import PenumbraError


class TimedOut(PenumbraError):
    """What was waited for did not happen in time."""


class Loop:
    """Calls posted from any thread are run, in order, by whoever waits."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` when the loop's owner waits next. Safe from any thread."""
        self._calls.put(call)

    def wait(self, until: Callable[[], bool], timeout_s: float = float("inf"), what: str = "The work") -> None:
        """Run calls until `until()` holds. Raises TimedOut after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while not until():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimedOut(what, why=f"did not answer within {timeout_s:.0f} s")
            try:
                call = self._calls.get(timeout=min(left, 0.1))
            except queue.Empty:
                continue
            call()
