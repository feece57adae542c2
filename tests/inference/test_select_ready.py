"""What makes the learned segmenter quick changes none of its answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.arrays import Float32
from inference.models.select import weights
from inference.models.select.hints import Mark
from inference.models.select.network import ClickNet
from inference.models.select.sight import Looks
from inference.training.precision import quick

SMALL = (8, 16, 16, 16, 16)
SHALLOW = (0, 1, 1, 1, 1)


def network() -> ClickNet:
    torch.manual_seed(0)
    return ClickNet(SMALL, SHALLOW).eval()


def plate(height: int, width: int) -> Float32:
    return np.random.default_rng(0).random((height, width, 3), dtype=np.float32)


def test_filters_rounded_once_answer_as_those_rounded_at_every_question() -> None:
    given = network()
    rgb = torch.from_numpy(plate(64, 96)).permute(2, 0, 1)[None]
    hints, clicks = torch.rand(1, 8, 16, 24), torch.tensor([[[0.5, 0.5, 1.0], [0.2, 0.2, -1.0]]])
    with torch.inference_mode(), quick():
        expected = given(rgb, hints, clicks)

        answer = weights.rounded(given)(rgb, hints, clicks)

    assert torch.equal(answer, expected)
    assert all(number.dtype == torch.float32 for number in given.parameters()), "the one that was given is untouched"


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_a_rehearsal_leaves_nothing_behind(part: float) -> None:
    rgb = plate(90, 150)
    looks, rehearsed = (Looks(network(), rgb, rgb, 1.0, 128) for _ in range(2))

    rehearsed.rehearse(part)

    marks = [Mark(40.0, 30.0)]
    assert np.array_equal(rehearsed.ask(rehearsed.whole, marks), looks.ask(looks.whole, marks))
    assert rehearsed.nbytes == looks.nbytes
