"""What places of a picture look like, by the features that `select` compares clicks by, and by their color.

That network was trained to tell what belongs together with a clicked place from what does not. Knows its weights and
tensors; keeps what it found of pictures, by what they hold.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

import inference.models.select as home
from core.arrays import Float32
from inference.models.segment.reduced import exposure
from inference.models.select import weights
from inference.models.select.network import MULTIPLE, ClickNet
from inference.models.select.sight import displayed
from inference.motion.kept_flows import KeptFlows, content
from inference.training.precision import quick

LONG_EDGE_PX: Final = 320
STEP_PX: Final = 4
"""Pixels of the seen picture to a place."""
COLOR: Final = 2.0
"""How much a difference of all of Lab's range counts, against one from like to unlike."""


def read_network() -> ClickNet | None:
    """The network of `select`; None where it is not trained. Raises EngineError for a broken file."""
    path = Path(home.__path__[0]) / weights.FILE
    return weights.read(path) if path.is_file() else None


class Looks:
    """Implements `memory.Appearance`. `kept`: places of pictures that were looked at in earlier requests."""

    long_edge_px = LONG_EDGE_PX

    def __init__(self, network: ClickNet, kept: KeptFlows) -> None:
        self._network, self._kept = network, kept
        self._gain: float | None = None

    def places(self, rgb: Float32) -> Float32:
        """(H, W, 3) scene-linear → (h, w, d), `STEP_PX` pixels a place; one exposure for all, the first picture's.

        In half stops, so that another first picture hardly ever gives another one: what was looked at is found again.
        """
        if self._gain is None:
            self._gain = 2.0 ** (0.5 * round(2.0 * math.log2(exposure(rgb))))
        height, width = (max(1, round(side / STEP_PX)) for side in rgb.shape[:2])
        size = (STEP_PX * width, STEP_PX * height)
        seen = displayed(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32), self._gain)
        picture = (seen * 255.0 + 0.5).astype(np.uint8)
        return self._kept.flow((content(picture),), lambda: self._looked(seen, (height, width)))

    def _looked(self, seen: Float32, shape: tuple[int, int]) -> Float32:
        planes = torch.from_numpy(np.ascontiguousarray(seen)).permute(2, 0, 1)[None]
        padded = F.pad(planes, (0, -seen.shape[1] % MULTIPLE, 0, -seen.shape[0] % MULTIPLE), mode="replicate")
        with torch.inference_mode(), quick():
            fine, coarse = self._network.look(padded.contiguous(memory_format=torch.channels_last))[-2:]
            coarse = F.interpolate(coarse.float(), size=fine.shape[-2:], mode="bilinear", align_corners=False)
            alike = torch.cat([fine.float(), F.normalize(coarse, dim=1)], dim=1)[0]
        vectors = alike.permute(1, 2, 0)[: shape[0], : shape[1]].numpy()
        small = cv2.resize(seen, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
        lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32) / np.array([100, 255, 255], np.float32)
        return np.ascontiguousarray(np.concatenate([0.5 * vectors, COLOR * lab], axis=-1), np.float32)
