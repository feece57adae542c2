"""The bench of alphas on a picture that is mixed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from app.bench import refine
from app.bench.matting import Triple, run


def triple(folder: Path) -> Triple:
    """A red half over a blue half, mixed after a display's curve by an edge 12 pixels wide; the trimap knows 20."""
    alpha = np.clip((np.arange(96, dtype=np.float32) - 41.5) / 12, 0, 1)[None].repeat(64, 0)
    grain = np.random.default_rng(4).normal(0, 0.004, (64, 96, 3))
    blue_green_red = alpha[..., None] * [0.15, 0.3, 0.9] + (1 - alpha[..., None]) * [0.7, 0.2, 0.1] + grain
    trimap = np.where(alpha[:1].repeat(64, 0) > 0.5, 255, 0).astype(np.uint8)
    trimap[:, 38:58] = 128
    for name, picture in (("in", blue_green_red * 255), ("marks", trimap), ("alpha", alpha * 255)):
        (folder / name).mkdir()
        (folder / name / "a.png").write_bytes(
            cv2.imencode(".png", np.clip(picture, 0, 255).astype(np.uint8))[1].tobytes()
        )
    return folder / "in", folder / "marks", folder / "alpha"


def test_every_row_has_the_errors_and_the_cost_and_ours_is_nearly_right(tmp_path: Path) -> None:
    rows = list(run([triple(tmp_path)], sets=("given", "moving"), methods=("default", "steady", "guided"), frames=2))

    assert [(row["set"], row["case"], row["method"]) for row in rows[-5:]] == [
        ("given", "mean", "default"),
        ("given", "mean", "guided"),
        ("moving", "mean", "default"),
        ("moving", "mean", "steady"),
        ("moving", "mean", "guided"),
    ]
    keys = {"sad", "mse", "grad", "conn", "dtssd", "s_per_mp", "cpu_s_per_mp", "mb_per_mp"}
    assert all(keys <= set(row) for row in rows)
    assert rows[0]["dtssd"] is None
    ours, guided, single, steady, _ = rows[-5:]
    assert steady["dtssd"] < single["dtssd"]
    assert steady["mse"] <= single["mse"]
    assert ours["mse"] < 0.001
    assert ours["mse"] < guided["mse"]


def test_a_made_frame_has_a_twentieth_unknown_and_its_cost_is_said() -> None:
    rows = {row["method"]: row for row in refine.made(320)}

    assert list(rows) == ["none", "guided", "steady", "default"]
    assert all(abs(row["unknown"] - 0.05) < 0.005 for row in rows.values())
    assert rows["steady"]["mse"] <= rows["default"]["mse"] < rows["guided"]["mse"] < rows["none"]["mse"]
    assert rows["default"]["cpu_seconds"] > 0


def test_an_edge_model_on_disk_is_measured_by_its_name(tmp_path: Path) -> None:
    """One that says a half wherever it is asked, and has no knob for the light."""
    folder = tmp_path / "half"
    folder.mkdir()
    told = {"id": "half", "version": "1", "label": "Half", "tasks": ["refine"], "license": "in house"}
    (folder / "manifest.json").write_text(json.dumps(told))
    (folder / "model.py").write_text(
        "class Half:\n"
        "    def refine(self, rgb, coverage, fixed, options, cancelled):\n"
        "        return coverage * (fixed != 0.5) + 0.5 * (fixed == 0.5)\n\n\n"
        "def create(folder):\n    return Half()\n"
    )

    rows = list(run([triple(tmp_path)], sets=("given",), methods=(), models=("half",), folders=(folder,)))

    assert [(row["case"], row["method"]) for row in rows] == [("marks/a", "half"), ("mean", "half")]
    alpha = np.clip((np.arange(38, 58) - 41.5) / 12, 0, 1)
    assert abs(rows[0]["mse"] - float(np.mean((alpha - 0.5) ** 2))) < 0.002
