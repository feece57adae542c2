"""`penumbra bench refine`: the edge of a rough matte against a true alpha, unrefined, guided and by the default.

The rough matte is the true alpha brought to an eighth of the size and cut at a half: the outline a segmenter gives,
hard and a few pixels off. With `--made` a made frame takes the place of the pairs, with a trimap whose unknown band is
a twentieth of it: what a large frame costs, in processor seconds and in memory.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

import cv2
import numpy as np

from app.bench.made_edge import made_shot
from app.bench.memory import most_memory
from app.bench.moving import MovingShot, refine_of
from app.bench.truth import Pair, paired, read_coverage, read_rgb
from core.arrays import Float32
from core.color import ColorConfig
from inference.model import RefineModel
from inference.registry import Registry
from inference.steadying import Steadying

_ROUGHNESS = 8


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture (1)")
    parser.add_argument("--model", default="refine", help="the model to measure (refine)")
    parser.add_argument(
        "--made", dest="generated", type=int, default=0, metavar="WIDTH", help="a made frame, so wide, and no pairs"
    )


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if arguments.generated:
        return made(arguments.generated, arguments.model)
    return run(arguments.pair, arguments.every, arguments.model)


def run(pairs: Sequence[Pair], every: int = 1, model: str = "refine") -> Iterator[dict[str, Any]]:
    """One row per picture and method (`none`, `guided`, `default`), then one per method with case "mean".

    Yields:
        `bench`, `case`, `method`, `mse` (times 1000, whole picture), `sad` (sum / 1000 px), `seconds`.
    """
    rows: list[dict[str, Any]] = []
    color = ColorConfig.load()
    installed = Registry().find(model, "refine")
    schema = installed.info.options_schema.get("properties", {})
    methods: dict[str, dict[str, Any]] = {"default": {}}
    if "guided" in schema.get("method", {}).get("enum", ()):
        methods = {"guided": {"method": "guided"}, "default": {}}
    for case in paired(pairs, every):
        rgb, truth = read_rgb(case, color), read_coverage(case)
        rough = roughened(truth)
        answers: list[tuple[str, Float32, float]] = [("none", rough, 0.0)]
        with installed.use() as network:
            for method, options in methods.items():
                start = time.perf_counter()
                found = cast(RefineModel, network).refine(rgb, rough, None, installed.options(options), lambda: False)
                answers.append((method, found, time.perf_counter() - start))
        for method, found, seconds in answers:
            wrong = found - truth
            row = {
                "bench": "refine",
                "case": case.name,
                "method": method,
                "mse": float(np.square(wrong).mean()) * 1e3,
                "sad": float(np.abs(wrong).sum()) / 1e3,
                "seconds": seconds,
            }
            rows.append(row)
            yield row
    for method in ("none", *methods):
        mine = [row for row in rows if row["method"] == method]
        means = {key: float(np.mean([row[key] for row in mine])) for key in ("mse", "sad", "seconds")}
        yield {"bench": "refine", "case": "mean", "method": method, **means, "cases": len(mine)}


def made(width: int, model: str = "refine") -> Iterator[dict[str, Any]]:
    """One row per method: `none` (a half in the band), `guided`, `steady` (the frames beside it are asked as well,
    where the model has that option) and `default`.

    Yields:
        `bench`, `case`, `method`, `mse` and `sad` as of `run` but of the unknown band, `seconds`, `cpu_seconds`,
        `mb` (the most memory beyond what there was), `process_mb` (all of it), `unknown` (part of the picture).
    """
    shot = made_shot(width)
    true, installed = shot[1], Registry().find(model, "refine")
    fixed = np.where(true.unknown, np.float32(0.5), np.float32(1.0))
    known = installed.info.options_schema.get("properties", {})
    methods: dict[str, dict[str, Any]] = {"none": {}}
    if "guided" in known.get("method", {}).get("enum", ()):
        methods["guided"] = {"method": "guided"}
    if "steady" in known:
        methods["steady"] = {"steady": 1}
    for method, given in {**methods, "default": {}}.items():
        options = installed.options(given)
        steadying = Steadying(MovingShot(shot), options, refine_of(installed))
        clock, cpu = time.perf_counter(), time.process_time()
        with most_memory() as memory:
            found = true.trimap if method == "none" else steadying.refined(1, true.rgb, true.trimap, fixed)
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        wrong = (found - true.alpha)[true.unknown]
        yield {
            "bench": "refine",
            "case": true.name,
            "method": method,
            "mse": float(np.square(wrong).mean()) * 1e3,
            "sad": float(np.abs(wrong).sum()) / 1e3,
            "seconds": clock,
            "cpu_seconds": cpu,
            "mb": memory.megabytes,
            "process_mb": memory.whole_megabytes,
            "unknown": float(true.unknown.mean()),
        }


def roughened(truth: Float32) -> Float32:
    """(H, W) 0 or 1: `truth` at an eighth of its size, enlarged again and cut at a half."""
    height, width = truth.shape
    size = (max(1, width // _ROUGHNESS), max(1, height // _ROUGHNESS))
    small = cv2.resize(truth, size, interpolation=cv2.INTER_AREA)
    return (cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.float32)
