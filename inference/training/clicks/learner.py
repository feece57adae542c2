"""Train the click network from nothing: resumable, on a CPU or a GPU, each example clicked by a simulated artist.

The network is asked, the artist clicks where the answer is most wrong, it is asked again with its answer as the
previous matte; what it says after the last click of a random number of rounds is what it learns from.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from core.arrays import Float32
from core.errors import PenumbraError
from inference.models.select.network import DEPTHS, WIDTHS, ClickNet
from inference.training.adam import Adam
from inference.training.average import Average
from inference.training.checkpoint import Checkpoint
from inference.training.clicks.examples import Example, Source
from inference.training.clicks.sitting import Sitting
from inference.training.muon import Muon
from inference.training.stages import Stage, fed, steps_of

ROUNDS = (0, 1, 2, 3, 5)
ROUND_CHANCES = (0.3, 0.25, 0.2, 0.15, 0.1)
"""How often the artist corrects before the network learns."""


STAGES = (Stage(1500, 96, 24), Stage(800, 128, 15), Stage(420, 192, 7), Stage(450, 256, 5))
"""As the shipped weights were trained; more of everything makes better ones."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What training is told. `rate` is Muon's; Adam's is `adam_rate`."""

    stages: tuple[Stage, ...] = STAGES
    rate: float = 0.02
    adam_rate: float = 1e-3
    warm_steps: int = 200
    least_rate: float = 0.02
    widths: tuple[int, ...] = WIDTHS
    depths: tuple[int, ...] = DEPTHS
    seed: int = 1

    @property
    def steps(self) -> int:
        return steps_of(self.stages)


class _Stream(IterableDataset[Example]):
    """Examples, made in a process of their own."""

    def __init__(self, source: Source, side: int, seed: tuple[int, ...]) -> None:
        self._source, self._side, self._seed = source, side, seed

    def __iter__(self) -> Iterator[Example]:
        cv2.setNumThreads(1)
        yield from self._source.examples(self._side, np.random.default_rng(self._seed))


def _as_they_are(examples: list[Example]) -> list[Example]:
    return examples


