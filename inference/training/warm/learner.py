"""Train the network that is taught, before it is taught: each step finds the recall of some subjects from a few views
of them, asks for the matte of other views, and learns from what is wrong there. Resumable.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.utils.data import DataLoader

from core.errors import PenumbraError
from inference.training.adam import Adam
from inference.training.adapter import Recipe as Use
from inference.training.adapter import packed
from inference.training.average import Average, part_at
from inference.training.checkpoint import Checkpoint
from inference.training.clicks.examples import Source
from inference.training.muon import Muon
from inference.training.network import COLORS, FINE, WIDTHS, MatteNet
from inference.training.precision import quick
from inference.training.rate import rate_at
from inference.training.recall import Recall
from inference.training.stages import Stage, fed, steps_of
from inference.training.warm.subjects import Subjects

CHECKPOINT: Final = "start-checkpoint.safetensors"
ENDS: Final = ("fine", "head")
MOST_LEARNT: Final = 3
"""Views that a subject is learnt from, at most; the others are asked."""
LEARNT_SAY: Final = 0.3
"""What is wrong in a view it was learnt from counts so much."""
COARSE_SAY: Final = 0.5
"""What is wrong in the recall itself, before it is made fine."""
AVERAGED: Final = 400.0
WARM_UP: Final = 100
LEAST_RATE: Final = 0.02
KEPT_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class Recipe:
    """What training is told. `rate` is Muon's; Adam's is `adam_rate`."""

    stages: tuple[Stage, ...] = (Stage(4500, 96, 5), Stage(6700, 128, 4))
    rate: float = 0.02
    adam_rate: float = 2e-3
    seed: int = 1

    @property
    def steps(self) -> int:
        return steps_of(self.stages)


@dataclass(frozen=True, slots=True)
class Told:
    """After some steps. `overlap`: mean IoU on views that were not learnt from, a recall found from up to three."""

    step: int
    loss: float
    overlap: float
    seconds: float


class Learner:
    """Holds the network and its moving average; goes on from the checkpoint in `folder`, if there is one.

    Adam begins anew there. Raises PenumbraError where that cannot be read.
    """

    def __init__(self, source: Source, folder: Path, recipe: Recipe | None = None) -> None:
        self.recipe = recipe or Recipe()
        self._source = source
        torch.manual_seed(self.recipe.seed)
        self._network = MatteNet(COLORS, recalls=True).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._averaged = MatteNet(COLORS, recalls=True)
        self._averaged.load_state_dict(self._network.state_dict())
        named = [(name, weight) for name, weight in self._network.named_parameters() if not name.startswith("recall")]
        inner = [weight for name, weight in named if weight.ndim == 4 and not name.startswith(ENDS)]
        known = {id(weight) for weight in inner}
        others = [weight for _, weight in named if id(weight) not in known]
        self._muon = Muon(inner, momentum=0.95)
        self._adam = Adam(others, decay=1e-2)
        trained, averaged = self._network.state_dict(), self._averaged.state_dict()
        self._average = Average(averaged.values(), trained.values())
        parts = {"network": trained, "averaged": averaged, "muon": self._muon.memory}
        self._checkpoint = Checkpoint(folder / CHECKPOINT, parts)
        self.step = self._checkpoint.resume()

    def run(self, seconds: float, on_report: Callable[[Told], bool], every: int = 50) -> None:
        """Until the recipe is done, `seconds` are over or `on_report` says no; the checkpoint is kept."""
        began = time.monotonic()
        losses: list[float] = []
        overlaps: list[float] = []
        for color, coverage in fed(self.recipe.stages, self.step, seconds, self._subjects):
            loss, overlap = self._learn(color, coverage)
            losses.append(loss)
            overlaps.append(overlap)
            self.step += 1
            if self.step % every == 0:
                spent = time.monotonic() - began
                told = Told(self.step, sum(losses) / len(losses), sum(overlaps) / len(overlaps), spent)
                losses, overlaps = [], []
                if not on_report(told):
                    break
            if self.step % KEPT_EVERY == 0:
                self.keep()
        self.keep()

    def keep(self) -> None:
        """Write the checkpoint, whole or not at all. Raises OSError where the disk refuses."""
        self._checkpoint.keep(self.step)

    def start(self) -> bytes:
        """What ships: the averaged numbers, to begin with on any layer."""
        return packed(self._averaged, Use(WIDTHS, FINE, 0, 1.0, warm=True))

    def _subjects(self, stage: Stage, step: int) -> Iterable[tuple[Tensor, Tensor]]:
        made = Subjects(self._source, stage.side, (self.recipe.seed, step))
        return DataLoader(made, batch_size=stage.batch, num_workers=1, prefetch_factor=6)

    def _learn(self, color: Tensor, coverage: Tensor) -> tuple[float, float]:
        """One step. Color (subjects, views, S, S, 3), coverage (subjects, views, S, S); the loss, and the overlap."""
        subjects, views = coverage.shape[:2]
        self._network.train()
        with quick():
            fine, levels = self._network.look(color.flatten(0, 1).permute(0, 3, 1, 2))
        small = F.interpolate(coverage, size=levels[-1].shape[-2:], mode="area")
        learnt = int(torch.randint(1, MOST_LEARNT + 1, ()).item())
        said = []
        for mine, wanted in zip(_by_subject(levels, subjects), small, strict=True):
            recall = Recall(self._network.recalled_widths)
            recall.add([level[:learnt] for level in mine], wanted[:learnt], torch.ones_like(wanted[:learnt]))
            said.append(recall.weigh(mine, recall.solved()))
        recalled = torch.cat(said)
        with quick():
            logits = self._network.answer(fine, levels, recalled)[:, 0]
        say = torch.ones(subjects, views)
        say[:, :learnt] = LEARNT_SAY
        loss = _loss(logits, coverage.flatten(0, 1), say.flatten())
        loss = loss + COARSE_SAY * _loss(recalled[:, 0], small.flatten(0, 1), say.flatten())
        value = float(loss.detach())
        if not math.isfinite(value):
            raise PenumbraError("Training", f"the loss is not finite at step {self.step}", "Go on from the checkpoint.")
        loss.backward()  # type: ignore[no-untyped-call]
        self._improve()
        with torch.no_grad():
            asked, truth = logits.unflatten(0, (subjects, views))[:, learnt:] > 0, coverage[:, learnt:] > 0.5
            either = (asked | truth).sum(dim=(1, 2, 3)).clamp_min(1)
            overlap = ((asked & truth).sum(dim=(1, 2, 3)) / either).mean()
        return value, float(overlap)

    def _improve(self) -> None:
        rate = rate_at(self.step, self.step / self.recipe.steps, WARM_UP, LEAST_RATE)
        self._muon.step(self.recipe.rate * rate)
        self._adam.step(self.recipe.adam_rate * rate)
        self._muon.zero_grad()
        self._adam.zero_grad()
        self._average.follow(part_at(self.step, AVERAGED))


def _by_subject(levels: list[Tensor], subjects: int) -> list[tuple[Tensor, ...]]:
    """The levels of each subject's views."""
    split = [level.reshape(subjects, -1, *level.shape[1:]).unbind(0) for level in levels]
    return list(zip(*split, strict=True))


def _loss(logits: Tensor, coverage: Tensor, say: Tensor) -> Tensor:
    """Cross-entropy with soft coverage, and overlap; (B, h, w) both, and how much each picture counts, (B,)."""
    entropy = F.binary_cross_entropy_with_logits(logits, coverage, reduction="none").mean(dim=(1, 2))
    answer = torch.sigmoid(logits)
    shared = (answer * coverage).sum(dim=(1, 2))
    either = answer.sum(dim=(1, 2)) + coverage.sum(dim=(1, 2))
    room = 0.01 * logits[0].numel()
    overlap = 1.0 - (2.0 * shared + room) / (either + room)
    return ((entropy + 0.5 * overlap) * say).sum() / say.sum()
