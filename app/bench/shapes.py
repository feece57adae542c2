"""`penumbra bench shapes --masks FOLDER`: shapes fitted to true masks, drawn again, beside simpler ways of making them.

Methods: `default` is what Fit shapes does. `box` is the outline of the middle frame, carried by the mask's bounding
box: what one gets by hand in a minute. `contour` is every frame's outline by itself, as many points evenly along it:
what a tracer gives.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from app.shaping import score, shapes_out_of
from core.errors import PlateError
from core.frames import FrameNumber
from core.geometry import Window
from core.matte import Matte
from core.roto.contour import Outline, outlines
from core.roto.fitting import fit_shapes
from core.roto.outline import Float64
from core.roto.shape import Points, Role, RotoShape, ShapePoint
from core.still import read_still

FINE = 2000
"""Places of an outline that are asked how far the next frame's is."""
MattesByFrame = dict[FrameNumber, Callable[[], Matte]]


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--masks", action="append", type=Path, required=True, metavar="FOLDER", help="a mask a frame; several times"
    )
    parser.add_argument("--tolerance", type=float, default=1.0, metavar="PIXELS")
    parser.add_argument("--points", type=int, default=30, help="at most so many")
    parser.add_argument("--frames", type=int, default=0, help="only so many of each folder")


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row for each folder and method.

    Keys: `iou` (mean), `least_iou`, `points` on every frame, `keys` of `frames`, `motion_px` and `jitter_px` of the
    points (mean first and second difference over time), `outline_px` (how far a place of the outline is from the next
    frame's outline, on the mean: its own motion, asked of no shape), `cpu_s`.

    Raises:
        PlateError: a folder without masks. PenumbraError: an empty one.
    """
    for folder in arguments.masks:
        files = sorted(path for path in folder.glob("*") if path.suffix.lower() in (".png", ".tif", ".tiff"))
        files = files[: arguments.frames or None]
        if not files:
            raise PlateError(folder, "holds no masks", "Give --masks FOLDER, a PNG or TIFF a frame.")
        yield from of_masks(folder.name, files, arguments.tolerance, arguments.points)


def of_masks(case: str, files: Sequence[Path], tolerance_px: float, most_points: int) -> Iterator[dict[str, Any]]:
    """The rows of one sequence of masks."""

    @lru_cache(maxsize=1)
    def read(file: Path) -> Matte:
        coverage = (read_still(file)[..., 0] > 0.5).astype(np.float32)
        return Matte(Window.of_size(coverage.shape[1], coverage.shape[0]), coverage)

    mattes: MattesByFrame = {frame: partial(read, file) for frame, file in enumerate(files, 1)}
    begun = time.process_time()
    fitted = shapes_out_of(mattes, tolerance_px, most_points, case)
    spent = time.process_time() - begun
    largest = {frame: outlines(get().float32())[0] for frame, get in mattes.items()}
    own = _own_motion(list(largest.values()))
    points = sum(shape.count for shape in fitted.shapes)
    methods = (
        ("default", fitted.shapes, spent),
        ("box", (_by_box(largest, tolerance_px, points),), None),
        ("contour", (_by_contour(largest, points),), None),
    )
    for method, shapes, seconds in methods:
        told = score(shapes, mattes)
        yield {
            "bench": "shapes",
            "case": case,
            "method": method,
            "iou": round(told.iou, 4),
            "least_iou": round(told.least_iou, 4),
            "points": told.points,
            "keys": told.keys,
            "frames": len(mattes),
            "motion_px": round(told.motion_px, 3),
            "jitter_px": round(told.jitter_px, 3),
            "outline_px": round(own, 3),
            "cpu_s": None if seconds is None else round(seconds, 2),
        }


def _own_motion(lines: Sequence[Outline]) -> float:
    """How far the places of an outline are from the next one, on the mean."""
    parts = np.arange(FINE) / FINE
    places = [line.at(parts) for line in lines]
    steps = [cKDTree(after).query(before)[0].mean() for before, after in pairwise(places)]
    return float(np.mean(steps)) if steps else 0.0


def _by_box(largest: dict[FrameNumber, Outline], tolerance_px: float, most_points: int) -> RotoShape:
    """The middle frame's outline, moved and stretched with its bounding box."""
    frames = sorted(largest)
    middle = frames[len(frames) // 2]
    shape = fit_shapes({middle: [largest[middle]]}, tolerance_px, most_points).shapes[0]
    numbers = np.array([point.numbers for point in shape.at(middle)]).reshape(-1, 3, 2)
    low, high = _box(largest[middle])
    keys = {}
    for frame in frames:
        begin, end = _box(largest[frame])
        stretch = (end - begin) / (high - low)
        moved = numbers * stretch
        moved[:, 0] = begin + (numbers[:, 0] - low) * stretch
        keys[frame] = _points(moved.reshape(-1, 6))
    return RotoShape("box", MappingProxyType(keys), Role.ADD, id="box")


def _box(line: Outline) -> tuple[Float64, Float64]:
    return line.corners.min(0), line.corners.max(0)


def _by_contour(largest: dict[FrameNumber, Outline], count: int) -> RotoShape:
    """Every frame by itself: places evenly along its outline, straight lines between; the first where it was near."""
    keys: dict[FrameNumber, Points] = {}
    begin: Float64 | None = None
    fine = np.arange(FINE) / FINE
    for frame in sorted(largest):
        line = largest[frame]
        first = 0.0
        if begin is not None:
            first = float(fine[np.hypot(*(line.at(fine) - begin).T).argmin()])
        places = line.at(first + np.arange(count) / count)
        begin = places[0]
        keys[frame] = _points(np.concatenate([places, np.zeros((count, 4))], 1))
    return RotoShape("contour", MappingProxyType(keys), Role.ADD, id="contour")


def _points(numbers: Float64) -> Points:
    return tuple(ShapePoint(*(float(number) for number in point)) for point in numbers)