def loss_of(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy with soft coverage, subject and ground alike; again with more weight where it is wrong; overlap.

    Ground and subject count alike in the first part: by pixels alone, to answer nothing at all is a tempting start.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    answer = logits.sigmoid()
    inside = (entropy * wanted).sum(dim=(1, 2, 3)) / (wanted.sum(dim=(1, 2, 3)) + 1.0)
    outside = (entropy * (1 - wanted)).sum(dim=(1, 2, 3)) / ((1 - wanted).sum(dim=(1, 2, 3)) + 1.0)
    focus = (answer - wanted).abs().detach() ** 0.7 + 0.05
    focused = (entropy * focus).sum(dim=(1, 2, 3)) / focus.sum(dim=(1, 2, 3))
    both = torch.minimum(answer, wanted).sum(dim=(1, 2, 3))
    either = torch.maximum(answer, wanted).sum(dim=(1, 2, 3))
    return (0.4 * (inside + outside) + 0.2 * focused + 1.0 - both / (either + 1.0)).mean()


def overlap_of(logits: Tensor, wanted: Tensor) -> float:
    """Mean IoU at half coverage."""
    answer, truth = logits.detach() > 0, wanted > 0.5
    both, either = (answer & truth).sum(dim=(1, 2, 3)), (answer | truth).sum(dim=(1, 2, 3))
    return float((both / either.clamp(min=1)).mean())


class Learner:
    """Holds the network, its moving average and the optimizers in `folder`; `run` goes on where it was."""

    def __init__(self, source: Source, folder: Path, recipe: Recipe | None = None, device: str = "cpu") -> None:
        self.recipe = recipe or Recipe()
        self._source, self.folder = source, folder
        self._device = device_of(device)
        torch.manual_seed(self.recipe.seed)
        network = ClickNet(self.recipe.widths, self.recipe.depths).to(self._device)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # torch's stub
        self.average = copy.deepcopy(self.network).eval()
        turned, plain = _divided(self.network)
        self._muon = Muon(turned)
        self._adam = Adam(plain, betas=(0.9, 0.98))
        self._average = Average(self.average.parameters(), self.network.parameters())
        parts = {"network": self.network.state_dict(), "average": self.average.state_dict()}
        memories = {"muon": self._muon.memory, "adam": self._adam.memory}
        self._checkpoint = Checkpoint(folder / "learner.safetensors", {**parts, **memories})
        self.done = self._checkpoint.resume()
        self._rng = np.random.default_rng([self.recipe.seed, self.done])

    def run(
        self,
        seconds: float = float("inf"),
        on_report: Callable[[dict[str, float]], bool] = lambda _report: True,
        workers: int = 1,
        every: int = 50,
    ) -> None:
        """Learn until the recipe's end, for `seconds`, or until `on_report` says no. Kept on the disk now and then."""
        began = time.monotonic()
        sums, count = np.zeros(3), 0

        def batches(stage: Stage, step: int) -> Iterable[list[Example]]:
            return self._batches(stage, step, workers)

        for examples in fed(self.recipe.stages, self.done, seconds, batches):
            sums += self.step(examples)
            count += 1
            if count == every:
                loss, overlap, first = sums / count
                report = {"step": self.done, "loss": loss, "iou": overlap, "iou_first": first}
                report["s"] = time.monotonic() - began
                sums, count = np.zeros(3), 0
                if not on_report({key: round(float(value), 4) for key, value in report.items()}):
                    break
            if self.done % 250 == 0:
                self.keep()
        self.keep()

    def step(self, examples: list[Example]) -> Float32:
        """Learn from one batch; loss, IoU, and IoU after the first prompt."""
        recipe = self.recipe
        scale = min(1.0, (self.done + 1) / recipe.warm_steps)
        part = min(1.0, self.done / recipe.steps)
        scale *= recipe.least_rate + (1 - recipe.least_rate) * min(1.0, 2.0 * (1 - part))
        sitting = Sitting(examples, self._rng, self._device)
        with self._quick():
            seen = [planes[sitting.of] for planes in self.network.look(sitting.rgb)]
            first = None
            with torch.no_grad():
                kept = [planes.detach() for planes in seen]
                for _ in range(int(self._rng.choice(ROUNDS, p=ROUND_CHANCES))):
                    logits = self.network.answer(kept, *sitting.asked)
                    first = overlap_of(logits, sitting.wanted) if first is None else first
                    sitting.correct(logits)
            logits = self.network.answer(seen, *sitting.asked)
        loss = loss_of(logits, sitting.wanted)
        self._muon.zero_grad()
        self._adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch's stub
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._muon.step(recipe.rate * scale)
        self._adam.step(recipe.adam_rate * scale)
        self.done += 1
        self._average.follow(1 - min(0.999, (1 + self.done) / (10 + self.done)))
        overlap = overlap_of(logits, sitting.wanted)
        return np.array([loss.item(), overlap, overlap if first is None else first], np.float32)

    def keep(self) -> None:
        """Write everything needed to go on, whole or not at all. Raises OSError where the disk refuses."""
        self._checkpoint.keep(self.done)

    def _batches(self, stage: Stage, step: int, workers: int) -> Iterable[list[Example]]:
        stream = _Stream(self._source, stage.side, (self.recipe.seed, 7, step))
        return DataLoader(
            stream,
            batch_size=stage.batch,
            num_workers=workers,
            collate_fn=_as_they_are,
            prefetch_factor=4 if workers else None,
        )

    def _quick(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16)


def device_of(name: str) -> torch.device:
    """Raises PenumbraError for one that is not here."""
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        why = f"cannot be trained on ({str(error).splitlines()[0]})"
        raise PenumbraError(f"The device {name}", why=why, hint="Take cpu.") from error
    return device


def _divided(network: ClickNet) -> tuple[list[Tensor], list[Tensor]]:
    """Weights for Muon, and what stays with Adam: norms, biases, the first and the last filter."""
    ends = {id(network.seen.begin.weight), id(network.head.weight)}
    weights: list[Tensor] = list(network.parameters())
    turned = [each for each in weights if each.ndim >= 2 and id(each) not in ends]
    chosen = {id(each) for each in turned}
    return turned, [each for each in weights if id(each) not in chosen]
