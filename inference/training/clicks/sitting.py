"""A batch of examples under the simulated artist's hand: what is asked of the network, round after round."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from core.arrays import Bool, Float32
from core.noise import Rng
from inference.models.select.hints import Frame, Mark, click_table, hint_planes
from inference.training.clicks.artist import next_mark
from inference.training.clicks.examples import Example


class Sitting:
    """A batch of examples under the simulated artist's hand.

    `rgb` (P, 3, H, W) holds the pictures, `wanted` (B, 1, H, W) the subjects, `of` (B,) says whose subject is which.
    """

    def __init__(self, examples: Sequence[Example], rng: Rng, device: torch.device) -> None:
        self._rng, self._device = rng, device
        planes = torch.from_numpy(np.stack([example.rgb for example in examples])).permute(0, 3, 1, 2)
        self.rgb = planes.contiguous(memory_format=torch.channels_last).to(device)
        wanted = [matte for example in examples for matte in example.wanted]
        self.wanted = torch.from_numpy(np.stack(wanted))[:, None].to(device)
        of = [number for number, example in enumerate(examples) for _ in example.wanted]
        self.of = torch.tensor(of, device=device)
        self._masks: list[Bool] = [matte > 0.5 for matte in wanted]
        self._side = self.rgb.shape[-1]
        self._marks: list[list[Mark]] = [[] for _ in wanted]
        self._boxes = [self._box(mask) if rng.uniform() < 0.12 else None for mask in self._masks]
        self._extents = [self._extent(mask) if rng.uniform() < 0.25 else None for mask in self._masks]
        self._previous: list[Float32 | None] = [None for _ in wanted]
        for number, matte in enumerate(wanted):
            answer = np.zeros_like(self._masks[number])
            if rng.uniform() < 0.12:
                answer = self._start(number, matte)
            if self._boxes[number] is None or rng.uniform() < 0.3:
                self._click(number, answer)
            if rng.uniform() < 0.2:
                self._stroke(number)

    def _start(self, number: int, wanted: Float32) -> Bool:
        """A matte as propagation leaves it: shifted, swollen or eaten at the edge, with a piece lost or too much."""
        rng, side = self._rng, self._side
        shift = np.array([[1, 0, rng.normal(0, 0.02) * side], [0, 1, rng.normal(0, 0.02) * side]])
        moved = cv2.warpAffine(wanted, shift, (side, side))
        size = 2 * int(rng.integers(0, max(2, side // 32))) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        moved = cv2.dilate(moved, kernel) if rng.uniform() < 0.5 else cv2.erode(moved, kernel)
        for _ in range(int(rng.integers(0, 3))):
            place = (int(rng.integers(side)), int(rng.integers(side)))
            value = float(rng.uniform() < 0.5)
            cv2.circle(moved, place, int(rng.uniform(0.03, 0.18) * side), value, -1)
        start = cv2.GaussianBlur(moved, (0, 0), float(rng.uniform(0.5, 2.5)))
        self._previous[number] = np.asarray(start, np.float32)
        return np.asarray(start > 0.5)

    def _box(self, mask: Bool) -> Frame | None:
        rows, columns = np.nonzero(mask)
        if not len(rows):
            return None
        loose = self._rng.uniform(-0.02, 0.08, 4) * self._side
        x0, y0 = float(columns.min() - loose[0]), float(rows.min() - loose[1])
        return Frame(x0, y0, float(columns.max() + 1 + loose[2]), float(rows.max() + 1 + loose[3]))

    def _extent(self, mask: Bool) -> float:
        return float(mask.mean() * np.exp(self._rng.normal(0, 0.35)))

    def _click(self, number: int, answer: Bool) -> None:
        mark = next_mark(answer, self._masks[number], self._rng)
        if mark is not None:
            self._marks[number].append(mark)

    def _stroke(self, number: int) -> None:
        """A short line inside the subject or inside what is not it, as places along it."""
        rng, mask = self._rng, self._masks[number]
        adds = bool(rng.uniform() < 0.6)
        inside = mask if adds else ~mask
        rows, columns = np.nonzero(inside)
        if not len(rows):
            return
        start = int(rng.integers(len(rows)))
        angle, step = rng.uniform(0, 2 * np.pi), 0.03 * self._side
        for place in range(int(rng.integers(2, 7))):
            x = columns[start] + 0.5 + place * step * np.cos(angle)
            y = rows[start] + 0.5 + place * step * np.sin(angle)
            if not (0 <= x < self._side and 0 <= y < self._side) or not inside[int(y), int(x)]:
                return
            self._marks[number].append(Mark(float(x), float(y), adds))

    def correct(self, logits: Tensor) -> None:
        """One more click each, and the answer as the previous matte."""
        shown = logits.detach().float().sigmoid()[:, 0].cpu().numpy()
        for number, answer in enumerate(shown):
            self._previous[number] = answer
            self._click(number, answer > 0.5)

    @property
    def asked(self) -> tuple[Tensor, Tensor]:
        """(B, HINTS, H/4, W/4) and (B, MOST_CLICKS, 3)."""
        shape = (self._side, self._side)
        told = zip(self._marks, self._boxes, self._previous, self._extents, strict=True)
        planes = np.stack([hint_planes(shape, *each) for each in told])
        tables = np.stack([click_table(shape, marks) for marks in self._marks])
        return torch.from_numpy(planes).to(self._device), torch.from_numpy(tables).to(self._device)
