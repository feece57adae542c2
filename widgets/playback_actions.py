"""What the Playback menu does: step, jump, key frames, in and out. Moves the playhead, never the picture."""

from __future__ import annotations

from collections.abc import Callable

from core.commands import SetRange
from core.frames import FrameNumber, FrameRange
from widgets.actions import Actions
from widgets.playback import Playback
from widgets.studio import Studio
from widgets.track import Ends
from widgets.transport import Transport
from widgets.view_state import ViewState


class PlaybackActions:
    """Binds the actions of Playback."""

    def __init__(
        self, studio: Studio, view: ViewState, playback: Playback, transport: Transport, actions: Actions
    ) -> None:
        self._studio, self._view, self._playback, self._transport = studio, view, playback, transport
        actions.bind(
            {
                "play.toggle": playback.toggle,
                "play.back": lambda: playback.play(-1),
                "play.forward": lambda: playback.play(1),
                "play.stop": playback.stop,
                "play.loop": lambda: self._toggle(Ends.LOOP),
                "play.ping_pong": lambda: self._toggle(Ends.PING_PONG),
                "play.once": lambda: playback.set_ends(Ends.ONCE),
                "play.every_frame": lambda: playback.set_every_frame(not playback.every_frame),
                "play.step_back": lambda: self.step(-1),
                "play.step_forward": lambda: self.step(1),
                "play.jump_back": lambda: self.step(-transport.increment.value()),
                "play.jump_forward": lambda: self.step(transport.increment.value()),
                "play.key_back": lambda: self._to_key(-1),
                "play.key_forward": lambda: self._to_key(1),
                "play.first": self._at_end(lambda frames: frames.first),
                "play.last": self._at_end(lambda frames: frames.last),
                "play.go_to": self._type_frame,
                "range.in": lambda: self._set_range(first=view.look.frame),
                "range.out": lambda: self._set_range(last=view.look.frame),
                "range.clear": self._clear_range,
            }
        )

    def step(self, frames: int) -> None:
        """Move the playhead over frames that are not passed over; it stops at the plate's ends."""
        self._playback.stop()
        plate = self._studio.document.shot.plate
        if plate is None:
            return
        way = 1 if frames > 0 else -1
        frame, passed = self._view.look.frame + frames, self._playback.passed()
        while frame in passed and frame in plate.frames:
            frame += way
        if frame not in passed:
            self._go_to(frame)

    def _toggle(self, ends: Ends) -> None:
        """This way at the ends; once more to stop there."""
        self._playback.set_ends(Ends.ONCE if self._playback.ends is ends else ends)

    def _go_to(self, frame: FrameNumber) -> None:
        plate = self._studio.document.shot.plate
        if plate is not None:
            self._view.set(frame=plate.frames.clamp(frame))

    def _at_end(self, end: Callable[[FrameRange], FrameNumber]) -> Callable[[], None]:
        def go() -> None:
            frames = self._studio.document.shot.range
            if frames is not None:
                self._playback.stop()
                self._go_to(end(frames))

        return go

    def _to_key(self, direction: int) -> None:
        shot, look = self._studio.document.shot, self._view.look
        layer = shot.find(look.layer_id)
        if layer is not None:
            keys = {*layer.frames_by_hand, *layer.shape_keys}
            ahead = [frame for frame in keys if (frame - look.frame) * direction > 0]
            frame = min(ahead, key=lambda each: abs(each - look.frame), default=None)
            if frame is not None:
                self._playback.stop()
                self._go_to(frame)

    def _type_frame(self) -> None:
        self._transport.frame.setFocus()
        self._transport.frame.selectAll()

    def _set_range(self, first: FrameNumber | None = None, last: FrameNumber | None = None) -> None:
        shot = self._studio.document.shot
        if shot.range is None or shot.plate is None:
            return
        first = shot.range.first if first is None else first
        last = shot.range.last if last is None else last
        if last < first:
            first = last = self._view.look.frame
        wanted = FrameRange(first, last)
        if wanted != shot.range:
            self._studio.document.do(SetRange(None if wanted == shot.plate.frames else wanted))

    def _clear_range(self) -> None:
        if self._studio.document.shot.frames is not None:
            self._studio.document.do(SetRange(None))
