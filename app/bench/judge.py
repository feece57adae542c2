"""What the window would know of a sequence's mattes: the same measuring, the same expected error, the same order.

What was measured of pictures is kept, so that mattes which were renewed cost only what is new of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

import numpy as np

from app.bench.propagate import TrueSequence
from app.measuring import Case, Judged, Measuring
from core.arrays import Float32
from core.frames import FrameNumber
from core.geometry import Format, Window
from core.layer import LayerId
from core.matte import Matte
from core.picture import Picture

LAYER: Final = LayerId("subject")


class Judge:
    """One sequence's."""

    def __init__(self, sequence: TrueSequence) -> None:
        height, width = sequence.shape()
        self._sequence = sequence
        self._window = Window.of_size(width, height)
        self._mattes: dict[str, Float32] = {}
        self._round = 0
        self._measuring = Measuring(lambda key: Matte(self._window, self._mattes[key]), self._read)

    def judged(
        self, mattes: Mapping[FrameNumber, Float32], keys: Set[FrameNumber], confidence: Mapping[FrameNumber, float]
    ) -> Judged:
        """Facts of every matte, and the frames in the order that they are worth a look; `keys` are not offered."""
        self._round += 1
        named = {frame: f"{self._round}/{frame}" for frame in sorted(mattes)}
        self._mattes = {named[frame]: matte for frame, matte in mattes.items()}
        case = Case(LAYER, self._sequence.name, self._window, named, frozenset(keys), confidence)
        for frame in named:
            self._measuring.look(case, frame)
        return self._measuring.judged(case)

    def _read(self, frame: FrameNumber) -> Picture:
        rgba = np.ones((*self._window.shape, 4), np.float32)
        rgba[..., :3] = self._sequence.rgb(frame)
        return Picture(rgba, self._window, Format(self._window))
