"""ViTMatte as a model of the engine: a matte → a better edge inside a band around the outline.

Only pieces that hold some of the band are looked at, at the plate's resolution, with their surroundings; they are
joined without a seam. Everything outside the band and under the artist's solid strokes comes back bit for bit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from core.arrays import Bool, Float32
from core.trimap import SOLID, band_to_find
from inference.model import Cancelled, Options, RefineModel
from inference.models.shown import exposure
from inference.models.vitmatte.network import MULTIPLE, Network
from inference.tiles import in_tiles

OVERLAP_PX: Final = 64
"""Neighbouring pieces have so much in common, and go over into each other."""
AROUND_PX: Final = 32
"""What the network sees of a piece's surroundings, and is not asked for."""


class VitMatte:
    """Implements `inference.model.RefineModel`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def refine(
        self, rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options, cancelled: Cancelled
    ) -> Float32:
        """(H, W) coverage with a better edge; a new array. Raises Cancelled between pieces.

        Args:
            rgb: (H, W, 3) scene-linear, finite, any range.
            coverage: (H, W) 0-1.
            fixed: as in `inference.model.RefineModel`, or None.
        """
        coverage = coverage.astype(np.float32, copy=False)
        band, _ = band_to_find(rgb, coverage, fixed, float(options["band_px"]))
        if not band.any():
            return coverage.copy()
        trimap = trimap_of(coverage, band)
        gain = exposure(rgb, options)
        side = int(options["tile_px"]) - 2 * AROUND_PX

        def look(place: tuple[slice, slice]) -> Float32:
            seen = tuple(_around(part, length) for part, length in zip(place, band.shape, strict=True))
            answer = self._network.alpha(rgb[seen], trimap[seen], gain)
            return answer[tuple(_within(part, outer) for part, outer in zip(place, seen, strict=True))]

        found = in_tiles(band, side, OVERLAP_PX, look, cancelled)
        return np.where(band, found, coverage)


def trimap_of(coverage: Float32, band: Bool) -> Float32:
    """(H, W) what the network is told: 1 inside, 0 outside, a half in the band and where what stays is soft."""
    return np.where(band, 0.5, np.where(coverage >= SOLID, 1.0, np.where(coverage <= 1 - SOLID, 0.0, 0.5))).astype(
        np.float32
    )


def _around(part: slice, length: int) -> slice:
    """A piece with its surroundings, both of one axis, as a multiple of what the network takes where there is room."""
    wanted = part.stop - part.start + 2 * AROUND_PX
    size = min(length, wanted + -wanted % MULTIPLE)
    start = min(max(0, part.start - (size - (part.stop - part.start)) // 2), length - size)
    return slice(start, start + size)


def _within(part: slice, outer: slice) -> slice:
    return slice(part.start - outer.start, part.stop - outer.start)


def create(folder: Path) -> RefineModel:
    """The model of the weights in `folder`."""
    return VitMatte(Network(folder))
