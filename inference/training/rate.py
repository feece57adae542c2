"""How large a step is, as a part of the full rate. Knows numbers only."""

from __future__ import annotations

import math


def rate_at(step: int, progress: float, warm_up: int, least: float) -> float:
    """Up in `warm_up` steps, then down along a cosine to `least`; `progress` is 0 at the beginning, 1 at the end."""
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
    return min(1.0, (step + 1) / warm_up) * (least + (1.0 - least) * cosine)
