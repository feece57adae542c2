"""Every n-th pixel of a window: which plate pixels a reduced picture was sampled from.

Pictures and mattes are reduced by the same rule, so that an overlay never slides against its plate.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.geometry import Window


@dataclass(frozen=True, slots=True)
class Lattice:
    """Samples in the middle of cells of `stride` x `stride` plate pixels, from the window's corner on."""

    window: Window
    stride: int

    @property
    def offset(self) -> int:
        return self.stride // 2

    @property
    def columns(self) -> int:
        return -(-(self.window.width - self.offset) // self.stride) if self.window.width > self.offset else 0

    @property
    def rows(self) -> int:
        return -(-(self.window.height - self.offset) // self.stride) if self.window.height > self.offset else 0

    @property
    def cover(self) -> Window:
        """The plate pixels the cells stand for; may reach past the window by less than a cell."""
        x0, y0 = self.window.x0, self.window.y0
        return Window(x0, y0, x0 + self.columns * self.stride, y0 + self.rows * self.stride)

    def cells(self, window: Window) -> Window:
        """The cells a plate window touches, as a window of columns and rows; clipped."""
        x0, y0 = self.window.x0, self.window.y0
        touched = Window(
            (window.x0 - x0) // self.stride,
            (window.y0 - y0) // self.stride,
            -(-(window.x1 - x0) // self.stride),
            -(-(window.y1 - y0) // self.stride),
        )
        return touched.intersect(Window(0, 0, self.columns, self.rows))

    def samples(self, cells: Window) -> tuple[slice, slice]:
        """Row and column slices that pick the samples of these cells out of an array over `window`."""
        return (
            slice(cells.y0 * self.stride + self.offset, (cells.y1 - 1) * self.stride + self.offset + 1, self.stride),
            slice(cells.x0 * self.stride + self.offset, (cells.x1 - 1) * self.stride + self.offset + 1, self.stride),
        )
