"""Shapes out of a layer's mattes, how well they stand for them, and shapes in files: for the window, the command line
and benches.

Knows mattes and paths; the fitting itself is `core/roto/fitting.py`, the formats are `core/roto/nuke_shapes.py` and
`shape_files.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.arrays import Float32
from core.disk import cause, remedy, write_whole
from core.errors import ExportError, PenumbraError
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.matte import Matte
from core.roto.area import area
from core.roto.contour import outlines
from core.roto.fitting import Fitted, Told, fit_shapes
from core.roto.nuke_shapes import NukeShapes, nuke_roto, shapes_of_nuke
from core.roto.outline import flattened
from core.roto.shape import Role, RotoShape
from core.roto.shape_files import shapes_json, shapes_of_json, svg
from core.words import counted

ENDINGS = (".nk", ".svg", ".json")
LEAST_POINTS = 4
NUKE_OR_JSON = "Choose a Nuke Roto (.nk), or the JSON of an export of shapes."
OF_OUTLINES, OF_FITTING = 0.3, 0.4
"""Parts of the work, about; the rest is drawing the shapes again to see how well they stand."""

MatteOf = Mapping[FrameNumber, Callable[[], Matte | None]]


def _to_nobody(_done: float) -> None:
    return None


@dataclass(frozen=True, slots=True)
class ShapeScore:
    """How well shapes stand for mattes.

    Args:
        iou, least_iou: of what is more than half covered: the mean over frames, and the worst.
        least_frame: where that is.
        points: on every frame, all shapes together.
        keys: key frames of the shape that has most.
        motion_px: how far points move from frame to frame, on the mean.
        jitter_px: how far a point is from the middle between where it was and where it will be, twice; on the mean.
    """

    iou: float
    least_iou: float
    least_frame: FrameNumber
    points: int
    keys: int
    motion_px: float
    jitter_px: float


def shapes_out_of(mattes: MatteOf, tolerance_px: float, most_points: int, name: str, told: Told = _to_nobody) -> Fitted:
    """Shapes for these frames, one matte in memory at a time.

    Args:
        told: how far it is, 0-1; what it raises ends the work.

    Raises:
        ExportError: a frame has no matte, or what is asked cannot be. PenumbraError: one has nothing in it.
    """
    if most_points < LEAST_POINTS or not 0 < tolerance_px < np.inf:
        raise ExportError("Shapes", why="need four points or more, and a tolerance above 0")
    found = {}
    share = OF_OUTLINES / (OF_OUTLINES + OF_FITTING)
    for done, (frame, get) in enumerate(mattes.items()):
        told(share * done / len(mattes))
        matte = get()
        if matte is None:
            raise ExportError(f"Frame {frame}", why="has no current matte", hint="Propagate, or choose other frames.")
        found[frame] = outlines(matte.float32(), matte.window.x0, matte.window.y0)
    return fit_shapes(found, tolerance_px, most_points, name, lambda part: told(share + (1 - share) * part))


def drawn(shapes: tuple[RotoShape, ...], frame: FrameNumber, window: Window) -> Float32:
    """The coverage of shapes that add, less those that subtract: (H, W) of the window."""
    coverage = np.zeros(window.shape, np.float32)
    for shape in shapes:
        inside = area(flattened(shape.at(frame)), window)
        coverage = np.maximum(coverage, inside) if shape.role is not Role.SUBTRACT else coverage * (1 - inside)
    return coverage


def score(shapes: tuple[RotoShape, ...], mattes: MatteOf, told: Told = _to_nobody) -> ShapeScore:
    """The shapes, rasterized again, against the mattes they came from."""
    ious = {}
    for done, (frame, get) in enumerate(mattes.items()):
        told(done / len(mattes))
        matte = get()
        if matte is None:
            continue
        one, other = drawn(shapes, frame, matte.window) > 0.5, matte.float32() > 0.5
        ious[frame] = float((one & other).sum() / max(1, int((one | other).sum())))
    frames = sorted(mattes)
    places = np.concatenate(
        [np.array([[point.numbers[:2] for point in shape.at(frame)] for frame in frames]) for shape in shapes], axis=1
    )
    moves, turns = np.diff(places, axis=0), np.diff(places, n=2, axis=0)
    worst = min(ious, key=ious.__getitem__)
    return ShapeScore(
        float(np.mean(list(ious.values()))),
        ious[worst],
        worst,
        sum(shape.count for shape in shapes),
        max(len(shape.frames) for shape in shapes),
        _mean_length(moves),
        _mean_length(turns),
    )


def _mean_length(steps: np.typing.NDArray[np.float64]) -> float:
    return float(np.hypot(steps[..., 0], steps[..., 1]).mean()) if steps.size else 0.0


def sentence(name: str, fitted: Fitted, told: ShapeScore, count: int, tolerance_px: float) -> str:
    """What came of a fit, for the artist.

    Args:
        name: of what was made.
        count: of the frames.
    """
    shapes = counted(len(fitted.shapes), "shape")
    text = (
        f"{name}: {shapes}, {told.points} points, {told.keys} of {count} frames are keys; drawn again they cover what"
        f" the mattes do to {told.iou:.1%} (worst {told.least_iou:.1%}, frame {told.least_frame})."
    )
    if fitted.worst_px > tolerance_px:
        text += f" The points do not suffice everywhere: one place is {fitted.worst_px:.1f} px off. Allow more."
    if fitted.left_out:
        text += f" {fitted.left_out} small or passing pieces and holes were left out."
    return text


def write_shapes(path: Path, shapes: tuple[RotoShape, ...], form: Format, frames: FrameRange) -> None:
    """A file of the kind its name ends in, whole or as it was before.

    Raises:
        ExportError: the ending, or the disk.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ExportError(path, why="ends in nothing that holds shapes", hint=f"Choose {', '.join(ENDINGS)}.")
    if ending == ".nk":
        text = nuke_roto(shapes, form)
    else:
        text = svg(shapes, form, frames) if ending == ".svg" else shapes_json(shapes, form)
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise ExportError(path, why=cause(error), hint=remedy(error)) from error


def read_shapes(path: Path, form: Format) -> NukeShapes:
    """The shapes of a `.nk` or `.json`, and what of it was not understood.

    Raises:
        PenumbraError: it cannot be read, or holds no shapes.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = cause(error) if isinstance(error, OSError) else "it is not text"
        raise PenumbraError(path, why=f"could not be read, {why}", hint=NUKE_OR_JSON) from error
    if path.suffix.lower() == ".svg":
        raise PenumbraError(path, why="an SVG has no key frames to read", hint=NUKE_OR_JSON)
    try:
        found = NukeShapes(shapes_of_json(text)) if path.suffix.lower() == ".json" else shapes_of_nuke(text, form)
    except PenumbraError as error:
        of_all = error.subject in ("The script", "The file")
        raise PenumbraError(
            path, why=error.why if of_all else f"{error.subject} {error.why}", hint=error.hint or NUKE_OR_JSON
        ) from error
    if not found.shapes:
        unread = f" ({', '.join(found.unread)})" if found.unread else ""
        raise PenumbraError(path, why=f"holds no shape that can be read{unread}", hint="Only closed Beziers are read.")
    return found
