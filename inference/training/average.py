"""The moving mean of a network's numbers while it is trained: calmer than any one step, and what is answered with."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class Average:
    """Moves `kept` toward `new`, tensor by tensor, in place. What is counted stays as it was."""

    def __init__(self, kept: Iterable[Tensor], new: Iterable[Tensor]) -> None:
        pairs = [(old, now) for old, now in zip(kept, new, strict=True) if old.is_floating_point()]
        self._kept, self._new = [old for old, _ in pairs], [now for _, now in pairs]

    @torch.no_grad()
    def follow(self, part: float) -> None:
        """A part of the way, 0-1."""
        torch._foreach_lerp_(self._kept, self._new, part)


def part_at(step: int, over: float) -> float:
    """The part that makes it the mean of about `over` steps; of fewer as long as there are not so many."""
    return 1.0 / min(over, step / 4 + 1)
