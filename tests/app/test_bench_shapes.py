"""The bench of shapes: three ways in one run, of which the fit is nearest and calmest."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench.shapes import describe, measure
from core.errors import PlateError


def test_the_fit_stands_beside_two_simpler_ways(tmp_path: Path) -> None:
    """A turning, moving bean: a box cannot turn and straight lines cannot bend."""
    for frame in range(6):
        mask = np.zeros((96, 128), np.uint8)
        cv2.ellipse(mask, (50 + 4 * frame, 48), (32, 16), 12.0 * frame, 0, 360, 255, -1)
        (tmp_path / f"{frame}.png").write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    parser = argparse.ArgumentParser()
    describe(parser)

    rows = list(measure(parser.parse_args(["--masks", str(tmp_path), "--points", "10"])))
    fit, box, contour = rows
    assert [row["method"] for row in rows] == ["default", "box", "contour"]
    assert fit["points"] <= 10
    assert fit["iou"] > max(box["iou"], contour["iou"])
    assert fit["iou"] > 0.95
    assert fit["jitter_px"] < fit["outline_px"] == box["outline_px"]
    (tmp_path / "none").mkdir()
    with pytest.raises(PlateError, match="holds no masks"):
        list(measure(parser.parse_args(["--masks", str(tmp_path / "none")])))
