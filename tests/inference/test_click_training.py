"""Training of the click network: what it is fed, the simulated artist, and that a short run from nothing learns."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.errors import PenumbraError
from core.exr_write import write_exr
from core.geometry import Format, Window
from core.noise import generator
from inference import train
from inference.models.select.hints import STRIDE, Mark, click_table, extent_code, hint_planes
from inference.models.select.network import HINTS, MOST_CLICKS, ClickNet
from inference.training.clicks.artist import next_mark
from inference.training.clicks.examination import examine, unseen
from inference.training.clicks.examples import MOST_SUBJECTS, Example, Source
from inference.training.clicks.learner import Learner, Recipe
from inference.training.clicks.sitting import Sitting
from inference.training.pictures.cutouts import Bank, pack
from inference.training.pictures.pool import PicturePool
from inference.training.stages import Stage

SIDE = 64
SMALL = Recipe(stages=(Stage(4000, SIDE, 4),), widths=(8, 16, 16, 24, 24), depths=(0, 1, 1, 1, 1), warm_steps=8)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Eight scenes of 96 pixels, a drawing and a photograph."""
    folder = tmp_path_factory.mktemp("training")
    PicturePool(folder / "pool", 96, per_shard=4).fill(8)
    drawing = np.zeros((80, 60, 4), np.uint8)
    cv2.ellipse(drawing, (30, 40), (25, 35), 0, 0, 360, (40, 90, 200, 255), -1)
    drawings = folder / "drawings"
    drawings.mkdir()
    done, data = cv2.imencode(".png", drawing)
    assert done
    (drawings / "egg.png").write_bytes(data.tobytes())
    pack(drawings, folder / "cutouts.npz", cutouts=True)
    photographs = folder / "photographs"
    photographs.mkdir()
    light = generator(1).gamma(1.0, 0.5, (120, 240, 3)).astype(np.float32)
    channels = {name: light[..., place].copy() for place, name in enumerate("RGB")}
    window = Window.of_size(240, 120)
    write_exr(photographs / "sky.exr", channels, data_window=window, format=Format(window))
    pack(photographs, folder / "photographs.npz", cutouts=False)
    return Source(folder / "pool", 96, folder / "cutouts.npz", folder / "photographs.npz", folder / "cutouts.npz")


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_hints_lie_where_the_marks_are() -> None:
    planes = hint_planes((64, 96), [Mark(42.0, 10.0), Mark(90.0, 50.0, adds=False)], extent=0.25)

    assert planes.shape == (HINTS, 64 // STRIDE, 96 // STRIDE)
    for place, (x, y) in ((0, (42, 10)), (1, (90, 50)), (2, (42, 10)), (3, (90, 50))):
        row, column = np.unravel_index(int(planes[place].argmax()), planes[place].shape)
        assert (row, column) == (y // STRIDE, x // STRIDE)
    assert (planes[4] == 0).all()
    assert (planes[6] == 1).all()
    np.testing.assert_allclose(planes[7], extent_code(0.25))
    assert extent_code(1.0) == 1.0
    assert extent_code(0.001) == pytest.approx(-1.0)


def test_of_many_marks_the_first_and_the_last_are_compared() -> None:
    table = click_table((100, 100), [Mark(number, 1.0, adds=number % 2 == 0) for number in range(100)])

    half = MOST_CLICKS // 2
    np.testing.assert_allclose(table[:half, 0], np.arange(half) / 100)
    np.testing.assert_allclose(table[half:, 0], np.arange(100 - half, 100) / 100, rtol=1e-6)
    np.testing.assert_array_equal(table[:, 2], np.where(table[:, 0] * 100 % 2 < 0.5, 1, -1))


def test_the_artist_clicks_into_the_largest_error() -> None:
    wanted, answer = np.zeros((60, 60), bool), np.zeros((60, 60), bool)
    wanted[10:30, 10:31] = True
    answer[40:50, 40:50] = True

    mark = next_mark(answer, wanted)
    assert mark is not None
    assert mark.adds
    assert (abs(mark.x - 20.5), abs(mark.y - 20)) <= (1.5, 1.5)
    taken = next_mark(wanted | answer, wanted)
    assert taken is not None
    assert not taken.adds
    assert answer[int(taken.y), int(taken.x)]
    assert next_mark(wanted, wanted) is None
    for seed in range(20):
        anywhere = next_mark(answer, wanted, generator(seed))
        assert anywhere is not None
        assert wanted[int(anywhere.y), int(anywhere.x)]


# --- what is learnt from ----------------------------------------------------------------------------------------------


def test_examples_are_pictures_with_subjects(source: Source) -> None:
    several = 0
    for example in islice(source.examples(SIDE, generator(2)), 60):
        assert example.rgb.shape == (SIDE, SIDE, 3)
        assert example.rgb.dtype == np.float32
        assert 0 <= example.rgb.min() <= example.rgb.max() <= 1
        assert 1 <= len(example.wanted) <= MOST_SUBJECTS
        several += len(example.wanted) > 1
        for matte in example.wanted:
            assert matte.shape == (SIDE, SIDE)
            assert 0 <= matte.min() <= matte.max() <= 1.0001
            assert (matte > 0.5).any()
    assert several > 10


def test_examples_follow_from_their_seed(source: Source) -> None:
    one = next(iter(source.examples(SIDE, generator(3))))
    again = next(iter(source.examples(SIDE, generator(3))))
    np.testing.assert_array_equal(one.rgb, again.rgb)
    np.testing.assert_array_equal(one.wanted, again.wanted)


def test_a_bank_gives_back_what_was_packed(source: Source) -> None:
    assert source.cutouts is not None
    assert source.photographs is not None
    cutouts, photographs = Bank(source.cutouts), Bank(source.photographs)
    assert (len(cutouts), len(photographs)) == (1, 2)
    egg = cutouts.picture(0)
    np.testing.assert_array_equal(egg[egg.shape[0] // 2, egg.shape[1] // 2], (200, 90, 40, 255))
    assert egg[0, 0, 3] == 0
    assert photographs.picture(0).shape[2] == 3
    assert photographs.picture(1).mean() > photographs.picture(0).mean()


def test_what_is_no_bank_is_told(tmp_path: Path) -> None:
    with pytest.raises(PenumbraError, match="holds no picture"):
        pack(tmp_path, tmp_path / "bank.npz", cutouts=True)
    (tmp_path / "bank.npz").write_bytes(b"no")
    with pytest.raises(PenumbraError, match="is not a bank"):
        Bank(tmp_path / "bank.npz")


def test_pictures_that_are_none_are_passed_over(tmp_path: Path) -> None:
    """An empty file, no picture, and an EXR without colors."""
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_bytes(b"no picture")
    depth, window = np.ones((90, 90), np.float32), Window.of_size(90, 90)
    write_exr(tmp_path / "depth.exr", {"Z": depth}, data_window=window, format=Format(window))
    for cutouts in (True, False):
        with pytest.raises(PenumbraError, match="holds no picture"):
            pack(tmp_path, tmp_path / "bank.npz", cutouts=cutouts)


def test_first_marks_lie_in_the_subject_and_corrections_in_the_error(source: Source) -> None:
    examples = list(islice(source.examples(SIDE, generator(4)), 30))
    sitting = Sitting(examples, generator(5), torch.device("cpu"))
    subjects = sitting.wanted[:, 0].numpy() > 0.5

    def marks() -> list[list[tuple[int, int, bool]]]:
        return [
            [(int(x * SIDE), int(y * SIDE), bool(sign > 0)) for x, y, sign in table if sign]
            for table in sitting.asked[1].numpy()
        ]

    first = marks()
    assert sum(bool(mine) for mine in first) > 0.8 * len(subjects)
    for mine, subject in zip(first, subjects, strict=True):
        for x, y, adds in mine:
            assert subject[y, x] == adds
    sitting.correct(torch.full(sitting.wanted.shape, 5.0))
    for mine, before, subject in zip(marks(), first, subjects, strict=True):
        if subject.mean() < 0.5 and len(before) < 4:
            x, y, adds = mine[-1]
            assert not adds
            assert not subject[y, x]


# --- learning ---------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(900)
def test_a_short_run_from_nothing_lowers_the_error_on_unseen_pictures(source: Source, tmp_path: Path) -> None:
    """At most two minutes of one processor; ends as soon as a tenth of the error is gone. Then it is gone on from."""
    torch.manual_seed(1)
    exam = list(unseen(6, SIDE))
    source = replace(source, lifelike=None)  # there it is one egg, and a quarter of the pictures would be rows of eggs
    learner = Learner(source, tmp_path, SMALL)
    before = 1 - examine(learner.average, exam, (1, 3))["iou_3"]
    after, ends = before, time.process_time() + 110
    while after > 0.9 * before and time.process_time() < ends:
        learner.run(on_report=lambda _report: False, workers=0, every=20)
        after = 1 - examine(learner.average, exam, (1, 3))["iou_3"]
    assert after < 0.9 * before

    again = Learner(source, tmp_path, SMALL)
    assert again.done == learner.done > 0
    for mine, kept in zip(again.average.parameters(), learner.average.parameters(), strict=True):
        torch.testing.assert_close(mine, kept, rtol=0, atol=0)


def test_a_broken_checkpoint_is_told(source: Source, tmp_path: Path) -> None:
    (tmp_path / "learner.safetensors").write_bytes(b"no")
    with pytest.raises(PenumbraError, match="cannot be gone on from"):
        Learner(source, tmp_path, SMALL)


@pytest.mark.parametrize(
    ("arguments", "says"), [(["--device", "nowhere"], "cannot be trained on"), (["--scenes", "0"], "a scene at least")]
)
def test_the_command_refuses_in_a_sentence(arguments: list[str], says: str, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    train.describe(parser)
    with pytest.raises(PenumbraError, match=says):
        train.run(parser.parse_args(["segment", "--out", str(tmp_path), "--scenes", "1", *arguments]))


def test_the_exam_is_the_same_every_time() -> None:
    torch.manual_seed(2)
    network = ClickNet((8, 16, 16, 24, 24), (0, 1, 1, 1, 1)).eval()
    one, again = list(unseen(2, SIDE)), list(unseen(2, SIDE))
    np.testing.assert_array_equal(one[0].rgb, again[0].rgb)
    figures = examine(network, one, (1, 2))
    assert figures == examine(network, again, (1, 2))
    perfect = Example(np.zeros((SIDE, SIDE, 3), np.float32), (np.zeros((SIDE, SIDE), np.float32),))
    assert examine(network, [perfect], (1, 2)) == {"iou_1": 1.0, "iou_2": 1.0}
