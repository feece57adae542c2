"""Key frames → the mattes of other frames, by motion alone or together with a network that was taught.

Knows frames, motion and an `Eye`; knows no torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import numpy as np

from core.arrays import Float32
from core.errors import Cancelled, EngineError, FrameError
from core.frames import FrameNumber
from inference.model import FrameSource, Propagated
from inference.motion.chain import Carried, Chains
from inference.motion.edge import at_plate_size, by_color
from inference.motion.flow import Motion, exposure_gain, sized, visible
from inference.motion.kept_flows import KeptFlows
from inference.motion.memory import WORTH_ASKING, Appearance, Memory, Witness

NEAR_FRAMES: Final = 6.0
"""Over about so many frames from a key frame motion loses its say against a taught network."""
MOST_WEIGHT: Final = 4.0
SURE: Final = 0.003
"""Nobody is surer than this."""
LEAST_TRUST: Final = 0.02
"""What motion counts for where nothing is left of its trust."""
MEMORY: Final = 0.5
"""What a perfect memory counts where motion never finds the way from key frame to key frame."""
SAME_EDGE: Final = 0.25
OTHER_THING: Final = 0.6
"""By so much a place's coverage may differ from motion's about the same edge, and by so much about another thing."""
RECENT_FROM: Final = 4
"""Frames away from a key frame from which on recent frames are remembered too."""
AT_EDGE: Final = 0.3
"""What memory counts at an edge that motion has as well."""


class Eye(Protocol):
    """Something that was taught what the layer looks like."""

    @property
    def long_edge_px(self) -> int:
        """The size it looks at pictures in."""

    def look(self, rgb: Float32) -> Float32:
        """(h, w, 3) scene-linear → coverage (h, w) 0-1."""


class Propagation:
    """One call's worth: the keys, the motion between frames, and the ways to the keys."""

    def __init__(
        self,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        motion_px: int,
        cancelled: Callable[[], bool],
        kept: KeptFlows | None = None,
        appearance: Appearance | None = None,
    ) -> None:
        """`kept`: flows of earlier requests, which are looked up and added to; `appearance`: what memory sees with."""
        if not keys:
            raise EngineError("Propagation", "there is no key frame to begin at", "Click the subject in one frame.")
        self._source = source
        self._keys = keys
        self._cancelled = cancelled
        self._agreed: dict[FrameNumber, float] = {}
        self._gain = self._shot_gain(motion_px)
        self._motion = Motion(source, motion_px, self._gain, kept=kept)
        height, width = source.shape()
        scale = min(1.0, motion_px / max(height, width))
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        self._chains = Chains(self._motion, keys, size, cancelled)
        self._motion_px = motion_px
        self._memory = None if appearance is None else Memory(appearance, source, keys, cancelled)

    def carried(self, frames: Sequence[FrameNumber]) -> Iterator[Propagated]:
        """By motion; where it is lost, by what the key frames look like."""
        for frame in self._wanted(frames):
            carried = self._chains.blended(frame, self._source.shape())
            if carried is None:
                continue
            coverage = self._remembered(frame, carried)
            yield Propagated(frame, coverage, confidence(carried, coverage))

    def _remembered(self, frame: FrameNumber, carried: Carried) -> Float32:
        """The motion's coverage, with what the key frames beside look like where motion is lost."""
        if self._memory is None:
            return carried.coverage
        keys = self._chains.nearest(frame)
        say = memory_say(carried, self._memory.reliability(keys), self._chains.reliability(frame))
        counts = say / (carried.trust + LEAST_TRUST + say)
        recalled = self._memory.recalled(frame, keys, carried.coverage, counts, self._recent(frame, keys))
        if recalled is None:
            return carried.coverage
        say = say * sized(recalled.familiar * differs(carried.coverage, recalled.coverage), say.shape)
        seen = visible(self._source.rgb(frame, self._motion_px), self._gain)
        heard = (say > WORTH_ASKING * (carried.trust + LEAST_TRUST + say)).astype(np.float32)
        asked = sized(heard, (seen.shape[0], seen.shape[1])) > 0.0
        return remembered(carried, sized(by_color(recalled.coverage, seen, asked), carried.coverage.shape), say)

    def _recent(self, frame: FrameNumber, keys: Sequence[FrameNumber]) -> list[Witness]:
        """The frames half-way to the key frames beside, where the subject looks more like itself than in the keys.

        They depend on the keys beside alone, whichever frames are asked for.
        """
        found = []
        reliable = np.float32(self._chains.reliability(frame) ** 2)
        for key in keys:
            between = key + int((frame - key) / 2)
            if abs(frame - key) < RECENT_FROM:
                continue
            carried = self._chains.carried(between, key, self._chains.size)
            if carried is not None:
                found.append(Witness(between, carried.coverage, reliable * carried.trust))
        return found

    def taught(self, frames: Sequence[FrameNumber], eye: Eye, motion_weight: float) -> Iterator[Propagated]:
        """By the taught network, which motion may correct where it can be trusted."""
        self._agreed.clear()
        for frame in self._wanted(frames):
            try:
                rgb = self._source.rgb(frame, eye.long_edge_px)
            except FrameError:
                continue
            seen = eye.look(rgb)
            standing = self._standing(self._chains.nearest(frame), eye)
            carried = self._chains.blended(frame, (seen.shape[0], seen.shape[1]), standing)
            fused = seen
            if carried is not None and motion_weight > 0.0:
                fused = fuse(seen, carried, self._chains.reliability(frame), motion_weight)
            coverage = self._full(frame, rgb, fused)
            yield Propagated(frame, coverage, _agreement(seen, carried, fused))

    def _standing(self, keys: Sequence[FrameNumber], eye: Eye) -> Mapping[FrameNumber, float]:
        """How far the taught network agrees with the key frames' mattes, against the one it agrees with most.

        A frame that was only clicked, and not well, disagrees with those that were painted.
        """
        for key in keys:
            if key not in self._agreed:
                try:
                    seen = eye.look(self._source.rgb(key, eye.long_edge_px))
                except FrameError:
                    continue
                self._agreed[key] = _alike(seen, sized(self._keys[key], (seen.shape[0], seen.shape[1])))
        best = max(self._agreed.values(), default=1.0)
        return {key: (agreed / best) ** 4 if best > 0.0 else 1.0 for key, agreed in self._agreed.items()}

    def _wanted(self, frames: Sequence[FrameNumber]) -> Iterator[FrameNumber]:
        for frame in dict.fromkeys(frames):
            if self._cancelled():
                raise Cancelled
            if frame not in self._keys:
                yield frame

    def _full(self, frame: FrameNumber, rgb: Float32, coverage: Float32) -> Float32:
        if coverage.shape == self._source.shape():
            return coverage
        full = visible(self._source.rgb(frame), self._gain)
        return at_plate_size(coverage, visible(rgb, self._gain), full)

    def _shot_gain(self, long_edge_px: int) -> float:
        """One exposure for all frames, from the first key frame that can be read, in whole stops.

        In whole stops, so that another first key frame hardly ever gives another one: motion is then found again.
        """
        for key in sorted(self._keys):
            try:
                return float(2.0 ** round(math.log2(exposure_gain(self._source.rgb(key, long_edge_px)))))
            except FrameError:
                continue
        return 1.0


