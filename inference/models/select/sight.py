"""One window of the picture as the click network saw it, and the asking: prompts to logits of the window.

Windows and prompts are in pixels of the fine picture that answers live on; what is seen is read from the plate itself.
Knows nothing of earlier answers but what it is given as the previous matte.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from core import encoding
from core.arrays import Float32
from core.geometry import Window
from core.prompts import Box, Click, Prompt, Stroke
from inference.models.select.hints import Frame, Mark, click_table, hint_planes
from inference.models.select.network import MULTIPLE, ClickNet
from inference.training.precision import quick

_LARGEST: Final = 3.0
"""A plate's pixel is seen at most this large."""
_APART: Final = 0.03
"""Of the seen picture's size, between the marks that stand for a stroke."""
_MOST_OF_STROKE: Final = 10
_STEPS: Final = 4096
_CURVE: Final = encoding.encode("srgb", np.linspace(0, 1, _STEPS, dtype=np.float32) ** 2)
"""The display's curve, read at the root of light, so that the dark has as many steps as the bright."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A window that was looked at.

    Args:
        window: what is seen, in fine pixels.
        shape: (h, w) of it as seen, without the mirrored rim.
        padded: (h, w) with it.
        features: what the network found.
    """

    window: Window
    shape: tuple[int, int]
    padded: tuple[int, int]
    features: list[Tensor]

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in self.features)

    @property
    def scale(self) -> tuple[float, float]:
        """Seen pixels to a fine pixel, across and down."""
        return self.shape[1] / self.window.width, self.shape[0] / self.window.height

    def marks(self, prompts: Sequence[Prompt]) -> list[Mark]:
        """Clicks and strokes that lie in the window, in seen pixels and in their order."""
        across, down = self.scale
        found: list[Mark] = []
        for prompt in prompts:
            if isinstance(prompt, Box):
                continue
            places = [(prompt.x, prompt.y)] if isinstance(prompt, Click) else self._along(prompt)
            seen = [((x - self.window.x0) * across, (y - self.window.y0) * down) for x, y in places]
            found += [Mark(x, y, prompt.adds) for x, y in seen if 0 <= x < self.shape[1] and 0 <= y < self.shape[0]]
        return found

    def frame(self, box: Box) -> Frame:
        """A box in seen pixels."""
        across, down = self.scale
        return Frame(
            (box.x0 - self.window.x0) * across,
            (box.y0 - self.window.y0) * down,
            (box.x1 - self.window.x0) * across,
            (box.y1 - self.window.y0) * down,
        )

    def _along(self, stroke: Stroke) -> list[tuple[float, float]]:
        """Places evenly along a stroke, in fine pixels."""
        way = np.array([(point.x, point.y) for point in stroke.points], np.float64)
        done = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))]) if len(way) > 1 else np.zeros(1)
        apart = _APART * max(self.shape) / max(self.scale)
        count = int(np.clip(round(float(done[-1]) / apart) + 1, 1, _MOST_OF_STROKE))
        at = (np.arange(count) + 0.5) / count * done[-1]
        return list(zip(np.interp(at, done, way[:, 0]).tolist(), np.interp(at, done, way[:, 1]).tolist(), strict=True))


