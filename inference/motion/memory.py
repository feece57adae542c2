"""What the key frames look like, place by place, remembered for good: where is the subject, wherever it went?

Each place of a frame is compared with every place of the key frames beside it, and takes the coverage of those it is
most like. Only of those: a matte is named by the key frames beside it, and may depend on no other. Recent frames, on
the way from these key frames, are witnesses too, for as much as motion trusts what it brought to them.
Every frame is asked for itself: nothing drifts, and what left the picture and came back is found. Knows arrays and an
`Appearance`; knows no network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from core.arrays import Float32
from core.errors import Cancelled, FrameError
from core.frames import FrameNumber
from inference.model import FrameSource
from inference.motion.flow import sized

SHARPNESS: Final = 100.0
"""How much more the more similar places say."""
LEAST_SAY: Final = -30.0
"""Logarithm of what a place says that is like nothing; less is not counted with."""
UNKNOWN_RELIABILITY: Final = 0.3
"""Of the memory of a single key frame, which nothing can be compared with."""
WORTH_ASKING: Final = 0.01
"""Where the answer counts for less than this part, memory is not asked."""


LEAST_TRUST: Final = 0.1
"""Places of a recent frame whose coverage motion trusts less are not remembered."""
SOME: Final = 3
"""Of so many places one is asked to find out how reliable memory is."""
STRANGE: Final = 0.1
"""How far a place may lie from all that is remembered: there memory says e times less."""
ALIENATION: Final = 0.25
"""What is like nothing remembered is not the subject, by this power of how familiar it is."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The answer of memory, (h, w) each, coarse: coverage 0-1, and how far it knows what it sees, 0-1."""

    coverage: Float32
    familiar: Float32


@dataclass(frozen=True, slots=True)
class Witness:
    """A frame that nobody corrected, and what motion says of it, (h, w) each, 0-1: coverage, and its trust in it."""

    frame: FrameNumber
    coverage: Float32
    trust: Float32


@dataclass(frozen=True, slots=True)
class Known:
    """Places (n, d) whose coverage (n,) is known; `counts` (n,): the logarithm of what they say against a key frame's,
    which say 1 where it is None."""

    places: Float32
    coverage: Float32
    counts: Float32 | None = None


class Appearance(Protocol):
    """What places of a picture look like."""

    def places(self, rgb: Float32) -> Float32:
        """(H, W, 3) scene-linear → (h, w, d); two places look alike where their vectors lie near each other."""

    @property
    def long_edge_px(self) -> int:
        """The size it looks at pictures in."""


