"""The loop's bench: the hand, the figures, the rounds, what is kept; on pictures small enough to know the answer."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import numpy as np
import pytest

from app.bench import loop
from app.bench.loop import Play, run
from app.bench.loop_artist import corrected
from app.bench.loop_methods import Known, Teaching
from app.bench.loop_next import RULES, frame_next
from app.bench.loop_rows import kept_rows, markdown, means
from app.bench.loop_scores import rank_correlation, scores
from app.bench.protocol import iou
from app.measuring import Judged
from core.correct_next import suggestions
from core.errors import OptionError
from core.expected_error import queue
from core.frame_facts import FrameFacts
from tests.app.test_bench_propagate import shot

ASKED = {"method", "round", "iou", "j_and_f", "mae", "clicks", "strokes", "painted_px", "seconds"}


def _square(x: int) -> np.ndarray:
    mask = np.zeros((120, 160), bool)
    mask[30:90, x : x + 60] = True
    return mask


def test_the_hand_mends_most_of_it_with_few_strokes_and_never_all() -> None:
    """A square 20 px beside its place overlaps by a half. The hand is not exact, and does the same again."""
    truth, wrong = _square(60), _square(40).astype(np.float32)

    one, again, other = corrected(truth, wrong, 1), corrected(truth, wrong, 1), corrected(truth, wrong, 2)

    assert iou(truth, wrong > 0.5) == pytest.approx(0.5)
    assert 0.85 < iou(truth, one.coverage > 0.5) < 1.0
    assert {stroke.adds for stroke in one.strokes} == {True, False}
    assert one.painted_px >= np.count_nonzero(one.coverage != wrong)
    assert (one.strokes, one.painted_px) == (again.strokes, again.painted_px)
    assert one.strokes != other.strokes


def test_the_largest_region_is_painted_first_and_strokes_are_counted() -> None:
    truth = np.zeros((120, 160), bool)
    truth[10:30, 10:30] = True
    truth[60:110, 60:140] = True

    painted = corrected(truth, np.zeros(truth.shape, np.float32), 0, most=1)

    assert len(painted.strokes) == 1
    assert not painted.coverage[:40, :40].any()
    assert painted.coverage[60:110, 60:140].mean() > 0.3


def test_what_is_right_is_left_alone() -> None:
    truth = _square(50)

    painted = corrected(truth, truth.astype(np.float32), 3)

    assert (painted.strokes, painted.painted_px) == ((), 0)


def test_region_and_outline_measures_by_hand() -> None:
    """Half of a subject is found on one frame (J 1/2), all on the next, none on the last: J is a half on the mean."""
    truth = {frame: _square(50) for frame in (1, 2, 3)}
    half = truth[1].astype(np.float32)
    half[60:] = 0.0

    found = scores({1: half, 2: truth[2].astype(np.float32)}, truth)

    assert found["iou"] == pytest.approx(0.5)
    assert found["worst_iou"] == 0.0
    assert found["frames"] == 3
    assert found["mae"] == pytest.approx((1800 + 0 + 3600) / (120 * 160) / 3)
    # Frame 1: of 178 outline pixels found 118 or so lie on the true one (the upper half), of 238 true ones as many.
    assert found["f"] == pytest.approx((2 * 0.66 * 0.51 / (0.66 + 0.51) + 1.0) / 3, abs=0.02)
    assert found["j_and_f"] == pytest.approx((found["iou"] + found["f"]) / 2)


def test_rank_correlation_by_hand() -> None:
    """Ranks 1 2 3 against 1 3 2: 1 - 6·2 / (3·8) = 0.5. Ties share: 1, 2.5, 2.5 against 1 2 3 gives √3/2."""
    assert rank_correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 3], [5, 9, 7]) == pytest.approx(0.5)
    assert rank_correlation([0.0, 4.0, 4.0], [1, 2, 3]) == pytest.approx(math.sqrt(3) / 2)
    assert math.isnan(rank_correlation([1, 1, 1], [1, 2, 3]))
    assert math.isnan(rank_correlation([1, 2], [1, 2]))


def _known(seconds: float = 0.3) -> Known:
    return Known.found("propagate", Teaching(seconds, "cpu"))


def test_rounds_of_correcting_the_suggested_frame(tmp_path: Path) -> None:
    """Eight frames, one given: seven are scored, then six, then five. Each round's suggestion is corrected next."""
    folder = shot(tmp_path)

    rows = list(run([(folder / "pictures", folder / "masks")], ("flow", "propagate"), _known(), Play(rounds=2), None))

    of_cases = [row for row in rows if row["case"] != "mean"]
    assert [(row["method"], row["round"], row["frames"]) for row in of_cases] == [
        (method, number, 7 - number) for method in ("flow", "propagate") for number in range(3)
    ]
    assert all(row.keys() >= ASKED for row in rows)
    assert of_cases[0]["suggested"] in {0, 1, 2, 3, 5, 6, 7}
    assert of_cases[0]["strokes"] == of_cases[0]["painted_px"] == 0
    assert min(row["iou"] for row in of_cases) > 0.85
    assert math.isnan(of_cases[0]["confidence_rank"])
    assert [row["case"] for row in rows[6:]] == ["mean"] * 6


def test_a_shot_ends_where_every_frame_but_one_is_corrected(tmp_path: Path) -> None:
    folder = shot(tmp_path, masks=(0, 2, 4, 6))

    rows = list(run([(folder / "pictures", folder / "masks")], ("flow",), _known(), Play(rounds=9), None))

    assert [row["frames"] for row in rows if row["case"] != "mean"] == [3, 2, 1]
    assert rows[2]["suggested"] is None


