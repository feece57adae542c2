"""Adam, its weight decay apart from it (Kingma & Ba 2015, Loshchilov & Hutter 2019).

What `torch.optim.AdamW` computes, number for number. That one loads torch's compiler with its first use, which costs a
lesson two seconds of its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import torch
from torch import Tensor

LEAST: Final = 1e-8
"""Beside the size of the gradients that are divided by."""


class Adam:
    """Updates weights in place; one without a gradient is passed over.

    Args:
        betas: how much of the past the means of the gradients and of their squares keep, a step.
        decay: how much of itself a weight loses in a step of rate 1.
    """

    def __init__(
        self, weights: Iterable[Tensor], betas: tuple[float, float] = (0.9, 0.999), decay: float = 0.0
    ) -> None:
        self._weights = list(weights)
        self._betas, self._decay = betas, decay
        self._means = [torch.zeros_like(weight) for weight in self._weights]
        self._squares = [torch.zeros_like(weight) for weight in self._weights]
        self._steps = [torch.zeros(()) for _ in self._weights]

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """What it remembers, by the place of the weight and a name; the tensors themselves, to be copied into."""
        named = {"exp_avg": self._means, "exp_avg_sq": self._squares, "step": self._steps}
        places = range(len(self._weights))
        return {f"{place}.{name}": tensors[place] for place in places for name, tensors in named.items()}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        moved = [place for place, weight in enumerate(self._weights) if weight.grad is not None]
        weights = [self._weights[place] for place in moved]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        means, squares = [self._means[place] for place in moved], [self._squares[place] for place in moved]
        if not moved:
            return
        first, second = self._betas
        torch._foreach_mul_(weights, 1.0 - rate * self._decay)
        torch._foreach_lerp_(means, gradients, 1.0 - first)
        torch._foreach_mul_(squares, second)
        torch._foreach_addcmul_(squares, gradients, gradients, 1.0 - second)
        for place in moved:
            self._steps[place] += 1
        counts = [float(self._steps[place]) for place in moved]
        sizes = [square.sqrt() for square in squares]
        torch._foreach_div_(sizes, [(1.0 - second**count) ** 0.5 for count in counts])
        torch._foreach_add_(sizes, LEAST)
        torch._foreach_addcdiv_(weights, means, sizes, [-rate / (1.0 - first**count) for count in counts])

    def zero_grad(self) -> None:
        for weight in self._weights:
            weight.grad = None
