"""Key frames → other frames, by a network that remembers: from each key outward, forward and backward.

Every frame belongs to its nearest key and is reached by walking from there; up to four keys are remembered on each
walk. What is remembered of a walk depends on the keys and the frames in between only, so that a walk that is begun
again gives the same answers. Knows the network through its session only; knows no files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from core.arrays import Float32
from core.errors import Cancelled, FrameError
from core.frames import FrameNumber
from inference.model import FrameSource
from inference.models.promptable.lens import Lens
from inference.models.promptable.networks import Networks

MOST_KEYS: Final = 4
"""Keys remembered on one walk; these networks were trained with no more."""


@dataclass(frozen=True, slots=True)
class Walk:
    """From `key` to the frames of `way`, in this order: each the next or previous of the one before."""

    key: FrameNumber
    way: tuple[FrameNumber, ...]

    @property
    def backward(self) -> bool:
        return self.way[0] < self.key


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """One frame: its picture (H, W, 3), the network's logits (h, w), and how sure it is that the thing is there."""

    frame: FrameNumber
    rgb: Float32
    logits: torch.Tensor
    presence: float


def walks(keys: Sequence[FrameNumber], wanted: Sequence[FrameNumber]) -> list[Walk]:
    """The ways that reach all of `wanted`, the one to the first wanted frame first."""
    ends: dict[tuple[FrameNumber, int], FrameNumber] = {}
    for frame in wanted:
        key = min(keys, key=lambda key: (abs(key - frame), key > frame))
        if key == frame:
            continue
        step = 1 if frame > key else -1
        known = ends.get((key, step), key)
        ends[key, step] = max(known, frame) if step > 0 else min(known, frame)
    return [Walk(key, tuple(range(key + step, end + step, step))) for (key, step), end in ends.items()]


@dataclass(slots=True)
class Following:
    """One call's worth of following.

    Args:
        gain: exposure of what the network sees, one for all frames.
        taught: the mask decoder with an adapter on it; it answers, and remembers, all frames but the keys.
    """

    networks: Networks
    source: FrameSource
    keys: Mapping[FrameNumber, Float32]
    gain: float
    cancelled: Callable[[], bool]
    taught: torch.nn.Module | None = None
    _lens: Lens = field(init=False)
    _session: Any = field(init=False)
    _remembered: dict[FrameNumber, dict[str, Any] | None] = field(default_factory=dict)
    _first: FrameNumber = 0

    def __post_init__(self) -> None:
        self._lens = self.networks.lens(self.networks.video)
        self._session = self.networks.memory()
        self._session.obj_id_to_idx(1)

    def follow(self, wanted: Sequence[FrameNumber]) -> Iterator[Followed]:
        """Every frame of `wanted` that has a picture, walk by walk."""
        self._first = min((*self.keys, *wanted))
        asked = frozenset(wanted)
        for walk in walks(sorted(self.keys), wanted):
            if not self._begin(walk):
                continue
            for frame in walk.way:
                if self.cancelled():
                    raise Cancelled
                try:
                    rgb = self.source.rgb(frame)
                except FrameError:
                    continue
                with self._decoding():
                    answer = self._look(frame, rgb, backward=walk.backward)
                self._forget(frame)
                if frame in asked:
                    presence = float(torch.sigmoid(answer.object_score_logits.float()).flatten()[0])
                    yield Followed(frame, rgb, answer.pred_masks[0, 0].float().cpu(), presence)

    def look_once(self, frame: FrameNumber, keys: Sequence[FrameNumber]) -> None:
        """Look at a frame with the nearest of `keys` remembered and nothing in between.

        Raises FrameError where its picture is missing.
        """
        self._first = min((*self.keys, frame))
        self._recall(keys, frame)
        nearest = min(keys, key=lambda key: (abs(key - frame), key))
        self._look(frame, self.source.rgb(frame), backward=frame < nearest)

    def _begin(self, walk: Walk) -> bool:
        """An empty memory but for the keys nearest to the walk's own; False where none has a picture."""
        return self._recall(list(self.keys), walk.key)

    def _recall(self, keys: Sequence[FrameNumber], near: FrameNumber) -> bool:
        nearest = sorted(keys, key=lambda key: (abs(key - near), key))[:MOST_KEYS]
        known = {self._place(key): kept for key in nearest if (kept := self._remember(key)) is not None}
        self._session.output_dict_per_obj[0] = {"cond_frame_outputs": known, "non_cond_frame_outputs": {}}
        self._session.frames_tracked_per_obj[0] = {}
        return bool(known)

    def _remember(self, key: FrameNumber) -> dict[str, Any] | None:
        """What the network keeps of a key frame and its matte; made once."""
        if key not in self._remembered:
            if self.cancelled():
                raise Cancelled
            try:
                rgb = self.source.rgb(key)
            except FrameError:
                self._remembered[key] = None
                return None
            place = self._place(key)
            self._session.add_mask_inputs(0, place, self._lens.key_mask(self.keys[key]))
            self._session.obj_with_new_inputs = [1]
            self._session.output_dict_per_obj[0] = {"cond_frame_outputs": {}, "non_cond_frame_outputs": {}}
            self._session.frames_tracked_per_obj[0] = {}
            self._look(key, rgb, backward=False)
            self._session.remove_mask_inputs(0, place)
            self._remembered[key] = _lean(self._session.output_dict_per_obj[0]["cond_frame_outputs"][place])
        return self._remembered[key]

    @contextmanager
    def _decoding(self) -> Iterator[None]:
        """The taught decoder in the place of the network's own."""
        network = self.networks.video
        own = network.mask_decoder
        network.mask_decoder = self.taught or own
        try:
            yield
        finally:
            network.mask_decoder = own

    def _look(self, frame: FrameNumber, rgb: Float32, *, backward: bool) -> Any:
        place = self._place(frame)
        pixels = self._lens.pixels(rgb, self.gain)
        with torch.inference_mode(), self.networks.quick():
            answer = self.networks.video(self._session, frame=pixels, frame_idx=place, reverse=backward)
        self._session.processed_frames.pop(place)
        return answer

    def _forget(self, frame: FrameNumber) -> None:
        """Keep of the walk what later frames may look back at, and of that only what they look at."""
        seen = self._session.output_dict_per_obj[0]["non_cond_frame_outputs"]
        place = self._place(frame)
        seen[place] = _lean(seen[place])
        config = self.networks.video.config
        reach = max(int(config.num_maskmem), int(config.max_object_pointers_in_encoder))
        for old in [other for other in seen if abs(other - place) > reach]:
            del seen[old]

    def _place(self, frame: FrameNumber) -> int:
        """Frames counted from 0: the networks take a negative number for no frame."""
        return frame - self._first


def _lean(output: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in output.items() if name not in ("high_res_masks", "pred_masks")}
