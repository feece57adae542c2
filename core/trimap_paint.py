"""The pixels of a trimap: strokes that say inside, unknown or outside, over the band that is measured.

They belong to a layer and a frame, as corrections do, but no matte changes by them: only refine reads them. Without
any, the band alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.arrays import Bool, Float32, UInt8
from core.geometry import Window
from core.painting import StrokePainter
from core.roto.laying import laid
from core.roto.telling import heard
from core.trimap import unknown_band
from core.trimap_mark import INSIDE, OUTSIDE, UNKNOWN, TrimapStroke

NOT_MARKED = 1
"""In `marked`: the band decides."""


def marked(strokes: Sequence[TrimapStroke], window: Window, held: str = "") -> UInt8:
    """(H, W) over `window`: what the artist says of each pixel, `NOT_MARKED` where nothing. The last stroke counts.

    Args:
        held: the layer's core and garbage shapes at the frame, as `core/roto/telling.py` says them; they come last.
    """
    marks: UInt8 = np.full(window.shape, NOT_MARKED, np.uint8)
    for each in strokes:
        reach = each.stroke.bounds().intersect(window)
        if reach.empty or not each.stroke.points:
            continue
        touched = StrokePainter.replay(each.stroke, reach).buffer >= 128
        marks[reach.within(window)][touched] = each.mark.pixel
    if held:
        shapes = heard(held)
        marks[laid(np.ones(window.shape, np.float32), window, shapes) == 0.0] = OUTSIDE
        marks[laid(np.zeros(window.shape, np.float32), window, shapes) == 1.0] = INSIDE
    return marks


def trimap(rgb: Float32, coverage: Float32, marks: UInt8, band_px: float = 0.0) -> UInt8:
    """(H, W) `OUTSIDE`, `UNKNOWN` or `INSIDE`: the band around the matte's outline, and the marks over it.

    Args:
        rgb: (H, W, 3) scene-linear.
        coverage: (H, W) 0-1.
        marks: (H, W), as `marked` gives them.
        band_px: see `core.trimap.unknown_band`.
    """
    known, _fixed = told(coverage, marks, np.zeros(coverage.shape, np.float32))
    found = np.where(known >= 0.5, INSIDE, OUTSIDE).astype(np.uint8)
    found[unknown_band(rgb, known, band_px)] = UNKNOWN
    return np.where(marks == NOT_MARKED, found, marks)


def told(coverage: Float32, marks: UInt8, fixed: Float32) -> tuple[Float32, Float32]:
    """Coverage and `fixed` as a refine model is given them, with what was marked.

    Args:
        fixed: (H, W) 1 where the artist's correction decides; there no mark counts.

    Returns:
        (H, W) coverage, 1 and 0 where marked so; (H, W) 1 where it must stay, a half where it must be found.
    """
    free: Bool = fixed < 1.0
    inside, outside, unknown = (free & (marks == value) for value in (INSIDE, OUTSIDE, UNKNOWN))
    known: npt.NDArray[np.float32] = np.where(inside, 1.0, np.where(outside, 0.0, coverage)).astype(np.float32)
    stays = np.where(inside | outside | ~free, 1.0, np.where(unknown, 0.5, 0.0)).astype(np.float32)
    return known, stays
