"""Adam, its weight decay apart from it (Kingma & Ba 2015, Loshchilov & Hutter 2019).

The step is `torch.optim.adamw`'s; only what it remembers is held here. `torch.optim.AdamW`, which would hold it, loads
torch's compiler with its first use, and that costs a lesson two seconds of its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import torch
from torch import Tensor
from torch.optim.adamw import adamw

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
        if not moved:
            return
        weights = [self._weights[place] for place in moved]
        first, second = self._betas
        adamw(
            weights,
            [weight.grad for weight in weights if weight.grad is not None],
            [self._means[place] for place in moved],
            [self._squares[place] for place in moved],
            [],
            [self._steps[place] for place in moved],
            foreach=True,
            amsgrad=False,
            beta1=first,
            beta2=second,
            lr=rate,
            weight_decay=self._decay,
            eps=LEAST,
            maximize=False,
        )

    def zero_grad(self) -> None:
        for weight in self._weights:
            weight.grad = None
