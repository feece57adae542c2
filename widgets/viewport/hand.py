"""One gesture at a time: started by a press, fed every move, ended by the release of the same button, or cancelled."""

from __future__ import annotations

from collections.abc import Callable

from core.commands import Command
from widgets.tools.tool import Gesture, PointerEvent
from widgets.viewport.pointer import Button


class Hand:
    """Runs gestures. `on_command` is given the command of a finished one; `on_end` is called after each.

    `pane` is the pane the gesture began in: it stays there even when the pointer leaves it.
    """

    def __init__(self, on_command: Callable[[Command], None], on_end: Callable[[], None]) -> None:
        self._on_command = on_command
        self._on_end = on_end
        self._gesture: Gesture | None = None
        self._moving = False
        self.button: Button = "none"
        self.pane = 0

    @property
    def busy(self) -> bool:
        return self._gesture is not None

    def begin(self, gesture: Gesture, button: Button, pane: int) -> None:
        """Run the gesture up to where it waits for the next event."""
        self._gesture, self.button, self.pane = gesture, button, pane
        self._advance(lambda: next(gesture))

    def send(self, event: PointerEvent) -> None:
        """Give the gesture an event; quietly nothing when there is none."""
        gesture = self._gesture
        if gesture is not None:
            self._advance(lambda: gesture.send(event))

    def cancel(self) -> None:
        """Escape: the gesture undoes what it showed and returns nothing. Too late once its command is being given."""
        if self._gesture is None or self._moving:
            return
        gesture, self._gesture = self._gesture, None
        gesture.close()
        self._end()

    def _advance(self, step: Callable[[], None]) -> None:
        finished = True
        self._moving = True
        try:
            step()
            finished = False
        except StopIteration as ended:
            if ended.value is not None:
                self._on_command(ended.value)
        finally:
            self._moving = False
            if finished:  # also when the gesture failed: the next press starts afresh
                self._gesture = None
                self._end()

    def _end(self) -> None:
        self.button = "none"
        self._on_end()
