"""The best weighing of a network's features for one subject, in closed form: ridge regression towards its matte.

Knows tensors only. Differentiable, so that features can be trained to be weighed well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from inference.training.network import enlarged

SURE: Final = 4.0
"""The logit that the middle of a subject is to get, and its surroundings the opposite."""
RIDGE: Final = 0.02
"""Against the features' own size: keeps weights small that a few pictures cannot tell."""


class Recall:
    """Takes pictures one after the other, then solves. What it keeps does not grow with the pictures.

    Args:
        widths: channels of the levels, coarse to fine, as `MatteNet.look` gives them.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self._widths = tuple(widths)
        length = sum(widths) + 1
        self._inside, self._outside = torch.zeros(length, length), torch.zeros(length, length)

    def add(self, levels: Sequence[Tensor], coverage_bhw: Tensor, weight_bhw: Tensor) -> None:
        """Features of some pictures; coverage 0-1 and how much each place counts, at the size of the last level."""
        size = levels[-1].shape[-2:]
        stacked = torch.cat([enlarged(level.float(), size) for level in levels], dim=1)
        features = stacked.permute(0, 2, 3, 1).reshape(-1, stacked.shape[1])
        features = torch.cat([features, features.new_ones(len(features), 1)], dim=1)
        inside = (weight_bhw * coverage_bhw).reshape(-1, 1)
        outside = (weight_bhw * (1.0 - coverage_bhw)).reshape(-1, 1)
        self._inside = self._inside + (features * inside).T @ features
        self._outside = self._outside + (features * outside).T @ features

    def solved(self) -> Tensor:
        """Weights of all levels in a row, then the bias: (sum of widths + 1,)."""
        # Half of the say to the subject, half to all that it is not. The last column holds the sums of the features.
        inside, outside = (gram / gram[-1, -1].clamp_min(1.0) for gram in (self._inside, self._outside))
        gram, toward = inside + outside, SURE * (inside - outside)[:, -1]
        ridge = torch.full((len(gram),), RIDGE) * gram.diagonal()[:-1].mean().detach()
        ridge[-1] = 1e-6
        solution: Tensor = torch.linalg.solve(gram + torch.diag(ridge), toward)
        return solution

    def weigh(self, levels: Sequence[Tensor], solution: Tensor) -> Tensor:
        """(B, 1, h, w) logits at the size of the last level."""
        size = levels[-1].shape[-2:]
        parts = torch.split(solution[:-1], list(self._widths))
        pairs = zip(levels, parts, strict=True)
        said = [torch.einsum("bchw,c->bhw", level.float(), part)[:, None] for level, part in pairs]
        return torch.stack([enlarged(each, size) for each in said]).sum(dim=0) + solution[-1]
