"""Whether the held-out error still falls, and the adapter that had the least of it. Knows numbers only."""

from __future__ import annotations

import math
from typing import Final

LESS: Final = 0.99
"""An error falls where it is below this part of the least so far."""
PATIENCE: Final = 4
"""Checkpoints in a row that may bring nothing before teaching stops."""


class Falling:
    """Told of each checkpoint of one lesson."""

    def __init__(self) -> None:
        self.least, self.adapter = math.inf, b""
        self._idle = 0

    def told(self, error: float, adapter: bytes) -> None:
        """`error` 0-1, of what is never trained on."""
        if error < LESS * self.least:
            self._idle = 0
        else:
            self._idle += 1
        if error < self.least:
            self.least, self.adapter = error, adapter

    @property
    def stopped(self) -> bool:
        """Whether nothing has been gained for so long that nothing more is to be expected."""
        return self._idle >= PATIENCE
