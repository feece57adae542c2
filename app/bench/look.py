"""`penumbra bench look`: does "next frame to look at" find the errors sooner than other orders?

Protocol: key frames as in `penumbra bench propagate` (three of the frames with truth, the middle one clicked; with
`--keys 1` the clicked one alone), propagated by the shipped model. The true error of every other frame with truth is
1 - IoU at 0.5. An order is looked through from its start: `error_found` after k looks is the error of these k frames
as a part of the whole, `area` the mean of it over all k. Nothing is mended meanwhile.

Orders: `next_frame` is what the window offers; `largest_gap` begins farthest from any key frame; `confidence` with
what the model itself is least sure of; `random` is the mean of many seeded orders; `best` knows the truth. Where a
score is the same for several frames, their mean counts.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from app.bench.judge import Judge
from app.bench.propagate import TrueSequence, given_for, iou, sequences
from app.bench.truth import Pair
from app.measuring import Judged
from core.arrays import Float32
from core.color import ColorConfig
from core.frames import FrameNumber
from core.layer import SEGMENTER
from inference.model import PropagateModel
from inference.registry import InstalledModel, Registry

METHODS = ("next_frame", "largest_gap", "confidence", "random", "best")
LOOKS = (1, 2, 3, 5, 8, 12, 18, 27)
SEEDS = 500
Curve = npt.NDArray[np.float64]


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keys", type=int, choices=(1, 3), default=3, help="key frames that are given (3)")
    parser.add_argument("--model", default="propagate", help="the model that propagates (propagate)")
    parser.add_argument("--segment", default=SEGMENTER, help=f"the model that is clicked ({SEGMENTER})")
    parser.add_argument("--all-k", action="store_true", help="a row for every k, not only for some")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    return run(arguments.pair, arguments.keys, arguments.model, arguments.segment, all_k=arguments.all_k)


@dataclass(frozen=True)
class Propagated:
    """One sequence: its mattes, what the model thought of each, and how wrong each is."""

    mattes: Mapping[FrameNumber, Float32]
    key_frames: frozenset[FrameNumber]
    confidence: Mapping[FrameNumber, float]
    errors: Mapping[FrameNumber, float]


def run(
    pairs: Sequence[Pair], keys: int = 3, model: str = "propagate", segment: str = SEGMENTER, *, all_k: bool = False
) -> Iterator[dict[str, Any]]:
    """Rows per sequence and method, then per method with case "mean".

    Yields:
        `bench`, `case`, `method`, `keys`, `frames` (how many can be looked at), `k`, `error_found` 0-1, `area` 0-1,
        `error` (the mean over the frames).
    """
    color, registry = ColorConfig.load(), Registry()
    installed, clicker = registry.find(model, "propagate"), registry.find(segment, "segment")
    cv2.setNumThreads(min(2, os.cpu_count() or 1))
    means: dict[str, list[tuple[Curve, float]]] = {method: [] for method in METHODS}
    for pair in pairs:
        for sequence in sequences(pair, color):
            given = given_for(sequence, clicker)
            chosen = given.keys if keys == 3 else {given.clicked: given.keys[given.clicked]}
            done = propagated(sequence, chosen, installed)
            found = curves(done, judged(sequence, done))
            error = float(np.mean(list(done.errors.values())))
            for method, curve in found.items():
                means[method].append((curve, error))
                yield from _rows(sequence.name, method, keys, curve, float(curve.mean()), error, all_k)
    for method, all_of_it in means.items():
        shortest = min(len(curve) for curve, _ in all_of_it)
        curve = np.asarray(np.mean([curve[:shortest] for curve, _ in all_of_it], axis=0))
        area = float(np.mean([curve.mean() for curve, _ in all_of_it]))
        yield from _rows("mean", method, keys, curve, area, float(np.mean([error for _, error in all_of_it])), all_k)


def _rows(
    case: str, method: str, keys: int, curve: Curve, area: float, error: float, all_k: bool
) -> Iterator[dict[str, Any]]:
    for k in range(1, len(curve) + 1) if all_k else [k for k in LOOKS if k <= len(curve)]:
        yield {
            "bench": "look",
            "case": case,
            "method": method,
            "keys": keys,
            "frames": len(curve),
            "error": error,
            "area": area,
            "k": k,
            "error_found": float(curve[k - 1]),
        }


def propagated(sequence: TrueSequence, keys: Mapping[FrameNumber, Float32], installed: InstalledModel) -> Propagated:
    """Every frame of the sequence, by the model that ships."""
    wanted = [frame for frame in range(len(sequence)) if frame not in keys]
    with installed.use() as network:
        answers = list(
            cast(PropagateModel, network).propagate(sequence, keys, wanted, b"", installed.options({}), lambda: False)
        )
    mattes = {**{answer.frame: answer.coverage for answer in answers}, **keys}
    confidence = {**{answer.frame: answer.confidence for answer in answers}, **dict.fromkeys(keys, 1.0)}
    scored = [frame for frame in sorted(sequence.truth) if frame in mattes and frame not in keys]
    errors = {frame: 1.0 - iou(mattes[frame], sequence.truth[frame]) for frame in scored}
    return Propagated(mattes, frozenset(keys), confidence, errors)


def judged(sequence: TrueSequence, done: Propagated) -> Judged:
    """What the window would know of these mattes: the same measuring, the same order."""
    return Judge(sequence).judged(done.mattes, done.key_frames, done.confidence)


def curves(done: Propagated, known: Judged) -> dict[str, Curve]:
    """Error found after 1, 2, 3 … looks, by method; each ends at 1."""
    frames = sorted(done.errors)
    errors = np.array([done.errors[frame] for frame in frames])
    offered = [look.frame for look in known.queue if look.frame in done.errors]
    gaps = np.array([min(abs(frame - key) for key in done.key_frames) for frame in frames], np.float64)
    doubts = np.array([1.0 - done.confidence[frame] for frame in frames])
    shuffled = [np.random.default_rng(seed).permutation(errors) for seed in range(SEEDS)]
    return {
        "next_frame": found(np.array([done.errors[frame] for frame in offered])),
        "largest_gap": found(ranked(errors, gaps)),
        "confidence": found(ranked(errors, doubts)),
        "random": np.asarray(np.mean([found(order) for order in shuffled], axis=0)),
        "best": found(ranked(errors, errors)),
    }


def ranked(errors: Curve, scores: Curve) -> Curve:
    """`errors` in falling order of `scores`; frames with one score share their mean error."""
    order = np.argsort(-scores, kind="stable")
    sorted_errors, sorted_scores = errors[order].copy(), scores[order]
    for score in np.unique(sorted_scores):
        same = sorted_scores == score
        sorted_errors[same] = sorted_errors[same].mean()
    return sorted_errors


def found(errors: Curve) -> Curve:
    """The cumulated part of the whole; without any error, as many frames as were looked at."""
    total = float(errors.sum())
    if total <= 0.0:
        return np.arange(1, len(errors) + 1) / len(errors)
    return np.asarray(np.cumsum(errors) / total)
