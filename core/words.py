"""Words that sentences and names are put together of: how many of something, and a name that is free."""

from __future__ import annotations

from collections.abc import Collection
from itertools import count


def counted(number: int, noun: str) -> str:
    """`1 frame`, `3 frames`, `0 frames`; of nouns that only take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def free_name(name: str, taken: Collection[str], numbered: str = "{} {}") -> str:
    """The name, or where it is taken with the first free number from 2 on: `Hero 2`."""
    if name not in taken:
        return name
    return next(free for number in count(2) if (free := numbered.format(name, number)) not in taken)
