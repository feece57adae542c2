"""`penumbra info PATH [--json]`: what there is, before anything is opened."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.console import say, say_json
from app.info import describe_path, readable
from app.store_info import describe_store
from app.store_info import readable as readable_store
from core.color import ColorConfig
from core.corrections.store import is_store


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", type=Path, help="a sequence (plate.####.exr, %%04d, a folder, one of its files), still, movie or store"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--config", default="", help="OCIO config: a file or an ocio:// name")


def run(arguments: argparse.Namespace) -> int:
    corrections = is_store(arguments.path)
    found = (
        describe_store(arguments.path)
        if corrections
        else describe_path(arguments.path, ColorConfig.load(arguments.config))
    )
    if arguments.json:
        say_json(found, indent=1)
    else:
        say(readable_store(found) if corrections else readable(found))
    return 0 if found.get("usable", True) else 1
