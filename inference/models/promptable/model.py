"""A public promptable network as a model of the engine: prompts → matte, key frames → the shot, and corrected
frames → an adapter.

The network answers at its own size; its logits become coverage, and the plate's own edge is found by the same step
as for the embedded segmenter. An encoding is half precision from the start, so that it is the same number whether
it was kept in memory, read from disk or made just now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch

from core.arrays import Float32
from core.errors import Cancelled, EngineError, FrameError, PromptError
from core.frames import FrameNumber
from core.prompts import Prompt
from inference.model import Cancelled as Poll
from inference.model import FrameSource, Lesson, Options, Propagated, TeachStep
from inference.models.promptable.following import Following
from inference.models.promptable.lens import coverage_of
from inference.models.promptable.low_rank import unpacked
from inference.models.promptable.networks import Networks, family_of
from inference.models.promptable.question import adds_something, ask, honour
from inference.models.promptable.teaching import Plan, teach
from inference.models.segment.edge import PlateEdge
from inference.models.shown import exposure
from inference.training.clock import lesson

HALF_MOST = 65504.0


@dataclass(slots=True, eq=False)
class EncodedFrame:
    """One frame, ready for prompts. `features`: the network's, finest first, half precision."""

    features: list[torch.Tensor]
    edge: PlateEdge

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in self.features) + 2 * self.edge.rgb.nbytes

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.edge.rgb.shape[:2]
        return height, width


class Promptable:
    """Implements `SegmentModel`, `KeepsEncodings`, `PropagateModel` and `TeachModel`."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    # --- one frame --------------------------------------------------------------------------------------------------

    def encode(self, rgb: Float32, options: Options) -> EncodedFrame:
        """The slow half: seconds on a CPU, hundredths on a GPU."""
        gain = exposure(rgb, options)
        network = self._networks.picture
        pixels = self._networks.lens(network).pixels(rgb, gain).to(self._networks.device)
        with torch.inference_mode(), self._networks.quick():
            features = network.get_image_embeddings(pixels)
        kept = [each.float().clamp(-HALF_MOST, HALF_MOST).to("cpu", torch.float16) for each in features]
        return EncodedFrame(kept, PlateEdge(rgb, gain))

    def pack(self, encoded: EncodedFrame) -> bytes:
        """An encoding as safetensors; the picture is not in it."""
        return safetensors.torch.save({str(place): each.contiguous() for place, each in enumerate(encoded.features)})

    def unpack(self, rgb: Float32, packed: bytes, options: Options) -> EncodedFrame:
        """What `pack` gave, with the picture it was made of."""
        told = safetensors.torch.load(packed)
        return EncodedFrame([told[str(place)] for place in range(len(told))], PlateEdge(rgb, exposure(rgb, options)))

    def segment(
        self,
        encoded: EncodedFrame,
        prompts: Sequence[Prompt],
        previous: Float32 | None,
        options: Options,
        cancelled: Poll,
    ) -> tuple[Float32, float]:
        """(H, W) coverage and the network's own estimate of how good it is."""
        if not prompts:
            if previous is None:
                raise PromptError("The selection", "no click, box or stroke was given", "Click on the subject.")
            return previous.astype(np.float32, copy=True), 1.0
        network = self._networks.picture
        lens = self._networks.lens(network)
        question = ask(prompts, lens, encoded.shape)
        if previous is None and not adds_something(prompts):
            return np.zeros(encoded.shape, np.float32), 1.0
        device = self._networks.device
        given = {"input_points": question.points, "input_labels": question.labels, "input_boxes": question.boxes}
        if previous is not None:
            given["input_masks"] = lens.mask_prompt(previous)
        several = question.ambiguous and previous is None
        with torch.inference_mode(), self._networks.quick():
            answer = network(
                image_embeddings=[each.to(device, torch.float32) for each in encoded.features],
                multimask_output=several,
                **{name: value.to(device) for name, value in given.items() if value is not None},
            )
        if cancelled():
            raise Cancelled
        logits, confidence = _chosen(answer, str(options["first_answer"]))
        small = coverage_of(logits, encoded.shape)
        full = encoded.edge.bring(small, float(options["softness"]), cancelled)
        return honour(full, prompts), confidence

    # --- the shot ---------------------------------------------------------------------------------------------------

    def propagate(
        self,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        frames: Sequence[FrameNumber],
        adapter: bytes,
        options: Options,
        cancelled: Poll,
    ) -> Iterator[Propagated]:
        """Every wanted frame, walk by walk from the keys; see `following.py`."""
        if not keys:
            raise EngineError("Propagation", "there is no key frame to begin at", "Click the subject in one frame.")
        gain = _shot_gain(source, keys, options)
        wanted = [frame for frame in dict.fromkeys(frames) if frame not in keys]
        taught = unpacked(self._networks.video.mask_decoder, adapter)[0] if adapter else None
        following = Following(self._networks, source, keys, gain, cancelled, taught)
        for followed in following.follow(wanted):
            small = coverage_of(followed.logits, source.shape())
            full = PlateEdge(followed.rgb, gain).bring(small, float(options["softness"]), cancelled)
            yield Propagated(followed.frame, full, followed.presence * _decided(small))

    def teach(
        self,
        source: FrameSource,
        lessons: Sequence[Lesson],
        resume_from: bytes,
        options: Options,
        cancelled: Poll,
    ) -> Iterator[TeachStep]:
        """A low-rank adapter of the mask decoder; see `teaching.py`."""
        gain = _shot_gain(source, [each.frame for each in lessons], options)
        plan = Plan(float(options["seconds"]), int(options["seed"]), int(options["rank"]), gain)
        teaching = partial(teach, self._networks, source, lessons, resume_from, plan)
        yield from lesson(str(options["clock"]), cancelled, teaching)


def _chosen(answer: Any, first_answer: str) -> tuple[torch.Tensor, float]:
    """Logits (h, w) and quality 0-1: the best of several answers, or the answers for several things joined."""
    masks, qualities = answer.pred_masks[0].float().cpu(), answer.iou_scores[0].float().cpu()
    if masks.shape[1] == 1:
        return masks[:, 0].amax(0), float(qualities.mean().clamp(0.0, 1.0))
    masks, qualities = masks[0], qualities[0]
    sizes = (masks > 0).flatten(1).sum(1)
    if first_answer == "part" and bool((sizes > 0).any()):
        place = int(torch.where(sizes > 0, sizes, sizes.max() + 1).argmin())
    elif first_answer == "whole":
        place = int(sizes.argmax())
    else:
        place = int(qualities.argmax())
    return masks[place], float(qualities[place].clamp(0.0, 1.0))


def _shot_gain(source: FrameSource, keys: Iterable[FrameNumber], options: Options) -> float:
    """One exposure for all frames, from the first key frame that can be read."""
    for key in sorted(keys):
        try:
            return exposure(source.rgb(key), options)
        except FrameError:
            continue
    return float(np.exp2(float(options["exposure_stops"])))


def _decided(coverage: Float32) -> float:
    """How far from a half the coverage is over the subject, 0-1; 1 where there is no subject."""
    subject = coverage > 0.25
    return float(np.abs(2.0 * coverage[subject] - 1.0).mean()) if subject.any() else 1.0


def create(folder: Path) -> Promptable:
    """The model of the weights in `folder`."""
    return Promptable(Networks(folder, family_of(folder)))
