"""The part of `bench latency` that needs no engine: rows with a baseline, and a brush that leaves no trace."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from app.bench import screen
from app.bench.screen import row, run
from app.bench.still_studio import FRAMES, LAYER, StillStudio
from widgets.view_state import Look
from widgets.viewport.stopwatch import Stopwatch


def test_rows_have_a_baseline_in_the_same_run(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case is measured by the viewport and by the plain way; figures are milliseconds above zero."""
    monkeypatch.setattr(screen, "SIZES", {"4k": (256, 144)})

    rows = list(run(("4k",), events=5))

    cases = ["frame_4k", "frame_4k_again", "exposure_4k", "brush_4k_r50", "brush_4k_r200"]
    assert [found["case"] for found in rows] == [case for case in cases for _ in range(2)]
    assert [found["method"] for found in rows[::2]] == ["viewport"] * 5
    assert [found["method"] for found in rows[1::2]] == ["plain"] * 3 + ["whole repaint"] * 2
    assert all(found["bench"] == "latency" and 0 < found["ms"] <= found["p95"] for found in rows)


def test_a_row_is_median_and_late() -> None:
    """The 95th percentile, not the worst."""
    assert row("x", "m", list(range(101))) == {"bench": "latency", "case": "x", "method": "m", "ms": 50, "p95": 95}


def test_measuring_the_brush_edits_nothing(qapp: object) -> None:
    """The stroke is cancelled: the made-up shot has the steps it began with."""
    studio = StillStudio((128, 72))
    watch = Stopwatch(studio, Look(frame=FRAMES.first, layer_id=LAYER))
    before = studio.document.steps

    times = watch.brush(8, 12)
    watch.close()

    assert len(times) == 12
    assert studio.document.steps == before
