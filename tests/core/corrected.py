"""Small pairs for the tests of the correction store: a ramp, a disc the model gave, and the artist's."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.corrections.cutting import PairPixels, cut
from core.corrections.record import About
from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture

CANVAS = Window(-8, 0, 312, 200)
AUTHORED = {"prompts": [{"kind": "Click", "x": 160.5, "y": 100.5, "adds": True}], "base": "empty"}


def disc(radius_px: float, x: float = 160.0, y: float = 100.0) -> Matte:
    """A soft disc over the canvas, half float."""
    rows, columns = np.mgrid[CANVAS.y0 : CANVAS.y1, CANVAS.x0 : CANVAS.x1] + 0.5
    coverage = np.clip(radius_px - np.hypot(columns - x, rows - y) + 0.5, 0, 1)
    return Matte(CANVAS, coverage.astype(np.float16))


def picture() -> Picture:
    """A ramp from -0.1 to 12 in red, other constants in green and blue; pixels on a part of the canvas only."""
    window = Window(0, 0, 304, 200)
    rgba = np.ones((*window.shape, 4), np.float16)
    rgba[..., 0] = np.linspace(-0.1, 12, window.width)
    rgba[..., 1], rgba[..., 2] = 0.18, 0.5
    return Picture(rgba, window, Format(window))


def about(frame: int = 1001, shot: str = "sh010", **said: Any) -> About:
    """What is known of a pair; its window is put in by `corrected`."""
    known: dict[str, Any] = {
        "plate": f"plate of {shot}",
        "layer_id": "hero",
        "layer": "Hero",
        "artist": "ann",
        "model": "propagate",
        "weights_sha256": "ab" * 32,
        "prompts": 1,
        "strokes": 2,
    }
    return About(shot=shot, frame=frame, window=CANVAS, canvas=CANVAS, **(known | said))


def corrected(frame: int = 1001, radius_px: float = 20.0, shot: str = "sh010", **said: Any) -> tuple[About, PairPixels]:
    """A pair ready to be stored: the model's disc of 16 px, the artist's of `radius_px`, decided inside 6 px."""
    decided = Matte(CANVAS, (disc(6).float32() > 0).astype(np.float32))
    return cut(about(frame, shot, **said), picture(), disc(16), disc(radius_px), decided, AUTHORED)