def fuse(seen: Float32, carried: Carried, reliability: float, motion_weight: float) -> Float32:
    """The network's coverage and the motion's, weighed: motion counts near key frames and where it is trusted.

    Weighed as odds, so that the surer one wins; all (h, w) 0-1, and both soft gives soft.

    Args:
        reliability: 0-1, how well motion carries the matte of one key frame to the next.
        motion_weight: 0-1, as the artist set it.
    """
    near = float(np.exp(-carried.distance / NEAR_FRAMES)) + reliability**2
    blind = 0.3 * reliability**2
    weight = np.float32(MOST_WEIGHT * motion_weight * near) * (blind + (1.0 - blind) * carried.trust)
    odds = (_log_odds(seen) + weight * _log_odds(carried.coverage)) / (1.0 + weight)
    coverage = 1.0 / (1.0 + np.exp(-odds))
    return np.asarray(np.clip((coverage - 2.0 * SURE) / (1.0 - 4.0 * SURE), 0.0, 1.0), np.float32)


def memory_say(carried: Carried, memory: float, motion: float) -> Float32:
    """(h, w): what memory counts against motion's trust, from how reliable both are on the key frames, 0-1.

    Where motion finds the way from key frame to key frame, it knows the edge better than memory, whose places are
    coarse: even there where it does not trust itself.
    """
    return np.asarray(np.float32(MEMORY * memory * (1.0 - motion)) * (1.0 - carried.trust), np.float32)


