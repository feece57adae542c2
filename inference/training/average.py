"""The moving mean of a network's numbers while it is trained: calmer than any one step, and what is answered with."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class Average:
    """Moves `kept` toward `new`, tensor by tensor, in place. What is counted stays as it was."""

    def __init__(self, kept: Iterable[Tensor], new: Iterable[Tensor]) -> None:
        self._pairs = [(old, now) for old, now in zip(kept, new, strict=True) if old.is_floating_point()]

    @torch.no_grad()
    def follow(self, part: float) -> None:
        """A part of the way, 0-1."""
        for old, now in self._pairs:
            old.lerp_(now, part)


def part_at(step: int, over: float) -> float:
    """The part that makes it the mean of about `over` steps; of fewer as long as there are not so many."""
    return 1.0 / min(over, step / 4 + 1)
