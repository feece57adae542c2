"""What a public network's mask decoder is given for corrected frames: made once, and taught from many times.

The eye and the memory are not taught. So a corrected frame is looked at once, with the other ones remembered as
key frames; what reaches the decoder is kept. Each is seen mirrored as well; a lone frame is recalled from its own
mirror image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

from core.arrays import Float32
from core.errors import Cancelled, EngineError, FrameError
from core.frames import FrameNumber
from inference.model import FrameSource, Lesson
from inference.models.promptable.following import Following
from inference.models.promptable.networks import Networks
from inference.training.evaluate import held_out_region
from inference.training.exam import unseen_frame
from inference.training.prepared import DECIDED_WEIGHT

MOST: Final = 16
"""Corrected frames that are taught from, and approved ones that are asked: each, and its mirror image, takes about
16 MB of memory. Of more, these are spread evenly over the shot."""


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """One frame as it reaches the decoder.

    Args:
        frame: of the plate.
        given: the decoder's arguments by name.
        coverage: (h, w) 0-1, what it should answer, at the size of its masks.
        weight: (h, w), how much each pixel counts in teaching; in an exam 1 where it is asked.
    """

    frame: FrameNumber
    given: Mapping[str, Any]
    coverage: Tensor
    weight: Tensor


@dataclass(slots=True)
class Situations:
    """Of one lesson: what is taught, what is only asked, and a frame to look at; `unseen` may be empty."""

    taught: list[Situation] = field(default_factory=list)
    held_out: list[Situation] = field(default_factory=list)
    approved: list[Situation] = field(default_factory=list)
    unseen: list[Situation] = field(default_factory=list)

    def gather(
        self,
        networks: Networks,
        source: FrameSource,
        lessons: Sequence[Lesson],
        gain: float,
        cancelled: Callable[[], bool],
    ) -> Iterator[None]:
        """Look at one frame after another; others may have the machine between.

        Raises EngineError where every frame is held out, FrameError where the picture of a corrected frame is missing,
        Cancelled between frames.
        """
        trained = _spread([lesson for lesson in lessons if not lesson.held_out and not lesson.approved])
        asked = [lesson for lesson in lessons if lesson.held_out]
        if not trained:
            raise EngineError("Teaching", "every corrected frame is held out", "Correct one more frame.")
        keys = {lesson.frame: lesson.coverage for lesson in trained}
        eye = _Eye(networks, source, keys, [lesson.frame for lesson in lessons], gain, cancelled)
        region = None if asked or len(keys) < 2 else held_out_region(trained)
        for lesson in asked:
            self.held_out.append(eye.see(lesson.frame, lesson.coverage, np.ones_like(lesson.coverage)))
            yield
        for place, lesson in enumerate(trained):
            weight = np.full(lesson.coverage.shape, lesson.weight, np.float32)
            if lesson.decided is not None:
                weight *= 1.0 + (DECIDED_WEIGHT - 1.0) * lesson.decided
            hidden = np.zeros_like(weight)
            if region is not None and region[0] == place:
                hidden[region[1]] = 1.0
                weight[region[1]] = 0.0
            seen = eye.see(lesson.frame, lesson.coverage, weight)
            if hidden.any():
                self.held_out.append(eye.weighed(seen, hidden))
            self.taught.append(seen)
            yield
            self.taught.append(eye.see(lesson.frame, lesson.coverage, weight, mirrored=True))
            yield
        for lesson in _spread([lesson for lesson in lessons if lesson.approved]):
            with suppress(FrameError):
                self.approved.append(eye.see(lesson.frame, lesson.coverage, np.ones_like(lesson.coverage)))
            yield
        between = unseen_frame(sorted(lesson.frame for lesson in lessons))
        if between is not None:
            nothing = np.zeros(source.shape(), np.float32)
            with suppress(FrameError):
                self.unseen.append(eye.see(between, nothing, nothing))


def _spread(lessons: Sequence[Lesson]) -> list[Lesson]:
    """`MOST` of them at most, evenly over the shot."""
    ordered = sorted(lessons, key=lambda lesson: lesson.frame)
    if len(ordered) <= MOST:
        return ordered
    return [ordered[round(place * (len(ordered) - 1) / (MOST - 1))] for place in range(MOST)]


class _Eye:
    """Looks at frames with the key frames remembered."""

    def __init__(
        self,
        networks: Networks,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        frames: Sequence[FrameNumber],
        gain: float,
        cancelled: Callable[[], bool],
    ) -> None:
        self._networks = networks
        self._lens = networks.lens(networks.video)
        self._keys = keys
        self._cancelled = cancelled
        self._views = _BothWays(source, max(frames) + 1, max(frames) - min(frames) + 1)
        place = self._views.place
        both = {place(frame): coverage for frame, coverage in keys.items()}
        both |= {place(frame, mirrored=True): _mirror(coverage) for frame, coverage in keys.items()}
        self._following = Following(networks, self._views, both, gain, cancelled)

    def see(self, frame: FrameNumber, coverage: Float32, weight: Float32, *, mirrored: bool = False) -> Situation:
        """(H, W) each; `mirrored`: the picture and both of them, left and right exchanged. Raises Cancelled."""
        if self._cancelled():
            raise Cancelled
        place = self._views.place
        others = [key for key in self._keys if key != frame]
        remembered = [place(key, mirrored=mirrored) for key in others] or [place(frame, mirrored=not mirrored)]
        with _overheard(self._networks.video.mask_decoder) as heard:
            self._following.look_once(place(frame, mirrored=mirrored), remembered)
        said = (_mirror(coverage), _mirror(weight)) if mirrored else (coverage, weight)
        return Situation(frame, _plain(heard), self._small(said[0]), self._small(said[1]))

    def weighed(self, seen: Situation, weight: Float32) -> Situation:
        """The same with other weights, (H, W)."""
        return replace(seen, weight=self._small(weight))

    def _small(self, values: Float32) -> Tensor:
        return self._lens.small(values)[0, 0].to(self._networks.device)


class _BothWays:
    """A `FrameSource` of twice the frames: as they are, and later mirrored, each as far from the others as they are.

    Args:
        first: where the mirrored frames begin; no frame as it is lies there or beyond.
        away: how far a mirrored frame is from its own.
    """

    def __init__(self, source: FrameSource, first: FrameNumber, away: int) -> None:
        self._source, self._first, self._away = source, first, away

    def place(self, frame: FrameNumber, *, mirrored: bool = False) -> FrameNumber:
        return frame + self._away if mirrored else frame

    def shape(self) -> tuple[int, int]:
        return self._source.shape()

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        if frame < self._first:
            return self._source.rgb(frame, long_edge_px)
        return _mirror(self._source.rgb(frame - self._away, long_edge_px))


def _mirror(values: Float32) -> Float32:
    return np.ascontiguousarray(values[:, ::-1])


@contextmanager
def _overheard(decoder: nn.Module) -> Iterator[dict[str, Any]]:
    """What a decoder was last given inside, by name."""
    heard: dict[str, Any] = {}

    def listen(_decoder: nn.Module, _given: tuple[Any, ...], named: dict[str, Any]) -> None:
        heard.clear()
        heard.update(named)

    hook = decoder.register_forward_pre_hook(listen, with_kwargs=True)
    try:
        yield heard
    finally:
        hook.remove()


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same numbers as tensors that can be taught through: those of inference cannot."""
    return {name: _cloned(value) for name, value in given.items()}


def _cloned(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return [_cloned(each) for each in value]
    return value
