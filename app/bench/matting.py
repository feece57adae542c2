"""`penumbra bench matting`: alphas beside PyMatting's closed form and a guided filter, in the same run.

Three sets. `given`: each picture with its trimap. `moving`: the same foreground drifts over a plate that pans, with
grain, which shows how an alpha flickers (dtSSD): by the default and with what neighbours say (`steady`). `own`: the
trimap is measured around the matte that our own segmenter gives to a simulated artist. Errors are those of
`matting_errors.py`, in the unknown part of the given trimap. Another edge model is measured beside them when it is
named; nothing is fetched.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.bench import matting_errors as errors
from app.bench.memory import most_memory
from app.bench.moving import MovingShot, TrueMatte, moving, refine_of
from app.bench.propagate import TrueSequence, given_for
from app.bench.truth import Case, paired, read_coverage, read_rgb
from core.arrays import Float32
from core.color import ColorConfig
from core.errors import OptionError
from core.layer import SEGMENTER
from core.trimap import unknown_band
from inference.public_models import pulled_folder
from inference.registry import InstalledModel, Registry
from inference.steadying import Steadying

METHODS: dict[str, dict[str, Any]] = {
    "default": {},
    "steady": {"steady": 1},
    "closed_form": {"method": "pymatting-closed-form"},
    "guided": {"method": "guided"},
}
SETS = ("given", "moving", "own")
_FIGURES = ("sad", "mse", "grad", "conn", "dtssd", "s_per_mp", "cpu_s_per_mp", "mb_per_mp")
Triple = tuple[Path, Path, Path]
Solve = Callable[[int, Float32, Float32 | None], Float32]


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--triple",
        action="append",
        default=[],
        type=_triple,
        metavar="PICTURES:TRIMAPS:ALPHAS",
        help="folders paired by file stem; may be given several times",
    )
    parser.add_argument("--set", action="append", choices=SETS, default=[], help="only these (all)")
    parser.add_argument("--method", action="append", choices=list(METHODS), default=[], help="only these (all)")
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME", help="an edge model on disk, measured as well"
    )
    parser.add_argument("--model-dir", type=Path, action="append", default=[], metavar="DIR", help="where models are")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture (1)")
    parser.add_argument("--frames", type=int, default=3, metavar="N", help="frames of each moving plate (3)")
    parser.add_argument(
        "--width", type=int, default=0, metavar="PX", help="make the moving pictures so many pixels wide (as they are)"
    )
    parser.add_argument(
        "--light",
        choices=("display", "scene"),
        default="display",
        help="the light in which the given alphas mix (display: as in pictures with a display's curve)",
    )


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if not arguments.triple:
        raise OptionError(
            "penumbra bench matting", "there is nothing to measure", "Give --triple PICTURES:TRIMAPS:ALPHAS."
        )
    return run(
        arguments.triple,
        arguments.set or SETS,
        arguments.method or tuple(METHODS),
        arguments.every,
        arguments.frames,
        arguments.light,
        width=arguments.width,
        models=arguments.model,
        folders=(pulled_folder(), *arguments.model_dir),
    )


def run(
    triples: Sequence[Triple],
    sets: Sequence[str] = SETS,
    methods: Sequence[str] = tuple(METHODS),
    every: int = 1,
    frames: int = 3,
    light: str = "display",
    segment: str = SEGMENTER,
    models: Sequence[str] = (),
    folders: Sequence[Path] = (),
    width: int = 0,
) -> Iterator[dict[str, Any]]:
    """One row per set, picture and method, then one per set and method with case "mean".

    Args:
        models: edge models in `folders`, each measured as a method of its name.
        width: of the pictures of `moving`; 0 as they are.

    Yields:
        `bench`, `set`, `case`, `method`, `sad`, `mse`, `grad`, `conn`, `dtssd` (of `moving`, else None), `s_per_mp`
        (wall), `cpu_s_per_mp`, `mb_per_mp` (the most memory beyond what there was, per million pixels).
    """
    color, registry = ColorConfig.load(), Registry(folders)
    installed = registry.find("refine", "refine")
    asked = {method: (installed, METHODS[method]) for method in methods}
    asked |= {name: (registry.find(name, "refine"), {}) for name in models}
    rows: list[dict[str, Any]] = []
    for triple in triples:
        for number, true in enumerate(_true(triple, every, color)):
            for kind in sets:
                if kind == "own" and triple != triples[0]:
                    continue  # it asks for no trimap
                other = list(_true(triple, every, color, (number + 1,)))[:1] if kind == "moving" else []
                shot = [true]
                if kind == "moving":
                    shot = moving(true.enlarged(width), (other or [true])[0].rgb, frames, light)
                own = _own(true, registry, segment, color) if kind == "own" else None
                for method, (model, options) in asked.items():
                    if method == "steady" and kind != "moving":
                        continue  # alone every picture is
                    row: dict[str, Any] = {"bench": "matting", "set": kind, "case": true.name, "method": method}
                    row |= _measured(shot, own, method, _solver(model, options, light, shot))
                    rows.append(row)
                    yield row
    for kind, method in dict.fromkeys((row["set"], row["method"]) for row in rows):
        mine = [row for row in rows if (row["set"], row["method"]) == (kind, method)]
        means = {name: _mean([row[name] for row in mine]) for name in _FIGURES}
        yield {"bench": "matting", "set": kind, "case": "mean", "method": method, **means, "cases": len(mine)}


def _true(triple: Triple, every: int, color: ColorConfig, only: Sequence[int] = ()) -> Iterator[TrueMatte]:
    pictures, trimaps, alphas = triple
    marks = {case.name: case.mask for case in paired([(pictures, trimaps)])}
    cases = [case for case in paired([(pictures, alphas)]) if case.name in marks][::every]
    for number, case in enumerate(cases):
        if only and number not in [each % len(cases) for each in only]:
            continue
        trimap = read_coverage(Case(case.name, case.picture, marks[case.name]))
        trimap = np.where(trimap < 0.1, 0.0, np.where(trimap > 0.9, 1.0, 0.5)).astype(np.float32)
        yield TrueMatte(
            f"{trimaps.name}/{case.picture.stem}", case.picture, read_rgb(case, color), read_coverage(case), trimap
        )


def _solver(installed: InstalledModel, options: dict[str, Any], light: str, shot: Sequence[TrueMatte]) -> Solve:
    chosen = installed.options({**options, "light": light} if "light" in installed.info.defaults() else options)

    steadying = Steadying(
        MovingShot(shot), chosen | {"steady": chosen.get("steady", 0) if len(shot) > 1 else 0}, refine_of(installed)
    )

    def solve(frame: int, coverage: Float32, fixed: Float32 | None) -> Float32:
        return steadying.refined(frame, shot[frame].rgb, coverage, fixed)

    return solve


def _own(true: TrueMatte, registry: Registry, segment: str, color: ColorConfig) -> Float32:
    """What our segmenter gives to a simulated artist, (H, W)."""
    case = Case(true.name, true.picture, true.picture)
    sequence = TrueSequence(true.name, [case], {0: np.asarray(true.alpha >= 0.5)}, color)
    return given_for(sequence, registry.find(segment, "segment")).keys[0]


def _mean(figures: Sequence[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return float(np.mean(known)) if known else None


def _measured(shot: Sequence[TrueMatte], own: Float32 | None, method: str, solve: Solve) -> dict[str, float | None]:
    found: list[Float32] = []
    clock, cpu = time.perf_counter(), time.process_time()
    with most_memory() as memory:
        for frame, true in enumerate(shot):
            if own is None:
                found.append(solve(frame, true.trimap, np.where(true.unknown, 0.5, 1.0).astype(np.float32)))
            elif method == "default":
                found.append(solve(frame, own, None))
            else:
                band = unknown_band(true.rgb, own, 0)
                found.append(solve(frame, own, np.where(band, 0.5, 1.0).astype(np.float32)))
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    megapixels = sum(true.alpha.size for true in shot) / 1e6
    figures: dict[str, float | None] = {
        name: float(np.mean([error(got, true.alpha, true.unknown) for got, true in zip(found, shot, strict=True)]))
        for name, error in (
            ("sad", errors.sad),
            ("mse", errors.mse),
            ("grad", errors.gradient_error),
            ("conn", errors.connectivity_error),
        )
    }
    figures["dtssd"] = errors.dtssd(found, [true.alpha for true in shot]) if len(shot) > 1 else None
    figures |= {"s_per_mp": clock / megapixels, "cpu_s_per_mp": cpu / megapixels}
    return {**figures, "mb_per_mp": memory.megabytes * len(shot) / megapixels}


def _triple(text: str) -> Triple:
    parts = text.split(":")
    if len(parts) != 3 or not all(parts):
        raise argparse.ArgumentTypeError(f"{text} is not PICTURES:TRIMAPS:ALPHAS")
    return Path(parts[0]), Path(parts[1]), Path(parts[2])
