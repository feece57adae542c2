"""Windows and formats; the one place that states the pixel convention.

y points down, as in OpenEXR, NumPy, torch and Qt. Pixel *i* covers [i, i + 1); its centre is i + 0.5.
A `Window` is half-open; OpenEXR's corners are inclusive and are converted here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of whole pixels, [x0, x1) x [y0, y1), y down, in plate pixels; may be empty or negative in origin."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def from_exr(cls, corners: Iterable[Iterable[int]]) -> Window:
        """From OpenEXR's inclusive `((xmin, ymin), (xmax, ymax))`."""
        (xmin, ymin), (xmax, ymax) = corners
        return cls(int(xmin), int(ymin), int(xmax) + 1, int(ymax) + 1)

    def to_exr(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """OpenEXR's inclusive `((xmin, ymin), (xmax, ymax))`."""
        return (self.x0, self.y0), (self.x1 - 1, self.y1 - 1)

    @classmethod
    def of_size(cls, width: int, height: int) -> Window:
        """A window of this size with its origin at (0, 0)."""
        return cls(0, 0, width, height)

    @property
    def width(self) -> int:
        return max(0, self.x1 - self.x0)

    @property
    def height(self) -> int:
        return max(0, self.y1 - self.y0)

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width), as NumPy says it."""
        return self.height, self.width

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    @property
    def pixels(self) -> int:
        """How many pixels it covers."""
        return self.width * self.height

    @property
    def words(self) -> str:
        """`128 × 90 at 0, 0`, for the artist: its size, and its upper left corner."""
        return f"{self.width} × {self.height} at {self.x0}, {self.y0}"

    def contains(self, x: float, y: float) -> bool:
        """Whether the point, in continuous plate pixels, lies inside."""
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def intersect(self, other: Window) -> Window:
        """The part both cover; an empty window where they do not meet."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Window(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def union(self, other: Window) -> Window:
        """The smallest window that holds both; an empty one adds nothing."""
        if self.empty:
            return other
        if other.empty:
            return self
        return Window(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def grow(self, margin_px: int) -> Window:
        """Larger by `margin_px` on every side (smaller when negative)."""
        return Window(self.x0 - margin_px, self.y0 - margin_px, self.x1 + margin_px, self.y1 + margin_px)

    def move(self, dx: int, dy: int) -> Window:
        return Window(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def within(self, outer: Window) -> tuple[slice, slice]:
        """Row and column slices that pick this window out of an array that covers `outer`; clipped to it."""
        inner = self.intersect(outer)
        return (
            slice(inner.y0 - outer.y0, inner.y1 - outer.y0),
            slice(inner.x0 - outer.x0, inner.x1 - outer.x0),
        )


@dataclass(frozen=True, slots=True)
class Format:
    """Display window and the width of a pixel relative to its height."""

    display: Window
    pixel_aspect: float = 1.0
