"""`penumbra demo`: the sample shot, in the window; headless, a recorded artist plays on it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app.cli.engine_options import add_engine_options, start_engine
from app.cli.viewport_option import add_viewport_option
from app.console import Progress


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="no window, also where there is a display")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("out/demo"), help="where mattes and the contact sheet go"
    )
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    add_viewport_option(parser)
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    if arguments.headless or os.environ.get("HEADLESS") == "1" or not _display():
        from app.demo import play

        return play(start_engine(arguments), arguments.output, Progress(), as_json=arguments.json)
    from app.wiring import run_window

    return run_window(start_engine(arguments), None, sample=True, draw_with=arguments.viewport)


def _display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
