"""How a promptable network sees a plate, and how its answer becomes coverage of the plate.

Our own arithmetic around the bare network, the same as that of its published processor: the display-encoded picture
is squeezed to a square with an antialiased bilinear filter (pixel centres at + 0.5), then normalized. Points are
plate coordinates scaled by the same two factors. Knows no prompts and no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import interpolate

from core.arrays import Float32
from inference.models.shown import Normalization, shown

IMAGENET = Normalization((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CERTAIN = 10.0
"""Coverage 1 as the network's logits, and minus it coverage 0; half is none."""
WORKING_PX = 1024
"""Longer edge of the coverage that the plate's edge step starts from."""


@dataclass(frozen=True, slots=True)
class Lens:
    """What a network's folder says about its pictures.

    Args:
        size: the side of the square it sees.
        mask_size: the side of the square its masks have.
        normalization: what its numbers are made for.
    """

    size: int
    mask_size: int
    normalization: Normalization = IMAGENET

    @classmethod
    def of(cls, folder: Path, image_size: int, patch_size: int, family: Normalization) -> Lens:
        """As the folder's processor says, where it has one; else as the family has it."""
        return cls(image_size, 4 * image_size // patch_size, Normalization.of(folder, family))

    def pixels(self, rgb: Float32, gain: float) -> torch.Tensor:
        """(1, 3, size, size) float32 for the network.

        Args:
            rgb: (H, W, 3) scene-linear, any range; what is above display white after `gain` is white to the network.
        """
        return self.normalization.of_picture(_squeeze(shown(rgb, gain), self.size))

    def place(self, x: float, y: float, shape: tuple[int, int]) -> tuple[float, float]:
        """Continuous plate coordinates → the network's, which counts from pixel centres (it adds the half itself)."""
        return x * self.size / shape[1] - 0.5, y * self.size / shape[0] - 0.5

    def mask_prompt(self, coverage: Float32) -> torch.Tensor:
        """(1, 1, mask_size, mask_size) logits of an earlier answer, from coverage (H, W) 0-1."""
        return self.small(coverage) * (2.0 * CERTAIN) - CERTAIN

    def small(self, values: Float32) -> torch.Tensor:
        """(1, 1, mask_size, mask_size) of values (H, W): as large as the network's masks."""
        whole = torch.from_numpy(np.ascontiguousarray(values, np.float32))[None, None]
        return _squeeze(whole, self.mask_size)

    def key_mask(self, coverage: Float32) -> torch.Tensor:
        """(1, 1, size, size) of 0 and 1: a key frame's matte as the memory takes it, cut at a half."""
        whole = torch.from_numpy(np.ascontiguousarray(coverage, np.float32))[None, None]
        return (_squeeze(whole, self.size) >= 0.5).float()


def coverage_of(logits: torch.Tensor, shape: tuple[int, int]) -> Float32:
    """Coverage 0-1 of a picture of `shape`, at most `WORKING_PX` long, from logits (h, w) over its squeezed square.

    Logits are enlarged and then made coverage, so that an edge of the network is a slope, not a staircase.
    """
    scale = min(1.0, WORKING_PX / max(shape))
    size = (max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale)))
    larger = interpolate(logits[None, None].float(), size, mode="bilinear", align_corners=False, antialias=True)
    return np.asarray(torch.sigmoid(larger)[0, 0].numpy(), np.float32)


def _squeeze(bchw: torch.Tensor, side: int) -> torch.Tensor:
    if bchw.shape[-2:] == (side, side):
        return bchw
    return interpolate(bchw, (side, side), mode="bilinear", align_corners=False, antialias=True)
