"""The small network that is taught: a U-Net that answers at working size and thinks at a quarter of it.

Knows tensors only. One narrow layer runs at half of the working size and is all that is left of fine detail; a
step is then four times cheaper than a U-Net that begins at full size, and many steps are what teaching needs.

`recall` is what makes it quick to teach: a weighing of the features of every level, one number a place, that has a best
answer in closed form (`recall.py`). What comes after it makes that coarse answer fine.
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
    """(B, planes, H, W) → logits (B, 1, H, W).

    Args:
        recalls: whether it has a recall; one that was taught from nothing has none.
    """

    def __init__(self, planes: int, widths: tuple[int, ...] = WIDTHS, fine: int = FINE, recalls: bool = False) -> None:
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
        self.recall = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in reversed(widths[:-1])) if recalls else None
        self.spread = nn.Conv2d(inward, fine * 4, 1)
        self.head = nn.Conv2d(fine * 2 + recalls, 4, 3, padding=1)
        if self.head.bias is not None and not recalls:
            nn.init.constant_(self.head.bias, -1.5)

    def forward(self, planes_bchw: Tensor) -> Tensor:
        fine, levels = self.look(planes_bchw)
        return self.answer(fine, levels, self.recalled(levels))

    def look(self, planes_bchw: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Fine features at half of the size, and those that the answer is made of, coarse to fine; the last at 1/4."""
        fine = F.relu(self.fine(3.0 * (planes_bchw - 0.5)))
        inner = F.relu(self.coarse(fine))
        kept: list[Tensor] = []
        for level, pair in enumerate(self.down):
            if level:
                inner = F.max_pool2d(inner, 2)
            inner = pair(inner)
            kept.append(inner)
        kept.pop()
        levels: list[Tensor] = []
        for pair in self.up:
            beside = kept.pop()
            inner = pair(torch.cat([F.interpolate(inner, size=beside.shape[-2:]), beside], dim=1))
            levels.append(inner)
        return fine, levels

    def recalled(self, levels: list[Tensor]) -> Tensor | None:
        """Logits at a quarter of the size, (B, 1, h, w); None where there is no recall."""
        if self.recall is None:
            return None
        size = levels[-1].shape[-2:]
        said = [weigh(level) for weigh, level in zip(self.recall, levels, strict=True)]
        return torch.stack([enlarged(each, size) for each in said]).sum(dim=0)

    @property
    def recalled_widths(self) -> tuple[int, ...]:
        """Channels of the levels that recall weighs; empty where there is no recall."""
        return () if self.recall is None else tuple(weigh.get_parameter("weight").shape[1] for weigh in self.recall)

    def remember(self, solution: Tensor) -> None:
        """Weigh by these numbers, as `recall.Recall` found them: of all levels in a row, then the bias."""
        if self.recall is None:
            raise ValueError("this network has no recall")
        parts = torch.split(solution[:-1], list(self.recalled_widths))
        with torch.no_grad():
            for weigh, part in zip(self.recall, parts, strict=True):
                weigh.get_parameter("weight").copy_(part.reshape(1, -1, 1, 1))
                weigh.get_parameter("bias").zero_()
            self.recall[-1].get_parameter("bias").fill_(float(solution[-1]))

    def answer(self, fine: Tensor, levels: list[Tensor], recalled: Tensor | None) -> Tensor:
        """Logits (B, 1, H, W) float32."""
        inner = F.pixel_shuffle(F.relu(self.spread(levels[-1])), 2)
        if recalled is None:
            return F.pixel_shuffle(self.head(torch.cat([inner, fine], dim=1)).float(), 2)
        half = enlarged(recalled, fine.shape[-2:])
        said = self.head(torch.cat([inner, fine, half.to(inner.dtype)], dim=1)) + half
        return F.pixel_shuffle(said.float(), 2)


def enlarged(planes: Tensor, size: tuple[int, int] | torch.Size) -> Tensor:
    """(B, C, h, w) → (B, C, *size), bilinear; as it is where it has that size."""
    if planes.shape[-2:] == tuple(size):
        return planes
    return F.interpolate(planes, size=tuple(size), mode="bilinear", align_corners=False)
