"""The page of real pictures: what the recipe says, what the run found, and where each goes."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench.click_page import draw_page, read_recipe
from app.bench.methods import Method
from app.cli.main import main
from core.errors import OptionError

CREDIT = {"hard": "It is a square.", "credit": "Ourselves", "licence": "CC0"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A bright square on gray, 60 x 80, and its mask."""
    mask = np.zeros((60, 80), np.uint8)
    mask[20:40, 20:60] = 255
    for name, pixels in (("square.png", np.where(mask, 230, 70)), ("mask.png", mask)):
        (tmp_path / name).write_bytes(cv2.imencode(".png", pixels.astype(np.uint8))[1].tobytes())
    return tmp_path


def _left_half() -> Method:
    got = np.zeros((60, 80), bool)
    got[20:40, 20:40] = True
    return Method("left", "v1", lambda _rgb: lambda _said: got)


def recipe(folder: Path, *pictures: dict[str, object]) -> Path:
    path = folder / "page.json"
    path.write_text(json.dumps([{**CREDIT, "picture": "square.png", **picture} for picture in pictures]))
    return path


def test_pictures_with_truth_are_measured_and_those_without_are_judged_by_eye(data: Path) -> None:
    """Half of the square is an IoU of one half, a failure; the clicked one is what the recipe says of it."""
    by_hand = {"title": "By hand", "clicks": [[30, 30], [50, 30, "-"]]}
    path = recipe(data, {"title": "Measured", "mask": "mask.png"}, by_hand)

    rows = list(draw_page(path, data, _left_half(), (1, 2)))

    assert [(row["iou_1"], row["iou_2"]) for row in rows] == [(0.5, 0.5), (None, None)]
    page = (data / "page.md").read_text()
    well, fails = page.index("## What it does well"), page.index("## Where it fails")
    assert well < page.index("### By hand") < fails < page.index("### Measured")
    assert page.count("It is a square.\n\n*Ourselves. CC0.*") == 2
    assert "| Measured | 50.0 % | 50.0 % | fails |" in page
    for row in rows:
        assert f"(images/selection/{row['file']})" in page
        assert cv2.imdecode(np.fromfile(data / "images/selection" / row["file"], np.uint8), 1).shape[1] > 100


def test_what_is_no_recipe_is_refused_in_a_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No JSON, an unknown word, too few clicks, no folder of pictures."""
    for text in ("{", "[{}]", json.dumps([{**CREDIT, "title": "A", "picture": "p", "colour": 1}])):
        (data / "page.json").write_text(text)
        with pytest.raises(OptionError, match="list of pictures"):
            read_recipe(data / "page.json")
    few = recipe(data, {"title": "Few", "clicks": [[1, 1]]})
    with pytest.raises(OptionError, match="1 clicks"):
        list(draw_page(few, data, _left_half(), (1, 2)))

    code = main(["bench", "clicks", "--page", str(few), "--generated", "1"])

    assert code == 1
    assert "--given" in capsys.readouterr().err
