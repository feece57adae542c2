"""The embedded edge refiner: a better edge inside a band around the outline, on a CPU, without weights.

Everything outside the band and under the artist's solid strokes comes back bit for bit. Methods by name:
`closed-form` (our own matting solver, `solve.py`) and `guided` (a quick filter, `guided.py`).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.errors import Cancelled, OptionError
from inference.model import Cancelled as CancelledCheck
from inference.model import Options, RefineModel
from inference.models.refine.band import tone, unknown_band
from inference.models.refine.guided import guided_edge
from inference.models.refine.solve import solve_band

_TILE = 512
_STEPS = 30


class EdgeRefiner:
    """Implements `inference.model.RefineModel`."""

    def refine(
        self, rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options, cancelled: CancelledCheck
    ) -> Float32:
        """(H, W) coverage with a better edge; a new array.

        Args:
            rgb: (H, W, 3) scene-linear, finite, any range.
            coverage: (H, W) 0-1.
            fixed: (H, W) 1 where `coverage` must stay as it is, or None.

        Raises:
            OptionError: no method has that name.
            Cancelled: `cancelled()` became true.
        """
        method = str(options.get("method", "closed-form"))
        detail = float(options.get("detail", 0.5))
        band = unknown_band(rgb, coverage, float(options.get("band_px", 0)))
        if fixed is not None:
            band &= fixed < 0.5
        if cancelled():
            raise Cancelled
        if method not in ("guided", "closed-form"):
            raise OptionError("refine option method", f"{method!r} does not exist", "Choose closed-form or guided.")
        found = _guided(rgb, coverage, band, detail, cancelled)
        if method == "closed-form":
            guess = np.where(band, found, coverage)
            trust = float(options.get("trust", 0.15))
            found = solve_band(rgb, guess, band, 10.0 ** (-4.0 - 2.0 * detail), trust, _STEPS, cancelled)
        return np.where(band, found, coverage.astype(np.float32, copy=False))


def _guided(rgb: Float32, coverage: Float32, band: Bool, detail: float, cancelled: CancelledCheck) -> Float32:
    """The guided filter over the tiles that hold a piece of the band."""
    height, width = band.shape
    radius = _radius(coverage, band)
    margin = 2 * radius + 2
    result = coverage.astype(np.float32, copy=True)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            if not band[top : top + _TILE, left : left + _TILE].any():
                continue
            if cancelled():
                raise Cancelled
            y0, x0 = max(0, top - margin), max(0, left - margin)
            part = (slice(y0, min(height, top + _TILE + margin)), slice(x0, min(width, left + _TILE + margin)))
            found = guided_edge(tone(rgb[part]), coverage[part], radius, 10.0 ** (-2.5 - 2.0 * detail))
            bottom, right = min(height, top + _TILE), min(width, left + _TILE)
            result[top:bottom, left:right] = found[top - y0 : bottom - y0, left - x0 : right - x0]
    return result


def _radius(coverage: Float32, band: Bool) -> int:
    """The filter's radius: a little more than half of the band's mean half-width."""
    inside = (coverage >= 0.5).astype(np.uint8)
    outline = int((inside != cv2.erode(inside, np.ones((3, 3), np.uint8))).sum())
    return int(np.clip(round(0.6 * float(band.sum()) / (2.0 * max(outline, 1))), 2, 32))


def create(folder: Path) -> RefineModel:  # noqa: ARG001 - a model with weights would read them from its folder
    """The model; `folder` holds the manifest."""
    return EdgeRefiner()
