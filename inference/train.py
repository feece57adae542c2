"""Training from nothing (`penumbra train`): the generated pictures, and what is learnt from them.

Everything is made from seeds, so that the same command gives the same data on any machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
from tqdm import tqdm

from core.disk import write_whole
from core.errors import PenumbraError
from inference.training.pictures.pool import PicturePool, contact_sheet


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `penumbra train`."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    data = kinds.add_parser("data", help="generate pictures with exact mattes", description="Generate training data.")
    data.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the pool; goes on where it was")
    data.add_argument("--scenes", type=int, default=4096, help="how many the pool shall hold (4096)")
    data.add_argument("--side", type=int, default=320, help="width and height in pixels (320)")
    data.add_argument("--first-shard", type=int, default=0, help="where the seeds begin, in sixteens")
    data.add_argument("--workers", type=int, default=1, help="processes (1)")
    data.add_argument("--sheet", type=Path, metavar="PNG", help="only draw a contact sheet to look at")


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code; raises PenumbraError."""
    if arguments.sheet is not None:
        _draw_sheet(arguments.sheet, arguments.first_shard * 16)
        return 0
    if arguments.scenes < 1 or arguments.side < 32:
        raise PenumbraError("penumbra train data", why="a pool needs a scene at least, and 32 pixels a side")
    pool = PicturePool(arguments.out, arguments.side)
    with tqdm(total=arguments.scenes, unit="scene", file=sys.stderr, disable=None) as bar:

        def show(done: int, _all: int) -> bool:
            bar.update(done - bar.n)
            return True

        pool.fill(arguments.scenes, arguments.first_shard, arguments.workers, show)
    return 0


def _draw_sheet(path: Path, first_seed: int) -> None:
    picture = contact_sheet(first_seed)
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise PenumbraError(str(path), why="cannot be made a PNG")
    try:
        write_whole(path, data.tobytes())
    except OSError as error:
        raise PenumbraError(str(path), why=f"cannot be written: {error.strerror}") from error
