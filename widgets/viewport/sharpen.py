"""Convert a picture finely on a worker while a coarser one is on screen. Only the newest wish is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from core.geometry import Window
from widgets.viewport.display_frame import DisplayFrame

log = logging.getLogger(__name__)


class Sharpener:
    """One worker. `on_done` is called on the worker's thread after each finished frame."""

    def __init__(self, on_done: Callable[[], None]) -> None:
        self._on_done = on_done
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sharpen")
        self._wanted: dict[DisplayFrame, Window] = {}
        self._running: set[DisplayFrame] = set()
        self._closed = False

    def wish(self, frame: DisplayFrame, window: Window, *, keep_others: bool = False) -> None:
        """Have this plate window of `frame` converted; older wishes are dropped unless another pane shows them."""
        if self._closed or frame in self._running:
            return
        if not keep_others:
            self._wanted.clear()
        self._wanted[frame] = window
        if not self._running:
            self._next()

    def busy_with(self, frame: DisplayFrame) -> bool:
        return frame in self._running

    def _next(self) -> None:
        if self._closed or not self._wanted:
            return
        frame, window = self._wanted.popitem()
        self._running.add(frame)
        self._pool.submit(frame.ensure, window).add_done_callback(lambda done: self._finished(frame, done))

    def _finished(self, frame: DisplayFrame, done: Future[None]) -> None:
        self._running.discard(frame)
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("a picture could not be converted for the screen", exc_info=error)
            return
        self._on_done()

    def resume(self) -> None:
        """Go on with what is still wished for; called on the interface's thread after `on_done`."""
        if not self._running:
            self._next()

    def close(self) -> None:
        self._closed = True
        self._wanted.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
