"""What an eye sees of a frame, small, and how it moves to the frame beside it. Knows pictures; knows no mattes.

Everything that judges mattes over time works on these: a display-like copy at most `WORK_PX` wide, and dense flow
checked forward against backward. Deterministic: the same two pictures give the same motion on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Float32, UInt8
from core.geometry import Window

WORK_PX: Final = 384
"""The longer edge of the copies; errors that an artist would stop at are larger than one of their pixels."""
CURVE: Final = 60.0
"""Steepness of the display-like curve; 60 is close to sRGB's between 0.002 and 1."""
MOST_STRAY_PX: Final = 8.0
"""Where forward and backward differ by more, they differ: occlusion and a lost patch weigh the same."""


@dataclass(frozen=True, eq=False, slots=True)
class Sight:
    """A frame as it is judged.

    Args:
        window: what it covers, in plate pixels.
        lab: (h, w, 3) uint8, CIE Lab of the display-like picture.
        gradient: (h, w) float32, how steep the lightness is, in Lab's levels a working pixel.
    """

    window: Window
    lab: UInt8
    gradient: Float32

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) in working pixels."""
        return self.lab.shape[0], self.lab.shape[1]

    @property
    def scale(self) -> float:
        """Plate pixels in a working pixel."""
        return self.window.width / self.size[1]


def work_size(window: Window) -> tuple[int, int]:
    """(h, w) of the copy of this window; never larger than the window itself."""
    scale = min(1.0, WORK_PX / max(window.width, window.height, 1))
    return max(1, round(window.height * scale)), max(1, round(window.width * scale))


def reduced(values: Float32, size: tuple[int, int]) -> Float32:
    """`values`, (H, W) or (H, W, C), area-averaged down to `size` (h, w); bilinear where it is larger."""
    if values.shape[:2] == size:
        return values
    how = cv2.INTER_AREA if size[0] <= values.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(values, (size[1], size[0]), interpolation=how).astype(np.float32, copy=False)


def sight(rgb: Float32, window: Window) -> Sight:
    """A frame made small and display-like.

    Args:
        rgb: (H, W, 3) float32 scene-linear over `window`; finite.
    """
    small = np.clip(reduced(rgb, work_size(window)), 0.0, 4.0)
    seen = np.log1p(np.float32(CURVE) * small) / np.float32(np.log1p(CURVE))
    eight_bit = np.clip(seen * 235.0 + 8.0, 0.0, 255.0).astype(np.uint8)
    lab = np.asarray(cv2.cvtColor(eight_bit, cv2.COLOR_RGB2LAB), np.uint8)
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 0.8).astype(np.float32)
    across, down = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    return Sight(window, lab, np.asarray(np.hypot(across, down) / 8.0, np.float32))


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """From one frame to the one beside it, at working size.

    Args:
        forth: (h, w, 2) float32, x first: pixel p of the first frame is at p + forth(p) in the second.
        back: (h, w, 2) float32, the same from the second to the first.
        stray: (h, w) float32: how many pixels the way there and back again misses home, at most `MOST_STRAY_PX`.
        stray_back: the same, beginning in the second frame.
    """

    forth: Float32
    back: Float32
    stray: Float32
    stray_back: Float32

    @property
    def nbytes(self) -> int:
        return int(self.forth.nbytes + self.back.nbytes + self.stray.nbytes + self.stray_back.nbytes)

    def turned(self) -> Motion:
        """The same motion, seen from the second frame."""
        return Motion(self.back, self.forth, self.stray_back, self.stray)


def motion(here: Sight, there: Sight) -> Motion:
    """The motion between two frames of one size. ValueError where the sizes differ."""
    if here.size != there.size:
        raise ValueError(f"frames of one plate are one size, not {here.size} and {there.size}")
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # type: ignore[attr-defined]
    first, second = np.ascontiguousarray(here.lab[..., 0]), np.ascontiguousarray(there.lab[..., 0])
    if min(first.shape) < 16:  # less than two patches of the search
        still = np.zeros((*first.shape, 2), np.float32)
        return Motion(still, still, still[..., 0], still[..., 0])
    forth, back = search.calc(first, second, None), search.calc(second, first, None)
    return Motion(forth, back, _stray(forth, back), _stray(back, forth))


def _stray(forth: Float32, back: Float32) -> Float32:
    home = forth + warped(back, forth)
    return np.asarray(np.minimum(np.hypot(home[..., 0], home[..., 1]), MOST_STRAY_PX), np.float32)


def warped(values: Float32, to: Float32) -> Float32:
    """What `values` of the other frame look like from this one: (h, w) or (h, w, C), bilinear, the border repeated."""
    x, y = np.meshgrid(np.arange(to.shape[1], dtype=np.float32), np.arange(to.shape[0], dtype=np.float32))
    seen = cv2.remap(values, x + to[..., 0], y + to[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return seen.astype(np.float32, copy=False)
