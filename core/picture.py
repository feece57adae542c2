"""One frame's pixels as they are held in memory: scene-linear, over their data window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.arrays import AnyFloat, Bool, Float32, UInt8
from core.geometry import Format, Window


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame of a plate in the working color space.

    Args:
        rgba: (H, W, 4) float16 (float32 where the file was), scene-linear, premultiplied as the file had it, over
            `data_window`; alpha is 1 where the file has none. Finite: NaN and Inf were replaced when it was read.
            Contiguous and never written to.
        data_window: where the pixels lie, in plate pixels.
        format: display window and pixel aspect.
        attributes: the file's header attributes as OpenEXR gives them, to be carried into exports.
        non_finite: how many values were NaN or Inf in the file.
        extras: other channels of the part by name, (H, W) in the file's type.
        is_data: whether the values are no color (depth, ids, one channel alone): shown as grey without a display
            transform. The three colors are then alike.
        bad_bits: where NaN or Inf stood, one bit a pixel in reading order, as `np.packbits` gives them; None where
            `non_finite` is 0.
    """

    rgba: AnyFloat
    data_window: Window
    format: Format
    attributes: Mapping[str, Any] = field(default_factory=dict)
    non_finite: int = 0
    extras: Mapping[str, Any] = field(default_factory=dict)
    is_data: bool = False
    bad_bits: UInt8 | None = None

    @property
    def nbytes(self) -> int:
        bits = 0 if self.bad_bits is None else int(self.bad_bits.nbytes)
        return int(self.rgba.nbytes) + bits + sum(int(array.nbytes) for array in self.extras.values())

    def bad_pixels(self) -> Bool | None:
        """(H, W) where a value was NaN or Inf in the file; None where all were finite. A new array."""
        if self.bad_bits is None:
            return None
        height, width = self.data_window.shape
        return np.unpackbits(self.bad_bits, count=height * width).reshape(height, width).astype(bool)

    def rgb_over(self, window: Window) -> Float32:
        """(H, W, 3) float32 over `window`; black where there are no pixels. Always a new array."""
        result = np.zeros((*window.shape, 3), np.float32)
        shared = window.intersect(self.data_window)
        if not shared.empty:
            result[shared.within(window)] = self.rgba[shared.within(self.data_window)][..., :3]
        return result