def test_what_was_kept_is_not_measured_again(tmp_path: Path) -> None:
    folder, kept = shot(tmp_path), tmp_path / "kept" / "rows.jsonl"
    pairs = [(folder / "pictures", folder / "masks")]
    first = list(run(pairs, ("flow",), _known(), Play(rounds=1, every=3), None, kept))
    lines = kept.read_text().splitlines()
    kept.write_text("\n".join(lines) + '\n{"bench": "lo')

    again = list(run(pairs, ("flow",), _known(), Play(rounds=1, every=3), None, kept))
    longer = list(run(pairs, ("flow",), _known(), Play(rounds=2, every=3), None, kept))

    assert [row["seconds"] for row in again] == [row["seconds"] for row in first]
    assert [row["round"] for row in longer if row["case"] != "mean"] == [0, 1, 2]
    assert len(kept_rows(kept)) == 3, "of a row measured twice the last is read"
    assert json.loads(lines[1])["case"] == "pictures"


def test_an_exact_correction_is_the_truth_and_takes_no_strokes(tmp_path: Path) -> None:
    folder = shot(tmp_path)
    pairs = [(folder / "pictures", folder / "masks")]

    rows = list(run(pairs, ("flow",), _known(), Play(rounds=1, every=2, exact=True), None))
    by_hand = list(run(pairs, ("flow",), _known(), Play(rounds=1, every=2), None))

    assert [row["given_iou"] for row in rows[:2]] == [1.0, 1.0]
    assert rows[1]["strokes"] == 0
    assert by_hand[1]["given_iou"] < 1.0
    assert rows[0]["fingerprint"] != by_hand[0]["fingerprint"]


def test_a_moment_of_teaching_is_timed_and_has_a_curve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs; the curve is measured from the key frames of the round that was asked for, each time from nothing."""
    pytest.importorskip("torch", exc_type=ImportError)
    monkeypatch.setattr("inference.training.threads.cores", lambda: 1)
    folder = shot(tmp_path)
    pairs = [(folder / "pictures", folder / "masks")]

    baseline = list(run(pairs, ("copycat",), _known(), Play(rounds=1, every=2, curve=(0.2,), curve_at=(0,)), None))
    (taught, _) = run(pairs, ("teach",), _known(1.0), Play(rounds=0, every=4), None)

    of_cases = [row for row in baseline if row["case"] != "mean"]
    assert [(row["kind"], row["round"]) for row in of_cases] == [("round", 0), ("curve", 0), ("round", 1)]
    assert of_cases[1]["taught"] == 0.2
    assert "IoU after teaching for 0.2 s" in markdown(baseline)
    for row in (*of_cases, taught):
        assert row["teach_cpu_seconds"] >= 0.2
        assert row["steps"] >= (row["method"] == "copycat")
        assert row["seconds"] > row["teach_seconds"]


def test_methods_that_are_not_there_are_sentences(tmp_path: Path) -> None:
    folder = shot(tmp_path)
    pairs = [(folder / "pictures", folder / "masks")]

    with pytest.raises(OptionError, match="no show's model to begin with"):
        list(run(pairs, ("flow", "teach_show"), _known(), Play(), None))
    with pytest.raises(OptionError, match="is not known"):
        list(run(pairs, ("magic",), _known(), Play(), None))
    with pytest.raises(OptionError, match="too small"):
        list(run(pairs, ("flow",), _known(), Play(strokes=0), None))


def test_means_leave_out_what_is_not_known_and_the_table_has_them() -> None:
    row = {"bench": "loop", "kind": "round", "method": "flow", "round": 0, "seconds": 1.0, "cpu_seconds": 1.0}
    row |= {"j_and_f": 0.5, "mae": 0.01, "clicks": 3, "strokes": 0}
    rows = [
        {**row, "case": "a", "iou": 0.5, "confidence_rank": math.nan},
        {**row, "case": "b", "iou": 0.7, "confidence_rank": 0.4},
    ]

    (mean,) = means(rows)

    assert (mean["iou"], mean["confidence_rank"], mean["cases"]) == (pytest.approx(0.6), 0.4, 2)
    assert "| mean | flow | .600 | .500 | – | 10.0 | 3, 0 | 1, 1 | 0.40, – |" in markdown([*rows, mean])


def test_the_command_line() -> None:
    parser = argparse.ArgumentParser()
    loop.describe(parser)

    asked = parser.parse_args(["--curve", "5,10", "--method", "flow", "--budget", "cpu"])

    assert (asked.curve, asked.method, asked.rounds, asked.seconds) == ((5.0, 10.0), ["flow"], 5, 60.0)
    with pytest.raises(SystemExit):
        parser.parse_args(["--curve", "soon"])


def test_which_frame_is_corrected_next() -> None:
    """Ten frames, one key frame at 2: the middle of the widest gap, the worst, what is suggested, and one at random
    that is the same for the same seed."""
    facts = {frame: FrameFacts(key_distance=abs(frame - 2), confidence=0.5, drift=0.3) for frame in range(10)}
    facts[9] = FrameFacts(key_distance=7, confidence=0.0, drift=1.0)
    judged = Judged(facts, queue(facts), suggestions(facts, {}))
    others = [frame for frame in range(10) if frame != 2]

    chosen = {rule: frame_next(rule, judged, {2}, others, 1) for rule in RULES}

    assert chosen["gap"] == 6
    assert chosen["worst"] == 9
    assert chosen["suggested"] == judged.suggestions[0].frame
    assert chosen["random"] in others
    assert frame_next("random", judged, {2}, others, 1) == chosen["random"]
    assert frame_next("suggested", Judged({}, ()), {2}, others, 1) == 0
    assert frame_next("gap", judged, {2}, [], 1) is None
