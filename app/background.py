"""Slow calls on workers; their results, or their errors, come back on the interface's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from core.errors import PenumbraError
from core.signal import Post

Result = TypeVar("Result")


class Background:
    """A few workers.

    Args:
        post: hands a call to the interface's thread.
        report: told of an error nobody else takes, on the interface's thread.
    """

    def __init__(self, post: Post, report: Callable[[PenumbraError], None], workers: int = 2) -> None:
        self._post = post
        self._report = report
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="background")

    def run(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[PenumbraError], None] | None = None,
    ) -> None:
        """Call `work` on a worker, then `done` with its result or `failed` with its error."""

        def finished(future: Future[Result]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is None:
                done(future.result())
            elif isinstance(error, PenumbraError):
                (failed or self._report)(error)
            else:
                raise error

        future = self._workers.submit(work)
        future.add_done_callback(lambda ended: self._post(lambda: finished(ended)))

    def wait(self) -> None:
        """With one worker: until what was asked so far is done. What came of it is still on its way to `post`."""
        self._workers.submit(int).result()

    def close(self) -> None:
        """Wait for what runs, forget what waits."""
        self._workers.shutdown(wait=True, cancel_futures=True)
