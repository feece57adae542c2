"""The bench of show learning: who is left out when, what is learnt from, what is counted; teaching itself is faked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.bench import show
from app.bench.loop import Play
from app.bench.loop_methods import Known, Method, Teaching
from app.bench.show import Splits, markdown, needed, run
from core.corrections.store import CorrectionStore
from core.errors import OptionError
from core.show_models import ShowModel, ShowModels
from inference.teach_show import Wish

WISH = Wish("show", "bench", 3.0, 1.0)


def jumping(folder: Path, name: str, seed: int) -> tuple[Path, Path]:
    """Six frames of a square that no flow can follow, and its masks."""
    random = np.random.default_rng(seed)
    pictures, masks = folder / name, folder / f"{name}-masks"
    for each in (pictures, masks):
        each.mkdir(parents=True)
    for frame in range(6):
        picture, mask = (60 + 60 * random.random((72, 128, 3))).astype(np.uint8), np.zeros((72, 128), np.uint8)
        x, y = (int(place) for place in random.integers(4, (90, 36)))
        picture[y : y + 30, x : x + 30] = (30, 80, 220)
        mask[y : y + 30, x : x + 30] = 255
        for place, pixels in ((pictures, picture), (masks, mask)):
            (place / f"{frame:05d}.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return pictures, masks


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What each learning had to learn from; every method answers as flow does, which cannot follow."""
    seen: list[tuple[str, ...]] = []

    def teach_show(store: CorrectionStore, models: ShowModels, wish: Wish) -> ShowModel:
        seen.append(tuple(sorted({pair.record.about.plate for pair in store.pairs("train")})))
        model = ShowModel(wish.name, "2026", wish.by, str(store.path))
        return models.publish(model, " ".join(seen[-1]).encode(), use=True)

    def begun(known: Known, name: str) -> Method:
        assert (name == "teach_show") == bool(known.show)
        return flow(known, "flow")

    flow = Known.begun
    monkeypatch.setattr(show, "teach_show", teach_show)
    monkeypatch.setattr(Known, "begun", begun)
    return seen


def test_each_split_learns_from_all_that_it_does_not_test(tmp_path: Path, learnt: list[tuple[str, ...]]) -> None:
    """Three sequences, two splits of one: a learns from b and c, b from a and c. What was kept is not done again."""
    pairs = [jumping(tmp_path, name, seed) for seed, name in enumerate("abc")]
    known, kept = Known.found("propagate", Teaching(1.0, "cpu")), tmp_path / "rows.jsonl"
    asked: tuple[Any, ...] = (pairs, known, Play(1, 1), Splits(2, 1, WISH), None, kept)

    rows = list(run(*asked))

    assert learnt == [("b", "c"), ("a", "c")]
    rounds = [row for row in rows if row["kind"] == "round"]
    assert [(row["split"], row["case"], row["method"], row["round"]) for row in rounds] == [
        (split, case, method, number)
        for split, case in enumerate("ab")
        for method in ("teach", "teach_show")
        for number in (0, 1)
    ]
    assert all(row["to_0.90"] is None for row in rows if row["kind"] == "needed" and row["case"] != "mean")
    overall = [row for row in rows if row["kind"] == "needed" and row["split"] == "all"]
    assert [(row["method"], row["to_0.90"], row["never_0.90"], row["cases"]) for row in overall] == [
        ("teach", 2.0, 2, 2),
        ("teach_show", 2.0, 2, 2),
    ]
    assert "| all | mean | teach_show |" in markdown(rows)
    assert [row["iou"] for row in run(*asked) if row["kind"] == "round"] == [row["iou"] for row in rounds]
    assert len(learnt) == 2


def test_corrections_needed_are_counted_to_the_first_round_that_reaches_a_mark() -> None:
    rows = [
        {"bench": "show", "split": 0, "case": "a", "method": "teach", "kind": "round", "round": number, "iou": overlap}
        for number, overlap in enumerate((0.5, 0.81, 0.79, 0.86))
    ]

    found = needed(rows)

    assert (found["to_0.80"], found["to_0.85"], found["to_0.90"]) == (1, 3, None)
    assert (found["iou_0"], found["iou_1"], found["iou_3"], "iou_5" in found) == (0.5, 0.81, 0.86, False)
    assert "| 0 | a | teach | .500 .810 .860 | 1 3 never never |" in markdown([found])


def test_seven_sequences_are_left_out_in_turn_and_not_all_at_once(tmp_path: Path) -> None:
    splits = Splits(3, 3, WISH)

    assert ["".join(splits.tests(number, "abcdefg")) for number in range(3)] == ["abc", "def", "abg"]
    pairs = [jumping(tmp_path, "a", 0)]
    with pytest.raises(OptionError, match="leaves nothing to learn from"):
        list(run(pairs, Known.found("propagate", Teaching()), Play(), Splits(1, 1, WISH), None))
