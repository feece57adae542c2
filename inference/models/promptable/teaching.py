"""Teach a public network's mask decoder a layer's corrected frames: the training loop. Progress is an iterator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from core.arrays import Float32
from core.errors import Cancelled, EngineError
from core.frames import FrameNumber
from inference.model import FrameSource, Lesson, TeachStep
from inference.models.promptable.lens import coverage_of
from inference.models.promptable.low_rank import Grown, adapted, base_of, is_of, packed, unpacked
from inference.models.promptable.networks import Networks
from inference.models.promptable.situations import Situation, Situations
from inference.motion.flow import sized
from inference.training.adam import Adam
from inference.training.average import Average, part_at
from inference.training.evaluate import mean_error, overlap
from inference.training.falling import Falling
from inference.training.loss import matte_loss
from inference.training.rate import rate_at

RATE: Final = 1e-3
TOGETHER: Final = 2
"""Frames a step learns from."""
WARM_UP: Final = 10
"""Steps until the full rate."""
LEAST_RATE: Final = 0.05
AVERAGED: Final = 20
"""Over about how many steps the answering numbers are a mean of the trained ones."""
PRESENCE_SAY: Final = 0.05
"""How much it counts, beside the masks, that the thing is known to be there."""
REPORT_EVERY: Final = 5
CHECKPOINT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, with which seed, and of which rank an adapter is that is begun anew; `gain`: the shot's exposure."""

    seconds: float
    seed: int
    rank: int
    gain: float
    rate: float = RATE


def teach(
    networks: Networks,
    source: FrameSource,
    lessons: Sequence[Lesson],
    resume_from: bytes,
    plan: Plan,
    cancelled: Callable[[], bool],
    clock: Callable[[], float],
) -> Iterator[TeachStep]:
    """Train for `plan.seconds`, or until the held-out error stops falling; report every few steps.

    What was taught to other weights is begun anew. Looking at the frames, before the first step, is not counted.
    The last report carries the adapter, of a lesson that stopped by itself the one with the least error, and the errors
    before and after.

    Raises Cancelled within a step, and EngineError when there is nothing to learn from, a package is missing, or the
    loss is not finite.
    """
    decoder = networks.video.mask_decoder
    resumed = is_of(decoder, resume_from)
    if resumed:
        learner, grown = unpacked(decoder, resume_from)
    else:
        torch.manual_seed(plan.seed)
        learner, grown = adapted(decoder, plan.rank), Grown(base_of(decoder), plan.rank)
    frames = Situations()
    for _ in frames.gather(networks, source, lessons, plan.gain, cancelled):
        yield TeachStep(grown.steps, 0.0, {})
    exam = _Exam(networks, frames.held_out, frames.approved)
    before = exam.errors(learner if resumed else decoder)
    began = clock()  # what was loaded and looked at before is no teaching
    averaged = unpacked(decoder, packed(learner, grown))[0].to(networks.device)
    adam, average = Adam(_taught(learner), decay=1e-2), Average(_taught(averaged), _taught(learner))
    random = np.random.default_rng(plan.seed + grown.steps)
    falling, step, used, saved = Falling(), 0, 0.0, 0.0
    while step == 0 or (used < plan.seconds and not falling.stopped):
        rate = plan.rate * rate_at(step, used / plan.seconds, WARM_UP, LEAST_RATE)
        for place in random.permutation(len(frames.taught))[:TOGETHER]:
            if cancelled():
                raise Cancelled
            with networks.quick():
                loss = _loss(learner, frames.taught[place])
            if not math.isfinite(loss.item()):
                why = f"the loss is not a finite number at step {step + 1}"
                raise EngineError("Teaching", why, "Look at the plate for broken values, or use fewer frames.")
            loss.backward()  # type: ignore[no-untyped-call]
        adam.step(rate)
        adam.zero_grad()
        step += 1
        average.follow(part_at(step, AVERAGED))
        used = clock() - began
        metrics = {"loss": loss.item(), "seconds": grown.seconds + used}
        if step % REPORT_EVERY == 0 and used < plan.seconds:
            adapter, previews = b"", dict[FrameNumber, Float32]()
            if used - saved > CHECKPOINT_S:
                saved, errors = used, exam.errors(averaged)
                metrics |= errors
                adapter = packed(averaged, _further(grown, step, used, errors))
                previews = _previews(networks, averaged, frames.unseen, source)
                if "held_out_error" in errors:
                    falling.told(errors["held_out_error"], adapter)
            yield TeachStep(grown.steps + step, used / plan.seconds, metrics, adapter, previews)
    errors = exam.errors(averaged)
    adapter = packed(averaged, _further(grown, step, used, errors))
    if falling.stopped and falling.least < errors["held_out_error"]:
        adapter = falling.adapter
        averaged, grown = unpacked(decoder, adapter)
        averaged, step = averaged.to(networks.device), 0  # its steps are counted in what was unpacked
        errors = exam.errors(averaged)
    metrics |= errors | {"training_iou": _overlap(networks, averaged, frames.taught)}
    metrics |= {name.replace("_error", "_before"): error for name, error in before.items()}
    previews = _previews(networks, averaged, frames.unseen, source)
    yield TeachStep(grown.steps + step, 1.0, metrics, adapter, previews)


