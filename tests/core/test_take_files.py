"""Takes on disk: the list, the layers beside it, and what a crash or a full disk leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands import AddCorrection, AddLayer, AddPrompt
from core.document import Document
from core.errors import ProjectError
from core.layer import KeyFrame, Layer
from core.project_values import ValueReader
from core.prompts import Click, Stroke, StrokePoint
from core.take import Take, TakeKind
from core.take_files import TakeFiles

HERO = "hero"


def authored() -> Layer:
    """A layer with a click, a stroke and a frozen matte."""
    document = Document()
    document.do(AddLayer(Layer(HERO, "Hero")))
    document.do(AddPrompt(HERO, 1003, Click(1.25, 7.0), "empty"))
    document.do(AddCorrection(HERO, 1005, Stroke((StrokePoint(1 / 3, 2.0, 0.5),), 4.0, True), "ground"))
    return document.shot.layer(HERO).with_key_frame(1007, KeyFrame(base="kept", frozen=True))


def files(folder: Path) -> TakeFiles:
    return TakeFiles(folder, ValueReader(folder.parent))


def test_a_take_and_its_layer_come_back_equal(tmp_path: Path) -> None:
    """Every key of every frame is what it was: that is what putting back stands on."""
    take = Take("t1", HERO, "before", {1003: "a"}, TakeKind.CORRECTION, "2026-01-01T10:00:00+00:00", ("b",), "state")
    layer = authored()
    shelf = files(tmp_path)
    shelf.keep(take, layer)
    shelf.close()

    again = files(tmp_path)
    read = again.layer("t1")

    assert again.takes == (take,)
    assert read == layer
    assert read is not None
    assert [read.matte_key("plate", frame) for frame in range(1001, 1010)] == [
        layer.matte_key("plate", frame) for frame in range(1001, 1010)
    ]


def test_a_take_of_before_layers_were_kept_reads(tmp_path: Path) -> None:
    """Projects of the first version have a list of names and keys."""
    raw = {"schema": 1, "takes": [{"id": "t1", "layer_id": HERO, "name": "before Teach", "mattes": {"1001": "a"}}]}
    (tmp_path / "takes.json").write_text(json.dumps(raw))

    shelf = files(tmp_path)

    assert shelf.takes == (Take("t1", HERO, "before Teach", {1001: "a"}, TakeKind.KEPT),)
    assert shelf.layer("t1") is None


def test_renaming_keeps_the_place_and_the_layer(tmp_path: Path) -> None:
    """A take of the same id takes the old one's place; its strokes are not written anew."""
    first, second = Take("t1", HERO, "one"), Take("t2", HERO, "two")
    shelf = files(tmp_path)
    shelf.keep(first, authored())
    shelf.keep(second)

    shelf.keep(replace(first, name="better"))
    shelf.close()

    again = files(tmp_path)
    assert [take.name for take in again.takes] == ["better", "two"]
    assert again.layer("t1") == authored()


def test_a_dropped_take_leaves_nothing(tmp_path: Path) -> None:
    """Neither in the list nor in the folder, even when its strokes were still being written."""
    shelf = files(tmp_path)
    shelf.keep(Take("t1", HERO, "one"), authored())
    shelf.drop("t1")
    shelf.close()

    assert shelf.takes == ()
    assert list((tmp_path / "takes").glob("*")) == []


def test_leftovers_are_swept(tmp_path: Path) -> None:
    """The layer of a take that is not in the list, and a half-written file, go when the project is opened."""
    (tmp_path / "takes").mkdir()
    for name in ("gone.json", ".partial-abc-t1.json"):
        (tmp_path / "takes" / name).write_text("{}")

    files(tmp_path)

    assert list((tmp_path / "takes").glob("*")) == []


def test_strokes_that_cannot_be_read_are_a_sentence(tmp_path: Path) -> None:
    """The take itself is there all the same."""
    shelf = files(tmp_path)
    shelf.keep(Take("t1", HERO, "one", {1001: "a"}), authored())
    shelf.close()
    (tmp_path / "takes" / "t1.json").write_text("{")

    again = files(tmp_path)

    assert [take.name for take in again.takes] == ["one"]
    with pytest.raises(ProjectError, match="strokes cannot be read"):
        again.layer("t1")


def test_strokes_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    """The take stays with its mattes, and one sentence says what is missing."""
    said: list[ProjectError] = []
    shelf = files(tmp_path)
    shelf.trouble.connect(said.append)
    (tmp_path / "takes").write_text("a file where the folder should be")

    shelf.keep(Take("t1", HERO, "one"), authored())
    shelf.close()

    assert [take.name for take in shelf.takes] == ["one"]
    assert len(said) == 1
    assert "strokes were not kept" in said[0].sentence


def test_everything_moves_with_the_project(tmp_path: Path) -> None:
    """Save as: the copy has the list and the layers, and goes on by itself."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    shelf = files(tmp_path / "old")
    shelf.keep(Take("t1", HERO, "one"), authored())

    shelf.copy_to(tmp_path / "new")
    shelf.move_to(tmp_path / "new", ValueReader(tmp_path))
    shelf.keep(Take("t2", HERO, "two"), authored())
    shelf.close()

    old, new = files(tmp_path / "old"), files(tmp_path / "new")
    assert [take.name for take in old.takes] == ["one"]
    assert [take.name for take in new.takes] == ["one", "two"]
    assert new.layer("t1") == new.layer("t2") == authored()
