"""The embedded edge refiner: a better edge inside a band around the outline, on a CPU.

Everything outside the band and under the artist's solid strokes comes back bit for bit. Methods by name: `colors` (what
the colors around the band say, then our own matting solver: `samples.py`, `solve.py`), `closed-form` (the solver
alone), `guided` and `cross-bilateral` (quick filters, `filters.py`), `learned` (our own small network, `learned.py`;
torch is imported when it is asked), and PyMatting's (`borrowed.py`).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.errors import Cancelled, OptionError
from core.trimap import band_to_find
from inference.model import Cancelled as CancelledCheck
from inference.model import Options, RefineModel
from inference.models.refine.borrowed import BORROWED, borrowed
from inference.models.refine.filters import FILTERS, filtered
from inference.models.refine.samples import Said, sampled
from inference.models.refine.solve import solve_band

LEARNED = "learned"
METHODS = ("colors", "closed-form", *FILTERS, LEARNED, *BORROWED)
_STEPS = 30
_FEWER_STEPS = 12
"""Where the colors gave a start already."""
_SAMPLED = 40_000
"""Unknown pixels whose colors are asked; a larger band is asked at half its size, or a quarter."""


_AROUND_PX = 128
"""Beside the band so much of the picture is looked at."""


class EdgeRefiner:
    """Implements `inference.model.RefineModel`."""

    def refine(
        self, rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options, cancelled: CancelledCheck
    ) -> Float32:
        """(H, W) coverage with a better edge; a new array.

        Args:
            rgb: (H, W, 3) scene-linear, finite, any range.
            coverage: (H, W) 0-1.
            fixed: (H, W) 1 where `coverage` must stay as it is, a half where it must be found whatever it is, 0 where
                the band decides; or None.

        Raises:
            OptionError: no method has that name, or its package is not installed.
            Cancelled: `cancelled()` became true.
        """
        method = str(options.get("method", "colors"))
        detail = float(options.get("detail", 0.5))
        coverage = coverage.astype(np.float32, copy=False)
        band, told = band_to_find(rgb, coverage, fixed, float(options.get("band_px", 0)))
        if cancelled():
            raise Cancelled
        if method not in METHODS:
            raise OptionError("refine option method", f"{method!r} does not exist", f"Choose {', '.join(METHODS)}.")
        result = coverage.copy()
        if not band.any():
            return result
        place = _around(band)
        rgb, coverage, band, told = rgb[place], coverage[place], band[place], told[place]
        light = np.clip(rgb, 0, 1) ** np.float32(1 / 2.2) if options.get("light") == "display" else rgb
        if method in BORROWED:
            found = borrowed(method, light, coverage, band, cancelled)
        elif method in FILTERS:
            found = filtered(method, rgb, coverage, band, detail, cancelled)
        elif method == LEARNED:
            from inference.models.refine.learned import learned

            found = learned(rgb, coverage, band, cancelled)
        else:
            found = _solved(method, light, coverage, band, told, options, cancelled)
        result[place] = np.where(band, found, coverage)
        return result


def _around(band: Bool) -> tuple[slice, slice]:
    """The rectangle that holds the band, and enough around it for every method."""
    ys, xs = np.flatnonzero(band.any(axis=1)), np.flatnonzero(band.any(axis=0))
    return slice(max(0, int(ys[0]) - _AROUND_PX), int(ys[-1]) + _AROUND_PX + 1), slice(
        max(0, int(xs[0]) - _AROUND_PX), int(xs[-1]) + _AROUND_PX + 1
    )


def _solved(
    method: str, rgb: Float32, coverage: Float32, band: Bool, told: Bool, options: Options, cancelled: CancelledCheck
) -> Float32:
    """By our own solver; where the artist marked the edge as unknown, the matte as it came does not count."""
    detail = float(options.get("detail", 0.5))
    trust = np.full(band.shape, float(options.get("trust", 0.15)), np.float32)
    trust[told] = 0
    guess = coverage if told.sum() == band.sum() else filtered("guided", rgb, coverage, band, detail, cancelled)
    if method == "closed-form":
        return solve_band(rgb, np.where(band, guess, coverage), band, _calm(detail), trust, _STEPS, cancelled)
    said = _said(rgb, coverage, band, options.get("light") == "display", cancelled)
    trust *= np.float32(0.1)
    both = trust + said.trust
    mixed = np.where(both > 0, trust * guess + said.trust * said.coverage, said.coverage) / np.where(both > 0, both, 1)
    start = np.where(band, np.asarray(mixed, np.float32), coverage)
    return solve_band(rgb, start, band, _calm(detail), np.asarray(both, np.float32), _FEWER_STEPS, cancelled)


def _calm(detail: float) -> float:
    return float(10.0 ** (-4.0 - 2.0 * detail))


def _said(rgb: Float32, coverage: Float32, band: Bool, even: bool, cancelled: CancelledCheck) -> Said:
    """What the colors say, asked of a picture small enough."""
    small_rgb, small, unknown = rgb, coverage, band
    while int(unknown.sum()) > _SAMPLED:
        size = ((unknown.shape[1] + 1) // 2, (unknown.shape[0] + 1) // 2)
        small_rgb = np.asarray(cv2.resize(small_rgb, size, interpolation=cv2.INTER_AREA), np.float32)
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.float32)
        unknown = cv2.resize(unknown.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    said = sampled(small_rgb, small, unknown, even, cancelled)
    return said if unknown is band else said.enlarged(small_rgb, rgb)


def create(folder: Path) -> RefineModel:  # noqa: ARG001 - a model with weights would read them from its folder
    """The model; `folder` holds the manifest."""
    return EdgeRefiner()
