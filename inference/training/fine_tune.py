"""Teach the network a layer's corrected frames: the training loop, on one page. Progress is an iterator."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from core.arrays import Float32
from core.errors import Cancelled, EngineError
from core.frames import FrameNumber
from inference.model import FrameSource, Lesson, TeachStep
from inference.motion.flow import sized
from inference.training.adam import Adam
from inference.training.adapter import Recipe, packed, unpacked
from inference.training.average import Average, part_at
from inference.training.beginning import begun, recall
from inference.training.crops import Drawn
from inference.training.evaluate import mean_error, overlap
from inference.training.falling import Falling
from inference.training.loss import matte_loss
from inference.training.muon import Muon
from inference.training.network import MatteNet
from inference.training.precision import quick
from inference.training.prepared import COARSE_CROP_PX, Measured, Prepared, Sizes
from inference.training.rate import rate_at
from inference.training.taught import answer
from inference.training.threads import Threads

BATCH: Final = 4
"""Crops at once at the fine size; at the coarse one, whose crops are smaller, twice as many."""
RATE: Final = 6e-3
MUON_RATE: Final = 0.06
ENDS: Final = ("fine", "head", "recall")
WARM_UP: Final = 20
"""Steps until the full rate."""
LEAST_RATE: Final = 0.03
RESUMED: Final = 0.5
"""A network that goes on keeps to so much of the rate."""
AVERAGED: Final = 40
"""Over about how many steps the answering network is a mean of the trained one."""
DOUBTS: Final = (0.3, 0.5, 0.7)
"""When the frames that were only clicked are doubted, as parts of the teaching time."""
REPORT_EVERY: Final = 5
CHECKPOINT_S: Final = 10.0
COARSE_S: Final = 12.0
COARSE_PART: Final = 0.6
"""So long is a layer taught at the coarse size, over all rounds, or so much of a short lesson; then at the fine one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how large. `long_edge_px` is the most; a large subject is worked at a smaller size."""

    seconds: float
    seed: int
    long_edge_px: int
    crop_px: int


def fine_tune(
    source: FrameSource,
    lessons: Sequence[Lesson],
    resume_from: bytes,
    plan: Plan,
    cancelled: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[TeachStep]:
    """Train for `plan.seconds`, or until the held-out error stops falling; report every few steps.

    The last report carries the adapter; of a lesson that stopped by itself, the one with the least error.

    Raises Cancelled within a step, and EngineError when there is nothing to learn from or the loss is not finite.
    """
    began = clock()
    torch.manual_seed(plan.seed)
    sizes = Sizes.of(source, lessons, plan.long_edge_px)
    network, recipe, new = begun(resume_from, sizes)
    taught_s = recipe.seconds
    prepared = Prepared(source, lessons, recipe.long_edge_px, recipe.gain)
    if new:
        recall(network, prepared.drawn)
    averaged, _ = unpacked(packed(network, recipe))
    crops = prepared.crops(min(plan.crop_px, COARSE_CROP_PX), plan.seed + recipe.steps)
    adam, muon = _optimizers(network)
    average = Average(averaged.state_dict().values(), network.state_dict().values())
    step, saved, used, threads = 0, 0.0, 0.0, Threads()
    network.train(not recipe.warm)
    doubts = list(DOUBTS)
    coarse_s = min(COARSE_S, COARSE_PART * plan.seconds)
    falling = Falling()
    while used < plan.seconds and not falling.stopped:
        if cancelled():
            raise Cancelled
        if recipe.long_edge_px < sizes.fine_px and taught_s + used > coarse_s:
            recipe = replace(recipe, long_edge_px=sizes.fine_px)
            prepared = Prepared(source, lessons, recipe.long_edge_px, recipe.gain)
            crops = prepared.crops(plan.crop_px, plan.seed + recipe.steps + step)
            falling = Falling()  # errors at another size are not to be compared
        if doubts and used > doubts[0] * plan.seconds:
            doubts.pop(0)
            prepared.doubt(averaged)
        batch = crops.batch(BATCH if recipe.long_edge_px >= sizes.fine_px else 2 * BATCH)
        color_bchw = torch.from_numpy(batch.color).permute(0, 3, 1, 2)
        rate = (RESUMED if recipe.steps else 1.0) * rate_at(step, used / plan.seconds, WARM_UP, LEAST_RATE)
        with threads.step():
            with quick():
                logits_bchw = network(color_bchw)
            loss = matte_loss(logits_bchw[:, 0], torch.from_numpy(batch.coverage), torch.from_numpy(batch.weight))
            if not math.isfinite(loss.item()):
                why = f"the loss is not a finite number at step {step + 1}"
                raise EngineError("Teaching", why, "Look at the plate for broken values, or use fewer frames.")
            loss.backward()  # type: ignore[no-untyped-call]
            muon.step(MUON_RATE * rate)
            adam.step(RATE * rate)
            step += 1
            average.follow(part_at(step, AVERAGED))
        adam.zero_grad()
        muon.zero_grad()
        used = clock() - began
        metrics = {"loss": loss.item(), "seconds": recipe.seconds + used}
        if step % REPORT_EVERY == 0 and used < plan.seconds:
            adapter, previews = b"", dict[FrameNumber, Float32]()
            if used - saved > CHECKPOINT_S:
                saved, (errors, previews) = used, _held_out(averaged, prepared.measured)
                metrics |= errors
                adapter = packed(averaged, _grown(recipe, step, used, metrics))
                if errors:
                    falling.told(errors["held_out_error"], adapter)
            previews = _at_plate_size(previews, source)
            yield TeachStep(recipe.steps + step, used / plan.seconds, metrics, adapter, previews)
    errors, previews = _held_out(averaged, prepared.measured)
    if falling.stopped and falling.least < errors["held_out_error"]:
        averaged, recipe = unpacked(falling.adapter)
        errors, previews = _held_out(averaged, prepared.measured)
        step, used = 0, 0.0  # they are counted in what was unpacked
    metrics |= errors | {"training_iou": _training_iou(averaged, prepared.drawn)}
    adapter = packed(averaged, _grown(recipe, step, used, metrics))
    yield TeachStep(recipe.steps + step, 1.0, metrics, adapter, _at_plate_size(previews, source))


def _optimizers(network: MatteNet) -> tuple[Adam, Muon]:
    """Adam for norms, biases and the two ends; Muon for the convolutions between."""
    inner = [weight for name, weight in network.named_parameters() if weight.ndim == 4 and not name.startswith(ENDS)]
    known = {id(weight) for weight in inner}
    others = [weight for weight in network.parameters() if id(weight) not in known]
    return Adam(others, decay=1e-2), Muon(inner)


def _held_out(network: MatteNet, measured: Sequence[Measured]) -> tuple[dict[str, float], dict[FrameNumber, Float32]]:
    """The error on what is never trained on, and the answers for whole frames, at working size."""
    answers = [answer(network, frame.color) for frame in measured]
    errors = [mean_error(seen, frame.coverage, frame.where) for seen, frame in zip(answers, measured, strict=True)]
    previews = {frame.frame: seen for seen, frame in zip(answers, measured, strict=True) if frame.frame is not None}
    return {"held_out_error": float(np.mean(errors))} if errors else {}, previews


def _at_plate_size(previews: dict[FrameNumber, Float32], source: FrameSource) -> dict[FrameNumber, Float32]:
    return {frame: sized(coverage, source.shape()) for frame, coverage in previews.items()}


def _training_iou(network: MatteNet, drawn: Sequence[Drawn]) -> float:
    return float(np.mean([overlap(answer(network, frame.color), frame.truth[..., 0]) for frame in drawn]))


def _grown(recipe: Recipe, step: int, used: float, metrics: dict[str, float]) -> Recipe:
    return replace(
        recipe,
        steps=recipe.steps + step,
        seconds=round(recipe.seconds + used, 2),
        held_out_error=metrics.get("held_out_error", -1.0),
        training_error=1.0 - metrics["training_iou"] if "training_iou" in metrics else -1.0,
    )
