"""Frames made ready for the screen before they are looked at: in the order of play, on workers, within a budget.

Knows the viewport's way of preparing a scene and which frames come next. Converts nothing on the interface's thread:
there it only builds scenes, of frames whose picture and mattes are in memory.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.frames import FrameNumber
from core.layer import LayerId
from core.shot import Change, Touched
from widgets.mattes_ahead import MattesAhead
from widgets.seen import Seen
from widgets.view_state import Look
from widgets.viewport.display_frame import READ_AHEAD
from widgets.viewport.preparation import Prepared
from widgets.viewport.viewport import Viewport

log = logging.getLogger(__name__)

REST_MS = 150
"""How long the look must rest before frames are made ready in it: nobody plays while dragging the exposure."""
SAY_MS = 250
"""How often at most `changed` is emitted."""
SOON_MS = 10
"""How often at most what came is looked at: of a long shot thousands of frames come, each of them one more to ask."""
WORKERS = max(1, min(4, (os.cpu_count() or 1)))
FILL = 0.9
"""How much of the budget is used ahead; the rest is for what is looked at in between."""
FIRST_ROOM = 4
"""How many frames are made ready before it is known how large they are."""


class Stocked(Seen, Protocol):
    """The part of the studio that is asked here."""

    @property
    def mattes_ahead(self) -> MattesAhead: ...
    def cached_frames(self) -> frozenset[FrameNumber]: ...


class ReadAhead(QObject):
    """The workers and what they have made.

    Args:
        studio: where pictures and mattes come from.
        viewport: what frames are made ready for.
        order: every frame once, as it may be wanted.
        playing: whether play is on: then all workers work, else one.
    """

    changed = Signal()
    """`ready` differs."""
    _finished = Signal(object, int, object)

    def __init__(
        self,
        studio: Stocked,
        viewport: Viewport,
        order: Callable[[], Sequence[FrameNumber]],
        playing: Callable[[], bool] = lambda: False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._studio, self._viewport, self._order, self._playing = studio, viewport, order, playing
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix=READ_AHEAD)
        self._done: dict[FrameNumber, Prepared] = {}
        self._running: set[FrameNumber] = set()
        self._absent: set[FrameNumber] = set()
        """Frames a scene of which was asked for in vain; tried again when something comes."""
        self._turn = 0
        """Counts what made all that is ready worthless."""
        self._closed = False
        self._rest = self._timer(REST_MS, self._pump)
        self._say = self._timer(SAY_MS, self.changed.emit)
        self._soon = self._timer(SOON_MS, self._pump)
        self._finished.connect(self._took, Qt.ConnectionType.QueuedConnection)  # it may end before it is waited for
        viewport.zoom_changed.connect(lambda _zoom: self._restart())
        viewport.easel.changed.connect(lambda _path: self._restart())
        viewport.rehearsal.baked.connect(self._restart)
        self._listening = (
            viewport.view.changed.connect(self._looked),
            studio.document.changed.connect(self._edited),
            studio.picture_ready.connect(self._came),
            studio.looking.picture_ready.connect(lambda which: self._came(which[1])),
            studio.colors.changed.connect(lambda _color: self._restart()),
            studio.mattes_ahead.came.connect(self._came),
            studio.matte_ready.connect(self._matte_came),
        )
        self._restart()

    @property
    def ready(self) -> frozenset[FrameNumber]:
        """Frames that can be shown as they are now without converting anything."""
        return frozenset(self._done)

    @property
    def busy(self) -> bool:
        """Whether frames are being made ready or about to be."""
        return bool(self._running) or self._rest.isActive() or self._soon.isActive()

    def is_ready(self, frame: FrameNumber) -> bool:
        return frame in self._done

    def go_on(self) -> None:
        """The order changed: play began, or turned round."""
        self._pump()

    def close(self) -> None:
        """Stop the workers and listen no more."""
        self._closed = True
        self._rest.stop()
        self._say.stop()
        self._soon.stop()
        for stop in self._listening:
            stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._done.clear()

    # --- what makes frames ready or not -------------------------------------------------------------------------
    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if _seen_in(before) != _seen_in(after):
            self._restart()
        elif before.frame != after.frame:
            self._pump()

    def _edited(self, change: Change) -> None:
        if change.touched is not Touched.REVIEW:
            self._restart()

    def _came(self, frame: FrameNumber) -> None:
        self._absent.clear()
        self._forget(frame)
        if len(self._running) < self._workers and not self._soon.isActive():
            self._soon.start()  # a worker that is at it asks for the next frame itself

    def _matte_came(self, which: tuple[LayerId, FrameNumber]) -> None:
        self._came(which[1])

    def _restart(self) -> None:
        """Everything looks different: begin again once the look rests. What is kept anyway is found again quickly."""
        self._turn += 1
        self._absent.clear()
        if self._done:
            self._done.clear()
            self._say_soon()
        if not self._closed:
            self._rest.start()

    def _forget(self, frame: FrameNumber) -> None:
        if self._done.pop(frame, None) is not None:
            self._say_soon()

    # --- the work -----------------------------------------------------------------------------------------------
    def _pump(self) -> None:
        """Give every free worker the next frame worth making ready."""
        if self._closed or self._rest.isActive():
            return
        if self._viewport.gesturing:
            self._rest.start()  # the hand comes first
            return
        wanted = self._order()[: self._room()]
        self._hold(wanted)
        here = self._studio.cached_frames()
        for frame in wanted:
            if len(self._running) >= self._workers:
                return
            if frame in here and not self._settled(frame) and self._studio.mattes_ahead.at_hand(frame):
                self._start(frame)

    @property
    def _workers(self) -> int:
        return WORKERS if self._playing() else 1

    def _settled(self, frame: FrameNumber) -> bool:
        return frame in self._done or frame in self._running or frame in self._absent

    def _start(self, frame: FrameNumber) -> None:
        work = self._viewport.rehearsal.prepare(frame)
        if work is None:
            self._absent.add(frame)
            return
        self._running.add(frame)
        turn = self._turn
        self._pool.submit(work.run).add_done_callback(lambda done: self._ended(frame, turn, done))

    def _ended(self, frame: FrameNumber, turn: int, done: Future[Prepared]) -> None:
        """On the worker's thread."""
        if not self._closed and not done.cancelled() and shiboken6.isValid(self):
            self._finished.emit(done, turn, frame)

    def _took(self, done: Future[Prepared], turn: int, frame: FrameNumber) -> None:
        self._running.discard(frame)
        error = done.exception()
        if error is not None:
            log.error("frame %s could not be made ready", frame, exc_info=error)
            self._absent.add(frame)
        elif turn == self._turn:
            self._done[frame] = done.result()
            self._say_soon()
        self._pump()

    def _room(self) -> int:
        """How many frames fit into the budget."""
        if not self._done:
            return FIRST_ROOM
        mean = sum(made.nbytes for made in self._done.values()) / len(self._done)
        return max(FIRST_ROOM, int(FILL * self._viewport.rehearsal.budget_bytes / max(1.0, mean)))

    def _hold(self, wanted: Sequence[FrameNumber]) -> None:
        """Count the frames ahead as used, the next one last, and let go of all others and of those that are gone."""
        kept = [
            frame
            for frame in reversed(wanted)
            if frame in self._done and self._viewport.rehearsal.holds(self._done[frame])
        ]
        if len(kept) != len(self._done):
            self._done = {frame: self._done[frame] for frame in kept}
            self._say_soon()

    def _say_soon(self) -> None:
        if not self._closed and not self._say.isActive():
            self._say.start()

    def _timer(self, interval_ms: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(then)
        return timer


def _seen_in(look: Look) -> Look:
    """The look without what changes no pixel of a picture or a matte."""
    return replace(look, frame=0, guides=True, drawings=True, wipe_x=0.5, wipe_y=0.5, wipe_angle=0.0, mix=0.5)
