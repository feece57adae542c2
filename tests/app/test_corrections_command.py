"""`penumbra corrections`: what it prints, what it writes, and the exit code a script hears."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import main
from core.corrections.record import MarkKind
from core.corrections.store import CorrectionStore
from core.project_file import Project
from tests.core.corrected import corrected


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.disk.os.fsync", lambda _handle: None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three pairs, one excluded, one deleted."""
    project = Project.create(tmp_path / "sh010.penumbra")
    project.close()
    store = CorrectionStore.open(project.path / "corrections", make=True)
    store.put(*corrected(1001))
    excluded = store.put(*corrected(1002, artist="bob"))
    deleted = store.put(*corrected(1003))
    store.mark([excluded.id], MarkKind.EXCLUDED)
    store.mark([deleted.id], MarkKind.DELETED)
    return project.path


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[int, bool]]:
    capsys.readouterr()
    assert main(["corrections", "list", *words, "--json"]) == 0
    return [(pair["frame"], pair["excluded"]) for pair in json.loads(capsys.readouterr().out)]


def test_a_projects_pairs_are_listed_and_filtered(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, str(project)) == [(1001, False), (1002, True)]
    assert listed(capsys, str(project), "--artist", "bob") == [(1002, True)]
    assert listed(capsys, str(project / "corrections"), "--all")[-1] == (1003, False)
    assert main(["corrections", "list", str(project)]) == 0
    text = capsys.readouterr().out
    assert "excluded" in text
    assert "1003" not in text


def test_pairs_go_out_and_into_the_shows_store(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export is not written over by accident; a project or its folder can be taken in directly."""
    file, show = tmp_path / "pairs.zip", tmp_path / "show"
    assert main(["corrections", "export", str(project), str(file), "--artist", "bob"]) == 0
    assert main(["corrections", "export", str(project), str(file)]) == 1
    assert "something of that name already" in capsys.readouterr().err
    assert main(["corrections", "import", str(show), str(file)]) == 0
    assert listed(capsys, str(show)) == [(1002, True)]
    assert main(["corrections", "import", str(show), str(project)]) == 0

    assert listed(capsys, str(show)) == [(1001, False), (1002, True)]
    assert main(["corrections", "verify", str(show)]) == 0
    assert "whole" in capsys.readouterr().out


def test_what_is_damaged_is_named_and_heard(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = CorrectionStore.open(project / "corrections")
    path = store.blobs.path(store.entries()[0].record.blobs["before"])
    path.write_bytes(path.read_bytes()[:-3])

    assert main(["corrections", "verify", str(project)]) == 1

    said = capsys.readouterr().out
    assert str(path) in said
    assert "1 thing is wrong" in said


def test_refusals_are_sentences(tmp_path: Path, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No store, no file named, an empty project, a newer store."""
    for words, why in (
        (["list", str(tmp_path / "nowhere")], "nothing of that name"),
        (["verify", str(tmp_path)], "no corrections in it"),
        (["export", str(project)], "Name the zip to write"),
        (["import", str(tmp_path / "show"), str(tmp_path / "no.zip")], "no such file"),
    ):
        assert main(["corrections", *words]) == 1
        assert why in capsys.readouterr().err
    (project / "corrections" / "store.json").write_text('{"version": 99}')
    assert main(["corrections", "list", str(project)]) == 1
    assert "a newer Penumbra wrote these corrections" in capsys.readouterr().err


def test_cleaning_waits_a_day(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another machine may be about to refer to the same pixels."""
    assert main(["corrections", "clean", str(project)]) == 0
    assert "0 files removed" in capsys.readouterr().out
