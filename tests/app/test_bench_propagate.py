"""The bench's protocol: which frames are given, which are scored, and how sequences with ids and gaps are read."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench.propagate import given_for, iou, run, sequences
from core.color import ColorConfig
from core.errors import OptionError, PlateError
from core.geometry import Window

SIZE = (72, 128)


def shot(folder: Path, frames: int = 8, masks: tuple[int, ...] | None = None, ids: tuple[int, ...] = (255,)) -> Path:
    """PNG pictures of a bright square that moves two pixels a frame over texture, and its masks."""
    random = np.random.default_rng(1)
    ground = (60 + 60 * cv2.GaussianBlur(random.random(SIZE), (0, 0), 1.5)).astype(np.uint8)
    skin = (170 + 60 * random.random((30, 30))).astype(np.uint8)
    for name in ("pictures", "masks"):
        (folder / name).mkdir(parents=True)
    for frame in range(frames):
        picture, mask = ground.copy(), np.zeros(SIZE, np.uint8)
        for place, label in enumerate(ids):
            window = Window(20 + 2 * frame + 45 * place, 20, 50 + 2 * frame + 45 * place, 50)
            picture[window.y0 : window.y1, window.x0 : window.x1] = skin
            mask[window.y0 : window.y1, window.x0 : window.x1] = label
        (folder / "pictures" / f"{frame:05d}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
        if masks is None or frame in masks:
            (folder / "masks" / f"{frame:05d}.png").write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    return folder


def test_three_frames_are_given_and_all_others_scored(tmp_path: Path) -> None:
    """Of eight frames, 1, 4 and 6 are keys; both methods score the other five, and the means come last."""
    folder = shot(tmp_path)

    rows = list(run([(folder / "pictures", folder / "masks")], methods=("flow", "propagate"), segment=""))

    assert [(row["case"], row["method"]) for row in rows] == [
        ("pictures", "flow"),
        ("pictures", "propagate"),
        ("mean", "flow"),
        ("mean", "propagate"),
    ]
    assert rows[0]["frames"] == 5
    assert min(row["iou"] for row in rows) > 0.9
    assert rows[2]["iou"] == rows[0]["iou"]


def test_every_id_is_a_case_and_only_frames_with_truth_count(tmp_path: Path) -> None:
    folder = shot(tmp_path, masks=(0, 2, 3, 5, 7), ids=(1, 2))

    found = sequences((folder / "pictures", folder / "masks"), ColorConfig.load())

    assert [sequence.name for sequence in found] == ["pictures#1", "pictures#2"]
    assert [len(sequence) for sequence in found] == [8, 8]
    assert found[0].key_frames() == (0, 3, 7)
    assert sorted(found[0].truth) == [0, 2, 3, 5, 7]
    assert found[0].truth[3].sum() == 900


def test_without_a_segment_model_the_middle_frame_is_given_too(tmp_path: Path) -> None:
    folder = shot(tmp_path)
    (sequence,) = sequences((folder / "pictures", folder / "masks"), ColorConfig.load())

    given = given_for(sequence, None)

    assert (given.clicked, given.clicks, given.clicked_iou) == (4, 0, 1.0)
    assert np.array_equal(given.keys[4] > 0.5, sequence.truth[4])


def test_overlap_of_two_empty_mattes_is_one() -> None:
    nothing = np.zeros((4, 4), np.float32)
    half = np.zeros((4, 4), bool)
    half[:2] = True

    assert iou(nothing, nothing > 0.5) == 1.0
    assert iou(np.ones((4, 4), np.float32), half) == 0.5


def test_too_few_masks_and_unknown_methods_are_sentences(tmp_path: Path) -> None:
    folder = shot(tmp_path, masks=(0, 1, 2))

    with pytest.raises(PlateError, match="at least four are needed"):
        list(run([(folder / "pictures", folder / "masks")], methods=("flow",), segment=""))
    with pytest.raises(OptionError, match="Known are flow, propagate, teach"):
        list(run([(folder / "pictures", folder / "masks")], methods=("magic",), segment=""))
