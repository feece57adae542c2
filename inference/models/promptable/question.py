"""Clicks, boxes and strokes as one question to a promptable network. Knows prompts and the lens; no network.

All prompts of the frame are asked at once. A stroke is clicks along its way. One box goes together with all clicks.
Several boxes are several things, asked side by side: each with the subtracting clicks, and with those adding ones
that lie in it or nearest to it; the answers are joined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from core.arrays import Float32
from core.errors import PromptError
from core.prompts import Box, Click, Prompt, Stroke
from inference.models.promptable.lens import Lens

PADDING = -10
"""The label of a point that is none: networks of this kind skip it."""
MOST_OF_STROKE = 8
CLICK_PX = 3
"""A click's own pixels are as it said, so far around it."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a network is given.

    Args:
        points: (1, things, points, 2), or None; `labels`: (1, things, points): 1 adds, 0 subtracts, -10 is padding.
        boxes: (1, things, 4), or None.
        ambiguous: one adding click and nothing else: a part or a whole may be meant.
    """

    points: torch.Tensor | None
    labels: torch.Tensor | None
    boxes: torch.Tensor | None
    ambiguous: bool


def adds_something(prompts: Sequence[Prompt]) -> bool:
    """Whether any prompt says what belongs to the layer."""
    return any(isinstance(prompt, Box) or prompt.adds for prompt in prompts)


def ask(prompts: Sequence[Prompt], lens: Lens, shape: tuple[int, int]) -> Question:
    """All prompts, in pixels of a picture of `shape`. Raises PromptError for one that means no pixel of it."""
    boxes = [_inside(prompt, shape) for prompt in prompts if isinstance(prompt, Box)]
    clicks = [click for prompt in prompts if not isinstance(prompt, Box) for click in _clicks(prompt, shape)]
    things: list[list[Click]] = [[] for _ in boxes] or [[]]
    for click in clicks:
        for thing in [_nearest(boxes, click)] if click.adds and len(boxes) > 1 else range(len(things)):
            things[thing].append(click)
    points = labels = None
    if clicks:
        most = max(len(thing) for thing in things)
        xy = [[lens.place(click.x, click.y, shape) for click in thing] for thing in things]
        said = [[int(click.adds) for click in thing] for thing in things]
        points = torch.tensor([[row + [(PADDING, PADDING)] * (most - len(row)) for row in xy]], dtype=torch.float32)
        labels = torch.tensor([[row + [PADDING] * (most - len(row)) for row in said]], dtype=torch.int64)
    corners = None
    if boxes:
        ends = [(*lens.place(box.x0, box.y0, shape), *lens.place(box.x1, box.y1, shape)) for box in boxes]
        corners = torch.tensor([ends], dtype=torch.float32)
    return Question(points, labels, corners, not boxes and len(clicks) == 1 and clicks[0].adds)


def honour(coverage: Float32, prompts: Sequence[Prompt]) -> Float32:
    """The pixels right under a click, and along a stroke's middle, as was said there; the newest prompt last."""
    for prompt in prompts:
        if isinstance(prompt, Click):
            cv2.circle(coverage, (int(prompt.x), int(prompt.y)), CLICK_PX, float(prompt.adds), thickness=-1)
        elif isinstance(prompt, Stroke):
            way = np.array([[int(point.x), int(point.y)] for point in prompt.points], np.int32)
            cv2.polylines(coverage, [way], False, float(prompt.adds), thickness=max(1, int(prompt.radius_px)))
    return coverage


def along(stroke: Stroke, shape: tuple[int, int]) -> list[Click]:
    """Clicks evenly along a stroke's way: about one every two widths of the brush, one at least, eight at most."""
    way = np.array([(point.x, point.y) for point in stroke.points], np.float64)
    steps = np.hypot(*np.diff(way, axis=0).T) if len(way) > 1 else np.zeros(0)
    length = float(steps.sum())
    apart = max(4.0 * stroke.radius_px, max(shape) / 32.0)
    count = int(np.clip(round(length / apart), 1, MOST_OF_STROKE))
    at = (np.arange(count) + 0.5) / count * length
    done = np.concatenate([[0.0], np.cumsum(steps)])
    xs, ys = np.interp(at, done, way[:, 0]), np.interp(at, done, way[:, 1])
    return [Click(float(x), float(y), stroke.adds) for x, y in zip(xs, ys, strict=True)]


def _clicks(prompt: Click | Stroke, shape: tuple[int, int]) -> list[Click]:
    name = "A click" if isinstance(prompt, Click) else "A stroke"
    clicks = [prompt] if isinstance(prompt, Click) else along(prompt, shape) if prompt.points else []
    if not all(math.isfinite(click.x) and math.isfinite(click.y) for click in clicks):
        raise PromptError(name, "its place is not a number", "Draw it again.")
    inside = [click for click in clicks if 0 <= click.x < shape[1] and 0 <= click.y < shape[0]]
    if not inside:
        why = f"lies outside the {shape[1]} x {shape[0]} picture"
        raise PromptError(name, why, "Prompts must lie inside the picture.")
    return inside


def _inside(box: Box, shape: tuple[int, int]) -> Box:
    """The part of a box that lies in the picture."""
    corners = (box.x0, box.y0, box.x1, box.y1)
    height, width = shape
    if not all(math.isfinite(value) for value in corners):
        raise PromptError("A box", "its corners are not numbers", "Draw it again.")
    seen = Box(max(box.x0, 0.0), max(box.y0, 0.0), min(box.x1, float(width)), min(box.y1, float(height)))
    if seen.empty:
        raise PromptError("A box", "it has no area in the picture", "Drag from one corner to the other.")
    return seen


def _nearest(boxes: Sequence[Box], click: Click) -> int:
    def away(box: Box) -> float:
        across = max(box.x0 - click.x, 0.0, click.x - box.x1)
        down = max(box.y0 - click.y, 0.0, click.y - box.y1)
        return math.hypot(across, down)

    return min(range(len(boxes)), key=lambda number: away(boxes[number]))
