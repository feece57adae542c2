"""Whole files or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.disk import cause, remove_leftovers, sync_file, write_whole


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """The new content under the old name, and nothing else in the folder."""
    file = tmp_path / "a.json"
    write_whole(file, b"old")
    write_whole(file, b"new", sync=False)
    sync_file(file)

    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_refusal_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Whichever step the disk refuses: the old content stands and no half file lies around."""
    file = tmp_path / "a.json"
    write_whole(file, b"old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], refuse)
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, b"new")

    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_leftovers_go_and_everything_else_stays(tmp_path: Path) -> None:
    """Only names this module gives to unfinished files."""
    (tmp_path / ".partial-1-a").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "partial-a").touch()

    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "partial-a"]
    sync_file(tmp_path / "gone")


@pytest.mark.parametrize(
    ("number", "said"), [(28, "the disk is full"), (27, "the disk is full"), (13, "writing there is not allowed")]
)
def test_causes_are_said_in_the_artists_words(number: int, said: str) -> None:
    """And any other as the system says it."""
    assert cause(OSError(number, "x")) == said
    assert cause(OSError(5, "Input/output error")) == "input/output error"
