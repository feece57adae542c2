"""The learned segmenter: prompts to the matte of one frame, on a CPU, with a network of our own.

The plate is reduced and looked at once (`encode`). Prompts are then replayed in their order (`steps.py`), each with
the answer before it as the previous matte; the states after each are remembered, so that a next click costs one step.
At the end the outline is brought to the plate's resolution. The answer depends on the picture, the prompts, the
previous matte and the options only; everything remembered is a cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import torch

from core.arrays import Float32
from core.prompts import Prompt
from inference.model import Cancelled as CancelledCheck
from inference.model import Options, SegmentModel
from inference.models.segment import reduced
from inference.models.segment.asked import begun, check, keep, scaled, under_prompts, unprompted
from inference.models.segment.edge import PlateEdge
from inference.models.segment.replay import Replay
from inference.models.select import weights
from inference.models.select.network import ClickNet
from inference.models.select.settling import settled
from inference.models.select.sight import Looks
from inference.models.select.steps import TOUCH_SIZE, Ground, State, apply

_FINE_PX = 1024
"""Longer edge of the picture the selection lives on between prompts."""


@dataclass(slots=True, eq=False)
class EncodedFrame:
    """One frame, ready for prompts. `steps` remembers states by the prompts that led to them."""

    ground: Ground
    edge: PlateEdge
    steps: Replay[State] = field(default_factory=Replay)
    lock: Lock = field(default_factory=Lock)

    @property
    def nbytes(self) -> int:
        """About what it holds in memory: the plate, the fine picture, features, remembered answers."""
        height, width = self.ground.shape
        return int(self.edge.nbytes + self.ground.looks.nbytes + height * width * 4 * (3 + len(self.steps)))

    @property
    def plate_shape(self) -> tuple[int, int]:
        height, width = self.edge.rgb.shape[:2]
        return height, width


class LearnedSegmenter:
    """Implements `inference.model.SegmentModel`."""

    def __init__(self, network: ClickNet) -> None:
        self._network = weights.rounded(network)
        self._awake: set[tuple[int, int]] = set()

    def encode(self, rgb: Float32, options: Options) -> EncodedFrame:
        """Everything that does not depend on prompts.

        Args:
            rgb: (H, W, 3) float32, scene-linear, finite, any range.
        """
        fine = reduced.reduce(rgb, _FINE_PX)
        gain = reduced.exposure(fine)
        with _one_thread():
            looks = Looks(self._network, rgb, fine, gain, int(options.get("working_px", 320)))
            self._wake(looks)
        return EncodedFrame(Ground(looks, fine, gain), PlateEdge(rgb, gain))

    def _wake(self, looks: Looks) -> None:
        """The first answer at a size takes twice as long as all later ones, while instructions are put together for
        it: that is done here, where no hand waits, and once for each size."""
        size = looks.whole.padded
        if size not in self._awake:
            self._awake.add(size)
            looks.ask(looks.whole, [])
            for part in (1.0, TOUCH_SIZE):
                looks.rehearse(part)

    def segment(
        self,
        encoded: object,
        prompts: Sequence[Prompt],
        previous: Float32 | None,
        options: Options,
        cancelled: CancelledCheck,
    ) -> tuple[Float32, float]:
        """(H, W) coverage and a confidence; with the option `quick` from the whole picture only, without fitting.

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
        with encoded.lock, _one_thread():
            start, origin = begun(previous, encoded.ground.shape)
            small = self._replay(encoded, prompts, start, origin, options, cancelled).coverage
            shown = settled(small)
            if options.get("quick"):
                full = np.asarray(cv2.resize(shown, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
            else:
                full = encoded.edge.bring(shown, float(options.get("softness", 0.5)), cancelled)
        if previous is not None:
            full = keep(previous, full, start, small)
        return under_prompts(full, prompts), _confidence(small)

    @staticmethod
    def _replay(
        encoded: EncodedFrame,
        prompts: Sequence[Prompt],
        start: Float32,
        origin: str,
        options: Options,
        cancelled: CancelledCheck,
    ) -> State:
        """A quick answer is one step's: the prompts before the last are answered in full."""
        reach, quick = float(options.get("reach", 1.0)), bool(options.get("quick", False))
        scale_x = start.shape[1] / encoded.plate_shape[1]
        scale_y = start.shape[0] / encoded.plate_shape[0]
        told = [scaled(prompt, scale_x, scale_y) for prompt in prompts]
        last = len(prompts) - 1
        keys = [(origin, reach, quick and number == last, *prompts[: number + 1]) for number in range(len(prompts))]

        def step(number: int, state: State) -> State:
            return apply(encoded.ground, state, told[: number + 1], reach, quick=quick and number == last)

        return encoded.steps.run(keys, State(start), step, cancelled)


def _confidence(small: Float32) -> float:
    """How far from a half the coverage is over the subject, 0-1; 0 for an empty answer."""
    subject = small > 0.25
    return float(np.abs(2.0 * small[subject] - 1.0).mean()) if subject.any() else 0.0


@contextmanager
def _one_thread() -> Iterator[None]:
    """A network so small answers quickest on one core; what else the process computes keeps its threads."""
    before = torch.get_num_threads()
    if before != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if before != 1:
            torch.set_num_threads(before)


def create(folder: Path) -> SegmentModel:
    """The model of the weights in `folder`."""
    return LearnedSegmenter(weights.read(folder / weights.FILE))
