"""The click network: looks at the picture once, then answers every click from what it saw.

`look` is the slow half and depends on the picture alone, so that its answer is kept for a frame; `answer` is the quick
half. What makes it quick is that clicks are compared with the whole picture by the features found there: "where does
it look like this place" is computed, not learnt anew from disks of ink. Knows tensors only.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

WIDTHS: Final = (24, 48, 80, 128, 160)
"""Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the working size."""
DEPTHS: Final = (0, 2, 2, 3, 2)
"""Blocks on each of these levels."""
MULTIPLE: Final = 32
"""Both sides of a picture given to the network must be multiples of this."""
HINTS: Final = 8
"""Planes of the prompts at 1/4, see `hints.py`."""
FINE: Final = 16
"""Channels where the answer is made, at half of the working size."""
LIKENESS: Final = 32
"""Length of the vectors by which places are compared."""
MOST_CLICKS: Final = 24
"""Clicks that are compared with the picture; the hints hold any number."""
_UNLIKE: Final = -8.0
_HEADS: Final = 4


class Block(nn.Module):
    """Two dense filters that add to what came in. Dense ones: a CPU learns them five times faster than sparse ones."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, planes: Tensor) -> Tensor:
        added: Tensor = self.second(F.relu(self.first(self.norm(planes))))
        return planes + added


class Everywhere(nn.Module):
    """Attention from every place to every place; for the coarsest planes only."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.mix = nn.Conv2d(width, width * 3, 1)
        self.out = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, planes: Tensor) -> Tensor:
        batch, width, rows, columns = planes.shape
        mixed = self.mix(self.norm(planes)).reshape(batch, 3, _HEADS, width // _HEADS, rows * columns)
        query, key, value = mixed.transpose(-1, -2).unbind(1)
        met = F.scaled_dot_product_attention(query, key, value)
        found: Tensor = self.out(met.transpose(-1, -2).reshape(batch, width, rows, columns))
        return planes + found


class Seen(nn.Module):
    """The slow half: (B, 3, H, W) 0-1 → five planes of features, fine to coarse."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...]) -> None:
        super().__init__()
        self.begin = nn.Conv2d(3, widths[0], 4, stride=2, padding=1)
        self.levels = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(depth))) for width, depth in zip(widths, depths, strict=True)
        )
        self.steps = nn.ModuleList(nn.Conv2d(width, wider, 2, stride=2) for width, wider in pairwise(widths))
        self.everywhere = nn.Sequential(Everywhere(widths[-1]), Block(widths[-1]), Everywhere(widths[-1]))

    def forward(self, rgb: Tensor) -> list[Tensor]:
        planes = self.begin(4.0 * (rgb - 0.45))
        found = []
        for level, step in zip(self.levels, self.steps, strict=False):
            planes = level(planes)
            found.append(planes)
            planes = step(planes)
        return [*found, self.everywhere(self.levels[-1](planes))]


class ClickNet(nn.Module):
    """Both halves. Smaller `widths` make a network for tests; all are multiples of 8."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, last = widths
        told = HINTS + 4
        self.seen = Seen(widths, depths)
        self.likeness = nn.ModuleList([nn.Conv2d(quarter, LIKENESS, 1), nn.Conv2d(sixteenth, LIKENESS, 1)])
        self.sharpness = nn.Parameter(torch.full((2,), 4.0))
        self.fuse32 = nn.Conv2d(last + told, last, 1)
        self.fuse16 = nn.Conv2d(sixteenth + last + told, sixteenth, 1)
        self.fuse8 = nn.Conv2d(eighth + sixteenth + told, eighth, 1)
        self.fuse4 = nn.Conv2d(quarter + eighth + told, quarter, 1)
        self.think32 = nn.Sequential(Block(last), Everywhere(last), Block(last))
        self.think16 = nn.Sequential(Block(sixteenth), Block(sixteenth))
        self.think8 = nn.Sequential(Block(eighth), Block(eighth))
        self.think4 = nn.Sequential(Block(quarter))
        self.coarse2, self.fine2 = nn.Conv2d(quarter, FINE, 1), nn.Conv2d(half, FINE, 1)
        self.head = nn.Conv2d(FINE, 4, 3, padding=1)

    def look(self, rgb: Tensor) -> list[Tensor]:
        """(B, 3, H, W) sRGB-encoded, 0-1, H and W multiples of 32 → features, kept while the picture stands."""
        found: list[Tensor] = self.seen(rgb)
        alike = [F.normalize(layer(found[place]), dim=1) for layer, place in zip(self.likeness, (1, 3), strict=True)]
        return found + alike

    def answer(self, seen: list[Tensor], hints: Tensor, clicks: Tensor) -> Tensor:
        """Logits (B, 1, H, W) float32.

        Args:
            seen: what `look` found.
            hints: (B, HINTS, H/4, W/4), see `hints.py`.
            clicks: (B, MOST_CLICKS, 3): x and y in 0-1 of the picture, and 1 adds, -1 subtracts, 0 is no click.
        """
        half, quarter, eighth, sixteenth, last, fine, coarse = seen
        alike = torch.cat([self._alike(fine, clicks, 0), _resized(self._alike(coarse, clicks, 1), fine)], dim=1)
        told = torch.cat([hints.to(alike.dtype), alike], dim=1)
        inner = self.think32(self.fuse32(torch.cat([last, _reduced(told, last)], dim=1)))
        for fuse, think, beside in (
            (self.fuse16, self.think16, sixteenth),
            (self.fuse8, self.think8, eighth),
            (self.fuse4, self.think4, quarter),
        ):
            inner = think(fuse(torch.cat([beside, _resized(inner, beside), _reduced(told, beside)], dim=1)))
        inner = F.relu(_resized(self.coarse2(inner), half) + self.fine2(half))
        return F.pixel_shuffle(self.head(inner).float(), 2)

    def forward(self, rgb: Tensor, hints: Tensor, clicks: Tensor) -> Tensor:
        return self.answer(self.look(rgb), hints, clicks)

    def _alike(self, vectors: Tensor, clicks: Tensor, which: int) -> Tensor:
        """(B, 2, h, w): how much each place looks like the most alike click that adds, and one that subtracts."""
        at = clicks[..., :2].clamp(0, 1) * 2 - 1
        picked = F.grid_sample(vectors.float(), at[:, None], mode="bilinear", align_corners=False)[:, :, 0]
        likeness = torch.einsum("bck,bchw->bkhw", F.normalize(picked, dim=1), vectors.float()) * self.sharpness[which]
        found = []
        for sign in (1, -1):
            of_sign = (clicks[..., 2] * sign > 0.5)[..., None, None]
            found.append(likeness.masked_fill(~of_sign, _UNLIKE).amax(dim=1, keepdim=True))
        return torch.cat(found, dim=1).tanh().to(vectors.dtype)


def _resized(planes: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(planes, size=like.shape[-2:], mode="bilinear", align_corners=False)


def _reduced(planes: Tensor, like: Tensor) -> Tensor:
    rows, columns = like.shape[-2:]
    return planes if planes.shape[-2:] == (rows, columns) else F.adaptive_avg_pool2d(planes, (rows, columns))
