"""A pair from one corrected frame: what is cut out of picture and mattes, and a small picture of it for lists.

Knows pictures, mattes and encodings; knows neither stores nor documents. Nothing is resampled but the thumbnail.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from core.arrays import HALF_MAX, AnyFloat, Float32, UInt8
from core.corrections.record import About, PairRecord
from core.encoding import decode, encode
from core.geometry import Window
from core.matte import Matte
from core.picture import Picture

MARGIN_PART, MARGIN_LEAST_PX = 0.25, 64
"""How much of the surroundings is kept: a part of the subject's longer side, and at least so many pixels."""
THUMBNAIL_PX = 112
"""The longer side of a thumbnail."""


@dataclass(frozen=True, slots=True)
class PairPixels:
    """What a pair is made of, all over `About.window` of size (H, W).

    Args:
        picture: (H, W, 3) float16 in `About.encoding`: scene-linear, premultiplied as the plate had it, before it was
            encoded; black where the plate has no pixels.
        before: (H, W) float16, 0-1: the matte that the model gave, or that stood there when the first stroke fell.
        after: (H, W) float16, 0-1: the artist's.
        decided: (H, W) uint8, 0 or 1: 1 where the artist alone decides that a pixel is exactly 0 or 1.
        authored: the prompts and strokes, as projects write a key frame.
        thumbnail: (h, w, 5) uint8: red, green, blue (sRGB), before, after; None where the store has none.
    """

    picture: AnyFloat
    before: AnyFloat
    after: AnyFloat
    decided: UInt8
    authored: dict[str, Any]
    thumbnail: UInt8 | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair as it is read back from a store."""

    record: PairRecord
    pixels: PairPixels

    def rgb(self) -> Float32:
        """(H, W, 3) float32, scene-linear in the working space of the project it is from; a new array."""
        return decode(self.record.about.encoding, self.pixels.picture)


def cut(
    about: About, picture: Picture, before: Matte, after: Matte, decided: Matte | None, authored: dict[str, Any]
) -> tuple[About, PairPixels]:
    """Cut a pair out of a frame: both mattes whole, and something of the surroundings.

    Args:
        about: `canvas` and `encoding` are used, `window` is put in.
        decided: 1 where the artist decided for good; None for nowhere.

    Returns:
        What is known of the pair, with its window, and its pixels.
    """
    reach = before.bounds().union(after.bounds())
    if decided is not None:
        reach = reach.union(decided.bounds())
    window = _window(reach, about.canvas)
    solid = decided.over(window) > 0 if decided is not None else np.zeros(window.shape, bool)
    rgb = picture.rgb_over(window)
    pixels = PairPixels(
        picture=np.clip(encode(about.encoding, rgb), -HALF_MAX, HALF_MAX).astype(np.float16),
        before=before.over(window).astype(np.float16),
        after=after.over(window).astype(np.float16),
        decided=solid.astype(np.uint8),
        authored=authored,
    )
    return replace(about, window=window), replace(pixels, thumbnail=thumbnail(rgb, pixels, about.pixel_aspect))


def thumbnail(rgb: Float32, pixels: PairPixels, pixel_aspect: float = 1.0) -> UInt8:
    """(h, w, 5) uint8 as in `PairPixels.thumbnail`, of a pair's pixels and its scene-linear picture (H, W, 3)."""
    return seen(rgb, pixels, pixel_aspect, THUMBNAIL_PX)[..., :5].copy()


def seen(rgb: Float32, pixels: PairPixels, pixel_aspect: float, longest_px: int) -> UInt8:
    """(h, w, 6) uint8, to look at: red, green, blue (sRGB, limited to 0-1), before, after, decided. No side is longer
    than `longest_px`; pixels are square. `rgb` is (H, W, 3), scene-linear."""
    height, width = rgb.shape[:2]
    scale = min(1.0, longest_px / max(height, width * pixel_aspect))
    size = (max(1, round(width * pixel_aspect * scale)), max(1, round(height * scale)))
    small_rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
    picture = encode("srgb", np.clip(small_rgb, 0, 1)).reshape(size[1], size[0], 3)
    levels = [
        cv2.resize(level.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
        for level in (pixels.before, pixels.after, pixels.decided)
    ]
    stacked: UInt8 = np.rint(np.clip(np.concatenate([picture, *levels], axis=2), 0, 1) * 255).astype(np.uint8)
    return stacked


def authored_bytes(authored: dict[str, Any]) -> UInt8:
    """What was authored as a row of bytes, so that it lies in a blob like everything else."""
    text = json.dumps(authored, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return np.frombuffer(text.encode(), np.uint8)


def authored_from(row: UInt8) -> dict[str, Any]:
    """The inverse of `authored_bytes`. Raises ValueError when it is something else."""
    raw = json.loads(row.tobytes())
    if not isinstance(raw, dict):
        raise ValueError("what was authored cannot be read")  # noqa: TRY004 - what was read is data
    return raw


def _window(reach: Window, canvas: Window) -> Window:
    """The subject with its margin, inside the canvas; all of it where there is no subject."""
    if reach.empty:
        return canvas
    margin = max(MARGIN_LEAST_PX, math.ceil(MARGIN_PART * max(reach.width, reach.height)))
    return reach.grow(margin).intersect(canvas)
