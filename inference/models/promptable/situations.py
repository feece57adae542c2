"""What a public network's mask decoder is given for corrected frames: made once, and taught from many times.

The eye and the memory are not taught. So a corrected frame is looked at once, with the other ones remembered as
key frames; what reaches the decoder is kept. Each is seen mirrored as well; a lone frame is recalled from its own
mirror image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

from core.arrays import Float32
from core.errors import EngineError
from core.frames import FrameNumber
from inference.model import FrameSource, Lesson
from inference.models.promptable.following import Following
from inference.models.promptable.networks import Networks
from inference.training.evaluate import held_out_region
from inference.training.exam import unseen_frame
from inference.training.prepared import DECIDED_WEIGHT

MOST: Final = 16
"""Corrected frames that are taught from: each, and its mirror image, takes about 16 MB of memory."""


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

    taught: list[Situation]
    held_out: list[Situation]
    approved: list[Situation]
    unseen: list[Situation]


def situations(
    networks: Networks, source: FrameSource, lessons: Sequence[Lesson], gain: float, cancelled: Callable[[], bool]
) -> Situations:
    """Raises EngineError where every frame is held out, Cancelled between frames."""
    authored = [lesson for lesson in lessons if not lesson.approved][:MOST]
    keys = {lesson.frame: lesson.coverage for lesson in authored if not lesson.held_out}
    if not keys:
        raise EngineError("Teaching", "every corrected frame is held out", "Correct one more frame.")
    eye = _Eye(networks, source, keys, gain, cancelled)
    found = Situations([], [], [], [])
    region = None if any(lesson.held_out for lesson in lessons) or len(keys) < 2 else held_out_region(authored)
    for place, lesson in enumerate(authored):
        whole = np.ones_like(lesson.coverage)
        if lesson.held_out:
            found.held_out.append(eye.see(lesson.frame, lesson.coverage, whole))
            continue
        weight = np.full_like(whole, lesson.weight)
        if lesson.decided is not None:
            weight *= 1.0 + (DECIDED_WEIGHT - 1.0) * lesson.decided
        seen = eye.see(lesson.frame, lesson.coverage, weight)
        if region is not None and region[0] == place:
            hidden = np.zeros_like(whole)
            hidden[region[1]] = 1.0
            found.held_out.append(eye.weighed(seen, hidden))
            weight[region[1]] = 0.0
            seen = eye.weighed(seen, weight)
        found.taught += [seen, eye.see(lesson.frame, lesson.coverage, weight, mirrored=True)]
    for lesson in lessons:
        if lesson.approved:
            found.approved.append(eye.see(lesson.frame, lesson.coverage, np.ones_like(lesson.coverage)))
    between = unseen_frame(sorted(lesson.frame for lesson in lessons))
    if between is not None:
        nothing = np.zeros(source.shape(), np.float32)
        found.unseen.append(eye.see(between, nothing, nothing))
    return found


class _Eye:
    """Looks at frames with the key frames remembered."""

    def __init__(
        self,
        networks: Networks,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        gain: float,
        cancelled: Callable[[], bool],
    ) -> None:
        self._networks = networks
        self._lens = networks.lens(networks.video)
        self._keys = keys
        both = {_place(frame): coverage for frame, coverage in keys.items()}
        both |= {_place(frame, mirrored=True): _mirror(coverage) for frame, coverage in keys.items()}
        self._following = Following(networks, _BothWays(source), both, gain, cancelled)

    def see(self, frame: FrameNumber, coverage: Float32, weight: Float32, *, mirrored: bool = False) -> Situation:
        """(H, W) each; `mirrored`: the picture and both of them, left and right exchanged."""
        others = [key for key in self._keys if key != frame]
        remembered = [_place(key, mirrored=mirrored) for key in others] or [_place(frame, mirrored=not mirrored)]
        with _overheard(self._networks.video.mask_decoder) as heard:
            self._following.look_once(_place(frame, mirrored=mirrored), remembered)
        said = (_mirror(coverage), _mirror(weight)) if mirrored else (coverage, weight)
        return Situation(frame, _plain(heard), self._small(said[0]), self._small(said[1]))

    def weighed(self, seen: Situation, weight: Float32) -> Situation:
        """The same with other weights, (H, W)."""
        return replace(seen, weight=self._small(weight))

    def _small(self, values: Float32) -> Tensor:
        return self._lens.small(values)[0, 0].to(self._networks.device)


class _BothWays:
    """A `FrameSource` of twice the frames: each as it is, and mirrored; see `_place`."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    def shape(self) -> tuple[int, int]:
        return self._source.shape()

    def rgb(self, frame: FrameNumber, long_edge_px: int | None = None) -> Float32:
        picture = self._source.rgb(frame // 2, long_edge_px)
        return _mirror(picture) if frame % 2 else picture


def _place(frame: FrameNumber, *, mirrored: bool = False) -> FrameNumber:
    return 2 * frame + mirrored


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
