"""What the key frames look like, place by place, remembered for good: where is the subject, wherever it went?

Each place of a frame is compared with every place of every key frame, and takes the coverage of those it is most like.
Every frame is asked for itself: nothing drifts, and what left the picture and came back is found. Knows arrays and an
`Appearance`; knows no network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import numpy as np

from core.arrays import Float32
from core.errors import Cancelled, FrameError
from core.frames import FrameNumber
from inference.model import FrameSource
from inference.motion.flow import sized

ALIKE: Final = 20
"""So many of the most similar places have a say."""
SHARPNESS: Final = 50.0
"""How much more the more similar ones say."""
UNKNOWN_RELIABILITY: Final = 0.3
"""Of the memory of a single key frame, which nothing can be compared with."""


class Appearance(Protocol):
    """What places of a picture look like."""

    def places(self, rgb: Float32) -> Float32:
        """(H, W, 3) scene-linear → (h, w, d); two places look alike where their vectors lie near each other."""

    @property
    def long_edge_px(self) -> int:
        """The size it looks at pictures in."""


class Memory:
    """The places of all key frames that can be read."""

    def __init__(
        self,
        appearance: Appearance,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """`keys`: (H, W) coverage 0-1. Raises Cancelled between two of them."""
        self._appearance = appearance
        self._source = source
        self._places: dict[FrameNumber, Float32] = {}
        self._coverage: dict[FrameNumber, Float32] = {}
        for key, coverage in sorted(keys.items()):
            if cancelled():
                raise Cancelled
            seen = self._seen(key)
            if seen is not None:
                self._places[key] = seen.reshape(-1, seen.shape[-1])
                self._coverage[key] = sized(coverage, (seen.shape[0], seen.shape[1])).ravel()
        self.reliability = self._reliability()

    def recalled(self, frame: FrameNumber) -> Float32 | None:
        """(h, w) coverage 0-1, coarse; None where the frame or every key frame cannot be read."""
        seen = self._seen(frame)
        return None if seen is None or not self._places else self._recall(seen, list(self._places))

    def _seen(self, frame: FrameNumber) -> Float32 | None:
        try:
            return self._appearance.places(self._source.rgb(frame, self._appearance.long_edge_px))
        except FrameError:
            return None

    def _recall(self, seen: Float32, keys: list[FrameNumber]) -> Float32:
        places = np.concatenate([self._places[key] for key in keys])
        coverage = np.concatenate([self._coverage[key] for key in keys])
        alike = 2.0 * seen.reshape(-1, seen.shape[-1]) @ places.T - np.square(places).sum(axis=1)
        count = min(ALIKE, alike.shape[1])
        nearest = np.argpartition(alike, -count, axis=1)[:, -count:]
        likeness = np.take_along_axis(alike, nearest, axis=1)
        say = np.exp(np.float32(SHARPNESS) * (likeness - likeness.max(axis=1, keepdims=True)))
        recalled = (say * coverage[nearest]).sum(axis=1) / say.sum(axis=1)
        return np.asarray(recalled, np.float32).reshape(seen.shape[:2])

    def _reliability(self) -> float:
        """How well each key frame is recalled from the others: the mean intersection over union, 0-1."""
        if len(self._places) < 2:
            return UNKNOWN_RELIABILITY
        found = []
        for key, truth in self._coverage.items():
            others = [other for other in self._places if other != key]
            recalled = self._recall(self._places[key][None], others)[0]
            either = float(np.maximum(recalled, truth).sum())
            found.append(float(np.minimum(recalled, truth).sum()) / either if either > 0.0 else 1.0)
        return float(np.mean(found))
