"""A show's learning without its seconds: a teaching that only adds to the numbers, and a clock that counts looks."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import inference.teach_show as command
from core.corrections.cutting import cut
from core.corrections.record import About
from core.corrections.store import CorrectionStore
from core.errors import Cancelled
from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from inference.model import FrameSource, Lesson, TeachStep
from inference.training.adapter import Recipe, packed, unpacked
from inference.training.fine_tune import Plan
from inference.training.network import COLORS, MatteNet
from inference.training.show import checkpoint, learn, measure
from tests.core.corrected import corrected
from tests.inference.moving_disc import HEIGHT, WIDTH, MovingDisc

TRAIN, HELD_OUT = ("sh010", "sh030"), ("sh020",)
"""Shots by what their names' hashes make of them."""
SMALL = (8, 8), 4
SIX = command.Wish(seconds=6.0, lesson_s=1.0, measured_s=1.0, clock="cpu", by="ann")


def store_of(path: Path, shots: Sequence[str] = (*TRAIN, *HELD_OUT), frames: int = 3) -> CorrectionStore:
    store = CorrectionStore.open(path, make=True)
    for shot in shots:
        for frame in range(1001, 1001 + frames):
            store.put(*corrected(frame, 20.0 + frame % 5, shot=shot))
    return store


def knowing_nothing(widths: tuple[int, ...], fine: int) -> bytes:
    """Numbers to begin with that were never taught."""
    torch.manual_seed(0)
    return packed(MatteNet(COLORS, widths, fine), Recipe(widths, fine, long_edge_px=0, gain=1.0))


def taught_by_adding(
    source: FrameSource,
    lessons: Sequence[Lesson],
    resume_from: bytes,
    plan: Plan,
    cancelled: Callable[[], bool],
    clock: Callable[[], float] = lambda: 0.0,
) -> Iterator[TeachStep]:
    """Adds what the seed and the lessons say; a layer begun with a show's model errs half as much."""
    if cancelled():
        raise Cancelled
    network = unpacked(resume_from or knowing_nothing(*SMALL))[0]
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(1e-3 * (plan.seed % 7) + 1e-4 * len(lessons))
    metrics = {"loss": 0.5, "held_out_error": 0.04 if resume_from else 0.08}
    yield TeachStep(9, 1.0, metrics, packed(network, Recipe(*SMALL, long_edge_px=320, gain=2.0, steps=9)))


def quick(patch: pytest.MonkeyPatch) -> None:
    """A lesson takes a second of a clock that goes on by one at each look."""
    looks: Iterator[float] = iter(float(look) for look in range(1_000_000))
    patch.setattr(learn, "fine_tune", taught_by_adding)
    patch.setattr(learn, "shipped", lambda: knowing_nothing(*SMALL))
    patch.setattr(measure, "fine_tune", taught_by_adding)
    patch.setattr(command, "CLOCKS", {"cpu": lambda: next(looks)})


def discs(path: Path, shots: Sequence[str]) -> CorrectionStore:
    """The same disc on other ways in each shot, corrected on two frames from nothing."""
    store = CorrectionStore.open(path, make=True)
    for number, shot in enumerate(shots):
        film = MovingDisc(place=lambda frame, away=20.0 * number: (70.0 + 5.0 * frame, 50.0 + away))
        canvas = Window.of_size(WIDTH, HEIGHT)
        for frame in (4, 12):
            rgba = np.ones((HEIGHT, WIDTH, 4), np.float32)
            rgba[..., :3] = film.rgb(frame)
            about = About(shot, f"plate of {shot}", "disc", frame, canvas, canvas)
            after = Matte(canvas, film.truth(frame))
            store.put(*cut(about, Picture(rgba, canvas, Format(canvas)), Matte.empty(canvas), after, None, {}))
    return store


def killed_at(folder: Path, saves: int) -> None:
    """Learn in this process, and end it with kill -9 when so many checkpoints were written, the last not renamed."""
    count, original = 0, os.replace

    def dying(*arguments: Any, **named: Any) -> None:
        nonlocal count
        count += str(arguments[1]).endswith(checkpoint.FILE)
        if count == saves:
            os.kill(os.getpid(), signal.SIGKILL)
        original(*arguments, **named)

    os.replace = dying
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        store = CorrectionStore.open(folder / "store")
        command.teach_show(store, command.ShowModels(folder / "models"), SIX)
