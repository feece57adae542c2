"""Where each pixel of a frame was in the frame beside it: dense flow, checked forward against backward.

Knows pictures through a `FrameSource` and works on small, display-like copies of them. Knows nothing of mattes
and nothing of networks, so the first answer of a propagation needs no torch.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeVar

import cv2
import numpy as np

from core.arrays import Float32, UInt8
from core.errors import FrameError
from core.frames import FrameNumber
from inference.model import FrameSource
from inference.motion.kept_flows import KeptFlows, content

Key = TypeVar("Key")
Value = TypeVar("Value")
CURVE: Final = 60.0
"""Steepness of the display-like curve; 60 is close to sRGB's between 0.002 and 1."""
KEPT_PICTURES: Final = 48
KEPT_CHECKED: Final = 64


def visible(rgb: Float32, gain: float = 1.0) -> Float32:
    """Scene-linear light as an eye would grade it: 0 → 0, 1 → 1, highlights above 1 and negatives kept, odd.

    Args:
        rgb: any shape, scene-linear; multiplied by `gain` first.
    """
    light = rgb * np.float32(gain)
    magnitude = np.log1p(np.float32(CURVE) * np.abs(light)) / np.float32(np.log1p(CURVE))
    return np.asarray(np.copysign(magnitude, light), np.float32)


def exposure_gain(rgb: Float32) -> float:
    """What brings the median of a picture to middle gray, within four stops, so that dark plates are seen too."""
    middle = float(np.median(rgb.mean(axis=-1)))
    return float(np.clip(0.18 / max(middle, 1e-4), 1 / 16, 16.0))


def sampled(values: Float32, x: Float32, y: Float32, outside: float = 0.0) -> Float32:
    """`values` at continuous array positions (centres at whole numbers), bilinear; `outside` beyond the border."""
    moved = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(outside,) * 4)
    return moved.astype(np.float32, copy=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """Displacement from one frame to another.

    Args:
        to: (h, w, 2) float32, working pixels; x first. Pixel p of this frame is at p + to(p) in the other.
        trust: (h, w) 0-1; how well the flow back leads home, and how alike the two places look.
    """

    to: Float32
    trust: Float32


class Motion:
    """Flows between frames of one plate at a working size, computed once and kept while there is room."""

    def __init__(
        self,
        source: FrameSource,
        long_edge_px: int,
        gain: float,
        *,
        fine: bool = True,
        kept: KeptFlows | None = None,
    ) -> None:
        """`fine`: search at every pixel of the working size; else at half of it, as the search comes.

        `kept`: fine flows of earlier requests.
        """
        self._source = source
        self._kept = kept if kept is not None and fine else KeptFlows()
        self._long_edge_px = long_edge_px
        self._gain = gain
        self._gray: OrderedDict[FrameNumber, UInt8 | None] = OrderedDict()
        self._contents: dict[FrameNumber, bytes] = {}
        self._checked: OrderedDict[tuple[FrameNumber, FrameNumber], Flow] = OrderedDict()
        self._search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # type: ignore[attr-defined]
        if fine:
            self._search.setFinestScale(0)

    def gray(self, frame: FrameNumber) -> UInt8 | None:
        """(h, w) 0-255 as an eye sees it; None where the plate has no readable frame."""
        if frame not in self._gray:
            try:
                rgb = self._source.rgb(frame, self._long_edge_px)
            except FrameError:
                self._gray[frame] = None
            else:
                light = visible(rgb, self._gain) @ np.array([0.3, 0.5, 0.2], np.float32)
                self._gray[frame] = np.clip(light * 235.0 + 8.0, 0.0, 255.0).astype(np.uint8)
            _trim(self._gray, KEPT_PICTURES)
        return self._gray[frame]

    def between(self, frame: FrameNumber, other: FrameNumber) -> Flow | None:
        """The checked flow from `frame` to `other`, or None when one of them cannot be read."""
        if (frame, other) not in self._checked:
            here, there = self.gray(frame), self.gray(other)
            if here is None or there is None or here.shape != there.shape:
                return None
            forth, back = self._flow(frame, other, here, there), self._flow(other, frame, there, here)
            self._checked[frame, other] = _checked(here, there, forth, back)
            _trim(self._checked, KEPT_CHECKED)
        return self._checked[frame, other]

    def _flow(self, frame: FrameNumber, other: FrameNumber, here: UInt8, there: UInt8) -> Float32:
        for number, gray in ((frame, here), (other, there)):
            if number not in self._contents:
                self._contents[number] = content(gray)
        pictures = self._contents[frame], self._contents[other]
        return self._kept.flow(pictures, lambda: np.asarray(self._search.calc(here, there, None), np.float32))


def _checked(here: UInt8, there: UInt8, forth: Float32, back: Float32) -> Flow:
    x, y = grid(here.shape[0], here.shape[1])
    at_x, at_y = x + forth[..., 0], y + forth[..., 1]
    home = forth + cv2.remap(back, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    stray = home[..., 0] ** 2 + home[..., 1] ** 2
    length = forth[..., 0] ** 2 + forth[..., 1] ** 2
    unlike = here.astype(np.float32) - sampled(there.astype(np.float32), at_x, at_y)
    trust = np.exp(-stray / (1.0 + 0.02 * length) - (unlike / 40.0) ** 2)
    inside = (at_x >= -0.5) & (at_y >= -0.5) & (at_x <= here.shape[1] - 0.5) & (at_y <= here.shape[0] - 0.5)
    return Flow(forth, (trust * inside).astype(np.float32))


def grid(height: int, width: int) -> tuple[Float32, Float32]:
    """Array positions of every pixel: x and y, each (height, width) float32."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def _trim(kept: OrderedDict[Key, Value], limit: int) -> None:
    while len(kept) > limit:
        kept.popitem(last=False)


def sized(values: Float32, size: tuple[int, int]) -> Float32:
    """`values`, (H, W) or (H, W, C), at `size` (h, w): area-averaged when smaller, bilinear when larger."""
    if values.shape[:2] == size:
        return values
    how = cv2.INTER_AREA if size[0] < values.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(values, (size[1], size[0]), interpolation=how).astype(np.float32, copy=False)
