"""What the documents promise is there: links, files, commands and options, make targets, keys."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
from pathlib import Path

import pytest

from app.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"^\s*(?:\$ )?(penumbra(?: .*)?)$", re.MULTILINE)
FOLDERS = ("core", "app", "inference", "widgets", "resources", "docs", "tests")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link names a file or folder of the project."""
    broken = [
        target
        for target in LINK.findall(document.read_text("utf-8"))
        if "://" not in target and not (document.parent / target.split("#")[0]).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_files_named_in_code_style_exist(document: Path) -> None:
    """`core/layer.py` in a text is a file that is there."""
    named = [
        word
        for word in CODE.findall(document.read_text("utf-8"))
        if word.startswith(tuple(f"{folder}/" for folder in FOLDERS)) and re.fullmatch(r"[\w./-]+", word)
    ]
    missing = [word for word in named if "NAME" not in word and not (ROOT / word).exists()]
    assert missing == []


def parser_of(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"penumbra {command}", exit_on_error=False)
    importlib.import_module(f"app.cli.{command.replace('-', '_')}").describe(parser)
    return parser


def commands_in(document: Path) -> list[list[str]]:
    text = document.read_text("utf-8").replace("\\\n", " ")
    lines = (re.split(r"\s#", line)[0] for line in COMMAND.findall(text))
    return [shlex.split(line.replace("[--pair …]", "").replace("…", ""))[1:] for line in lines]


@pytest.mark.parametrize("document", [each for each in DOCUMENTS if commands_in(each)], ids=name)
def test_commands_are_understood(document: Path) -> None:
    """Every `penumbra …` line is accepted by the command's own parser, options and all."""
    for words in commands_in(document):
        command = words[0] if words and words[0] in COMMANDS else "open"
        parser_of(command).parse_args(words[1:] if command != "open" else words)


def test_readme_is_short() -> None:
    """One page that is read, not a manual."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_make_targets_in_the_readme_exist() -> None:
    """What it says to type is there to be typed."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"make ([a-z]+)\b", (ROOT / "README.md").read_text("utf-8"))) - {"a"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
