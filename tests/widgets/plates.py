"""A plate with what is hard to show: deep shadows, negative values, saturated lights, bright highlights, grain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.arrays import Float32
from core.color import ColorConfig
from core.geometry import Window
from core.plate_reader import PlateReader, open_plate

DISPLAY = Window(0, 0, 240, 160)
VIEWS = ("ACES 2.0 - SDR 100 nits (Rec.709)", "Un-tone-mapped")


def plate_pixels() -> Float32:
    """(H, W, 3) float32 scene-linear over `DISPLAY`, the same every time."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0 : DISPLAY.height, 0 : DISPLAY.width].astype(np.float32)
    light = 0.18 * np.exp2((x / DISPLAY.width - 0.5) * 10)
    tint = 0.5 + 0.45 * np.stack([np.sin(y / 17), np.sin(y / 23 + 2), np.sin(y / 31 + 4)], -1)
    rgb = light[..., None] * tint + rng.normal(0, 0.01, (*DISPLAY.shape, 3))
    rgb[10:30, 200:230] = (40.0, 38.0, 30.0)
    rgb[60:80, 10:40] = (-0.05, 0.3, 0.02)
    return rgb.astype(np.float32)


def photograph(shared_data: Path) -> Float32:
    """The middle of a real one: a candle in a glass, (H, W, 3) float32 scene-linear over `DISPLAY`."""
    color = ColorConfig.load()
    path = shared_data / "exr" / "openexr-images" / "ScanLines" / "CandleGlass.exr"
    reader = PlateReader(open_plate(path, color), color)
    rgba = reader.read(reader.plate.frames.first).rgba
    top, left = (rgba.shape[0] - DISPLAY.height) // 2, (rgba.shape[1] - DISPLAY.width) // 2
    return rgba[top:, left:, :3][: DISPLAY.height, : DISPLAY.width].astype(np.float32)


def _coverage() -> Float32:
    y, x = np.mgrid[0 : DISPLAY.height, 0 : DISPLAY.width].astype(np.float32)
    return np.clip((50 - np.hypot(x - 120, y - 80)) / 9 + 0.5, 0, 1).astype(np.float32)


COVERAGE = _coverage()
"""(H, W) float32: a soft disc in the middle."""
