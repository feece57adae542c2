"""The page of pictures: what is drawn, which cases are chosen."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench.click_sheet import Moment, draw_sheets, strip
from app.bench.methods import Method
from app.bench.truth import paired
from app.cli.main import main
from core.arrays import Bool
from core.errors import OptionError
from core.prompts import Click

HEAD = 34


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Six bright squares on gray, 100 x 160; the one called c is twice as wide as the others."""
    for name in "abcdef":
        mask = np.zeros((100, 160), np.uint8)
        mask[30:70, 40 : 120 if name == "c" else 80] = 255
        for folder, pixels in (("pictures", np.where(mask, 230, 70)), ("masks", mask)):
            (tmp_path / folder).mkdir(exist_ok=True)
            packed = cv2.imencode(".png", pixels.astype(np.uint8))[1]
            (tmp_path / folder / f"{name}.png").write_bytes(packed.tobytes())
    return tmp_path / "pictures", tmp_path / "masks"


def _left_square() -> Method:
    got = np.zeros((100, 160), bool)
    got[30:70, 40:80] = True
    return Method("left", "v1", lambda rgb: lambda said: got)


def test_a_strip_shows_what_was_selected_bright_and_the_rest_dim() -> None:
    """Two moments: nothing to be seen of the first matte beyond its left half; clicks are green and red."""
    truth = np.zeros((100, 160), bool)
    truth[20:80, 40:120] = True
    half: Bool = truth & (np.arange(160) < 80)
    clicks = (Click(60.5, 50.5, True), Click(100.5, 50.5, False))
    rgb = np.full((100, 160, 3), 0.5, np.float32)

    drawn = strip("a case", rgb, truth, [Moment(clicks[:1], half, 0.5), Moment(clicks, truth, 1.0)], "told")

    assert drawn.shape[1] <= 1600
    first, second = drawn[HEAD:, : drawn.shape[1] // 2], drawn[HEAD:, drawn.shape[1] // 2 :]
    bright = int(0.5 ** (1 / 2.2) * 255 + 0.5)
    assert np.mean(np.all(second == bright, axis=2)) > 1.7 * np.mean(np.all(first == bright, axis=2)) > 0.05
    assert np.any(np.all(first == (46, 170, 70), axis=2))
    assert not np.any(np.all(first == (214, 48, 48), axis=2))
    assert np.any(np.all(second == (214, 48, 48), axis=2))


def test_the_worst_case_is_always_among_those_drawn(pair: tuple[Path, Path], tmp_path: Path) -> None:
    rows = list(draw_sheets(tmp_path / "page", paired([pair]), _left_square(), (1, 3), number=2, min_px=100))

    assert [row["case"] for row in rows] == ["pictures/c", "pictures/f"]
    assert [row["iou_3"] for row in rows] == [0.5, 1.0]
    for row in rows:
        packed = np.fromfile(tmp_path / "page" / row["file"], np.uint8)
        assert cv2.imdecode(packed, cv2.IMREAD_COLOR).shape[1] <= 1600
        assert f"]({row['file']})" in (tmp_path / "page/clicks.md").read_text()


def test_the_order_is_taken_from_rows_that_were_kept(pair: tuple[Path, Path], tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    about = {"bench": "clicks", "set": tmp_path.name, "method": "left", "fingerprint": "v1"}
    rows = [{**about, "case": f"pictures/{name}", "iou_1": place / 10} for place, name in enumerate("edcbaf")]
    kept.write_text("\n".join(json.dumps(row) for row in rows))

    drawn = list(draw_sheets(tmp_path, paired([pair]), _left_square(), (1, 2), number=2, min_px=100, kept_in=kept))

    assert [row["case"] for row in drawn] == ["pictures/e", "pictures/f"]


def test_a_case_is_drawn_by_its_name(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--pair", f"{pair[0]}:{pair[1]}", "--min-px", "100", "--methods", "geodesic", "--counts", "2,1"]

    code = main(["bench", "clicks", "--json", "--sheet", str(tmp_path / "p"), "--case", "pictures/b", *what])

    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert row["case"] == "pictures/b"
    assert 0.5 < row["iou_1"] <= 1.0
    assert (tmp_path / "p" / row["file"]).is_file()
    with pytest.raises(OptionError, match="no such case"):
        list(draw_sheets(tmp_path, paired([pair]), _left_square(), (1,), names=["pictures/z"]))
