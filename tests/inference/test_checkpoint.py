"""Where a training stands, on disk: gone on from, and refused where it is another's."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import save

from core.errors import PenumbraError
from inference.training.checkpoint import Checkpoint


def test_what_was_kept_is_put_back(tmp_path: Path) -> None:
    """Into the tensors that are there, which training goes on to change; nothing kept is step 0."""
    weights, count = torch.arange(6.0).reshape(2, 3).T, torch.tensor(4)
    kept = Checkpoint(tmp_path / "new" / "kept", {"network": {"weight": weights}, "adam": {"0.step": count}})
    assert kept.resume() == 0
    kept.keep(17)
    weights.zero_()
    count.zero_()

    assert kept.resume() == 17
    assert weights.tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert int(count) == 4


def test_a_checkpoint_of_before_is_read(tmp_path: Path) -> None:
    """The click network's said its step in another word."""
    (tmp_path / "kept").write_bytes(save({"network.weight": torch.ones(2)}, {"done": "5"}))
    weight = torch.zeros(2)

    assert Checkpoint(tmp_path / "kept", {"network": {"weight": weight}}).resume() == 5
    assert weight.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "data",
    [
        b"not one",
        save({"network.weight": torch.ones(2)}),
        save({"network.weight": torch.ones(1)}, {"step": "5"}),
        save({"network.weight": torch.ones(2), "network.more": torch.ones(2)}, {"step": "5"}),
    ],
    ids=["broken", "without a step", "of another size", "of more"],
)
def test_another_s_is_refused_and_nothing_is_taken(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(data)
    weight = torch.zeros(2)

    with pytest.raises(PenumbraError, match="kept: cannot be gone on from"):
        Checkpoint(tmp_path / "kept", {"network": {"weight": weight}}).resume()
    assert not weight.any()
