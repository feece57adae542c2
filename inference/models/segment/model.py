"""The embedded segmenter: prompts to the matte of one frame, on a CPU, without weights.

A picture is reduced and divided into regions once (`encode`). Prompts are then replayed in their order over the
regions, each a small cut (`selection.py`); the answers after each prompt are remembered, so that a next click costs
one step. At the end the outline is brought to the plate's resolution (`edge.py`). The answer depends on the picture,
the prompts, the previous matte and the options only; everything remembered is a cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from core.arrays import Float32
from core.prompts import Prompt
from inference.model import Cancelled as CancelledCheck
from inference.model import Options, SegmentModel
from inference.models.segment import reduced
from inference.models.segment.asked import begun, check, keep, scaled, under_prompts, unprompted
from inference.models.segment.edge import PlateEdge
from inference.models.segment.replay import Replay
from inference.models.segment.selection import apply_prompt
from inference.models.segment.views import Views

_FINE_PX = 1024
"""Longer edge of the picture the selection lives on between prompts."""


@dataclass(slots=True, eq=False)
class EncodedFrame:
    """One frame, ready for prompts. `steps` remembers small coverages by the prompts that led to them."""

    views: Views
    edge: PlateEdge
    steps: Replay[Float32] = field(default_factory=Replay)
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
            check(prompt, width, height)
        if not prompts:
            return unprompted(previous), 1.0
        with encoded.lock:
            start, origin = begun(previous, encoded.views.shape)
            small = self._replay(encoded, prompts, start, origin, float(options.get("reach", 1.0)), cancelled)
            if options.get("quick"):
                full = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
            else:
                full = encoded.edge.bring(small, float(options.get("softness", 0.5)), cancelled)
        if previous is not None:
            full = keep(previous, full, start, small)
        return under_prompts(full, prompts), _confidence(encoded.views, small)

    @staticmethod
    def _replay(
        encoded: EncodedFrame,
        prompts: Sequence[Prompt],
        start: Float32,
        origin: str,
        reach: float,
        cancelled: CancelledCheck,
    ) -> Float32:
        scale_x = start.shape[1] / encoded.plate_shape[1]
        scale_y = start.shape[0] / encoded.plate_shape[0]
        told = [scaled(prompt, scale_x, scale_y) for prompt in prompts]
        keys = [(origin, reach, *prompts[: length + 1]) for length in range(len(prompts))]

        def step(number: int, small: Float32) -> Float32:
            return apply_prompt(encoded.views, small, told[: number + 1], reach)

        return encoded.steps.run(keys, start, step, cancelled)


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
