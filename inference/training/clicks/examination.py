"""How well a click network does on examples it was not taught: the standard protocol, on generated pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.arrays import Bool, Float32
from inference.models.select.hints import Mark, click_table, hint_planes
from inference.models.select.network import ClickNet
from inference.training.clicks.artist import next_mark
from inference.training.clicks.examples import Example
from inference.training.pictures.unseen import unseen_pictures

COUNTS = (1, 3, 5, 10)


def unseen(count: int, side: int) -> list[Example]:
    """Generated pictures nobody was taught, each with its largest subject; the same ones every time."""
    return [Example(rgb, (matte,)) for _seed, rgb, matte in unseen_pictures(count, side)]


def examine(network: ClickNet, examples: Sequence[Example], counts: Sequence[int] = COUNTS) -> dict[str, float]:
    """Mean IoU over all subjects after so many clicks: `iou_1` and so on. Sides are multiples of 32."""
    device = next(network.parameters()).device
    overlaps: list[list[float]] = []
    with torch.no_grad():
        for example in examples:
            rgb = torch.from_numpy(np.ascontiguousarray(example.rgb)).permute(2, 0, 1)[None].to(device)
            seen = network.look(rgb)
            overlaps += [_overlaps(network, seen, matte > 0.5, max(counts)) for matte in example.wanted]
    means = np.mean(overlaps, axis=0)
    return {f"iou_{count}": float(means[count - 1]) for count in counts}


def _overlaps(network: ClickNet, seen: list[torch.Tensor], wanted: Bool, most: int) -> list[float]:
    marks: list[Mark] = []
    answer: Float32 = np.zeros(wanted.shape, np.float32)
    previous: Float32 | None = None
    found: list[float] = []
    while len(found) < most:
        mark = next_mark(answer > 0.5, wanted)
        if mark is None:
            return found + [1.0] * (most - len(found))
        marks.append(mark)
        hints = torch.from_numpy(hint_planes(wanted.shape, marks, None, previous))[None].to(seen[0].device)
        table = torch.from_numpy(click_table(wanted.shape, marks))[None].to(seen[0].device)
        answer = previous = network.answer(seen, hints, table).sigmoid()[0, 0].float().cpu().numpy()
        both, either = (wanted & (answer > 0.5)).sum(), (wanted | (answer > 0.5)).sum()
        found.append(float(both / max(1, either)))
    return found
