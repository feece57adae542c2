"""Flows that outlive a request: a correction carries mattes along the same pictures again.

They are found by what the two pictures hold, not by their names, so nothing has to be told when a plate changes, and
an answer never depends on what was asked before. Called by one thread at a time, as models are.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from core.arrays import Float32, UInt8

BUDGET_BYTES: Final = 256 << 20
"""About 120 frames, both directions, at 480 pixels."""

Pictures = tuple[bytes, ...]


class KeptFlows:
    """The flows asked for last, by their two pictures, within a budget of bytes."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._bytes = 0
        self._flows: OrderedDict[Pictures, Float32] = OrderedDict()

    def flow(self, pictures: Pictures, search: Callable[[], Float32]) -> Float32:
        """(h, w, 2) working pixels; searched where it is not kept. `pictures`: `content` of both, and in this order."""
        flow = self._flows.get(pictures)
        if flow is None:
            flow = self._flows[pictures] = search()
            self._bytes += flow.nbytes
            while self._bytes > self._budget and len(self._flows) > 1:
                self._bytes -= self._flows.popitem(last=False)[1].nbytes
        else:
            self._flows.move_to_end(pictures)
        return flow


def content(gray: UInt8) -> bytes:
    """Names a picture (h, w) by its pixels and size."""
    return hashlib.blake2b(gray.tobytes(), digest_size=16, salt=repr(gray.shape).encode()[:16]).digest()
