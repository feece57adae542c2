"""The benches of clicks and edges, on pictures small enough to know the answer."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench import clicks, refine
from app.bench.baselines import BASELINES
from app.bench.click_rows import means, read_rows
from app.bench.methods import Method, methods_named
from app.bench.truth import given_sets, paired, read_masks
from app.cli.main import main
from core.arrays import Bool, UInt8
from core.errors import OptionError, PlateError
from core.prompts import Click
from inference.registry import Registry

Pair = tuple[Path, Path]


def _png(path: Path, pixels: UInt8) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A red disc on gray, 96 x 128, and its mask."""
    mask = np.zeros((96, 128), np.uint8)
    cv2.circle(mask, (64, 48), 24, 255, -1)
    picture = np.full((96, 128, 3), 110, np.uint8)
    picture[mask > 0] = (40, 50, 200)
    _png(tmp_path / "discs/pictures/disc.png", picture)
    _png(tmp_path / "discs/masks/disc.png", mask)
    return tmp_path / "discs/pictures", tmp_path / "discs/masks"


def _told(name: str, answers: list[Bool], fingerprint: str = "") -> Method:
    """A method that gives these answers, the last one for ever."""

    def ready(rgb: object) -> object:
        return lambda said: answers[min(len(said), len(answers)) - 1]

    return Method(name, fingerprint, ready)  # type: ignore[arg-type]


def test_bench_clicks_gives_a_row_for_each_method_and_their_means(pair: Pair) -> None:
    methods = methods_named(["segment", *BASELINES], Registry())

    rows = list(clicks.run(paired([pair]), methods, min_px=100))

    names = ["segment", "grabcut", "geodesic", "random_walker"]
    assert [(row["set"], row["case"], row["method"]) for row in rows] == [
        *(("discs", "pictures/disc", name) for name in names),
        *(("discs", "mean", name) for name in names),
        *(("all", "mean", name) for name in names),
    ]
    assert rows[0]["iou_1"] > 0.95
    assert rows[4]["noc90"] == rows[0]["noc90"] == 1
    assert all(row["iou_3"] > 0.9 and row["boundary_f"] > 0.9 for row in rows)
    assert rows[0]["fingerprint"]


def test_means_are_of_each_set_and_of_all_cases() -> None:
    rows = [
        {"bench": "clicks", "set": place, "case": str(noc), "method": "m", "fingerprint": "", "noc90": noc}
        for place, noc in (("a", 2.0), ("a", 4.0), ("b", 9.0))
    ]

    found = {(row["set"], row["cases"]): row["noc90"] for row in means(rows)}

    assert found == {("a", 2): 3.0, ("b", 1): 9.0, ("all", 3): 5.0}


def test_rows_that_were_kept_are_not_measured_again(pair: Pair, tmp_path: Path) -> None:
    """A run that was stopped in the middle of a line goes on; a model that changed is measured again."""
    kept, cases = tmp_path / "out/rows.jsonl", paired([pair])
    nothing = [np.zeros((96, 128), bool)]

    first = list(clicks.run(cases, [_told("told", nothing, "v1")], kept_in=kept))
    with kept.open("a") as stream:
        stream.write('\n{"bench": "cli')
    everything = [np.ones((96, 128), bool)]
    again = list(clicks.run(cases, [_told("told", everything, "v1")], kept_in=kept))
    changed = list(clicks.run(cases, [_told("told", everything, "v2")], kept_in=kept))

    assert again == first
    assert changed[0]["iou_1"] > first[0]["iou_1"] == 0.0
    assert [row["fingerprint"] for row in read_rows(kept)] == ["v1", "v2"]


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        read_rows(tmp_path / "none.jsonl")


