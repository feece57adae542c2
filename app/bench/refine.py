"""`penumbra bench refine`: the edge of a rough matte against a true alpha, unrefined, guided and by the default.

The rough matte is the true alpha brought to an eighth of the size and cut at a half: the outline a segmenter gives,
hard and a few pixels off.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

import cv2
import numpy as np

from app.bench.truth import Pair, paired, read_coverage, read_rgb
from core.arrays import Float32
from core.color import ColorConfig
from inference.model import RefineModel
from inference.registry import Registry

_ROUGHNESS = 8


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture (1)")
    parser.add_argument("--model", default="refine", help="the model to measure (refine)")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
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


def roughened(truth: Float32) -> Float32:
    """(H, W) 0 or 1: `truth` at an eighth of its size, enlarged again and cut at a half."""
    height, width = truth.shape
    size = (max(1, width // _ROUGHNESS), max(1, height // _ROUGHNESS))
    small = cv2.resize(truth, size, interpolation=cv2.INTER_AREA)
    return (cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.float32)
