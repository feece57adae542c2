"""A signal for code that must not know Qt: listeners called in order, on the thread that emits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Payload = TypeVar("Payload")
Post = Callable[[Callable[[], None]], None]
"""Hands a call to the interface's thread. In tests: a list, or the call itself."""


class Signal(Generic[Payload]):
    """One value to many listeners. A listener may disconnect itself while it is called."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Payload], None]] = []

    def connect(self, listener: Callable[[Payload], None]) -> Callable[[], None]:
        """Call `listener` at every emit. Returns a call that disconnects it again."""
        self._listeners.append(listener)
        return lambda: self.disconnect(listener)

    def disconnect(self, listener: Callable[[Payload], None]) -> None:
        """Stop calling `listener`; quietly nothing if it is not connected."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def emit(self, payload: Payload) -> None:
        for listener in tuple(self._listeners):
            listener(payload)
