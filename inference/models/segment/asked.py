"""What prompts mean on a picture of some size, for segmenters of any kind: which are refused, and what they fix."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32
from core.errors import PromptError
from core.geometry import Window
from core.prompts import Box, Click, Prompt, Stroke
from inference.models.segment.selection import footprint


def begun(previous: Float32 | None, shape: tuple[int, int]) -> tuple[Float32, str]:
    """Where the prompts begin: (h, w) the previous matte at the size of the selection, and a name for it."""
    if previous is None:
        return np.zeros(shape, np.float32), ""
    size = (shape[1], shape[0])
    start = np.asarray(cv2.resize(previous.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    return start, hashlib.sha256(start.tobytes()).hexdigest()


def unprompted(previous: Float32 | None) -> Float32:
    """The answer where nothing is said. Raises PromptError where there is no previous matte either."""
    if previous is None:
        raise PromptError("The selection", "no click, box or stroke was given", "Click on the subject.")
    return previous.astype(np.float32, copy=True)


def check(prompt: Prompt, width: int, height: int) -> None:
    """Refuse a prompt that cannot mean a pixel."""
    hint = f"Prompts must lie inside the {width} x {height} picture."
    if isinstance(prompt, Click):
        if not (math.isfinite(prompt.x) and math.isfinite(prompt.y)):
            raise PromptError("A click", "its place is not a number", hint)
        if not (0 <= prompt.x < width and 0 <= prompt.y < height):
            raise PromptError("A click", f"({prompt.x:g}, {prompt.y:g}) is outside the picture", hint)
    elif isinstance(prompt, Box):
        if not all(math.isfinite(value) for value in (prompt.x0, prompt.y0, prompt.x1, prompt.y1)):
            raise PromptError("A box", "its corners are not numbers", hint)
        if prompt.empty:
            raise PromptError("A box", "it has no area", "Drag from one corner to the other.")
        if prompt.x1 <= 0 or prompt.y1 <= 0 or prompt.x0 >= width or prompt.y0 >= height:
            raise PromptError("A box", "it is outside the picture", hint)
    else:
        if not prompt.points:
            raise PromptError("A stroke", "it has no points", "Draw it again.")
        if not all(math.isfinite(point.x) and math.isfinite(point.y) for point in prompt.points):
            raise PromptError("A stroke", "a point of it is not a number", hint)
        if not any(0 <= point.x < width and 0 <= point.y < height for point in prompt.points):
            raise PromptError("A stroke", "all of it is outside the picture", hint)


def scaled(prompt: Prompt, scale_x: float, scale_y: float) -> Prompt:
    """The same prompt in pixels of another size."""
    if isinstance(prompt, Box):
        return Box(prompt.x0 * scale_x, prompt.y0 * scale_y, prompt.x1 * scale_x, prompt.y1 * scale_y)
    if isinstance(prompt, Click):
        return replace(prompt, x=prompt.x * scale_x, y=prompt.y * scale_y)
    points = tuple(replace(point, x=point.x * scale_x, y=point.y * scale_y) for point in prompt.points)
    return replace(prompt, points=points, radius_px=prompt.radius_px * (scale_x + scale_y) / 2)


def _moved(prompt: Click | Stroke, dx: float, dy: float) -> Click | Stroke:
    """The same mark elsewhere."""
    if isinstance(prompt, Click):
        return replace(prompt, x=prompt.x + dx, y=prompt.y + dy)
    return replace(prompt, points=tuple(replace(p, x=p.x + dx, y=p.y + dy) for p in prompt.points))


def keep(previous: Float32, full: Float32, start: Float32, small: Float32) -> Float32:
    """`previous` bit for bit where the prompts changed nothing nearby, `full` elsewhere; a new array."""
    touched = cv2.dilate((start != small).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    result = previous.astype(np.float32, copy=True)
    down, across = (np.flatnonzero(touched.any(axis=1 - axis)) for axis in (0, 1))
    if len(down):
        rows, ys = _pixels(down, full.shape[0], small.shape[0])
        columns, xs = _pixels(across, full.shape[1], small.shape[1])
        np.copyto(result[rows, columns], full[rows, columns], where=touched[np.ix_(ys, xs)])
    return result


def _pixels(touched: npt.NDArray[np.intp], length: int, small: int) -> tuple[slice, npt.NDArray[np.intp]]:
    """From the first to the last plate pixel of small ones along a side, and which small one each of them is in."""
    at = np.minimum((np.arange(length) * (small / length)).astype(np.intp), small - 1)
    first, last = np.searchsorted(at, [touched[0], touched[-1] + 1])
    return slice(int(first), int(last)), at[first:last]


def under_prompts(full: Float32, prompts: Sequence[Prompt]) -> Float32:
    """The plate's pixels right under a click, and along the core of a stroke, on the side that was asked for."""
    height, width = full.shape
    for prompt in prompts:
        if isinstance(prompt, Box):
            continue
        if isinstance(prompt, Click):
            reach = Window(int(prompt.x) - 3, int(prompt.y) - 3, int(prompt.x) + 4, int(prompt.y) + 4)
        else:
            reach = prompt.bounds()
        seen = reach.intersect(Window.of_size(width, height))
        if not seen.empty:
            marked = footprint(_moved(prompt, -seen.x0, -seen.y0), seen.shape)
            full[seen.y0 : seen.y1, seen.x0 : seen.x1][marked] = float(prompt.adds)
    return full
