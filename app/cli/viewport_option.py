"""How the window draws the picture, for the commands that open one."""

from __future__ import annotations

import argparse


def add_viewport_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--viewport",
        choices=("auto", "raster", "gl"),
        default="",
        help="how the picture is drawn in this run: without a GPU (raster), with OpenGL (gl), or the best there is",
    )
