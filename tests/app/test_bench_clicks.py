"""The benches of clicks and edges, on pictures small enough to know the answer."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench import clicks, refine
from app.bench.truth import paired
from core.errors import PlateError
from core.prompts import Click


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A red disc on gray, 96 x 128, and its mask."""
    pictures, masks = tmp_path / "pictures", tmp_path / "masks"
    pictures.mkdir()
    masks.mkdir()
    mask = np.zeros((96, 128), np.uint8)
    cv2.circle(mask, (64, 48), 24, 255, -1)
    picture = np.full((96, 128, 3), 110, np.uint8)
    picture[mask > 0] = (40, 50, 200)
    (pictures / "disc.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    (masks / "disc.png").write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    return pictures, masks


def test_the_next_click_falls_on_the_middle_of_the_largest_error() -> None:
    truth = np.zeros((50, 80), bool)
    truth[10:31, 10:31] = True
    got = np.zeros_like(truth)
    got[40:45, 60:65] = True

    assert clicks.next_click(truth, got) == Click(20.5, 20.5, True)
    assert clicks.next_click(truth, truth | got) == Click(62.5, 42.5, False)
    assert clicks.next_click(truth, truth) is None


def test_clicks_are_counted_until_the_answer_is_good_enough() -> None:
    """An answer that grows by one column a click: 85 % needs nine of ten columns, 90 % too."""
    truth = np.ones((10, 10), bool)

    def one_column_more(said: object) -> np.ndarray:
        got = np.zeros((10, 10), bool)
        got[:, : len(said)] = True  # type: ignore[arg-type]
        return got

    figures = clicks.click_until_done(truth, one_column_more)

    assert figures["noc85"] == 9
    assert figures["noc90"] == 9
    assert figures["iou_5"] == pytest.approx(0.5)
    assert figures["iou_20"] == 1.0


def test_bench_clicks_gives_a_row_for_each_method_and_their_means(pair: tuple[Path, Path]) -> None:
    rows = list(clicks.run([pair], min_px=100))

    assert [(row["case"], row["method"]) for row in rows] == [
        ("pictures/disc", "segment"),
        ("pictures/disc", "grabcut"),
        ("mean", "segment"),
        ("mean", "grabcut"),
    ]
    assert rows[0]["iou_1"] > 0.95
    assert rows[2]["noc90"] == rows[0]["noc90"] == 1


def test_bench_refine_gives_a_row_for_each_method_and_their_means(pair: tuple[Path, Path]) -> None:
    rows = list(refine.run([pair]))

    assert [row["method"] for row in rows] == ["none", "guided", "default"] * 2
    assert rows[-1]["mse"] < rows[3]["mse"]


def test_folders_without_a_pair_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlateError, match="no picture has a mask"):
        paired([(tmp_path, tmp_path / ".")])
