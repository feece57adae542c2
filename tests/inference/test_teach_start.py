"""What teaching begins with: a recall in closed form, the numbers that ship, and how they are trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="teaching needs torch", exc_type=ImportError)

import torch

from core.errors import EngineError, PenumbraError
from inference.training import beginning
from inference.training.adapter import Recipe, packed, unpacked
from inference.training.beginning import begun, recall, shipped
from inference.training.clicks.examples import Source
from inference.training.network import COLORS, MatteNet
from inference.training.pictures.pool import PicturePool
from inference.training.prepared import Prepared, Sizes
from inference.training.recall import Recall
from inference.training.stages import Stage
from inference.training.taught import answer
from inference.training.warm import subjects
from inference.training.warm.learner import CHECKPOINT, Learner, Told
from inference.training.warm.learner import Recipe as Course
from inference.training.warm.views import Shots, filled
from tests.inference.moving_disc import MovingDisc, overlap


def test_recall_finds_the_weights_that_made_a_matte() -> None:
    """Two levels, the coarse one told by its first channel: its weight is positive, that of noise next to nothing."""
    generator = torch.Generator().manual_seed(0)
    coarse, fine = torch.randn(1, 3, 8, 8, generator=generator), torch.randn(1, 2, 16, 16, generator=generator)
    wanted = torch.nn.functional.interpolate((coarse[:, :1] > 0).float(), size=(16, 16))[:, 0]
    found = Recall((3, 2))
    found.add([coarse, fine], wanted, torch.ones_like(wanted))

    solution = found.solved()
    said = found.weigh([coarse, fine], solution)[:, 0]

    assert solution[0] > 2.5 * solution[1:5].abs().max()
    assert ((said > 0) == (wanted > 0.5)).float().mean() > 0.85


def test_pixels_that_do_not_count_change_no_recall() -> None:
    generator = torch.Generator().manual_seed(0)
    level = torch.randn(1, 4, 16, 16, generator=generator)
    wanted = (level[:, 0] > 0).float()
    counts = torch.ones_like(wanted)
    counts[:, 8:] = 0.0
    lied = wanted.clone()
    lied[:, 8:] = 1.0
    solutions = []
    for truth in (wanted, lied):
        found = Recall((4,))
        found.add([level], truth, counts)
        solutions.append(found.solved())

    assert torch.equal(*solutions)


def test_before_the_first_step_the_shipped_numbers_know_the_subject_from_one_frame() -> None:
    """No step of teaching: the recall of one corrected frame finds the disc on a frame far from it."""
    shot = MovingDisc()
    sizes = Sizes.of(shot, (shot.lesson(2),), 240)
    network, recipe, new = begun(b"", sizes)
    prepared = Prepared(shot, (shot.lesson(2), shot.lesson(14, held_out=True)), recipe.long_edge_px, recipe.gain)

    recall(network, prepared.drawn)
    (unseen,) = prepared.measured
    found = answer(network, unseen.color)

    assert new
    assert recipe.warm
    assert overlap(found, unseen.coverage) > 0.6


def test_missing_numbers_are_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(beginning, "SHIPPED", tmp_path / "none.safetensors")
    shipped.cache_clear()
    try:
        with pytest.raises(EngineError, match=r"none\.safetensors.*Install Penumbra again"):
            begun(b"", Sizes(320, 480, 1.0))
    finally:
        shipped.cache_clear()


def test_an_adapter_of_before_is_read_as_it_was() -> None:
    """Adapters that say nothing of a warm start have a network without recall."""
    data = packed(MatteNet(COLORS), Recipe((32, 64, 96, 128), 16, 480, 1.0))
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    note = json.loads(header["__metadata__"]["recipe"])
    note.pop("warm")
    header["__metadata__"]["recipe"] = json.dumps(note)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)

    network, recipe = unpacked(len(text).to_bytes(8, "little") + text + data[8 + length :])

    assert network.recall is None
    assert recipe.long_edge_px == 480


def test_the_ground_behind_a_subject_is_filled_from_around_it() -> None:
    color = np.full((64, 64, 3), 0.25, np.float32)
    wanted = np.zeros((64, 64), np.float32)
    cv2.circle(wanted, (30, 34), 14, 1.0, -1)
    color[wanted > 0] = 0.9

    assert np.abs(filled(color, wanted) - 0.25).max() < 0.01


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """So that a busy machine slows these tests no more than its share."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def source(small_pool: PicturePool) -> Source:
    return Source(small_pool.folder, 64)


def test_views_show_one_subject_with_its_own_coverage(source: Source) -> None:
    rng = np.random.default_rng(1)
    views = next(iter(Shots(source.examples(108, rng), 4, 64, rng)))

    assert views.color.shape == (4, 64, 64, 3)
    assert views.coverage.shape == (4, 64, 64)
    assert 0.0 <= views.coverage.min() <= views.coverage.max() <= 1.0
    assert not np.array_equal(views.coverage[0], views.coverage[1])


def test_training_the_start_goes_on_from_its_checkpoint(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off after two steps and called again: it goes on at the third, and what it makes can be begun with."""
    monkeypatch.setattr(subjects, "HELD", 4)
    course = Course((Stage(4, 64, 2),))
    steps: list[int] = []

    def more(told: Told) -> bool:
        steps.append(told.step)
        return told.step > 2

    Learner(source, tmp_path, course).run(60.0, more, every=2)
    learner = Learner(source, tmp_path, course)
    learner.run(60.0, more, every=1)
    network, recipe = unpacked(learner.start())

    assert steps == [2, 3, 4]
    assert recipe.warm
    assert recipe.long_edge_px == 0
    assert all(bool(value.isfinite().all()) for value in network.state_dict().values())


def test_a_broken_checkpoint_is_a_sentence(source: Source, tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"no checkpoint")

    with pytest.raises(PenumbraError, match="cannot be gone on from"):
        Learner(source, tmp_path)
