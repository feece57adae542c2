"""`--viewport` reaches the window, for the commands that open one."""

from __future__ import annotations

import argparse
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("PySide6")

from app import wiring
from app.cli import demo
from app.cli import open as opening


@pytest.mark.parametrize("command", [opening, demo])
@pytest.mark.parametrize(
    ("words", "wanted"), [([], ""), (["--viewport", "gl"], "gl"), (["--viewport=raster"], "raster")]
)
def test_the_option_is_handed_to_the_window(
    command: ModuleType, words: list[str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(wiring, "run_window", lambda *_, **how: given.update(how) or 0)
    monkeypatch.setattr(command, "start_engine", lambda _: None)
    monkeypatch.setattr(demo, "_display", lambda: True)
    monkeypatch.delenv("HEADLESS", raising=False)
    parser = argparse.ArgumentParser()
    command.describe(parser)

    command.run(parser.parse_args(words))

    assert given["draw_with"] == wanted


def test_another_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    opening.describe(parser)

    with pytest.raises(SystemExit):
        parser.parse_args(["--viewport", "vulkan"])
    assert "auto" in capsys.readouterr().err