class Looks:
    """A plate's windows, looked at when first asked for; the last few are kept.

    Args:
        rgb: (H, W, 3) scene-linear plate.
        fine: (h, w, 3) the same, reduced to the fine picture.
        gain: exposure from `reduced.exposure`.
        working_px: longer edge of what the network sees.
    """

    def __init__(
        self, network: ClickNet, rgb: Float32, fine: Float32, gain: float, working_px: int, kept: int = 3
    ) -> None:
        self._network, self._rgb, self._fine, self._gain = network, rgb, fine, gain
        height, width = fine.shape[:2]
        self._across, self._down = rgb.shape[1] / width, rgb.shape[0] / height
        self._working_px = max(MULTIPLE, working_px // MULTIPLE * MULTIPLE)
        self._kept = kept
        self._near: OrderedDict[tuple[Window, int], Sight] = OrderedDict()
        self.whole = self._look(Window.of_size(width, height), self._working_px)

    @property
    def nbytes(self) -> int:
        return self.whole.nbytes + sum(each.nbytes for each in list(self._near.values()))

    def at(self, window: Window, part: float = 1.0) -> Sight:
        """`window` lies in the fine picture; `part`: of the working size, for what needs no more."""
        if window == self.whole.window and part == 1.0:
            return self.whole
        working_px = self._part_px(part)
        key = (window, working_px)
        if key not in self._near:
            self._near[key] = self._look(window, working_px)
            if len(self._near) > self._kept:
                self._near.popitem(last=False)
        self._near.move_to_end(key)
        return self._near[key]

    def ask(
        self,
        sight: Sight,
        marks: Sequence[Mark],
        box: Frame | None = None,
        previous: Float32 | None = None,
        extent: float | None = None,
    ) -> Float32:
        """(h, w) logits over the sight, float32.

        Args:
            marks: in seen pixels; `box` too.
            previous: (h, w) coverage 0-1 over the sight.
            extent: how much of what is seen the subject is meant to fill, 0-1.
        """
        if previous is not None:
            previous = _mirrored(previous, sight.padded)
        planes = torch.from_numpy(hint_planes(sight.padded, marks, box, previous, extent))[None]
        table = torch.from_numpy(click_table(sight.padded, marks))[None]
        with torch.inference_mode(), quick():
            logits: Float32 = self._network.answer(sight.features, planes, table)[0, 0].float().numpy()
        return np.ascontiguousarray(logits[: sight.shape[0], : sight.shape[1]])

    def rehearse(self, part: float) -> None:
        """Look at a square of `part` of the working size, and ask; nothing is kept of it."""
        side = min(self.whole.window.width, self.whole.window.height)
        self.ask(self._look(Window.of_size(side, side), self._part_px(part)), [])

    def _part_px(self, part: float) -> int:
        return max(MULTIPLE, round(part * self._working_px / MULTIPLE) * MULTIPLE)

    def _pixels(self, window: Window, working_px: int) -> Float32:
        """The plate's own; those of the fine picture where that has enough of them."""
        if max(window.shape) >= working_px:
            return self._fine[window.y0 : window.y1, window.x0 : window.x1]
        x0, x1 = (round(x * self._across) for x in (window.x0, window.x1))
        y0, y1 = (round(y * self._down) for y in (window.y0, window.y1))
        return self._rgb[y0:y1, x0:x1]

    def _look(self, window: Window, working_px: int) -> Sight:
        part = self._pixels(window, working_px)
        scale = min(_LARGEST, working_px / max(part.shape[:2]))
        height, width = (max(1, round(length * scale)) for length in part.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        seen = displayed(np.asarray(cv2.resize(part, (width, height), interpolation=how), np.float32), self._gain)
        padded = (_multiple(height), _multiple(width))
        planes = torch.from_numpy(_mirrored(seen, padded)).permute(2, 0, 1)[None]
        with torch.inference_mode(), quick():
            found = self._network.look(planes.contiguous(memory_format=torch.channels_last))
        return Sight(window, (height, width), padded, found)


def displayed(rgb: Float32, gain: float) -> Float32:
    """(h, w, 3) as a display would show it, 0-1: what the network was trained with. Clips."""
    light = np.sqrt(np.clip(rgb * np.float32(gain), 0, 1))
    return np.asarray(_CURVE[(light * (_STEPS - 1) + 0.5).astype(np.int32)], np.float32)


def _mirrored(array: Float32, shape: tuple[int, int]) -> Float32:
    """Made larger at the right and at the bottom."""
    down, right = shape[0] - array.shape[0], shape[1] - array.shape[1]
    return np.asarray(cv2.copyMakeBorder(array, 0, down, 0, right, cv2.BORDER_REFLECT), np.float32)


def _multiple(length: int) -> int:
    return (length + MULTIPLE - 1) // MULTIPLE * MULTIPLE
