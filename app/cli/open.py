"""`penumbra [PLATE|PROJECT]`: the window."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.engine_options import add_engine_options, start_engine
from app.cli.viewport_option import add_viewport_option
from app.frame_link import SCHEME, FrameLink


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", help="a plate, a .penumbra project, or a penumbra: link to a frame")
    parser.add_argument("--frame", type=int, metavar="N", help="look at this frame first")
    parser.add_argument("--layer", default="", metavar="NAME", help="choose this layer")
    parser.add_argument("--color-space", help="input color space of a PNG, TIFF, JPEG or movie plate")
    add_viewport_option(parser)
    add_engine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    link = destination(arguments)

    from app.wiring import run_window
    from widgets.first_look import FirstLook

    return run_window(
        start_engine(arguments),
        None if link is None else link.project,
        arguments.color_space,
        draw_with=arguments.viewport,
        first=None if link is None else FirstLook(link.frame, link.layer),
    )


def destination(arguments: argparse.Namespace) -> FrameLink | None:
    """What to open and where to look there; None where nothing was named. Raises ProjectError for a broken link."""
    if arguments.path is None:
        return None
    if arguments.path.startswith(SCHEME):
        return FrameLink.parse(arguments.path)
    return FrameLink(Path(arguments.path), arguments.frame, arguments.layer)
