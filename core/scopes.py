"""What the scopes draw: how a picture's or a matte's values are spread, counted from a reduced copy.

Plain numbers for a worker; knows neither screens nor widgets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.arrays import HALF_MAX, AnyFloat, Float32, UInt8
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture

SAMPLES = 160_000
"""About how many pixels are counted; more change no curve that an eye could tell apart."""
LEVELS = 256
COLUMNS = 320
STOPS = (-10.0, 10.0)
"""Range of the scene-linear histogram, in stops around middle grey."""
STOP_BINS = 200
MIDDLE_GREY = 0.18
MATTE_BINS = 100
LUMA = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue display values."""


@dataclass(frozen=True, slots=True)
class StopHistogram:
    """Scene-linear values by stops around middle grey.

    Args:
        spread: (4, STOP_BINS) share of the pixels: red, green, blue, luma.
        below, above: (4,) share outside the range; zero and negative values are below.
        not_finite: share of pixels with NaN or Inf in a color channel; they are counted nowhere else.
    """

    spread: Float32
    below: Float32
    above: Float32
    not_finite: float


@dataclass(frozen=True, slots=True)
class CoverageHistogram:
    """A matte's values: (MATTE_BINS,) shares strictly between 0 and 1, and the shares of exactly 0 and exactly 1."""

    between: Float32
    zero: float
    one: float


def stride_for(window: Window, samples: int = SAMPLES) -> int:
    """Every how many pixels one is enough."""
    return max(1, math.floor(math.sqrt(window.width * window.height / samples)))


def plate_samples(picture: Picture, window: Window, stride: int) -> AnyFloat:
    """(h, w, 4) float16 scene-linear: every `stride`-th pixel of the part of the picture inside `window`; a copy."""
    inside = window.intersect(picture.data_window)
    if inside.empty:
        return np.zeros((0, 0, 4), np.float16)
    data = picture.data_window
    rows = slice(inside.y0 - data.y0, inside.y1 - data.y0, stride)
    columns = slice(inside.x0 - data.x0, inside.x1 - data.x0, stride)
    return picture.rgba[rows, columns].copy(order="C")


def matte_samples(matte: Matte | None, window: Window, stride: int) -> Float32:
    """(h, w) float32: every `stride`-th pixel of the matte over `window`, zero where it does not reach."""
    rows, columns = -(-window.height // stride), -(-window.width // stride)
    result = np.zeros((max(0, rows), max(0, columns)), np.float32)
    inside = window.intersect(matte.window) if matte is not None else Window(0, 0, 0, 0)
    if matte is None or inside.empty:
        return result
    row, column = -(-(inside.y0 - window.y0) // stride), -(-(inside.x0 - window.x0) // stride)
    first_y, first_x = window.y0 + row * stride - matte.window.y0, window.x0 + column * stride - matte.window.x0
    last_y, last_x = inside.y1 - matte.window.y0, inside.x1 - matte.window.x0
    piece = matte.coverage[first_y:last_y:stride, first_x:last_x:stride]
    result[row : row + piece.shape[0], column : column + piece.shape[1]] = piece
    return result


def luma(shown: UInt8) -> UInt8:
    """(h, w) luma of (h, w, 3 or more) display values."""
    return np.rint(shown[..., :3] @ np.asarray(LUMA, np.float32)).astype(np.uint8)


def display_histogram(shown: UInt8) -> Float32:
    """(4, LEVELS) share of the pixels at each display value: red, green, blue, luma. `shown` is (h, w, 3 or more)."""
    parts = [shown[..., 0], shown[..., 1], shown[..., 2], luma(shown)]
    counts = [np.bincount(part.reshape(-1), minlength=LEVELS) for part in parts]
    shares: Float32 = (np.asarray(counts) / max(1, shown.shape[0] * shown.shape[1])).astype(np.float32)
    return shares


@lru_cache(maxsize=1)
def _bin_of_half() -> NDArray[np.intp]:
    """For each of the 65536 half floats its bin: 0 below the range, 1 to STOP_BINS in it, the next above it."""
    values = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    low, high = STOPS
    positive = np.clip(np.nan_to_num(values), 0, HALF_MAX)
    with np.errstate(divide="ignore"):
        stops = np.log2(positive / MIDDLE_GREY)
    places: NDArray[np.intp] = np.clip((stops - low) / (high - low) * STOP_BINS + 1, 0, STOP_BINS + 1).astype(np.intp)
    return places


def stop_histogram(rgba: AnyFloat) -> StopHistogram:
    """Of (h, w, 3 or more) scene-linear values; what a half float cannot hold counts as its largest number."""
    rgb = rgba[..., :3].reshape(-1, 3)
    kept = rgb[np.isfinite(rgb).all(axis=1)].astype(np.float32)
    values = np.concatenate([kept, kept @ np.asarray(LUMA, np.float32)[:, None]], axis=1)
    halves = np.clip(values, -HALF_MAX, HALF_MAX).astype(np.float16).view(np.uint16)
    total, bins = max(1, len(rgb)), _bin_of_half()
    shares = np.zeros((4, STOP_BINS + 2), np.float64)
    for part in range(4):
        counts = np.bincount(halves[:, part], minlength=65536)
        shares[part] = np.bincount(bins, weights=counts, minlength=STOP_BINS + 2) / total
    spread, below, above = (piece.astype(np.float32) for piece in (shares[:, 1:-1], shares[:, 0], shares[:, -1]))
    return StopHistogram(spread, below, above, 1.0 - len(kept) / total)


def coverage_histogram(coverage: Float32) -> CoverageHistogram:
    """Of (h, w) coverage 0-1."""
    total = max(1, coverage.size)
    soft = coverage[(coverage > 0) & (coverage < 1)]
    between = np.histogram(soft, bins=MATTE_BINS, range=(0.0, 1.0))[0] / total
    return CoverageHistogram(
        between.astype(np.float32), float((coverage <= 0).sum()) / total, float((coverage >= 1).sum()) / total
    )


def waveform(levels: UInt8, columns: int = COLUMNS) -> Float32:
    """How often each value stands in each column of the picture.

    Args:
        levels: (h, w) display values.
        columns: of the result, at most.

    Returns:
        (LEVELS, n) float32, 0-1: the share of the column's pixels, row 0 is value 0.
    """
    height, width = levels.shape
    if not levels.size:
        return np.zeros((LEVELS, 1), np.float32)
    count = min(columns, width)
    column_of = (np.arange(width) * count // width).astype(np.int64)
    places = (levels.astype(np.int64) * count + column_of[None, :]).reshape(-1)
    density = np.bincount(places, minlength=LEVELS * count).reshape(LEVELS, count)
    across = np.bincount(column_of, minlength=count)
    shares: Float32 = (density / (across * height)).astype(np.float32)
    return shares
