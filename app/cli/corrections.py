"""`penumbra corrections list|export|import|verify|clean STORE`: pairs kept for learning, without a window."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.console import say, say_json, table
from app.remembering import FOLDER, needed_store
from core.corrections.exchange import bring, export
from core.corrections.record import PairRecord
from core.corrections.store import CorrectionStore, Entry
from core.corrections.upkeep import clean, verify
from core.disk import cause
from core.errors import PenumbraError, ProjectError
from core.project_file import is_project
from core.words import counted

WORDS = ("list", "export", "import", "verify", "clean")


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=WORDS, help="clean gives back the room of deleted pairs a day later")
    parser.add_argument("store", type=Path, help="a project, or the folder of a store; import begins a new one")
    parser.add_argument("file", type=Path, nargs="?", help="export: the zip to write; import: a zip, store or project")
    wanted = parser.add_argument_group("list and export: only pairs of")
    for name in ("shot", "layer", "artist", "model"):
        wanted.add_argument(f"--{name}", default="", help="by its whole name")
    parser.add_argument("--all", action="store_true", help="list what was deleted or taken back as well")
    parser.add_argument("--overwrite", action="store_true", help="export: in place of a file of that name")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> int:
    try:
        return int(_RUN[arguments.what](arguments))
    except OSError as error:
        raise ProjectError(arguments.store, why=cause(error), hint="Try again when the folder is there.") from error


def _list(arguments: argparse.Namespace) -> int:
    store = needed_store(arguments.store)
    entries = [entry for entry in store.entries(everything=arguments.all) if _wanted(arguments, entry.record)]
    if arguments.json:
        say_json([_said(entry) for entry in entries], indent=1)
    elif entries:
        say(table([_row(entry) for entry in entries]))
    else:
        say("No pairs.")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    file = _file(arguments, "Name the zip to write.")
    if file.exists() and not arguments.overwrite:
        raise ProjectError(file, why="there is something of that name already", hint="Choose another, or --overwrite.")
    done = export(needed_store(arguments.store), file, lambda record: _wanted(arguments, record))
    return _told(arguments, done.sentence, done.left, pairs=done.pairs, marks=done.marks)


def _import(arguments: argparse.Namespace) -> int:
    source = _file(arguments, "Name the export, store or project to take in.")
    inside = source / FOLDER
    folder = arguments.store / FOLDER if is_project(arguments.store) else arguments.store
    done = bring(CorrectionStore.open(folder, make=True), inside if inside.is_dir() else source)
    return _told(arguments, done.sentence, done.left, pairs=done.pairs, known=done.known, marks=done.marks)


def _verify(arguments: argparse.Namespace) -> int:
    found = verify(needed_store(arguments.store))
    return _told(
        arguments,
        found.sentence,
        found.wrong,
        pairs=found.pairs,
        versions=found.versions,
        files=found.files,
        bytes=found.total_bytes,
        unused=found.unused,
    )


def _clean(arguments: argparse.Namespace) -> int:
    files, freed = clean(needed_store(arguments.store))
    sentence = f"{counted(files, 'file')} removed, {freed / 1e6:.1f} MB."
    return _told(arguments, sentence, (), files=files, bytes=freed)


_RUN = {"list": _list, "export": _export, "import": _import, "verify": _verify, "clean": _clean}


def _told(arguments: argparse.Namespace, sentence: str, wrong: tuple[str, ...], **figures: int) -> int:
    """1 where something was wrong: a script must hear it."""
    if arguments.json:
        say_json({**figures, "wrong": list(wrong)})
    else:
        say("\n".join((*wrong, sentence)))
    return 1 if wrong else 0


def _file(arguments: argparse.Namespace, hint: str) -> Path:
    if arguments.file is None:
        raise PenumbraError("A file", why="is missing from the command", hint=hint)
    return Path(arguments.file)


def _wanted(arguments: argparse.Namespace, record: PairRecord) -> bool:
    about = record.about
    asked = ((arguments.shot, about.shot), (arguments.layer, about.layer), (arguments.artist, about.artist))
    return all(not word or word == name for word, name in (*asked, (arguments.model, about.model)))


def state(entry: Entry) -> str:
    """What is said of a pair, in a word; empty for one that is trained on."""
    words = (("deleted", entry.deleted), ("taken back", entry.withdrawn), ("excluded", entry.excluded))
    return next((word for word, so in words if so), "")


def _row(entry: Entry) -> dict[str, Any]:
    about = entry.record.about
    return {
        "shot": about.shot,
        "layer": about.layer or about.layer_id,
        "frame": about.frame,
        "artist": about.artist,
        "model": about.model or "-",
        "size": f"{about.window.width}x{about.window.height}",
        "versions": len(entry.versions),
        "made": entry.record.made[:16],
        "split": about.split,
        "state": state(entry) or "-",
        "id": entry.record.id[:12],
    }


def _said(entry: Entry) -> dict[str, Any]:
    about, window = entry.record.about, entry.record.about.window
    return {
        "id": entry.record.id,
        "made": entry.record.made,
        "shot": about.shot,
        "plate": about.plate_name,
        "layer": about.layer,
        "frame": about.frame,
        "artist": about.artist,
        "window": [window.x0, window.y0, window.x1, window.y1],
        "encoding": about.encoding,
        "made_by": about.made_by,
        "model": about.model,
        "model_version": about.model_version,
        "weights_sha256": about.weights_sha256,
        "adapter": about.adapter,
        "prompts": about.prompts,
        "strokes": about.strokes,
        "versions": list(entry.versions),
        "split": about.split,
        "excluded": entry.excluded,
        "deleted": entry.deleted,
        "withdrawn": entry.withdrawn,
    }
