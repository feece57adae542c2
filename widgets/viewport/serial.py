"""Numbers that name arrays. `id()` may come again once an array is gone; these never do."""

from __future__ import annotations

import itertools
import threading
import weakref
from typing import Any

_numbers = itertools.count(1)
_named: dict[int, tuple[weakref.ref[Any], int]] = {}
_lock = threading.RLock()


def serial_of(thing: Any) -> int:
    """The number of this very object, the same as long as it lives. Safe from any thread."""
    place = id(thing)

    def forget(gone: weakref.ref[Any]) -> None:
        with _lock:
            if place in _named and _named[place][0] is gone:
                del _named[place]

    with _lock:
        known = _named.get(place)
        if known is not None and known[0]() is thing:
            return known[1]
        number = next(_numbers)
        _named[place] = weakref.ref(thing, forget), number
        return number
