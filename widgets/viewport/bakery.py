"""Bakes a display's view on a worker, so that choosing another one never stops the hand."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, Signal

from core.color import ColorConfig, DisplayTransform

log = logging.getLogger(__name__)


class Bakery(QObject):
    """`baked` says that a view that was asked for can be shown. Lives on the interface's thread."""

    baked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._baking: tuple[ColorConfig, str, str] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="bake")

    def ready(self, color: ColorConfig, display: str, view: str) -> bool:
        """Whether a transform can be had at once; if not, it is baked and `baked` follows."""
        if color.is_baked(display, view):
            return True
        wanted = (color, display, view)
        if self._baking != wanted:
            self._baking = wanted
            self._pool.submit(color.display, display, view).add_done_callback(self._finished)
        return False

    def close(self) -> None:
        """Stop the worker."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _finished(self, done: Future[DisplayTransform]) -> None:
        """On the worker's thread."""
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("a view could not be baked", exc_info=error)
            return
        self.baked.emit()
