"""A layer's foreground at one frame: the plate's picture with the subject's own colors.

Derived like a matte; it is made again whenever somebody looks, and never kept with the project.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.arrays import HALF_MAX, AnyFloat, Bool, Float32
from core.foreground.despill import despill
from core.foreground.estimate import estimate_foreground
from core.foreground.extend import extend_edge
from core.foreground.steps import Despill, Estimate, ExtendEdge, Foreground
from core.geometry import Window
from core.matte import Matte
from core.non_finite import contain
from core.picture import Picture

MARGIN_PX = 16
"""Colors are known this far beyond the last covered pixel, for what a comp does to an edge later."""
GRID_PX = 64
"""Where colors are wanted begins at a multiple of it, so that a moving matte meets the same coarse pixels."""


def foreground_of(picture: Picture, matte: Matte, foreground: Foreground) -> Picture:
    """The plate's picture with the colors that a layer's comp is made of.

    Returns:
        (H, W, 4) in the type of the picture, over its data window: rgb not multiplied by the matte, but as before by
        the picture's own alpha; alpha as it was. The plate's colors further than a margin away from the subject. The
        picture itself where no step does anything.
    """
    if foreground.off:
        return picture
    rgba: AnyFloat = picture.rgba.copy()
    wanted = _wanted(picture, matte, foreground)
    if wanted is not None:
        place = wanted.window.within(picture.data_window)
        np.copyto(rgba[place][..., :3], wanted.colors, where=wanted.near[..., None], casting="same_kind")
    return replace(picture, rgba=rgba, extras={}, bad_bits=None, non_finite=0)


def foreground_over(picture: Picture | None, matte: Matte, foreground: Foreground, window: Window) -> Float32:
    """(H, W, 3) float32 over a window: as `foreground_of`, but black further than a margin away from the subject."""
    result: Float32 = np.zeros((*window.shape, 3), np.float32)
    wanted = _wanted(picture, matte, foreground) if picture is not None else None
    if wanted is not None:
        shared = wanted.window.intersect(window)
        if not shared.empty:
            colors = wanted.colors * wanted.near[..., None]
            result[shared.within(window)] = colors[shared.within(wanted.window)]
    return result


def colors_of(rgb: Float32, coverage: Float32, foreground: Foreground) -> Float32:
    """The subject's colors after all steps.

    Args:
        rgb: (H, W, 3), scene-linear; NaN and Inf are replaced as in a picture that is read.
        coverage: (H, W), 0-1.

    Returns:
        (H, W, 3) float32, not multiplied by the coverage; a new array.
    """
    rgb = np.array(rgb, np.float32)
    contain(rgb)
    for step in foreground.active:
        match step:
            case Estimate(strength):
                rgb += np.float32(strength) * (estimate_foreground(rgb, coverage) - rgb)
            case Despill():
                rgb = despill(rgb, step)
            case ExtendEdge():
                rgb = extend_edge(rgb, coverage, step)
    return rgb


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Colors over a window, and where in it they are near enough to the subject."""

    window: Window
    colors: Float32
    near: Bool


def _wanted(picture: Picture, matte: Matte, foreground: Foreground) -> _Wanted | None:
    """None where the matte covers nothing of the picture."""
    bounds = matte.bounds()
    if bounds.empty:
        return None
    reach = max((step.reach_px for step in foreground.active if isinstance(step, ExtendEdge)), default=0.0)
    margin = max(MARGIN_PX, int(np.ceil(reach)))
    around = bounds.grow(margin)
    around = Window(around.x0 // GRID_PX * GRID_PX, around.y0 // GRID_PX * GRID_PX, around.x1, around.y1)
    window = around.intersect(picture.data_window)
    if window.empty:
        return None
    coverage = np.clip(np.nan_to_num(matte.over(window), nan=0.0), 0, 1)
    kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    near = cv2.dilate((coverage > 0).astype(np.uint8), kernel) > 0
    colors = colors_of(picture.rgb_over(window), coverage, foreground)
    np.clip(colors, -HALF_MAX, HALF_MAX, out=colors)
    return _Wanted(window, colors, np.asarray(near))
