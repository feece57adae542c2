"""Playing: which frame is due now. The clock is the elapsed time, never the number of ticks, so a late tick drops
frames instead of slowing down, and says how many.

Knows the view state and a clock. Does not know what a frame looks like.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.frames import FrameNumber, FrameRange
from widgets.view_state import ViewState

FASTEST = 8
"""Pressing J or L again doubles the speed up to this."""


class Playback(QObject):
    """Moves the playhead of `view` at the plate's rate.

    Args:
        view: its `frame` is the playhead.
        frames: the range to play now, None when nothing is open.
        shown: whether a frame can be shown at once; one that cannot counts as dropped.
        now: seconds, monotonic; a test's own clock.
    """

    changed = Signal()
    """Speed, loop or the count of dropped frames changed."""

    def __init__(
        self,
        view: ViewState,
        frames: Callable[[], FrameRange | None],
        shown: Callable[[FrameNumber], bool] = lambda _frame: True,
        now: Callable[[], float] = time.perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.rate = Fraction(24)
        self.loops = True
        self.dropped = 0
        self.speed = 0
        """Frames per frame of time: 0 stopped, negative backward, 2 twice as fast."""
        self._view, self._frames, self._shown, self._now = view, frames, shown, now
        self._started_s = 0.0
        self._advanced = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tick)

    @property
    def playing(self) -> bool:
        return self.speed != 0

    def play(self, direction: int) -> None:
        """Play forward (1) or backward (-1); again in the same direction doubles the speed."""
        frames = self._frames()
        if frames is None or len(frames) < 2:
            return
        if self.speed * direction > 0:
            self.speed = direction * min(abs(self.speed) * 2, FASTEST)
        else:
            if not self.playing:
                self.dropped = 0
            self.speed = direction
        end = frames.last if direction > 0 else frames.first
        if self._view.look.frame == end and not self.loops:
            self._view.set(frame=frames.first if direction > 0 else frames.last)
        self._begin()
        self.changed.emit()

    def stop(self) -> None:
        """Stop where the playhead is."""
        if self.playing:
            self.speed = 0
            self._timer.stop()
            self.changed.emit()

    def toggle(self) -> None:
        """Space: stop, or play forward."""
        if self.playing:
            self.stop()
        else:
            self.play(1)

    def set_loops(self, loops: bool) -> None:
        self.loops = loops
        self.changed.emit()

    def tick(self) -> None:
        """Show the frame that is due by the clock, and count the ones that time has passed over."""
        frames = self._frames()
        if not self.playing or frames is None:
            self.stop()
            return
        due = int((self._now() - self._started_s) * float(self.rate) * abs(self.speed) + 1e-6)
        steps = due - self._advanced
        if steps > 0:
            self._advanced = due
            self._advance(frames, steps)
        if self.playing:
            self._schedule()

    def _advance(self, frames: FrameRange, steps: int) -> None:
        direction = 1 if self.speed > 0 else -1
        position = self._view.look.frame - frames.first + direction * steps
        if not 0 <= position < len(frames):
            if not self.loops:
                self._view.set(frame=frames.last if direction > 0 else frames.first)
                self.stop()
                return
            position %= len(frames)
        frame = frames.first + position
        passed = max(0, steps - abs(self.speed)) + (0 if self._shown(frame) else 1)
        self._view.set(frame=frame)
        if passed:
            self.dropped += passed
            self.changed.emit()

    def _begin(self) -> None:
        self._started_s = self._now()
        self._advanced = 0
        self._schedule()

    def _schedule(self) -> None:
        """Wake at the time the next frame is due, not at a fixed distance from now."""
        next_s = self._started_s + (self._advanced + 1) / (float(self.rate) * abs(self.speed))
        self._timer.start(max(0, round((next_s - self._now()) * 1000)))
