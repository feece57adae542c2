"""Edges that hold still from frame to frame: what the frames beside it say of a frame's edge, laid over it by motion.

The matte of a frame is carried to its neighbours by the subject's own motion, refined on their pictures as it was on
its own, and carried back. So a frame's answer depends on its matte and on the plate alone: it is the same whichever
frames are asked for, and no neighbour must have a matte. Knows neither models nor sockets.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.frames import FrameNumber
from core.trimap import SOLID, band_to_find
from inference.model import FrameSource, Options
from inference.motion.flow import Motion, exposure_gain, grid, sampled, sized

Refine = Callable[[Float32, Float32, Float32 | None, Options], Float32]
"""Picture, coverage, what is fixed of it, options → coverage, as `inference.model.RefineModel.refine`."""

_FLOW_PX: Final = 1024
_MOST_ASKED: Final = 150_000
"""Unknown pixels; where there are more, the neighbours are asked at half the size, or a quarter."""
_NEAR_PX, _FAR_PX = 6.0, 24.0
"""How far beside the solid subject its motion is looked for, at half the size of the flow."""
_SHY_PX: Final = 2
"""So near to its edge the flow is mixed with that of what is behind."""
_ENOUGH_SOLID: Final = 0.02
_UNLIKE = np.float32(0.2)
"""A neighbour that differs by so much counts a third: there the motion was wrong."""


class Steadying:
    """The frames of one job; keeps flows between them.

    Args:
        source: raises FrameError where a frame has no picture of its own; such a neighbour says nothing.
        options: of the model; `steady` frames before and after are asked, where there is none `refine` is alone.
            `band_px` as of `core.trimap.band_to_find`.
    """

    def __init__(self, source: FrameSource, options: Options, refine: Refine) -> None:
        self._source = source
        self._options = options
        self._reach = int(options.get("steady", 0))
        self._band_px = float(options.get("band_px", 0))
        self._refine = refine
        self._motions: dict[float, Motion] = {}

    def refined(self, frame: FrameNumber, rgb: Float32, coverage: Float32, fixed: Float32 | None) -> Float32:
        """(H, W) coverage; each pixel outside the band, and each fixed one, as `refine` alone gives it.

        Args:
            rgb: (H, W, 3) the frame's picture, scene-linear.
            coverage, fixed: (H, W) as of `inference.model.RefineModel.refine`.
        """
        alone = self._refine(rgb, coverage, fixed, self._options)
        if self._reach <= 0:
            return alone
        band, told = band_to_find(rgb, coverage, fixed, self._band_px)
        if not band.any() or not (alone > SOLID).any():
            return alone
        change = self._change(_Asked.of(frame, rgb, coverage, alone, band, told))
        steady = np.clip(alone + sized(change, alone.shape), 0.0, 1.0)
        return np.asarray(np.where(band, steady, alone), np.float32)

    def _change(self, asked: _Asked) -> Float32:
        """(h, w) what the neighbours add to the frame's own answer, at the size they are asked at."""
        change, weights = np.zeros(asked.alone.shape, np.float32), np.ones(asked.alone.shape, np.float32)
        for step in range(1, self._reach + 1):
            for other in (asked.frame - step, asked.frame + step):
                moved = self._moved(asked, other)
                if moved is None or float(moved.trust[asked.band].max()) < 0.1:
                    continue
                said = self._said(asked, other, moved)
                weight = moved.trust * np.exp(-np.square((said - asked.alone) / _UNLIKE))
                change += weight * (said - asked.alone)
                weights += weight
        return np.asarray(change / weights, np.float32)

    def _said(self, asked: _Asked, other: FrameNumber, moved: _Moved) -> Float32:
        """(h, w) coverage of the frame as the picture of `other` tells it."""
        picture = sized(self._source.rgb(other), asked.alone.shape)
        free = moved.there(asked.band.astype(np.float32)) > 0
        fixed = np.where(free, 0.0, 1.0).astype(np.float32)
        fixed[free & (moved.there(asked.told.astype(np.float32)) > 0)] = 0.5  # a rim left to the band would lean on it
        options = self._options if asked.shrunk == 1 else {**self._options, "band_px": self._band_px * asked.shrunk}
        return moved.back(self._refine(picture, moved.there(asked.coverage), fixed, options))

    def _moved(self, asked: _Asked, other: FrameNumber) -> _Moved | None:
        """The subject's motion, carried on from its solid part over its edge; None where there is no such frame."""
        gain = 2.0 ** round(math.log2(asked.gain))  # of the frame alone, so that it does not matter what came before
        if gain not in self._motions:
            self._motions[gain] = Motion(self._source, _FLOW_PX, gain)
        flow = self._motions[gain].between(asked.frame, other)
        if flow is None:
            return None
        size = height, width = max(1, flow.trust.shape[0] // 2), max(1, flow.trust.shape[1] // 2)
        smaller = np.array([width / flow.trust.shape[1], height / flow.trust.shape[0]], np.float32)
        away, sure = sized(flow.to, size) * smaller, sized(flow.trust, size)
        whole = (sized(asked.alone, size) > SOLID).astype(np.uint8)
        shy = cv2.erode(whole, np.ones((2 * _SHY_PX + 1,) * 2, np.uint8), borderType=cv2.BORDER_REPLICATE)
        solid = np.asarray(shy if shy.any() else whole, np.float32)
        weight = solid * (np.square(sure) + np.float32(1e-3))
        to, trust = np.zeros_like(away), np.zeros_like(solid)
        for sigma in (_FAR_PX, _NEAR_PX):
            some, amount = cv2.GaussianBlur(solid, (0, 0), sigma), cv2.GaussianBlur(weight, (0, 0), sigma)
            part = np.clip(some / np.float32(_ENOUGH_SOLID), 0.0, 1.0)
            along = cv2.GaussianBlur(away * weight[..., None], (0, 0), sigma)
            to += part[..., None] * (along / np.maximum(amount, np.float32(1e-9))[..., None] - to)
            trust += part * (cv2.GaussianBlur(solid * sure, (0, 0), sigma) / np.maximum(some, 1e-9) - trust)
        return _Moved.of(to, trust, asked.alone.shape)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A frame at the size its neighbours are asked at; `shrunk` is that size beside the plate's."""

    frame: FrameNumber
    shrunk: float
    gain: float
    coverage: Float32
    alone: Float32
    band: Bool
    told: Bool

    @staticmethod
    def of(frame: FrameNumber, rgb: Float32, coverage: Float32, alone: Float32, band: Bool, told: Bool) -> _Asked:
        halvings, count = 0, int(band.sum())
        while count > _MOST_ASKED * 4**halvings:
            halvings += 1
        height, width = (max(1, edge >> halvings) for edge in band.shape)
        size = (height, width)
        return _Asked(
            frame,
            height / band.shape[0],
            exposure_gain(sized(rgb, size)),
            sized(coverage, size),
            sized(alone, size),
            sized(band.astype(np.float32), size) > 0,
            sized(told.astype(np.float32), size) > 0,
        )


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where the subject is in a neighbour: array positions there of each pixel here, the way back, and trust 0-1."""

    forth_x: Float32
    forth_y: Float32
    back_x: Float32
    back_y: Float32
    trust: Float32

    @staticmethod
    def of(to: Float32, trust: Float32, shape: tuple[int, int]) -> _Moved:
        """At another size than the flow's."""
        height, width = shape
        to = sized(to, shape) * np.array([width / to.shape[1], height / to.shape[0]], np.float32)
        x, y = grid(height, width)
        back = -to
        for _ in range(3):  # the way back from a place is the way to it, turned round
            place_x, place_y = x + back[..., 0], y + back[..., 1]
            way = cv2.remap(to, place_x, place_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            back = np.asarray(-way, np.float32)
        forth_x, forth_y = x + to[..., 0], y + to[..., 1]
        inside = (forth_x >= 0) & (forth_y >= 0) & (forth_x <= width - 1) & (forth_y <= height - 1)
        trust = np.asarray(np.clip(sized(trust, shape), 0.0, 1.0) * inside, np.float32)
        return _Moved(forth_x, forth_y, x + back[..., 0], y + back[..., 1], trust)

    def there(self, values: Float32) -> Float32:
        """What lies here, as an array of the neighbour."""
        return sampled(values, self.back_x, self.back_y)

    def back(self, values: Float32) -> Float32:
        """Coverage of the neighbour, as an array of this frame."""
        came = cv2.remap(values, self.forth_x, self.forth_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(np.clip(came, 0.0, 1.0), np.float32)
