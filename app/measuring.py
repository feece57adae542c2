"""Measure mattes over time, on a worker: pictures made small, motion between them, facts; everything kept by key.

Knows a store of mattes and a way to read frames; knows neither document nor Qt. One thread at a time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Generic, TypeVar

import numpy as np

from core.appearance import Appearance, appearance
from core.arrays import Float32
from core.correct_next import Suggestion, suggestions
from core.errors import FrameError
from core.expected_error import LookAt, queue
from core.frame_facts import FrameFacts, Measurements, Shape, gather
from core.frame_motion import Motion, Sight, motion, sight, work_size
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import LayerId, MatteKey
from core.matte import Matte
from core.matte_facts import (
    Likeness,
    Palette,
    SmallMatte,
    Step,
    chatter_heat,
    likeness,
    palette,
    small_matte,
    step,
)
from core.picture import Picture

KEPT_SIGHTS: Final = 80
"""About 0.6 MB each."""
KEPT_MOTIONS: Final = 24
"""About 2 MB each; the numbers that were measured with them are kept for good."""
KEPT_MATTES: Final = 48
MOST_NUMBERS: Final = 200_000
SUGGESTED: Final = 5
"""So many frames to correct are thought out ahead."""
Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The newest `most` values by key. What could not be made is not remembered: it may come."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value | None]) -> Value | None:
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value = make()
        if value is not None:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True)
class Case:
    """What is to be measured of one layer: a snapshot.

    Args:
        identity: of the plate.
        window: the canvas of the mattes.
        mattes: the key of the matte at every frame that has one.
        key_frames: of the layer, as far as their mattes are known; not the frozen ones, which nobody drew here.
        confidence: where a model said so, 0-1.
        approved: frames that stay as they are.
    """

    layer_id: LayerId
    identity: str
    window: Window
    mattes: Mapping[FrameNumber, MatteKey]
    key_frames: frozenset[FrameNumber]
    confidence: Mapping[FrameNumber, float]
    approved: frozenset[FrameNumber] = frozenset()

    def near_keys(self, frame: FrameNumber) -> list[FrameNumber]:
        """The nearest key frame on each side, `frame` itself alone where it is one."""
        place = bisect_left(self._sorted_keys, frame)
        after = self._sorted_keys[place : place + 1]
        return after if after == [frame] else [*self._sorted_keys[max(0, place - 1) : place], *after]

    @cached_property
    def _sorted_keys(self) -> list[FrameNumber]:
        return sorted(self.key_frames)


@dataclass(frozen=True)
class Judged:
    """What is known of a layer after some frames: facts, the frames in the order they are worth a look, and those that
    are worth correcting."""

    facts: Mapping[FrameNumber, FrameFacts]
    queue: tuple[LookAt, ...]
    suggestions: tuple[Suggestion, ...] = ()


class Measuring:
    """Args: `matte` gives a matte by key or None; `read` a frame of the plate, or raises FrameError."""

    def __init__(self, matte: Callable[[MatteKey], Matte | None], read: Callable[[FrameNumber], Picture]) -> None:
        self._matte = matte
        self._read = read
        self._sights: Recent[Sight] = Recent(KEPT_SIGHTS)
        self._motions: Recent[Motion] = Recent(KEPT_MOTIONS)
        self._mattes: Recent[SmallMatte] = Recent(KEPT_MATTES)
        self._palettes: Recent[Palette] = Recent(KEPT_MATTES)
        self._shapes: dict[Hashable, Shape] = {}
        self._steps: dict[Hashable, Step] = {}
        self._likenesses: dict[Hashable, Likeness | None] = {}
        self._appearances: dict[Hashable, Appearance | None] = {}

    def look(self, case: Case, frame: FrameNumber) -> None:
        """Measure one frame: its matte, against its neighbours, against its key frames. What is known costs nothing."""
        if frame not in case.mattes:
            return
        if len(self._steps) > MOST_NUMBERS:
            for numbers in (self._shapes, self._steps, self._likenesses, self._appearances):
                numbers.clear()
        for other in (frame - 1, frame, frame + 1, *case.near_keys(frame)):
            if other in case.mattes:
                self._shape(case, other)
        self._step(case, frame - 1)
        self._step(case, frame)
        self._appearance(case, frame)
        for key in case.near_keys(frame):
            self._likeness(case, frame, key)

    def judged(self, case: Case) -> Judged:
        """All that is known of this case now."""
        shapes = {frame: shape for frame, key in case.mattes.items() if (shape := self._shapes.get(key)) is not None}
        steps = {}
        likenesses = {}
        for frame in case.mattes:
            pair = self._pair(case, frame)
            if pair is not None and (moved := self._steps.get(pair)) is not None:
                steps[frame] = moved
            for key in case.near_keys(frame):
                like = self._likenesses.get(self._against(case, frame, key))
                if like is not None:
                    likenesses[frame, key] = like
        height, width = work_size(case.window)
        all_of_it = Measurements(shapes, steps, likenesses, float(height * width), case.window.width / width)
        facts = gather(tuple(sorted(case.mattes)), case.key_frames, case.confidence, all_of_it)
        looks = {
            frame: self._appearances[seen]
            for frame in case.mattes
            if (seen := (case.identity, frame, case.mattes[frame])) in self._appearances
        }
        return Judged(facts, queue(facts), suggestions(facts, looks, case.approved, SUGGESTED))

    def heat(self, case: Case, frame: FrameNumber) -> Float32 | None:
        """(h, w) float32 0-1: the mean of the differences to both neighbours; None where there is none to compare."""
        here = self._small(case, frame)
        found = []
        for other in (frame - 1, frame + 1):
            there, moved = self._small(case, other), self._motion(case, min(frame, other))
            if here is not None and there is not None and moved is not None:
                found.append(chatter_heat(here, there, moved if other > frame else moved.turned()))
        return np.asarray(np.mean(found, axis=0), np.float32) if found else None

    # --- what one thing needs of another ------------------------------------------------------------------------

    def _sight(self, case: Case, frame: FrameNumber) -> Sight | None:
        def made() -> Sight | None:
            try:
                return sight(self._read(frame).rgb_over(case.window), case.window)
            except FrameError:
                return None

        return self._sights.get((case.identity, case.window, frame), made)

    def _motion(self, case: Case, frame: FrameNumber) -> Motion | None:
        def made() -> Motion | None:
            here, there = self._sight(case, frame), self._sight(case, frame + 1)
            return None if here is None or there is None else motion(here, there)

        return self._motions.get((case.identity, case.window, frame), made)

    def _small(self, case: Case, frame: FrameNumber) -> SmallMatte | None:
        def made() -> SmallMatte | None:
            matte = self._matte(case.mattes[frame])
            if matte is None:
                return None
            return small_matte(matte, case.window)

        return self._mattes.get(case.mattes[frame], made) if frame in case.mattes else None

    def _shape(self, case: Case, frame: FrameNumber) -> None:
        key = case.mattes[frame]
        if key not in self._shapes:
            small = self._small(case, frame)
            if small is not None:
                self._shapes[key] = Shape(small.area_px, small.edge_px, small.parts)

    def _appearance(self, case: Case, frame: FrameNumber) -> None:
        place = (case.identity, frame, case.mattes[frame])
        if place not in self._appearances:
            seen, small = self._sight(case, frame), self._small(case, frame)
            if seen is not None and small is not None:
                self._appearances[place] = appearance(seen, small)

    def _pair(self, case: Case, frame: FrameNumber) -> Hashable | None:
        """What names the step from `frame` to the next one; None where one of the two has no matte."""
        here, there = case.mattes.get(frame), case.mattes.get(frame + 1)
        return None if here is None or there is None else (case.identity, frame, here, there)

    def _step(self, case: Case, frame: FrameNumber) -> None:
        pair = self._pair(case, frame)
        if pair is None or pair in self._steps:
            return
        here, there = self._small(case, frame), self._small(case, frame + 1)
        moved = self._motion(case, frame) if here is not None and there is not None else None
        if here is not None and there is not None and moved is not None:
            self._steps[pair] = step(here, there, moved)

    def _against(self, case: Case, frame: FrameNumber, key: FrameNumber) -> Hashable:
        return (case.identity, frame, case.mattes.get(frame), key, case.mattes.get(key))

    def _likeness(self, case: Case, frame: FrameNumber, key: FrameNumber) -> None:
        against = self._against(case, frame, key)
        if against in self._likenesses:
            return

        def taught() -> Palette | None:
            seen, small = self._sight(case, key), self._small(case, key)
            return None if seen is None or small is None else palette(seen, small)

        known = self._palettes.get((case.identity, key, case.mattes.get(key)), taught)
        seen, small = self._sight(case, frame), self._small(case, frame)
        if seen is not None and small is not None:
            self._likenesses[against] = None if known is None else likeness(seen, small, known)
