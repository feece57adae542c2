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


class OneAtATime:
    """One worker for what is looked at: while it makes one thing it takes no other, and nothing waits for it.

    Whoever looks again when the thing is there asks for what is wanted then.
    """

    def __init__(self, post: Post, report: Callable[[PenumbraError], None]) -> None:
        self._report = report
        self._worker = Background(post, report, workers=1)
        self._busy = False

    def make(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[PenumbraError], None] | None = None,
    ) -> None:
        """As `Background.run` where nothing is being made; else nothing."""
        if self._busy:
            return
        self._busy = True

        def made(result: Result) -> None:
            self._busy = False
            done(result)

        def refused(error: PenumbraError) -> None:
            self._busy = False
            (failed or self._report)(error)

        self._worker.run(work, made, refused)

    def close(self) -> None:
        """Stop after what is being made."""
        self._worker.close()
