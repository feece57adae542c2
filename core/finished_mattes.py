"""Finished mattes in memory, made from what lies in the store whenever somebody looks. Thread-safe.

They are never written: what they are made from is, and their key says how. What one step gave is kept too, so that
turning the last knob does the last step again and no other.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from core.finish_keys import NOTHING, Done, taken_apart
from core.finishing import MotionOf, NotThere, done
from core.geometry import Window
from core.matte import Matte


class FinishedMattes:
    """By key, the least recently seen go first.

    Args:
        source: gives what a matte is finished from; None when it is not there.
        budget_bytes: of memory; the newest stays whatever it takes.
    """

    def __init__(self, source: Callable[[str], Matte | None], budget_bytes: int) -> None:
        self.motion_of: MotionOf = _no_motion
        """Set by whoever can read frames."""
        self._source = source
        self._budget_bytes = budget_bytes
        self._kept: OrderedDict[str, Matte] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def at_hand(self, key: str) -> bool:
        """Whether `get` would give it without making it."""
        with self._lock:
            return key in self._kept

    def get(self, key: str) -> Matte | None:
        """The matte of a finished key; the same one each time while it is kept."""
        with self._lock:
            matte = self._kept.get(key)
            if matte is not None:
                self._kept.move_to_end(key)
                return matte
        source_key, steps = taken_apart(key)
        source = _nothing() if source_key == NOTHING else self._source(source_key)
        if source is None:
            return None
        try:
            made = done(source, steps, self._source, self.motion_of)
        except NotThere:
            return None
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._bytes += made.nbytes
                while self._bytes > self._budget_bytes and len(self._kept) > 1:
                    self._bytes -= self._kept.popitem(last=False)[1].nbytes
            return self._kept[key]

    def applied(self, matte: Matte, key: str) -> Matte:
        """All that `key` says, done to a matte that has no key; the matte itself where it cannot be done."""
        steps: list[Done] = []
        while (apart := taken_apart(key))[1]:
            key, steps = apart[0], [*apart[1], *steps]
        try:
            return done(matte, steps, self._source, self.motion_of)
        except NotThere:
            return matte


def _nothing() -> Matte:
    """What a matte is made from that begins with nothing; its first step says how large it is."""
    return Matte(Window(0, 0, 0, 0), np.zeros((0, 0), np.float16), 1.0)


def _no_motion(_identity: str, _frame: int, _window: Window) -> None:
    return None
