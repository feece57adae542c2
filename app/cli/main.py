"""`penumbra`: which command was meant, and how errors leave the program.

Exit code 0: done. 1: it could not be done (a sentence says why). 2: the command line was not understood.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from app.console import complain
from core.errors import PenumbraError

COMMANDS = {
    "demo": "open the sample shot; headless, play a recorded artist on it",
    "info": "what a plate holds: frames, parts, layers, windows, color space",
    "matte": "clicks and corrections → mattes, without a window",
    "export": "write the mattes of a project",
    "shapes": "Bezier shapes with key frames out of mattes, as a Nuke Roto, SVG or JSON; or shapes into a layer",
    "qc": "what is wrong with a project's mattes and deliveries, as a report",
    "review": "a project's notes and statuses as a list, a movie, pictures or a contact sheet",
    "corrections": "pairs kept for learning: list, export, import, verify",
    "teach-show": "learn from a whole show's corrections where teaching may begin; list and roll back models",
    "serve": "run the engine for others",
    "models": "what the engine can do, and under which licence; pull public models",
    "precompute": "encode a plate's frames overnight, so that each first click is quick",
    "train": "train the embedded networks from nothing, on generated pictures",
    "bench": "measure, beside a baseline of the same run",
    "open": "open the window on a plate or a project (also without the word)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0] not in COMMANDS and not words[0].startswith("-")):
        words.insert(0, "open")
    parser = argparse.ArgumentParser(
        prog="penumbra",
        description="Mattes from clicks and strokes, learnt from every correction.",
        epilog="penumbra [PLATE|PROJECT] opens the window. Help of one command: penumbra COMMAND --help",
    )
    parser.add_argument("--version", action="version", version="penumbra 0.1.0")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == words[0]:
            # Only the command that was asked for is imported: `penumbra info` starts without Qt and without the engine.
            _module(name).describe(command)
    try:
        arguments = parser.parse_args(words)
    except PenumbraError as error:
        parser.error(error.sentence)
    try:
        return int(_module(arguments.command).run(arguments))
    except PenumbraError as error:
        complain(error.sentence)
        return 1
    except KeyboardInterrupt:
        complain("interrupted; what was finished is kept.")
        return 1
    except BrokenPipeError:
        # Whoever read our output has enough; that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _module(command: str) -> ModuleType:
    return importlib.import_module(f"app.cli.{command.replace('-', '_')}")
