"""`penumbra bench clicks`: how many clicks a matte takes, beside OpenCV's GrabCut in the same run.

The standard protocol: the next click falls on the middle of the largest wrong region, at most twenty clicks. A matte
counts as its pixels of coverage 0.5 and more.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import cv2
import numpy as np

from app.bench.truth import Pair, paired, read_masks, read_rgb
from core.arrays import Bool, Float32, UInt8
from core.color import ColorConfig
from core.prompts import Click
from inference.model import SegmentModel
from inference.registry import Registry

MOST_CLICKS = 20
REPORTED = (1, 3, 5, 10, 20)
_GRABCUT_PX = 384

Answer = Callable[[Sequence[Click]], Bool]
"""All clicks so far → (H, W) mask."""


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture (1)")
    parser.add_argument("--min-px", type=int, default=1024, help="leave out things smaller than this (1024)")
    parser.add_argument("--model", default="segment", help="the model to measure (segment)")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    return run(arguments.pair, arguments.every, arguments.min_px, arguments.model)


def run(pairs: Sequence[Pair], every: int = 1, min_px: int = 1024, model: str = "segment") -> Iterator[dict[str, Any]]:
    """One row per case and method (`model`'s name and `grabcut`), then one per method with case "mean".

    Yields:
        `bench`, `case`, `method`, `noc85`, `noc90` (clicks to that IoU, 20 where it was not reached), `iou_1` ...
        `iou_20`, `ms_first` (encoding and first click) and `ms_per_click` (the median of the others).
    """
    rows: list[dict[str, Any]] = []
    color = ColorConfig.load()
    installed = Registry().find(model, "segment")
    for case in paired(pairs, every):
        rgb = read_rgb(case, color)
        with installed.use() as network:
            for name, truth in read_masks(case, min_px):
                for row in _case(name, rgb, truth, model, cast(SegmentModel, network), installed.options({})):
                    rows.append(row)
                    yield row
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        figures = [key for key in mine[0] if key not in ("bench", "case", "method")]
        yield {
            "bench": "clicks",
            "case": "mean",
            "method": method,
            **{key: float(np.mean([row[key] for row in mine])) for key in figures},
            "cases": len(mine),
        }


def _case(
    name: str, rgb: Float32, truth: Bool, model: str, network: SegmentModel, options: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    if truth.shape != rgb.shape[:2]:
        size = (rgb.shape[1], rgb.shape[0])
        truth = cv2.resize(truth.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    start = time.perf_counter()
    encoded = network.encode(rgb, options)
    encode_ms = (time.perf_counter() - start) * 1e3

    def embedded(clicks: Sequence[Click]) -> Bool:
        coverage, _ = network.segment(encoded, clicks, None, options, lambda: False)
        return np.asarray(coverage >= 0.5)

    bytes_ = _display_bytes(rgb)
    for method, answer in ((model, embedded), ("grabcut", lambda clicks: grabcut(bytes_, clicks))):
        figures = click_until_done(truth, answer)
        if method == model:
            figures["ms_first"] += encode_ms
        yield {"bench": "clicks", "case": name, "method": method, **figures}


def click_until_done(truth: Bool, answer: Answer) -> dict[str, float]:
    """Figures of one case. Stops early once nothing is wrong any more."""
    clicks: list[Click] = []
    got = np.zeros(truth.shape, bool)
    overlaps: list[float] = []
    times: list[float] = []
    for _ in range(MOST_CLICKS):
        click = next_click(truth, got)
        if click is None:
            break
        clicks.append(click)
        start = time.perf_counter()
        got = answer(clicks)
        times.append((time.perf_counter() - start) * 1e3)
        overlaps.append(float((truth & got).sum()) / max(1.0, float((truth | got).sum())))
    overlaps += [overlaps[-1]] * (MOST_CLICKS - len(overlaps))
    figures: dict[str, float] = {}
    for percent in (85, 90):
        reached = [place + 1 for place, overlap in enumerate(overlaps) if overlap >= percent / 100]
        figures[f"noc{percent}"] = float(reached[0] if reached else MOST_CLICKS)
    for count in REPORTED:
        figures[f"iou_{count}"] = overlaps[count - 1]
    figures["ms_first"] = times[0]
    figures["ms_per_click"] = float(np.median(times[1:] or times))
    return figures


def next_click(truth: Bool, got: Bool) -> Click | None:
    """A click in the middle of the largest wrong region, or None when nothing is wrong."""
    deepest, click = 0.0, None
    for wrong, adds in ((truth & ~got, True), (got & ~truth, False)):
        padded = np.pad(wrong.astype(np.uint8), 1)
        depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
        if float(depth.max()) > deepest:
            deepest = float(depth.max())
            y, x = divmod(int(depth.argmax()), depth.shape[1])
            click = Click(x + 0.5, y + 0.5, adds)
    return click


def _display_bytes(rgb: Float32) -> UInt8:
    """(H, W, 3) 8-bit with a display's curve: what GrabCut was made for."""
    return (np.clip(rgb, 0.0, 1.0) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


def grabcut(picture: UInt8, clicks: Sequence[Click]) -> Bool:
    """The baseline: plain GrabCut at 384 px, a disc around the first click as its first guess, two rounds."""
    height, width = picture.shape[:2]
    scale = min(1.0, _GRABCUT_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    mask = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    first = clicks[0]
    place = (int(first.x * scale), int(first.y * scale))
    cv2.circle(mask, place, round(0.25 * min(size)), int(cv2.GC_PR_FGD), -1)
    for click in clicks:
        side = int(cv2.GC_FGD if click.adds else cv2.GC_BGD)
        cv2.circle(mask, (int(click.x * scale), int(click.y * scale)), 3, side, -1)
    cv2.setRNGSeed(0)
    cv2.grabCut(small, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    inside = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.float32)
    return np.asarray(cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5)
