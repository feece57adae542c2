"""What a hand says of pixels before refine: inside, unknown or outside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.prompts import Stroke

OUTSIDE, UNKNOWN, INSIDE = 0, 128, 255
"""What the pixels of a trimap are."""


class Mark(Enum):
    """What a stroke says of the pixels under it."""

    INSIDE = "inside"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"

    @property
    def pixel(self) -> int:
        return {Mark.INSIDE: INSIDE, Mark.UNKNOWN: UNKNOWN, Mark.OUTSIDE: OUTSIDE}[self]


@dataclass(frozen=True, slots=True)
class TrimapStroke:
    """One movement of the brush; its hardness and opacity do not count: a pixel is marked from half strength up."""

    stroke: Stroke
    mark: Mark
