"""Pictures whose alpha is known, and shots made of them: a foreground that drifts before a plate that pans, with grain.

Knows arrays, and how an edge model is asked for one frame of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from core.arrays import Bool, Float32
from core.errors import FrameError
from core.frames import FrameNumber
from inference.model import Options, RefineModel
from inference.registry import InstalledModel
from inference.steadying import Refine

_PAN_PX = 3
_DRIFT_PX = (0.75, 0.4)
"""The foreground goes this far to the right and down from frame to frame, at 800 pixels of width."""
_GRAIN = 0.01
_SEED = 11


@dataclass(frozen=True, slots=True)
class TrueMatte:
    """A picture whose alpha is known: (H, W, 3) scene-linear, (H, W) alpha, and the trimap's 0, 0.5 and 1."""

    name: str
    picture: Path
    rgb: Float32
    alpha: Float32
    trimap: Float32

    @property
    def unknown(self) -> Bool:
        return np.asarray(self.trimap == 0.5)

    def enlarged(self, width: int) -> TrueMatte:
        """The same, so many pixels wide; itself where it is as wide."""
        if width in (0, self.alpha.shape[1]):
            return self
        size = (width, round(self.alpha.shape[0] * width / self.alpha.shape[1]))
        rgb = np.asarray(np.maximum(cv2.resize(self.rgb, size, interpolation=cv2.INTER_CUBIC), 0), np.float32)
        alpha = np.asarray(np.clip(cv2.resize(self.alpha, size, interpolation=cv2.INTER_CUBIC), 0, 1), np.float32)
        trimap = np.asarray(cv2.resize(self.trimap, size, interpolation=cv2.INTER_NEAREST), np.float32)
        return TrueMatte(self.name, self.picture, rgb, alpha, trimap)


class MovingShot:
    """Implements `inference.model.FrameSource` over frames that were made; they count from 0."""

    def __init__(self, frames: Sequence[TrueMatte]) -> None:
        self._frames = frames

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        """As `inference.frames.Pictures.rgb`. Raises FrameError before the first and after the last."""
        if not 0 <= frame < len(self._frames):
            raise FrameError(f"Frame {frame}", "is not in this shot", "Choose one that is.")
        rgb = self._frames[frame].rgb
        scale = min(1.0, long_edge_px / max(self.shape())) if long_edge_px else 1.0
        if scale == 1.0:
            return rgb
        size = round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)
        return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)

    def shape(self) -> tuple[int, int]:
        height, width = self._frames[0].alpha.shape
        return height, width


def refine_of(installed: InstalledModel) -> Refine:
    """An edge model as `Steadying` asks for it."""

    def refine(rgb: Float32, coverage: Float32, fixed: Float32 | None, options: Options) -> Float32:
        with installed.use() as network:
            return cast(RefineModel, network).refine(rgb, coverage, fixed, options, lambda: False)

    return refine


def moving(true: TrueMatte, plate: Float32, frames: int, light: str) -> list[TrueMatte]:
    """`frames` of the foreground over the plate; mixed, and grained, in the light that is asked for.

    The unknown part is a pixel wider than the trimap's, which cannot follow a drift of less than one.
    """
    height, width = true.alpha.shape
    size = (width + _PAN_PX * frames, height)
    wide = np.asarray(cv2.resize(plate, size, interpolation=cv2.INTER_AREA), np.float32)
    front = _foreground(true)
    chance = np.random.default_rng(_SEED)
    found = []
    for frame in range(frames):
        far = width / 800 * (frame - (frames - 1) / 2)
        way = np.array([[1, 0, _DRIFT_PX[0] * far], [0, 1, _DRIFT_PX[1] * far]], np.float32)
        alpha, color = _moved(true.alpha, way), _moved(front, way)
        trimap = _moved(true.trimap, way, cv2.INTER_NEAREST)
        unknown = cv2.dilate((trimap == 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        trimap = np.where(unknown, 0.5, trimap).astype(np.float32)
        behind = wide[:, frame * _PAN_PX :][:, :width]
        grain = chance.normal(0.0, _GRAIN, color.shape).astype(np.float32)
        if light == "display":
            mixed = alpha[..., None] * _curved(color) + (1 - alpha[..., None]) * _curved(behind)
            rgb = np.maximum(mixed + grain, 0) ** np.float32(2.2)
        else:
            mixed = alpha[..., None] * color + (1 - alpha[..., None]) * behind
            rgb = np.maximum(mixed + grain * np.sqrt(np.maximum(mixed, 0)), 0)
        found.append(TrueMatte(f"{true.name}@{frame}", true.picture, np.asarray(rgb, np.float32), alpha, trimap))
    return found


def _moved(values: Float32, way: Float32, how: int = cv2.INTER_LINEAR) -> Float32:
    size = (values.shape[1], values.shape[0])
    return np.asarray(cv2.warpAffine(values, way, size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _curved(rgb: Float32) -> Float32:
    return np.asarray(np.clip(rgb, 0, 1) ** np.float32(1 / 2.2), np.float32)


def _foreground(true: TrueMatte) -> Float32:
    """(H, W, 3) the color of the nearest pixel that is foreground alone."""
    solid = (true.alpha < 0.99).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(solid, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    ys, xs = np.nonzero(solid == 0)
    table = np.zeros((int(labels.max()) + 1, 3), np.float32)
    table[labels[ys, xs]] = true.rgb[ys, xs]
    return np.asarray(table[labels], np.float32)