class Memory:
    """The places of key frames; each is looked at when it is first asked for."""

    def __init__(
        self,
        appearance: Appearance,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """`keys`: (H, W) coverage 0-1."""
        self._appearance = appearance
        self._source = source
        self._keys = keys
        self._cancelled = cancelled
        self._begun = False
        self._known: dict[FrameNumber, Known | None] = {}
        self._reliable: dict[tuple[FrameNumber, ...], float] = {}

    def recalled(
        self,
        frame: FrameNumber,
        keys: Sequence[FrameNumber],
        otherwise: Float32 | None = None,
        counts: Float32 | None = None,
        recent: Sequence[Witness] = (),
    ) -> Recalled | None:
        """What `keys` say of a frame; None where the frame or every one of them cannot be read.

        Args:
            recent: frames on the way from the keys, which say something too.
            otherwise: (H, W) 0-1, taken where memory is not worth asking.
            counts: (H, W) 0-1, how much its answer will count; everywhere where it is not said. Both, or none.

        Raises Cancelled.
        """
        if not self._begun:  # whatever is asked first, the first key frame is seen first: all are exposed like it
            self._begun = True
            next((key for key in sorted(self._keys) if self._of(key) is not None), None)
        seen = self._seen(frame)
        known = [found for key in keys if (found := self._of(key)) is not None]
        if seen is None or not known:
            return None
        known += [found for witness in recent if (found := self._witnessed(witness)) is not None]
        shape = seen.shape[:2]
        places = seen.reshape(-1, seen.shape[-1])
        if otherwise is None or counts is None:
            otherwise, counts = np.zeros(shape, np.float32), np.ones(shape, np.float32)
        asked = (sized(counts, shape) > WORTH_ASKING).ravel()
        coverage = sized(otherwise, shape).ravel().copy()
        familiar = np.ones_like(coverage)
        if asked.any():
            coverage[asked], familiar[asked] = _recall(places[asked], known)
        return Recalled(coverage.reshape(shape), familiar.reshape(shape))

    def reliability(self, keys: Sequence[FrameNumber]) -> float:
        """How well each of these key frames is recalled from the others: the mean intersection over union, 0-1."""
        known = {key: found for key in keys if (found := self._of(key)) is not None}
        readable = tuple(known)
        if len(readable) < 2:
            return UNKNOWN_RELIABILITY
        if readable not in self._reliable:
            overlaps = []
            for key, remembered in known.items():
                truth = remembered.coverage[::SOME]
                recalled, _ = _recall(remembered.places[::SOME], [known[other] for other in readable if other != key])
                either = float(np.maximum(recalled, truth).sum())
                overlaps.append(float(np.minimum(recalled, truth).sum()) / either if either > 0.0 else 1.0)
            self._reliable[readable] = float(np.mean(overlaps))
        return self._reliable[readable]

    def _of(self, key: FrameNumber) -> Known | None:
        """A key frame's places; None where it cannot be read."""
        if key not in self._known:
            if self._cancelled():
                raise Cancelled
            seen = self._seen(key)
            if seen is None:
                self._known[key] = None
            else:
                coverage = sized(self._keys[key], (seen.shape[0], seen.shape[1])).ravel()
                self._known[key] = Known(seen.reshape(-1, seen.shape[-1]), coverage)
        return self._known[key]

    def _witnessed(self, witness: Witness) -> Known | None:
        """Its places that can be trusted."""
        seen = self._seen(witness.frame)
        if seen is None:
            return None
        size = (seen.shape[0], seen.shape[1])
        trust = sized(witness.trust, size).ravel()
        sure = trust > LEAST_TRUST
        if not sure.any():
            return None
        places = seen.reshape(-1, seen.shape[-1])
        return Known(places[sure], sized(witness.coverage, size).ravel()[sure], np.log(trust[sure]))

    def _seen(self, frame: FrameNumber) -> Float32 | None:
        try:
            return self._appearance.places(self._source.rgb(frame, self._appearance.long_edge_px))
        except FrameError:
            return None


def _recall(asked: Float32, known: Sequence[Known]) -> tuple[Float32, Float32]:
    """(n, d) places → coverage and how familiar they are, (n,) 0-1: the coverage is the mean of all remembered places,
    of which the most similar say the most."""
    places = np.concatenate([each.places for each in known])
    coverage = np.concatenate([each.coverage for each in known])
    counts = np.concatenate([np.zeros_like(each.coverage) if each.counts is None else each.counts for each in known])
    say = asked @ (np.float32(2.0 * SHARPNESS) * places).T
    say += counts - np.float32(SHARPNESS) * np.square(places).sum(axis=1)
    most = say.max(axis=1)
    say -= most[:, None]
    np.maximum(say, np.float32(LEAST_SAY), out=say)
    np.exp(say, out=say)
    sums = say @ np.stack([coverage, np.ones_like(coverage)], axis=1)
    away = np.maximum(np.square(asked).sum(axis=1) - most / np.float32(SHARPNESS), 0.0)
    familiar = np.asarray(np.exp(-away / np.float32(STRANGE)), np.float32)
    return np.asarray(sums[:, 0] / sums[:, 1] * familiar**ALIENATION, np.float32), familiar
