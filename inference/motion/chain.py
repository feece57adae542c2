"""Carry the mattes of key frames to other frames along the motion.

Displacements are added up from frame to key, and the key's matte is looked up once, so edges do not blur with
the length of the way. Knows no network.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.arrays import Float32
from core.errors import Cancelled
from core.frames import FrameNumber
from inference.motion.flow import Motion, grid, sampled, sized

KEPT_REACHES: Final = 192
"""Ways kept for the next frame to continue: about 1.5 MB each at 480 px."""

UNKNOWN_RELIABILITY: Final = 0.4


@dataclass(frozen=True, slots=True)
class Reach:
    """The way from a frame to a key frame: where each pixel lies there, and how far to trust that, 0-1."""

    to: Float32
    trust: Float32
    steps: int


@dataclass(frozen=True, slots=True)
class Carried:
    """The answer of motion alone: coverage 0-1, how far to trust it, 0-1, both (h, w), and how many frames it came."""

    coverage: Float32
    trust: Float32
    distance: int
    reached: float = 1.0
    """How far to trust the way of the subject, 0-1: of the key frame that is reached best."""


class Chains:
    """Ways from any frame to the nearest key frames on both sides."""

    def __init__(
        self, motion: Motion, keys: Mapping[FrameNumber, Float32], size: tuple[int, int], cancelled: Callable[[], bool]
    ) -> None:
        """`keys`: coverage at any one size; `size`: (h, w) of the working pictures."""
        self._motion = motion
        self._keys = keys
        self.size = size
        self._cancelled = cancelled
        self._reliable: dict[tuple[FrameNumber, FrameNumber], float] = {}
        self._reaches: OrderedDict[tuple[FrameNumber, FrameNumber], Reach] = OrderedDict()

    def nearest(self, frame: FrameNumber) -> tuple[FrameNumber, ...]:
        """The key frames a frame is reached from: the last before it and the first after it."""
        before = [key for key in self._keys if key < frame]
        after = [key for key in self._keys if key > frame]
        return (*([max(before)] if before else []), *([min(after)] if after else []))

    def reach(self, frame: FrameNumber, key: FrameNumber) -> Reach | None:
        """The way from `frame` to `key`; frames in between that cannot be read are stepped over.

        None when `frame` itself cannot be read. Raises Cancelled between two frames.
        """
        step = 1 if frame > key else -1
        start = frame
        while start != key and (start, key) not in self._reaches:
            start -= step
        height, width = self.size
        reach = (
            Reach(np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32), 0)
            if start == key
            else self._reaches[start, key]
        )
        last = start
        for number in range(start + step, frame + step, step):
            if self._cancelled():
                raise Cancelled
            flow = self._motion.between(number, last)
            if flow is None:
                continue
            x, y = grid(height, width)
            at_x, at_y = x + flow.to[..., 0], y + flow.to[..., 1]
            onward = cv2.remap(reach.to, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            trust = np.minimum(sampled(reach.trust, at_x, at_y), 0.98) * flow.trust
            reach = Reach(flow.to + onward, trust, reach.steps + 1)
            self._reaches[number, key] = reach
            last = number
            while len(self._reaches) > KEPT_REACHES:
                self._reaches.popitem(last=False)
        return reach if last == frame else None

    def carried(self, frame: FrameNumber, key: FrameNumber, size: tuple[int, int]) -> Carried | None:
        """One key's matte brought to `frame`, at `size` (h, w): the key's own pixels, looked up once."""
        reach = self.reach(frame, key)
        if reach is None:
            return None
        height, width = size
        x, y = grid(height, width)
        scale_x, scale_y = width / self.size[1], height / self.size[0]
        to = sized(reach.to, size)
        coverage = self._keys[key]
        key_x = (x + 0.5 + to[..., 0] * scale_x) * (coverage.shape[1] / width) - 0.5
        key_y = (y + 0.5 + to[..., 1] * scale_y) * (coverage.shape[0] / height) - 0.5
        carried = cv2.remap(
            coverage,
            key_x.astype(np.float32),
            key_y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return Carried(carried.astype(np.float32, copy=False), sized(reach.trust, size), abs(frame - key))

    def blended(
        self, frame: FrameNumber, size: tuple[int, int], standing: Mapping[FrameNumber, float] | None = None
    ) -> Carried | None:
        """Both sides' answers, weighted by nearness and by trust at every pixel; None when there is no way.

        `standing`: how far to trust each key frame's matte itself, 0-1; fully where it is not said.
        """
        ways = [(key, self.carried(frame, key, size)) for key in self.nearest(frame)]
        found = [(key, carried) for key, carried in ways if carried is not None]
        if not found:
            return None
        total = np.zeros(size, np.float32)
        weights = np.zeros(size, np.float32)
        best = np.zeros(size, np.float32)
        for key, carried in found:
            stands = np.float32(1.0 if standing is None else max(standing.get(key, 1.0), 0.01))
            weight = stands * (carried.trust + 0.02) / (abs(frame - key) + 0.5)
            total += weight * carried.coverage
            weights += weight
            best = np.maximum(best, stands * carried.trust)
        coverage = total / weights
        if len(found) == 2:
            gap = np.abs(found[0][1].coverage - found[1][1].coverage)
            best = best * (1.0 - 0.5 * gap)
        distance = min(carried.distance for _, carried in found)
        reached = max(_on_subject(carried) for _, carried in found)
        return Carried(coverage.astype(np.float32), best.astype(np.float32), distance, reached)

    def reliability(self, frame: FrameNumber) -> float:
        """How well motion carries one key's matte to the next, around `frame`: intersection over union, 0-1.

        `UNKNOWN_RELIABILITY` where there is no second key, or no way between the two.
        """
        keys = sorted(self._keys)
        if len(keys) < 2:
            return UNKNOWN_RELIABILITY
        place = min(max(sum(key < frame for key in keys), 1), len(keys) - 1)
        pair = (keys[place - 1], keys[place])
        if pair not in self._reliable:
            self._reliable[pair] = self._overlap(*pair)
        return self._reliable[pair]

    def _overlap(self, key: FrameNumber, other: FrameNumber) -> float:
        carried = self.carried(other, key, self.size)
        if carried is None:
            return UNKNOWN_RELIABILITY
        truth = sized(self._keys[other], self.size)
        either = float(np.maximum(carried.coverage, truth).sum())
        return float(np.minimum(carried.coverage, truth).sum()) / either if either else 1.0


def _on_subject(carried: Carried) -> float:
    """The mean trust over the subject and its edge; over the whole picture where there is no subject."""
    subject = carried.coverage > 0.05
    return float(carried.trust[subject].mean() if subject.any() else carried.trust.mean())
