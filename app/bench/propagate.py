"""`penumbra bench propagate`: how right the other frames are, after one clicked and two corrected ones.

Protocol: of the frames with truth, those at 1/6, 1/2 and 5/6 of their number are key frames. The middle one is
clicked by a simulated artist (the next click in the middle of the largest wrong region, until an IoU of 0.95 or
twenty clicks); the other two are given as they are. The score is the mean IoU at 0.5 over all other frames with
truth. The baseline, `flow`, is dense flow chained from the nearest key frame and nothing else.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np

from app.bench.protocol import MOST_CLICKS, next_click
from app.bench.truth import Case, Pair, paired, read_rgb
from core.arrays import Bool, Float32
from core.color import ColorConfig
from core.errors import FrameError, OptionError, PlateError
from core.frames import FrameNumber
from core.layer import SEGMENTER
from core.prompts import Click
from inference.model import Lesson, PropagateModel, SegmentModel, TeachModel
from inference.motion.chain import Chains
from inference.motion.flow import Motion, exposure_gain, sized
from inference.registry import InstalledModel, Registry

METHODS = ("flow", "propagate", "teach")
CLICKED_ENOUGH = 0.95
CLICKED_WEIGHT = 0.5
"""How much a frame counts in teaching that was only clicked, as in `app/teaching.py`."""
KEPT_PICTURES = 160
FLOW_PX = 480


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=60.0, help="of teaching (60)")
    parser.add_argument("--method", action="append", choices=METHODS, help="flow, propagate and teach if not given")
    parser.add_argument("--model", default="propagate", help="the model to measure (propagate)")
    parser.add_argument("--segment", default=SEGMENTER, help=f"the model that is clicked ({SEGMENTER})")
    parser.add_argument("--true-click", action="store_true", help="give the truth on the clicked frame too")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    return run(
        arguments.pair,
        arguments.seconds,
        arguments.method or METHODS,
        arguments.model,
        "" if arguments.true_click else arguments.segment,
    )


class TrueSequence:
    """The pictures of one folder, numbered in the order of their names, and one subject's truth where there is any.

    A `FrameSource`: pictures are read when asked for, and some are kept.
    """

    def __init__(
        self, name: str, pictures: Sequence[Case], truth: Mapping[FrameNumber, Bool], color: ColorConfig
    ) -> None:
        self.name = name
        self.truth = truth
        self._pictures = pictures
        self._color = color
        self._kept: OrderedDict[tuple[FrameNumber, int], Float32] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pictures)

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        """(H, W, 3) scene-linear, reduced so that the longer edge fits. Raises FrameError."""
        if not 0 <= frame < len(self._pictures):
            raise FrameError(f"Frame {frame}", "is not there", "Choose a frame that exists.")
        key = (frame, long_edge_px or 0)
        if key not in self._kept:
            full = read_rgb(self._pictures[frame], self._color) if not long_edge_px else self.rgb(frame)
            scale = min(1.0, (long_edge_px or max(full.shape)) / max(full.shape[:2]))
            self._kept[key] = sized(full, (round(full.shape[0] * scale), round(full.shape[1] * scale)))
            while len(self._kept) > KEPT_PICTURES:
                self._kept.popitem(last=False)
        return self._kept[key]

    def shape(self) -> tuple[int, int]:
        height, width = self.rgb(0).shape[:2]
        return height, width

    def key_frames(self) -> tuple[FrameNumber, ...]:
        """At 1/6, 1/2 and 5/6 of the frames with truth; the one in the middle is clicked."""
        known = sorted(self.truth)
        places = sorted({len(known) // 6, len(known) // 2, 5 * len(known) // 6})
        return tuple(known[place] for place in places)


@dataclass(frozen=True, slots=True)
class Given:
    """What the methods are given: the mattes of the key frames, and what the clicked one took."""

    keys: Mapping[FrameNumber, Float32]
    clicked: FrameNumber
    clicks: int
    clicked_iou: float


def run(
    pairs: Sequence[Pair],
    seconds: float = 60.0,
    methods: Sequence[str] = METHODS,
    model: str = "propagate",
    segment: str = SEGMENTER,
) -> Iterator[dict[str, Any]]:
    """One row per sequence (and id) and method, then one per method with case "mean".

    Args:
        pairs: folders of pictures and masks, paired by file stem; pictures without a mask belong to the shot too.
            Masks are binary, or ids where every id above 0 is a case.
        seconds: of teaching, wall time.
        methods: of `METHODS`.
        model: the model that propagates and is taught.
        segment: the model that is clicked; empty gives the truth on the clicked frame instead.

    Yields:
        `bench`, `case`, `method`, `iou`, `ms_per_frame`, `frames` (how many were scored), `clicks`, `clicked_iou`;
        `teach` also `teach_seconds`, `teach_cpu_seconds` and `steps`.

    Raises PlateError where nothing is paired, OptionError where no method is known.
    """
    unknown = sorted(set(methods) - set(METHODS))
    if unknown:
        raise OptionError("--method", f"{unknown[0]} is not known", f"Known are {', '.join(METHODS)}.")
    color, registry = ColorConfig.load(), Registry()
    installed = registry.find(model, "propagate")
    clicker = registry.find(segment, "segment") if segment else None
    cv2.setNumThreads(min(2, os.cpu_count() or 1))
    rows: list[dict[str, Any]] = []
    for pair in pairs:
        for sequence in sequences(pair, color):
            given = given_for(sequence, clicker)
            for method in methods:
                row = {
                    "bench": "propagate",
                    "case": sequence.name,
                    "method": method,
                    **_measured(sequence, given, method, installed, seconds),
                    "clicks": given.clicks,
                    "clicked_iou": given.clicked_iou,
                }
                rows.append(row)
                yield row
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        figures = [name for name, value in mine[0].items() if isinstance(value, int | float)]
        means = {name: float(np.mean([row[name] for row in mine])) for name in figures}
        yield {"bench": "propagate", "case": "mean", "method": method, **means, "cases": len(mine)}


def sequences(pair: Pair, color: ColorConfig) -> list[TrueSequence]:
    """One per id above 0 of the masks. Raises PlateError where fewer than four frames have truth."""
    cases = {case.picture: case for case in paired([pair])}
    pictures = [path for path in sorted(pair[0].iterdir()) if path.suffix in {each.suffix for each in cases}]
    shot = [cases.get(path, Case(f"{pair[0].name}/{path.stem}", path, path)) for path in pictures]
    labels = {frame: _labels(cases[path].mask) for frame, path in enumerate(pictures) if path in cases}
    if len(labels) < len(METHODS) + 1:
        raise PlateError(pair[1], f"has {len(labels)} masks", "Three are given, so at least four are needed.")
    ids = sorted({int(label) for each in labels.values() for label in np.unique(each)} - {0})
    return [
        TrueSequence(
            pair[0].name if len(ids) == 1 else f"{pair[0].name}#{position}",
            shot,
            {frame: np.asarray(each == label) for frame, each in labels.items()},
            color,
        )
        for position, label in enumerate(ids, start=1)
    ]


def given_for(sequence: TrueSequence, clicker: InstalledModel | None) -> Given:
    """The key frames' mattes: truth, but for the clicked one."""
    frames = sequence.key_frames()
    clicked = frames[len(frames) // 2]
    keys = {frame: sequence.truth[frame].astype(np.float32) for frame in frames}
    if clicker is None or not sequence.truth[clicked].any():
        return Given(keys, clicked, 0, 1.0)
    truth = sequence.truth[clicked]
    options = clicker.options({})
    clicks: list[Click] = []
    best, best_iou = keys[clicked], -1.0
    with clicker.use() as network:
        segmenter = cast(SegmentModel, network)
        encoded = segmenter.encode(sequence.rgb(clicked), options)
        got = np.zeros(truth.shape, bool)
        while len(clicks) < MOST_CLICKS and best_iou < CLICKED_ENOUGH:
            click = next_click(truth, got)
            if click is None:
                break
            clicks.append(click)
            coverage, _ = segmenter.segment(encoded, clicks, None, options, lambda: False)
            got = np.asarray(coverage >= 0.5)
            if (overlap := iou(coverage, truth)) > best_iou:
                best, best_iou = coverage, overlap
    return Given({**keys, clicked: best}, clicked, len(clicks), best_iou)


def iou(coverage: Float32, truth: Bool) -> float:
    """Intersection over union at 0.5; 1 where both are empty."""
    got = coverage > 0.5
    union = np.count_nonzero(got | truth)
    return float(np.count_nonzero(got & truth) / union) if union else 1.0


def _measured(
    sequence: TrueSequence, given: Given, method: str, installed: InstalledModel, seconds: float
) -> dict[str, float]:
    wanted = [frame for frame in sorted(sequence.truth) if frame not in given.keys]
    figures: dict[str, float] = {}
    with ExitStack() as stack:
        network = stack.enter_context(installed.use()) if method != "flow" else None
        options = installed.options({"seconds": seconds} if method == "teach" else {})
        adapter = b""
        if method == "teach":
            adapter, figures = _taught(cast(TeachModel, network), sequence, given, options)
        start = time.perf_counter()
        if network is None:
            overlaps = [iou(coverage, sequence.truth[frame]) for frame, coverage in flow_only(sequence, given, wanted)]
        else:
            answers = cast(PropagateModel, network).propagate(
                sequence, given.keys, wanted, adapter, options, lambda: False
            )
            overlaps = [iou(answer.coverage, sequence.truth[answer.frame]) for answer in answers]
        spent = time.perf_counter() - start
    missing = len(wanted) - len(overlaps)
    mean = float(np.mean([*overlaps, *[0.0] * missing]))
    return {"iou": mean, "ms_per_frame": spent * 1e3 / len(wanted), "frames": len(wanted), **figures}


def _taught(
    network: TeachModel, sequence: TrueSequence, given: Given, options: dict[str, Any]
) -> tuple[bytes, dict[str, float]]:
    lessons = [
        Lesson(frame, matte, weight=CLICKED_WEIGHT if frame == given.clicked and given.clicks else 1.0)
        for frame, matte in given.keys.items()
    ]
    wall, cpu = time.perf_counter(), time.process_time()
    adapter, steps = b"", 0
    for step in network.teach(sequence, lessons, b"", options, lambda: False):
        adapter, steps = step.adapter or adapter, step.step
    return adapter, {
        "teach_seconds": time.perf_counter() - wall,
        "teach_cpu_seconds": time.process_time() - cpu,
        "steps": steps,
    }


def flow_only(
    sequence: TrueSequence, given: Given, frames: Sequence[FrameNumber]
) -> Iterator[tuple[FrameNumber, Float32]]:
    """The baseline: the nearest key frame's matte along chained flow, frame by frame, unchecked."""
    nearest = {frame: min(given.keys, key=lambda key: abs(key - frame)) for frame in frames}
    height, width = sequence.shape()
    scale = min(1.0, FLOW_PX / max(height, width))
    small = (round(height * scale), round(width * scale))
    motion = Motion(sequence, FLOW_PX, exposure_gain(sequence.rgb(given.clicked, FLOW_PX)), fine=False)
    chains = Chains(motion, given.keys, small, lambda: False)
    for frame in frames:
        carried = chains.carried(frame, nearest[frame], (height, width))
        if carried is not None:
            yield frame, carried.coverage


def _labels(path: os.PathLike[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """(H, W) ids; a color of a palette is an id of its own, black is 0."""
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise FrameError(path, "is not a mask that can be read", "Use PNG with 8 bits.")
    if pixels.ndim == 2:
        return pixels.astype(np.int32)
    wide = pixels[..., :3].astype(np.int32)
    return np.asarray(wide[..., 2] * 65536 + wide[..., 1] * 256 + wide[..., 0], np.int32)
