"""A small network for edges: what a picture shows in the unknown band, and what lies beside it → coverage.

It is given what closed-form matting works out: the colors of the solid inside and outside that lie nearest. What it
learns is where those are wrong. Knows tensors, and arrays to make them of; no model and no training.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from core.arrays import Bool, Float32
from inference.motion.flow import visible
from inference.training.network import Pair

PLANES: Final = 13
"""Color, inside and outside color (3 each); known coverage, where it is unknown, the mix of both colors, nearness."""
WIDTHS: Final = (16, 32, 48, 64, 96)
"""Channels at the plate's own resolution, a half, a quarter, and so on."""
MULTIPLE: Final = 2 ** (len(WIDTHS) - 1)
"""Both sides of what it is given must be multiples of this."""
AROUND: Final = 5
"""Pixels across which the color of solid places is averaged."""


class EdgeNet(nn.Module):
    """(B, PLANES, H, W) → logits (B, H, W), a U-Net that begins at full resolution, narrow."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.down = nn.ModuleList()
        inward = PLANES
        for width in widths:
            self.down.append(Pair(inward, width))
            inward = width
        self.up = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.up.append(Pair(inward + width, width))
            inward = width
        self.head = nn.Conv2d(inward, 1, 3, padding=1)

    def forward(self, planes_bchw: Tensor) -> Tensor:
        inner, kept = planes_bchw, list[Tensor]()
        for level, pair in enumerate(self.down):
            inner = pair(F.avg_pool2d(inner, 2) if level else inner)
            kept.append(inner)
        kept.pop()
        for pair in self.up:
            beside = kept.pop()
            larger = F.interpolate(inner, size=beside.shape[-2:], mode="bilinear", align_corners=False)
            inner = pair(torch.cat([larger, beside], dim=1))
        logits: Tensor = self.head(inner)
        return logits[:, 0].float()


def planes(rgb: Float32, coverage: Float32, unknown: Bool, gain: float) -> Float32:
    """What the network is given of a picture, (PLANES, H, W).

    Args:
        rgb: (H, W, 3) scene-linear.
        coverage: (H, W) 0-1; counts outside of `unknown` only.
        gain: exposure it is seen with.
    """
    seen = np.clip(visible(rgb, gain), -1.0, 2.0)
    inside, outside = (coverage > 0.5) & ~unknown, (coverage <= 0.5) & ~unknown
    front, to_front = _nearest(seen, inside)
    behind, to_behind = _nearest(seen, outside)
    between = front - behind
    mix = ((seen - behind) * between).sum(-1) / (np.square(between).sum(-1) + np.float32(1e-3))
    known = np.where(unknown, np.float32(0.5), (coverage > 0.5).astype(np.float32))
    near = to_behind / np.maximum(to_front + to_behind, np.float32(1.0))
    singles = [known, unknown.astype(np.float32), np.clip(mix, -0.5, 1.5), near]
    whole = np.concatenate([seen, front, behind, np.stack(singles, axis=-1)], axis=-1)
    return np.ascontiguousarray(whole.transpose(2, 0, 1), dtype=np.float32)


def _nearest(seen: Float32, solid: Bool) -> tuple[Float32, Float32]:
    """(H, W, 3) the color of the solid place nearest to each pixel, averaged a little, and how far it is, in pixels."""
    if not solid.any():
        far = np.float32(seen.shape[0] + seen.shape[1])
        return np.full_like(seen, seen.mean()), np.full(solid.shape, far, np.float32)
    size = (AROUND, AROUND)
    counts = cv2.blur(solid.astype(np.float32), size)
    averaged = cv2.blur(seen * solid[..., None], size) / np.maximum(counts, np.float32(1e-6))[..., None]
    away, labels = cv2.distanceTransformWithLabels(
        (~solid).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colors = np.zeros((int(labels.max()) + 1, 3), np.float32)
    colors[labels[solid]] = averaged[solid]
    return np.asarray(colors[labels], np.float32), np.asarray(away, np.float32)
