"""Finished mattes in memory, made from what lies in the store whenever somebody looks. Thread-safe.

They are never written: what they are made from is, and their key says how.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from core.finish import taken_apart
from core.finishing import finished
from core.matte import Matte


class FinishedMattes:
    """By key, the least recently seen go first.

    Args:
        source: gives what a matte is finished from; None when it is not there.
        budget_bytes: of memory; the newest stays whatever it takes.
    """

    def __init__(self, source: Callable[[str], Matte | None], budget_bytes: int) -> None:
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
        source_key, finish = taken_apart(key)
        source = self._source(source_key)
        if source is None:
            return None
        made = finished(source, finish)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._bytes += made.nbytes
                while self._bytes > self._budget_bytes and len(self._kept) > 1:
                    self._bytes -= self._kept.popitem(last=False)[1].nbytes
            return self._kept[key]
