"""A baked view for half-float pixels at any exposure: a table of all halves onto the lattice's axis, then the lattice.

The lattice is made ready for pixels once; another exposure is another table of 65536 entries, which is made in a
millisecond. Knows OpenColorIO and OpenCV, no display and no view.
"""

from __future__ import annotations

import threading
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PyOpenColorIO

from core.arrays import HALF_MAX, AnyFloat, UInt8
from core.viewer_grade import between

UInt16 = npt.NDArray[np.uint16]
HALVES = 65536
MOST_GAMMAS = 4
"""Lattices with a gamma behind them that are kept."""


class HalfLattice:
    """One shaper and one lattice. Safe to use from several threads.

    Args:
        config: the OpenColorIO config.
        shaper: scene-linear → 0-1 on the lattice's axis.
        lattice: shaped values → display values.
    """

    def __init__(self, config: Any, shaper: Any, lattice: Any) -> None:
        self._config, self._lattice = config, lattice
        self._shaper = config.getProcessor(shaper).getDefaultCPUProcessor()
        self._ready: dict[float, Any] = {}
        self._lock = threading.Lock()

    def table(self, gain: float) -> UInt16:
        """(65536,) uint16: where each half float times `gain` lies on the axis, 65535 its end.

        NaN lies at 0, infinities at the ends.
        """
        halves = np.arange(HALVES, dtype=np.uint16).view(np.float16).astype(np.float32)
        halves = np.nan_to_num(halves, nan=0.0, posinf=HALF_MAX, neginf=-HALF_MAX)
        shaped = np.zeros(-(-HALVES // 3) * 3, np.float32)
        shaped[:HALVES] = halves * np.float32(gain)
        self._shaper.apply(PyOpenColorIO.PackedImageDesc(shaped.reshape(-1, 3), len(shaped) // 3, 1, 3))
        steps: UInt16 = np.rint(np.clip(shaped[:HALVES], 0.0, 1.0) * np.float32(65535)).astype(np.uint16)
        return steps

    def apply(self, rgba: AnyFloat, result: UInt8, table: UInt16, gamma: float) -> None:
        """Display values of scene-linear pixels into `result`. Runs without the GIL.

        Args:
            rgba: (H, W, 4) float16, contiguous.
            result: (H, W, 4) uint8, contiguous; what its fourth value becomes is not said.
            table: `table` of the exposure's gain.
            gamma: display values are raised to 1 / gamma.
        """
        shaped = cv2.LUT(rgba.view(np.uint16), table)
        height, width = rgba.shape[:2]
        depth = PyOpenColorIO.BIT_DEPTH_UINT16
        source = PyOpenColorIO.PackedImageDesc(shaped, width, height, 4, depth, 2, 8, 8 * width)
        eight = PyOpenColorIO.BIT_DEPTH_UINT8
        target = PyOpenColorIO.PackedImageDesc(result, width, height, 4, eight, 1, 4, 4 * width)
        self._processor(gamma).apply(source, target)

    def _processor(self, gamma: float) -> Any:
        with self._lock:
            if gamma not in self._ready:
                made = self._config.getProcessor(between(1.0, self._lattice, gamma)).getOptimizedCPUProcessor(
                    PyOpenColorIO.BIT_DEPTH_UINT16, PyOpenColorIO.BIT_DEPTH_UINT8, PyOpenColorIO.OPTIMIZATION_DRAFT
                )
                while len(self._ready) >= MOST_GAMMAS:
                    del self._ready[next(iter(self._ready))]
                self._ready[gamma] = made
            return self._ready[gamma]
