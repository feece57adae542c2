"""Prompts replayed one after the other, and what they led to remembered: a next click costs one step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from core.errors import Cancelled
from inference.model import Cancelled as CancelledCheck

Reached = TypeVar("Reached")
REMEMBERED = 48


class Replay(Generic[Reached]):
    """A cache of one frame: what follows from the same keys is the same. Not for two threads at once."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Reached] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def run(
        self,
        keys: Sequence[Hashable],
        begin: Reached,
        step: Callable[[int, Reached], Reached],
        cancelled: CancelledCheck,
    ) -> Reached:
        """What the last key stands for, from the longest beginning that is known.

        Args:
            keys: of each beginning of the prompts: of the first, the first two, and so on.
            begin: where there are no prompts yet.
            step: the number of a prompt and what the prompts before it led to → what it leads to.

        Raises:
            Cancelled: `cancelled()` became true between two steps.
        """
        done, reached = 0, begin
        for length in range(len(keys), 0, -1):
            if keys[length - 1] in self._known:
                done, reached = length, self._known[keys[length - 1]]
                self._known.move_to_end(keys[length - 1])
                break
        for number in range(done, len(keys)):
            if cancelled():
                raise Cancelled
            reached = self._known[keys[number]] = step(number, reached)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return reached