class _Exam:
    """What a decoder makes of frames it is not taught."""

    def __init__(self, networks: Networks, held_out: Sequence[Situation], approved: Sequence[Situation]) -> None:
        self._networks = networks
        self._asked = {"held_out_error": held_out, "approved_error": approved}

    def errors(self, decoder: nn.Module) -> dict[str, float]:
        """Mean absolute errors, 0-1, by name; only of what there is."""
        return {name: self._mean(decoder, asked) for name, asked in self._asked.items() if asked}

    def _mean(self, decoder: nn.Module, asked: Sequence[Situation]) -> float:
        errors = []
        for situation in asked:
            coverage = torch.sigmoid(_best(self._networks, decoder, situation))
            where = (situation.weight > 0.99).float()
            errors.append(mean_error(coverage.numpy(), situation.coverage.cpu().numpy(), where.cpu().numpy()))
        return float(np.mean(errors))


def _loss(learner: nn.Module, situation: Situation) -> Tensor:
    """All masks that the decoder offers, and whether it says that the thing is there."""
    masks, _, _, presence = learner(**situation.given)
    logits_bhw = masks.flatten(0, 2).float()
    coverage_bhw = situation.coverage.expand_as(logits_bhw)
    loss = matte_loss(logits_bhw, coverage_bhw, situation.weight.expand_as(logits_bhw))
    there = (situation.coverage.max() > 0.5).float().expand_as(presence)
    return loss + PRESENCE_SAY * F.binary_cross_entropy_with_logits(presence.float(), there)


def _best(networks: Networks, decoder: nn.Module, situation: Situation) -> Tensor:
    """(h, w) logits of the mask the decoder thinks best, as when it follows; of nothing where it sees nothing."""
    with torch.inference_mode(), networks.quick():
        masks, qualities, _, presence = decoder(**situation.given)
    if float(presence.float().flatten()[0]) <= 0.0:
        return torch.full(masks.shape[-2:], -math.inf)
    best: Tensor = masks[0, 0, int(qualities[0, 0].float().argmax())]
    return best.float().cpu()


def _overlap(networks: Networks, decoder: nn.Module, taught: Sequence[Situation]) -> float:
    found = [
        overlap(torch.sigmoid(_best(networks, decoder, each)).numpy(), each.coverage.cpu().numpy()) for each in taught
    ]
    return float(np.mean(found))


def _previews(
    networks: Networks, decoder: nn.Module, unseen: Sequence[Situation], source: FrameSource
) -> dict[FrameNumber, Float32]:
    """What is made of frames that no lesson is of, over the canvas."""
    shape = source.shape()
    return {each.frame: sized(coverage_of(_best(networks, decoder, each), shape), shape) for each in unseen}


def _taught(learner: nn.Module) -> list[nn.Parameter]:
    return [number for number in learner.parameters() if number.requires_grad]


def _further(grown: Grown, step: int, used: float, errors: dict[str, Any]) -> Grown:
    held_out = float(errors.get("held_out_error", -1.0))
    return replace(grown, steps=grown.steps + step, seconds=round(grown.seconds + used, 2), held_out_error=held_out)
