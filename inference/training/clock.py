"""What teaching's seconds are counted of. Knows nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

CLOCKS: Final[Mapping[str, Callable[[], float]]] = {"wall": time.monotonic, "cpu": time.process_time}
"""`wall`: as the artist waits; `cpu`: as the processor works for this process, so that a busy machine takes nothing
away. Two cores that are both at work spend two seconds of it in one."""
