"""What a green or blue screen looks like in a picture: its color, and the same as it is lit at every place.

Knows arrays, nothing of prompts.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.foreground.extend import pulled

CHANNELS = {"green": 1, "blue": 2}
LEAST_SHARE = 0.005
"""Less of the picture in one color is no screen."""
PURE = 0.5
"""How much of its strongest channel a screen has more than the others have."""
AS_PURE = 0.8
"""What is nearly as pure as the screen, however dark it is lit, is screen for certain."""
DARKEST = 0.15
LEAST = np.float32(1e-5)


@dataclass(frozen=True, slots=True)
class Screen:
    """Args: `color` is scene-linear; `channel` the one of it that is strongest, 1 or 2."""

    channel: int
    color: tuple[float, float, float]

    @property
    def excess(self) -> float:
        """How much more its channel has than the others."""
        return max(self.color[self.channel] - max(self.color[0], self.color[3 - self.channel]), float(LEAST))


def excess(rgb: Float32, channel: int) -> Float32:
    """(..., 3) → (...): how much more a channel has than the larger one of the other two."""
    others = np.maximum(rgb[..., 0], rgb[..., 3 - channel])
    return np.asarray(rgb[..., channel] - others, np.float32)


def screen_in(rgb: Float32, wanted: str, among: Bool | None = None) -> Screen | None:
    """The screen of a picture; None where no color is pure enough over enough of it.

    Args:
        wanted: `auto`, `green` or `blue`.
        among: (H, W), only these pixels.
    """
    small = rgb[::4, ::4]
    inside = np.ones(small.shape[:2], bool) if among is None else among[::4, ::4]
    best: Screen | None = None
    most = LEAST_SHARE * max(1, int(inside.sum()))
    for name in CHANNELS if wanted == "auto" else (wanted,):
        channel = CHANNELS[name]
        more = excess(small, channel)
        pure = inside & (more > PURE * small[..., channel]) & (more > LEAST)
        if pure.sum() > most:
            most = float(pure.sum())
            lit = small[pure]
            bright = lit[lit[:, channel] >= np.quantile(lit[:, channel], 0.25)]
            red, green, blue = (float(value) for value in np.median(bright, axis=0))
            best = Screen(channel, (red, green, blue))
    return best


def picked(rgb: Float32, wanted: str) -> Screen | None:
    """(N, 3) pixels that a hand picked; None where they are like no screen."""
    red, green, blue = (float(value) for value in np.median(rgb, axis=0))
    color = np.array([red, green, blue], np.float32)
    channel = CHANNELS[wanted] if wanted != "auto" else (1 if green >= blue else 2)
    more = float(excess(color, channel))
    return Screen(channel, (red, green, blue)) if more > max(0.1 * color[channel], LEAST) else None


def clean_plate(rgb: Float32, screen: Screen) -> Float32:
    """(H, W, 3): the screen as it is lit at each place, also where the subject hides it."""
    pure = excess(rgb, screen.channel) / np.maximum(rgb[..., screen.channel], LEAST)
    wanted = AS_PURE * screen.excess / screen.color[screen.channel]
    lit = rgb[..., screen.channel] > DARKEST * screen.color[screen.channel]
    certain = cv2.erode(((pure > wanted) & lit).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    if not certain.any():
        return np.broadcast_to(np.array(screen.color, np.float32), rgb.shape).copy()
    filled = pulled(rgb, np.asarray(certain))
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), 3.0), np.float32)
