"""An optimizer for few steps: momentum, made orthogonal for every convolution, so that no direction lags behind.

The idea is Muon's (Jordan et al. 2024): the update of a weight matrix is replaced by the nearest orthogonal one,
found by a few matrix products. Biases, norms and the first and last layers stay with Adam.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor

COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)
"""Of the quintic that drives singular values toward 1."""
ROUNDS: Final = 4


class Muon:
    """Updates weights of at least two dimensions in place. `rate` is the size of a step against the weight's own."""

    def __init__(self, weights: Sequence[Tensor], momentum: float = 0.9) -> None:
        self._weights = list(weights)
        self._momenta = [torch.zeros_like(weight) for weight in weights]
        self._momentum = momentum

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """What it remembers, by the place of the weight; the tensors themselves, to be copied into."""
        return {str(place): momentum for place, momentum in enumerate(self._momenta)}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        for weight, momentum in zip(self._weights, self._momenta, strict=True):
            if weight.grad is None:
                continue
            momentum.mul_(self._momentum).add_(weight.grad)
            ahead = weight.grad + self._momentum * momentum
            direction = orthogonal(ahead.reshape(len(weight), -1))
            size = max(1.0, direction.shape[0] / direction.shape[1]) ** 0.5
            weight.mul_(1.0 - 0.01 * rate).add_(direction.reshape(weight.shape), alpha=-rate * size)

    def zero_grad(self) -> None:
        for weight in self._weights:
            weight.grad = None


def orthogonal(matrix: Tensor) -> Tensor:
    """Roughly the nearest matrix whose singular values are all 1.

    The polynomial of each round is one in `square`, so all rounds happen in that smaller matrix.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    inner = matrix.T if tall else matrix
    inner = inner / (inner.norm() + 1e-7)
    square = inner @ inner.T
    one = torch.eye(len(square), dtype=square.dtype, device=square.device)
    a, b, c = COEFFICIENTS
    turn = factor = torch.addmm(a * one + b * square, square, square, alpha=c)
    for _ in range(ROUNDS - 1):
        square = factor @ square @ factor
        factor = torch.addmm(a * one + b * square, square, square, alpha=c)
        turn = factor @ turn
    turned: Tensor = turn @ inner
    return turned.T if tall else turned
