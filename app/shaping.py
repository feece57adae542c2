"""Shapes out of a layer's mattes, and how well they stand for them: for the command line and for benches.

Knows projects and mattes; the fitting itself is `core/roto/fitting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import Cancelled, ExportError
from core.frames import FrameNumber
from core.matte import Matte
from core.roto.area import area
from core.roto.contour import outlines
from core.roto.fitting import Fitted, fit_shapes
from core.roto.outline import flattened
from core.roto.shape import Role, RotoShape


@dataclass(frozen=True, slots=True)
class ShapeScore:
    """How well shapes stand for mattes.

    Args:
        iou, least_iou: of what is more than half covered: the mean over frames, and the worst.
        points: on every frame, all shapes together.
        keys: key frames of the shape that has most.
        motion_px: how far points move from frame to frame, on the mean.
        jitter_px: how far a point is from the middle between where it was and where it will be, twice; on the mean.
    """

    iou: float
    least_iou: float
    points: int
    keys: int
    motion_px: float
    jitter_px: float


def shapes_out_of(
    mattes: Mapping[FrameNumber, Callable[[], Matte | None]],
    tolerance_px: float,
    most_points: int,
    name: str,
    cancelled: Callable[[], bool] = lambda: False,
) -> Fitted:
    """Shapes for these frames, one matte in memory at a time.

    Raises:
        ExportError: a frame has no matte. PenumbraError: one has nothing in it. Cancelled.
    """
    found = {}
    for frame, get in mattes.items():
        if cancelled():
            raise Cancelled("Shapes", "was cancelled")
        matte = get()
        if matte is None:
            raise ExportError(f"Frame {frame}", why="has no current matte", hint="Propagate, or choose other frames.")
        found[frame] = outlines(matte.float32(), matte.window.x0, matte.window.y0)
    return fit_shapes(found, tolerance_px, most_points, name)


def score(shapes: tuple[RotoShape, ...], mattes: Mapping[FrameNumber, Callable[[], Matte | None]]) -> ShapeScore:
    """The shapes, rasterized again, against the mattes they came from."""
    ious = []
    for frame, get in mattes.items():
        matte = get()
        if matte is None:
            continue
        drawn = np.zeros(matte.window.shape, np.float32)
        for shape in shapes:
            inside = area(flattened(shape.at(frame)), matte.window)
            drawn = np.maximum(drawn, inside) if shape.role is not Role.SUBTRACT else drawn * (1 - inside)
        one, other = drawn > 0.5, matte.float32() > 0.5
        ious.append(float((one & other).sum() / max(1, int((one | other).sum()))))
    frames = sorted(mattes)
    places = np.concatenate(
        [np.array([[point.numbers[:2] for point in shape.at(frame)] for frame in frames]) for shape in shapes], axis=1
    )
    moves, turns = np.diff(places, axis=0), np.diff(places, n=2, axis=0)
    return ShapeScore(
        float(np.mean(ious)),
        min(ious),
        sum(shape.count for shape in shapes),
        max(len(shape.frames) for shape in shapes),
        _mean_length(moves),
        _mean_length(turns),
    )


def _mean_length(steps: np.typing.NDArray[np.float64]) -> float:
    return float(np.hypot(steps[..., 0], steps[..., 1]).mean()) if steps.size else 0.0
