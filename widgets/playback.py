"""Playing: which frame is due now, and which come next. The clock is the elapsed time, never the number of ticks, so a
late tick drops frames instead of slowing down, and says how many; playing every frame is slower instead, and says so.

Knows the view state and a clock. Does not know what a frame looks like.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.frames import FrameNumber, FrameRange
from widgets.track import Ends, Place, Track
from widgets.view_state import ViewState

FASTEST = 8
"""Pressing J or L again doubles the speed up to this."""
WAIT_MS = 4
"""How soon to look again whether a frame that every-frame play waits for has come."""
LONGEST_WAIT_S = 1.0
"""How long every-frame play waits for a frame to be made ready that could be shown already, if slowly."""
UNSEEN_S = 1.0
"""When nothing was painted for so long, nobody is looking, and nothing that is not painted counts as dropped."""
CATCH_UP_S = 0.2
"""Every-frame play that is late by less makes up for it; later than that, it goes on from where it is."""
MEASURE_S = 1.0
"""The actual rate is that of the last so many seconds."""


class Playback(QObject):
    """Moves the playhead of `view` at the plate's rate.

    Args:
        view: its `frame` is the playhead.
        frames: the range to play now, None when nothing is open.
        shown: whether a frame can be shown at all now; in real time one that cannot counts as dropped.
        passed: frames of the range that are passed over and not counted.
        ready: whether a frame can be shown without work; every-frame play waits for it.
        now: seconds, monotonic; a test's own clock.
    """

    changed = Signal()
    """Speed, ends, every-frame or the count of dropped frames changed."""
    measured = Signal()
    """`fps` is a new figure."""

    def __init__(
        self,
        view: ViewState,
        frames: Callable[[], FrameRange | None],
        shown: Callable[[FrameNumber], bool] = lambda _frame: True,
        passed: Callable[[], frozenset[FrameNumber]] = frozenset,
        ready: Callable[[FrameNumber], bool] = lambda _frame: True,
        now: Callable[[], float] = time.perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.rate = Fraction(24)
        self.ends = Ends.LOOP
        self.every_frame = False
        """Never skip a frame; take the time it takes."""
        self.dropped = 0
        """Frames that were due since play began and were not seen."""
        self.speed = 0
        """Frames per frame of time: 0 stopped, negative backward, 2 twice as fast."""
        self.fps = 0.0
        """Frames a second that were really shown; 0 until it is known."""
        self._view, self._frames, self._shown, self.passed, self._ready, self._now = (
            view,
            frames,
            shown,
            passed,
            ready,
            now,
        )
        self._started_s = 0.0
        self._advanced = 0
        self._painted_s = float("-inf")
        self._unpainted = False
        self._times: deque[float] = deque()
        self._said_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tick)

    @property
    def playing(self) -> bool:
        return self.speed != 0

    def play(self, direction: int) -> None:
        """Play forward (1) or backward (-1); again in the same direction doubles the speed."""
        track = self._track()
        if len(track) < 2:
            return
        if self.speed * direction > 0:
            self.speed = direction * min(abs(self.speed) * 2, FASTEST)
        else:
            if not self.playing:
                self.dropped = 0
            self.speed = direction
        if self.ends is Ends.ONCE and track.ended(track.place(self._view.look.frame, direction)):
            self._view.set(frame=track.beginning(direction))
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

    def set_ends(self, ends: Ends) -> None:
        """What happens at the end of the range."""
        self.ends = ends
        self.changed.emit()

    def set_every_frame(self, every_frame: bool) -> None:
        """Show every frame, however long it takes; or keep the time and drop what is late."""
        self.every_frame = every_frame
        if self.playing:
            self._begin()
        self.changed.emit()

    def upcoming(self) -> tuple[FrameNumber, ...]:
        """Every frame of the range once, the one under the playhead first, in the order in which they may be wanted.

        While playing that is the order of play, past the end to where it goes on; else forward and, more thinly,
        backward from the playhead.
        """
        track = self._track()
        if self.playing:
            return track.upcoming(track.place(self._view.look.frame, 1 if self.speed > 0 else -1))
        return track.around(self._view.look.frame)

    def painted(self, frame: FrameNumber) -> None:
        """The picture of this frame is on screen now."""
        self._painted_s = now = self._now()
        if not self._unpainted or frame != self._view.look.frame:
            return
        self._unpainted = False
        if self.playing:
            self._measure(now)

    def tick(self) -> None:
        """Show the frame that is due by the clock, and count the ones that time has passed over."""
        track = self._track()
        if not self.playing or len(track) < 2:
            self.stop()
            return
        now = self._now()
        due = int((now - self._started_s) * self._per_second + 1e-6)
        steps = due - self._advanced
        if steps > 0 and self.every_frame:
            self._advance_one(track, now, late=steps - 1)
        elif steps > 0:
            self._advanced = due
            self._advance(track, steps)
        if self.playing:
            self._schedule()

    @property
    def _per_second(self) -> float:
        return float(self.rate) * abs(self.speed)

    def _track(self) -> Track:
        return Track.of(self._frames(), self.passed(), self.ends)

    def _place(self, track: Track) -> Place:
        return track.place(self._view.look.frame, 1 if self.speed > 0 else -1)

    def _advance(self, track: Track, steps: int) -> None:
        place = self._place(track)
        to = track.walk(place, steps)
        frame = track.frame(to)
        if self.ends is Ends.ONCE:
            steps = abs(to.position - place.position)
        passed = max(0, steps - abs(self.speed)) + (0 if self._shown(frame) else 1)
        if self._unpainted and self._now() - self._painted_s < UNSEEN_S:
            passed += 1  # the last one never reached the screen
        self._go_to(track, to)
        if passed:
            self.dropped += passed
            self.changed.emit()

    def _advance_one(self, track: Track, now: float, late: int) -> None:
        """The very next frame, once the one before it was seen and this one can be shown; time waits for it."""
        to = track.walk(self._place(track), 1)
        frame = track.frame(to)
        unseen = self._unpainted and now - self._painted_s < UNSEEN_S
        slow = now - (self._started_s + (self._advanced + 1) / self._per_second) > LONGEST_WAIT_S
        if unseen or not (self._ready(frame) or (slow and self._shown(frame))):
            return
        self._advanced += 1
        if late > self._per_second * CATCH_UP_S:
            self._started_s, self._advanced = now, 0
        self._go_to(track, to)

    def _go_to(self, track: Track, to: Place) -> None:
        frame = track.frame(to)
        if self.speed * to.direction < 0:
            self.speed = -self.speed  # turned round at an end
        self._unpainted = frame != self._view.look.frame
        if self._now() - self._painted_s >= UNSEEN_S:
            self._measure(self._now())
        self._view.set(frame=frame)
        if track.ended(to):
            self.stop()

    def _measure(self, now: float) -> None:
        self._times.append(now)
        while self._times[0] < now - MEASURE_S:
            self._times.popleft()
        if len(self._times) > 2 and now - self._said_s >= MEASURE_S / 2:
            self.fps = (len(self._times) - 1) / (now - self._times[0])
            self._said_s = now
            self.measured.emit()

    def _begin(self) -> None:
        self._started_s = self._said_s = self._now()
        self._advanced = 0
        self._unpainted = False
        self._times.clear()
        self.fps = 0.0
        self._schedule()

    def _schedule(self) -> None:
        """Wake at the time the next frame is due, not at a fixed distance from now."""
        left_s = self._started_s + (self._advanced + 1) / self._per_second - self._now()
        self._timer.start(round(left_s * 1000) if left_s > 0 else WAIT_MS if self.every_frame else 0)