def differs(coverage: Float32, recalled: Float32) -> Float32:
    """(h, w), of the size of `recalled`, `AT_EDGE`-1: whether memory means another thing than motion, or an edge beside
    motion's: one that lies within a place says nothing, for memory sees no more."""
    gap = np.abs(recalled - sized(coverage, recalled.shape))
    return np.asarray(np.clip((gap - SAME_EDGE) / (OTHER_THING - SAME_EDGE), AT_EDGE, 1.0), np.float32)


def remembered(carried: Carried, recalled: Float32, say: Float32) -> Float32:
    """The motion's coverage with memory's, which counts `say` against the trust in motion; as odds. All (h, w)."""
    known = carried.trust + np.float32(LEAST_TRUST)
    speaks = np.asarray((say > WORTH_ASKING * (known + say)) & (np.maximum(carried.coverage, recalled) > SURE))
    rows, columns = np.flatnonzero(speaks.any(axis=1)), np.flatnonzero(speaks.any(axis=0))
    if not len(rows):
        return carried.coverage
    part = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    odds = known[part] * _log_odds(carried.coverage[part]) + say[part] * _log_odds(recalled[part])
    fused = 1.0 / (1.0 + np.exp(-odds / (known[part] + say[part])))
    # As far from 0 and 1 as motion was: what it is sure of stays exactly so.
    fused = np.clip((fused - SURE) / (1.0 - 2.0 * SURE), 0.0, 1.0)
    coverage = carried.coverage.copy()
    coverage[part] = np.where(speaks[part], fused, carried.coverage[part])
    return coverage


def _log_odds(coverage: Float32) -> Float32:
    kept = np.clip(coverage, SURE, 1.0 - SURE)
    return np.asarray(np.log(kept / (1.0 - kept)), np.float32)


def confidence(carried: Carried, coverage: Float32) -> float:
    """How sure to be of `coverage` (h, w), made of what was carried: trust in the way, and what is left of its answer.

    Memory is the weaker witness: what only it speaks for makes nobody surer, and is to be looked at first.
    """
    return carried.reached if coverage is carried.coverage else carried.reached * _alike(carried.coverage, coverage)


def _alike(one: Float32, other: Float32) -> float:
    """Soft intersection over union, 0-1; 1 where both are empty."""
    either = float(np.maximum(one, other).sum())
    return float(np.minimum(one, other).sum()) / either if either > 1.0 else 1.0


def _agreement(seen: Float32, carried: Carried | None, fused: Float32) -> float:
    """How sure the network is, how far motion says the same, and how far the subject's way could be followed.

    Where motion is lost it says something else, or nothing: then the network stands alone, and counts for less than
    where both were asked.
    """
    subject = fused > 0.25
    if not subject.any():
        return 0.5
    sure = float(np.abs(2.0 * seen[subject] - 1.0).mean())
    if carried is None:
        return 0.25 * sure
    return 0.25 * sure * (1.0 + _alike(seen, carried.coverage)) * (1.0 + carried.reached)
