"""The small network that is taught: a U-Net that answers at working size and thinks at a quarter of it.

Knows tensors only. One narrow layer runs at half of the working size and is all that is left of fine detail; a
step is then four times cheaper than a U-Net that begins at full size, and many steps are what teaching needs.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

COLORS: Final = 3
WIDTHS: Final = (32, 64, 96, 128)
FINE: Final = 16
"""Channels of the one layer that runs at half of the working size; the rest begins at a quarter."""
MULTIPLE: Final = 4 * 2 ** (len(WIDTHS) - 1)
"""Both sides of a picture given to the network must be multiples of this."""


class Pair(nn.Module):
    """Two normalised convolutions."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inward, outward, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outward)
        self.second = nn.Conv2d(outward, outward, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outward)

    def forward(self, planes_bchw: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(planes_bchw)))
        return F.relu(self.second_norm(self.second(inner)))


class MatteNet(nn.Module):
    """(B, planes, H, W) → logits (B, 1, H, W)."""

    def __init__(self, planes: int, widths: tuple[int, ...] = WIDTHS, fine: int = FINE) -> None:
        super().__init__()
        self.fine = nn.Conv2d(planes, fine, 4, stride=2, padding=1)
        self.coarse = nn.Conv2d(fine, widths[0], 4, stride=2, padding=1)
        self.down = nn.ModuleList()
        inward = widths[0]
        for width in widths:
            self.down.append(Pair(inward, width))
            inward = width
        self.up = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.up.append(Pair(inward + width, width))
            inward = width
        self.spread = nn.Conv2d(inward, fine * 4, 1)
        self.head = nn.Conv2d(fine * 2, 4, 3, padding=1)
        if self.head.bias is not None:
            nn.init.constant_(self.head.bias, -1.5)

    def forward(self, planes_bchw: Tensor) -> Tensor:
        fine = F.relu(self.fine(3.0 * (planes_bchw - 0.5)))
        inner = F.relu(self.coarse(fine))
        kept: list[Tensor] = []
        for level, pair in enumerate(self.down):
            if level:
                inner = F.max_pool2d(inner, 2)
            inner = pair(inner)
            kept.append(inner)
        kept.pop()
        for pair in self.up:
            beside = kept.pop()
            inner = pair(torch.cat([F.interpolate(inner, size=beside.shape[-2:]), beside], dim=1))
        inner = F.pixel_shuffle(F.relu(self.spread(inner)), 2)
        return F.pixel_shuffle(self.head(torch.cat([inner, fine], dim=1)).float(), 2)
