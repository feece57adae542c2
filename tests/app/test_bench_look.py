"""The bench of the order: whole curves, ties that share, and a broken sequence in which the fault is found first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.bench.look import Propagated, curves, found, judged, ranked, run
from app.bench.propagate import sequences
from core.color import ColorConfig
from tests.app.test_bench_propagate import shot


def test_the_cumulated_part_of_the_whole() -> None:
    assert found(np.array([3.0, 1.0, 0.0])).tolist() == [0.75, 1.0, 1.0]
    assert found(np.zeros(2)).tolist() == [0.5, 1.0]


def test_frames_of_one_score_share_their_error() -> None:
    """Scores 2, 1, 1: the first error stands alone, the other two are their mean."""
    assert ranked(np.array([0.0, 4.0, 2.0]), np.array([1.0, 2.0, 1.0])).tolist() == [4.0, 1.0, 1.0]


def test_a_matte_that_was_spoilt_is_found_by_next_frame_and_not_by_the_gap(tmp_path: Path) -> None:
    """Ten true mattes but for one next to a key frame, which is pushed by twelve pixels: the gap comes to it last."""
    folder = shot(tmp_path, frames=10)
    (sequence,) = sequences((folder / "pictures", folder / "masks"), ColorConfig.load())
    mattes = {frame: sequence.truth[frame].astype(np.float32) for frame in range(10)}
    mattes[1] = np.roll(mattes[1], 12, axis=0)
    errors = {frame: 0.6 if frame == 1 else 0.0 for frame in range(1, 9)}
    done = Propagated(mattes, frozenset({0, 9}), dict.fromkeys(mattes, 0.9), errors)

    by_method = curves(done, judged(sequence, done))

    assert by_method["next_frame"][0] == pytest.approx(1.0)
    assert by_method["best"][0] == pytest.approx(1.0)
    assert by_method["largest_gap"][3] == 0.0
    assert by_method["random"][0] == pytest.approx(1 / 8, abs=0.05)
    assert all(curve[-1] == pytest.approx(1.0) for curve in by_method.values())


def test_a_row_for_each_k_and_a_mean(tmp_path: Path) -> None:
    """One key frame of eight: seven frames to look at, five methods, one sequence and the mean."""
    folder = shot(tmp_path)

    rows = list(run([(folder / "pictures", folder / "masks")], keys=1, all_k=True, segment="segment"))

    assert len(rows) == 2 * 5 * 7
    assert {row["case"] for row in rows} == {"pictures", "mean"}
    assert all({"case", "method", "k", "error_found", "area", "keys"} <= set(row) for row in rows)
    assert all(0.0 <= row["error_found"] <= 1.0 + 1e-9 for row in rows)
