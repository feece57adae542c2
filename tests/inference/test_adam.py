"""Adam: the numbers that torch's own gives, and what it remembers by the same names."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from inference.training.adam import Adam


@pytest.mark.parametrize(("betas", "decay"), [((0.9, 0.999), 1e-2), ((0.9, 0.98), 0.0)])
def test_it_is_what_torch_computes(betas: tuple[float, float], decay: float) -> None:
    """Number for number over many steps of other rates; a weight that had no gradient at first lags behind."""
    drawn = torch.Generator().manual_seed(0)
    mine = [torch.randn(shape, generator=drawn).requires_grad_() for shape in ((8, 4, 3, 3), (5,))]
    others = [weight.detach().clone().requires_grad_() for weight in mine]
    adam = Adam(mine, betas, decay)
    known = torch.optim.AdamW(others, betas=betas, weight_decay=decay, foreach=False)

    for step in range(12):
        for weight, other in zip(mine, others, strict=True):
            gradient = torch.randn(weight.shape, generator=drawn)
            weight.grad, other.grad = (None, None) if step < 3 and weight.ndim == 1 else (gradient, gradient.clone())
        known.param_groups[0]["lr"] = 0.01 * (1 + step % 4)
        adam.step(0.01 * (1 + step % 4))
        known.step()

    assert all(torch.equal(weight, other) for weight, other in zip(mine, others, strict=True))
    state = {
        f"{place}.{name}": tensor
        for place, named in known.state_dict()["state"].items()
        for name, tensor in named.items()
    }
    assert adam.memory.keys() == state.keys()
    assert all(torch.equal(tensor, state[name]) for name, tensor in adam.memory.items())
