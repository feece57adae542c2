"""Generated pictures as cases of a bench."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.bench.generated import generated_pair
from app.bench.truth import paired, read_masks
from app.cli.main import main
from core.still import read_still


def test_generated_cases_are_the_same_every_time(tmp_path: Path) -> None:
    cases = paired([generated_pair(tmp_path / "one", 3, side=64)])
    again = paired([generated_pair(tmp_path / "again", 3, side=64)])

    assert cases
    for case, other in zip(cases, again, strict=True):
        assert case.picture.read_bytes() == other.picture.read_bytes()
        masks = list(read_masks(case, 1))
        assert len(masks) == 1
        assert masks[0][1].any()
        np.testing.assert_array_equal(masks[0][1], next(iter(read_masks(other, 1)))[1])
        assert read_still(case.picture).shape[:2] == (64, 64)


def test_bench_clicks_measures_them_without_any_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "clicks", "--json", "--generated", "1", "--methods", "geodesic"]) == 0

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["set"] for row in rows] == ["generated", "generated", "all"]
    assert 0 <= rows[0]["iou_1"] <= 1
