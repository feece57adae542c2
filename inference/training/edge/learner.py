"""Train the edge network on generated edges. Resumable."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from core.arrays import Float32
from core.errors import PenumbraError
from inference.models.refine.edge_network import WIDTHS, EdgeNet, planes
from inference.models.refine.learned import packed
from inference.motion.flow import exposure_gain
from inference.training.adam import Adam
from inference.training.average import Average, part_at
from inference.training.checkpoint import Checkpoint
from inference.training.clicks.examples import Source
from inference.training.edge.examples import Edges
from inference.training.pictures.cutouts import Bank
from inference.training.pictures.pool import PicturePool
from inference.training.precision import quick
from inference.training.rate import rate_at
from inference.training.stages import Stage, fed, steps_of

CHECKPOINT: Final = "edge-checkpoint.safetensors"
AVERAGED: Final = 400.0
WARM_UP: Final = 100
LEAST_RATE: Final = 0.02
KEPT_EVERY: Final = 250
HELD: Final = 192
"""Edges to choose among."""
USED: Final = 4
"""Times each is learnt from, about."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What training is told."""

    stages: tuple[Stage, ...] = (Stage(4000, 96, 12), Stage(4000, 128, 8))
    rate: float = 3e-3
    seed: int = 1

    @property
    def steps(self) -> int:
        return steps_of(self.stages)


@dataclass(frozen=True, slots=True)
class Told:
    """After some steps. `mse`: of the unknown pixels; `mixed`: what the mix of the nearest colors alone has there."""

    step: int
    loss: float
    mse: float
    mixed: float
    seconds: float


class Learner:
    """Holds the network and its moving average; goes on from the checkpoint in `folder`, if there is one.

    Raises PenumbraError where that cannot be read.
    """

    def __init__(self, source: Source, folder: Path, recipe: Recipe | None = None) -> None:
        self.recipe = recipe or Recipe()
        self._source = source
        torch.manual_seed(self.recipe.seed)
        self._network = EdgeNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = EdgeNet()
        self.averaged.load_state_dict(self._network.state_dict())
        self._adam = Adam(self._network.parameters(), decay=1e-3)
        trained, averaged = self._network.state_dict(), self.averaged.state_dict()
        self._average = Average(averaged.values(), trained.values())
        self._checkpoint = Checkpoint(folder / CHECKPOINT, {"network": trained, "averaged": averaged})
        self.step = self._checkpoint.resume()

    def run(self, seconds: float, on_report: Callable[[Told], bool], every: int = 50) -> None:
        """Until the recipe is done, `seconds` are over or `on_report` says no; the checkpoint is kept."""
        began = time.monotonic()
        told: list[tuple[float, float, float]] = []
        for given, coverage in fed(self.recipe.stages, self.step, seconds, self._pieces):
            told.append(self._learn(given, coverage))
            self.step += 1
            if self.step % every == 0:
                loss, mse, mixed = np.mean(told, axis=0).tolist()
                told = []
                if not on_report(Told(self.step, loss, mse, mixed, time.monotonic() - began)):
                    break
            if self.step % KEPT_EVERY == 0:
                self.keep()
        self.keep()

    def keep(self) -> None:
        """Write the checkpoint, whole or not at all. Raises OSError where the disk refuses."""
        self._checkpoint.keep(self.step)

    def weights(self) -> bytes:
        """What ships: the averaged numbers."""
        return packed(self.averaged.state_dict(), WIDTHS, {"steps": str(self.step), "license": "Apache-2.0"})

    def _pieces(self, stage: Stage, step: int) -> Iterable[tuple[Tensor, Tensor]]:
        pieces = _Pieces(self._source, stage.side, (self.recipe.seed, step))
        return DataLoader(pieces, batch_size=stage.batch, num_workers=1, prefetch_factor=6)

    def _learn(self, given: Tensor, coverage: Tensor) -> tuple[float, float, float]:
        """One step: planes (B, PLANES, S, S), coverage (B, S, S); the loss, and squared errors of it and of mixing."""
        self._network.train()
        with quick():
            answer = torch.sigmoid(self._network(given.to(memory_format=torch.channels_last)))
        unknown = given[:, 10]
        count = unknown.sum().clamp_min(1.0)
        off = (answer - coverage) * unknown
        squared = off.square().sum() / count
        loss = off.abs().sum() / count + 2.0 * squared + _slopes(answer, coverage, unknown) / count
        value = float(loss.detach())
        if not math.isfinite(value):
            raise PenumbraError("Training", f"the loss is not finite at step {self.step}", "Go on from the checkpoint.")
        loss.backward()  # type: ignore[no-untyped-call]
        self._improve()
        mixed = ((given[:, 11].clamp(0, 1) - coverage) * unknown).square().sum() / count
        return value, float(squared.detach()), float(mixed)

    def _improve(self) -> None:
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._adam.step(self.recipe.rate * rate_at(self.step, self.step / self.recipe.steps, WARM_UP, LEAST_RATE))
        self._adam.zero_grad()
        self._average.follow(part_at(self.step, AVERAGED))


class _Pieces(IterableDataset[tuple[Float32, Float32]]):
    """Planes and coverage of edges, made in a process of their own; each comes several times, turned, not in a row."""

    def __init__(self, source: Source, side: int, seed: tuple[int, ...]) -> None:
        self._source, self._side, self._seed = source, side, seed

    def __iter__(self) -> Iterator[tuple[Float32, Float32]]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng(self._seed)
        banks = [Bank(file) if file is not None else None for file in (self._source.photographs, self._source.lifelike)]
        pool = PicturePool(self._source.pool, self._source.pool_side)
        held: list[tuple[Float32, Float32]] = []
        for edge in Edges(pool, self._side, rng, *banks):
            gain = exposure_gain(edge.rgb) * float(np.exp(rng.normal(0, 0.3)))
            made = planes(edge.rgb, edge.given, edge.unknown, gain), edge.coverage
            if len(held) < HELD:
                held.append(made)
            else:
                held[int(rng.integers(HELD))] = made
            for _ in range(USED):
                given, coverage = held[int(rng.integers(len(held)))]
                turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
                yield _turned(given, turns, mirrored), _turned(coverage, turns, mirrored)


def _turned(values: Float32, turns: int, mirrored: bool) -> Float32:
    """Quarter turns of the last two axes, which are as long as each other."""
    turned = np.rot90(values, turns, (-2, -1))
    return np.ascontiguousarray(turned[..., ::-1] if mirrored else turned)


def _slopes(answer: Tensor, coverage: Tensor, unknown: Tensor) -> Tensor:
    """How far the slopes of the answer are from the truth's, summed over the unknown pixels."""
    off = answer - coverage
    across = (off[..., :, 1:] - off[..., :, :-1]).abs() * unknown[..., :, 1:]
    down = (off[..., 1:, :] - off[..., :-1, :]).abs() * unknown[..., 1:, :]
    return across.sum() + down.sum()