def test_objects_of_a_palette_are_told_apart_by_number(tmp_path: Path) -> None:
    """Two objects whose palette gives them one color, and VOC's 255, which is nobody's and does not count."""
    image = pytest.importorskip("PIL.Image")
    numbers = np.zeros((40, 60), np.uint8)
    numbers[5:15, 5:15], numbers[20:35, 20:40], numbers[0:3] = 1, 2, 255
    picture = image.fromarray(numbers)
    picture.putpalette([0, 0, 0, *([200, 0, 0] * 254), 224, 224, 192])
    (tmp_path / "masks").mkdir()
    picture.save(tmp_path / "masks/a.png")
    _png(tmp_path / "pictures/a.png", np.zeros((40, 60, 3), np.uint8))

    found = list(read_masks(paired([(tmp_path / "pictures", tmp_path / "masks")])[0], 50))

    assert [name for name, _, _ in found] == ["pictures/a#1", "pictures/a#2"]
    assert [int(mask.sum()) for _, mask, _ in found] == [100, 300]
    assert all(counted is not None and not counted[:3].any() and counted[3:].all() for _, _, counted in found)


def test_a_mask_of_0_and_255_is_one_object_all_of_which_counts(pair: Pair) -> None:
    [(name, mask, counted)] = read_masks(paired([pair])[0], 1)

    assert name == "pictures/disc"
    assert mask[48, 64]
    assert not mask[0, 0]
    assert counted is None


def test_sequences_in_folders_are_thinned_one_by_one(tmp_path: Path) -> None:
    for sequence, frames in (("bear", 5), ("dog", 3)):
        for frame in range(frames):
            _png(tmp_path / f"set/pictures/{sequence}/{frame:05d}.png", np.zeros((4, 4, 3), np.uint8))
            _png(tmp_path / f"set/masks/{sequence}/{frame:05d}.png", np.zeros((4, 4), np.uint8))

    cases = paired([(tmp_path / "set/pictures", tmp_path / "set/masks")], every=2)

    assert [case.name for case in cases] == ["bear/00000", "bear/00002", "bear/00004", "dog/00000", "dog/00002"]
    assert {case.set_name for case in cases} == {"set"}


def test_folders_without_a_pair_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlateError, match="no picture has a mask"):
        paired([(tmp_path, tmp_path / ".")])


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_heeds_what_is_added_and_taken_away(name: str) -> None:
    """Two squares of one color: a click takes the first, a second click the other, a click between gives them apart."""
    picture = np.full((120, 200, 3), 60, np.uint8)
    left, right = np.zeros((120, 200), bool), np.zeros((120, 200), bool)
    left[30:90, 30:80], right[30:90, 120:170] = True, True
    picture[left | right] = (220, 180, 40)
    answer = BASELINES[name](picture)

    said = [Click(55.5, 60.5, True), Click(100.5, 60.5, False)]
    one = answer(said)
    both = answer([*said, Click(145.5, 60.5, True)])

    assert one[left].mean() > 0.9
    assert both[left | right].mean() > 0.9
    assert not both[60, 100]
    assert both[~(left | right)].mean() < 0.1
    assert np.array_equal(answer(said), one), "what was said before leaves nothing behind"


def test_the_command_prints_rows_and_then_their_table(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "rows.jsonl"
    what = ["--pair", f"{pair[0]}:{pair[1]}", "--min-px", "100", "--methods", "geodesic,grabcut", "--out", str(kept)]

    assert main(["bench", "clicks", "--json", *what]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["bench", "clicks", "--table", *what]) == 0
    table = capsys.readouterr().out
    assert main(["bench", "table", str(kept)]) == 0

    assert [row["method"] for row in rows] == ["geodesic", "grabcut"] * 3
    assert capsys.readouterr().out == table
    assert table.count("\n") == 6


def test_given_sets_are_read_as_they_are_meant(shared_data: Path) -> None:
    """How many objects of at least 1024 px each set has; none has pixels that are nobody's."""
    found: dict[str, list[tuple[str, Bool, Bool | None]]] = {}
    for given, every in given_sets(shared_data):
        cases = paired([given], every)
        found[cases[0].set_name] = [each for case in cases for each in read_masks(case, 1024)]

    assert {name: len(masks) for name, masks in found.items()} == {
        "grabcut13": 6,
        "data_dataset_voc": 10,
        "davis2016_val": 34,
        "coco128-seg": 299,
    }
    assert all(counted is None for masks in found.values() for _, _, counted in masks)


def test_bench_refine_gives_a_row_for_each_method_and_their_means(pair: Pair) -> None:
    rows = list(refine.run([pair]))

    assert [row["method"] for row in rows] == ["none", "guided", "default"] * 2
    assert rows[-1]["mse"] < rows[3]["mse"]
