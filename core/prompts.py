"""What the artist tells the segmenter: clicks, boxes and strokes, in plate pixels.

Coordinates are continuous plate pixels in the coordinate system of the display window (see `core/geometry.py`):
the centre of the top-left pixel of a 0,0 window is (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.digest import digest
from core.geometry import Window


@dataclass(frozen=True, slots=True)
class Click:
    """A point that belongs to the layer (`adds`) or does not."""

    x: float
    y: float
    adds: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that holds the layer's subject, in continuous plate pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0


@dataclass(frozen=True, slots=True)
class StrokePoint:
    """One place of the pen. `pressure` is 0-1; a mouse gives 1."""

    x: float
    y: float
    pressure: float = 1.0


@dataclass(frozen=True)
class Stroke:
    """One movement of the brush: a prompt for the segmenter, or a piece of a correction.

    Args:
        points: at least one, in the order of the hand.
        radius_px: radius at full pressure, in plate pixels.
        adds: True paints coverage, False erases it.
        hardness: 0-1; the part of the radius that is solid. Beyond it the brush falls off smoothly.
        opacity: 0-1; the most one stroke adds or takes. A stroke with opacity 1 is solid inside its hard core.
    """

    points: tuple[StrokePoint, ...]
    radius_px: float
    adds: bool = True
    hardness: float = 0.8
    opacity: float = 1.0

    @cached_property
    def content(self) -> str:
        """Hash of all of it, computed once: matte keys are asked for at every redraw."""
        points = [value for point in self.points for value in (point.x, point.y, point.pressure)]
        return digest("stroke", points, self.radius_px, self.adds, self.hardness, self.opacity)

    def bounds(self) -> Window:
        """The whole pixels the stroke can touch."""
        reach = self.radius_px + 1.0
        xs = [point.x for point in self.points]
        ys = [point.y for point in self.points]
        return Window(
            int(min(xs) - reach) - 1, int(min(ys) - reach) - 1, int(max(xs) + reach) + 2, int(max(ys) + reach) + 2
        )


Prompt = Click | Box | Stroke
