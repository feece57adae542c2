"""`penumbra bench viewport` on a tiny plate: every case and key is there, the baseline beside it."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from app.bench import viewport
from app.bench.viewport import run

CASES = ("new_frame", "cached_frame", "exposure", "overlay", "wipe", "brush")


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewport, "SIZES", {"2k": (128, 72), "4k": (256, 144)})
    monkeypatch.setattr(viewport, "PLAYED_FRAMES", 4)


def test_every_case_has_its_keys(qapp: object) -> None:
    """Milliseconds above zero; the first sight of it never after the sharp one."""
    rows = [row for row in run(("2k", "4k"), ("raster",), events=4, seconds=0.4) if row["case"] != "playback_2k"]

    assert [row["case"] for row in rows] == [f"{case}_{size}" for size in ("2k", "4k") for case in CASES]
    assert all(row["bench"] == "viewport" and 0 < row["ms"] <= row["p95"] for row in rows)
    assert all(0 < row["ms_first"] <= row["ms"] for row in rows if "brush" not in row["case"])


def test_the_baseline_leaves_out_what_it_cannot_do(qapp: object) -> None:
    pytest.importorskip("pyqtgraph")
    rows = list(run(("2k",), ("pyqtgraph",), events=4, seconds=0.4))

    assert {row["case"] for row in rows} == {f"{case}_2k" for case in CASES if case != "wipe"}
    assert all(row["method"] == "pyqtgraph" and row["ms"] > 0 for row in rows)


def test_playback_says_how_many_frames_were_seen(qapp: object) -> None:
    """All were made ready first; what was painted and what was dropped is what was due, give or take the ends."""
    (played,) = [row for row in run(("2k",), ("raster",), events=1, seconds=1.0) if row["case"] == "playback_2k"]

    assert played["ready"] == 4
    assert played["frames"] > 1
    assert 0 < played["fps"] < 25
    assert 15 <= played["frames"] + played["dropped"] <= 27


def test_gl_is_left_out_where_there_is_none(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewport, "_renderer", lambda _method: None)

    assert list(run(("2k",), ("gl",), events=1, seconds=0.1)) == []
