"""`penumbra [PLATE|PROJECT]`: the window."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.engine_options import add_engine_options, start_engine
from app.cli.viewport_option import add_viewport_option


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", type=Path, help="a plate or a .penumbra project")
    parser.add_argument("--color-space", help="input color space of a PNG, TIFF, JPEG or movie plate")
    add_viewport_option(parser)
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from app.wiring import run_window

    return run_window(start_engine(arguments), arguments.path, arguments.color_space, draw_with=arguments.viewport)
