"""The embedded segmenter: prompts to the matte of one frame, on a CPU, without weights.

A picture is reduced and divided into regions once (`encode`). Prompts are then replayed in their order over the
regions, each a small cut (`selection.py`); the answers after each prompt are remembered, so that a next click costs
one step. At the end the outline is brought to the plate's resolution (`edge.py`). The answer depends on the picture,
the prompts, the previous matte and the options only; everything remembered is a cache.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from core.arrays import Float32
from core.errors import Cancelled, PromptError
from core.geometry import Window
from core.prompts import Box, Click, Prompt, Stroke
from inference.model import Cancelled as CancelledCheck
from inference.model import Options, SegmentModel
from inference.models.segment import reduced
from inference.models.segment.edge import PlateEdge
from inference.models.segment.selection import apply_prompt, footprint
from inference.models.segment.views import Views

_FINE_PX = 1024
"""Longer edge of the picture the selection lives on between prompts."""
_REMEMBERED = 48


@dataclass(slots=True, eq=False)
class EncodedFrame:
    """One frame, ready for prompts. `steps` remembers small coverages by the prompts that led to them."""

    views: Views
    edge: PlateEdge
    steps: OrderedDict[tuple[object, ...], Float32] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    @property
    def nbytes(self) -> int:
        """About what it holds in memory: the plate, the fine picture, remembered answers."""
        return int(2 * self.edge.rgb.nbytes + self.views.fine.nbytes * (1 + len(self.steps) / 3))

    @property
    def plate_shape(self) -> tuple[int, int]:
        height, width = self.edge.rgb.shape[:2]
        return height, width


class ClassicalSegmenter:
    """Implements `inference.model.SegmentModel`."""

    def encode(self, rgb: Float32, options: Options) -> EncodedFrame:
        """Everything that does not depend on prompts.

        Args:
            rgb: (H, W, 3) float32, scene-linear, finite, any range.
        """
        fine = reduced.reduce(rgb, _FINE_PX)
        gain = reduced.exposure(fine)
        return EncodedFrame(Views(fine, gain, int(options.get("working_px", 448))), PlateEdge(rgb, gain))

    def segment(
        self,
        encoded: object,
        prompts: Sequence[Prompt],
        previous: Float32 | None,
        options: Options,
        cancelled: CancelledCheck,
    ) -> tuple[Float32, float]:
        """(H, W) coverage and a confidence; with the option `quick` the outline is only enlarged, not fitted.

        Raises:
            PromptError: nothing was said, or a prompt means no pixel of the picture.
            Cancelled: `cancelled()` became true.
        """
        assert isinstance(encoded, EncodedFrame)
        height, width = encoded.plate_shape
        for prompt in prompts:
            _check(prompt, width, height)
        if not prompts:
            if previous is None:
                raise PromptError("The selection", "no click, box or stroke was given", "Click on the subject.")
            return previous.astype(np.float32, copy=True), 1.0
        with encoded.lock:
            start = self._start(encoded, previous)
            small = self._replay(encoded, prompts, previous, start, float(options.get("reach", 1.0)), cancelled)
            if options.get("quick"):
                full = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
            else:
                full = encoded.edge.bring(small, float(options.get("softness", 0.5)), cancelled)
        if previous is not None:
            full = _keep(previous, full, start, small)
        return _under_prompts(full, prompts), _confidence(encoded.views, small)

    @staticmethod
    def _start(encoded: EncodedFrame, previous: Float32 | None) -> Float32:
        height, width = encoded.views.shape
        if previous is None:
            return np.zeros((height, width), np.float32)
        return np.asarray(
            cv2.resize(previous.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA), np.float32
        )

    @staticmethod
    def _replay(
        encoded: EncodedFrame,
        prompts: Sequence[Prompt],
        previous: Float32 | None,
        start: Float32,
        reach: float,
        cancelled: CancelledCheck,
    ) -> Float32:
        """Prompts one after the other, beginning after the longest beginning that is remembered."""
        origin = hashlib.sha256(start.tobytes()).hexdigest() if previous is not None else ""
        keys = [(origin, reach, *prompts[: length + 1]) for length in range(len(prompts))]
        done, small = 0, start
        for length in range(len(prompts), 0, -1):
            if keys[length - 1] in encoded.steps:
                done, small = length, encoded.steps[keys[length - 1]]
                encoded.steps.move_to_end(keys[length - 1])
                break
        scale_x = small.shape[1] / encoded.plate_shape[1]
        scale_y = small.shape[0] / encoded.plate_shape[0]
        told = [_scaled(prompt, scale_x, scale_y) for prompt in prompts]
        for length in range(done, len(prompts)):
            if cancelled():
                raise Cancelled
            small = apply_prompt(encoded.views, small, told[: length + 1], reach)
            encoded.steps[keys[length]] = small
            if len(encoded.steps) > _REMEMBERED:
                encoded.steps.popitem(last=False)
        return small


def _check(prompt: Prompt, width: int, height: int) -> None:
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


def _scaled(prompt: Prompt, scale_x: float, scale_y: float) -> Prompt:
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


def _keep(previous: Float32, full: Float32, start: Float32, small: Float32) -> Float32:
    """`previous` bit for bit where the prompts changed nothing nearby, `full` elsewhere."""
    touched = cv2.dilate((start != small).astype(np.uint8), np.ones((5, 5), np.uint8))
    size = (previous.shape[1], previous.shape[0])
    changed = cv2.resize(touched, size, interpolation=cv2.INTER_NEAREST).astype(bool)
    return np.where(changed, full, previous.astype(np.float32, copy=False))


def _under_prompts(full: Float32, prompts: Sequence[Prompt]) -> Float32:
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


def _confidence(views: Views, small: Float32) -> float:
    """How much of the outline runs where the picture changes, 0-1; 0 for an empty answer."""
    regions = views.whole.ground.regions
    side = regions.mean(views.whole.take(small)) > 0.5
    outline = side[regions.tail] != side[regions.head]
    if not outline.any():
        return 0.0
    length = regions.length[outline]
    return float((length * (1.0 - regions.affinity[outline])).sum() / length.sum())


def create(folder: Path) -> SegmentModel:  # noqa: ARG001 - a model with weights would read them from its folder
    """The model; `folder` holds the manifest."""
    return ClassicalSegmenter()
