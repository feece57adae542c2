"""A keyer for green and blue screens, as a model: clicks pick colors, and every frame is keyed for itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.arrays import Float32
from core.errors import Cancelled, EngineError, FrameError
from core.frames import FrameNumber
from core.prompts import Box, Click, Prompt, Stroke
from inference.model import Cancelled as Poll
from inference.model import FrameSource, Options, Propagated
from inference.models.key.keying import clipped, keyed, like
from inference.models.key.screen import Screen, clean_plate, picked, screen_in

PICK_PX = 3
"""A click looks at this many pixels around it."""
SCREENISH = 0.5
"""A pixel with this part of the screen's excess is a pick of the screen, whichever button was pressed."""


@dataclass(frozen=True, slots=True)
class Plate:
    """What is kept of a frame."""

    rgb: Float32

    @property
    def nbytes(self) -> int:
        return int(self.rgb.nbytes)


class Key:
    """Implements `SegmentModel` and `PropagateModel`."""

    def encode(self, rgb: Float32, options: Options) -> Plate:
        del options
        return Plate(rgb)

    def segment(
        self, encoded: Plate, prompts: Sequence[Prompt], previous: Float32 | None, options: Options, cancelled: Poll
    ) -> tuple[Float32, float]:
        """What is not screen; `previous` is not looked at, for nothing of it is the keyer's."""
        del previous
        rgb = encoded.rgb
        found = screen_in(rgb, str(options["screen"]))
        picks: list[Float32] = []
        held: list[Float32] = []
        removed: list[Float32] = []
        for prompt in prompts:
            if isinstance(prompt, Box):
                continue
            pixels = _under(rgb, prompt)
            if not len(pixels):
                continue
            screen = picked(pixels, str(options["screen"]))
            if screen is not None and (found is None or _like_screen(screen, found)):
                picks.append(pixels)
            else:
                (held if prompt.adds else removed).append(np.median(pixels, axis=0))
        if picks:
            found = picked(np.concatenate(picks), str(options["screen"]))
        if found is None:
            raise EngineError(
                "The screen", why="no green or blue one was found in this frame", hint="Click on the screen itself."
            )
        if cancelled():
            raise Cancelled
        coverage = _coverage(rgb, found, options)
        for color in held:
            coverage = np.maximum(coverage, like(rgb, color))
        for color in removed:
            coverage = coverage * (1 - like(rgb, color))
        boxes = [prompt for prompt in prompts if isinstance(prompt, Box)]
        if boxes:
            coverage = coverage * _inside(boxes, coverage.shape)
        return coverage, 1.0

    def propagate(
        self,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        frames: Sequence[FrameNumber],
        adapter: bytes,
        options: Options,
        cancelled: Poll,
    ) -> Iterator[Propagated]:
        """Every frame for itself, with the color that the nearest key frame left out."""
        del adapter
        screens = {frame: screen for frame in keys if (screen := _left_out(source, frame, keys[frame], options))}
        for frame in frames:
            if cancelled():
                raise Cancelled
            if frame in keys:
                continue
            try:
                rgb = source.rgb(frame)
            except FrameError:
                continue
            nearest = min(screens, key=lambda key: abs(key - frame), default=None)
            found = screens[nearest] if nearest is not None else screen_in(rgb, str(options["screen"]))
            coverage = _coverage(rgb, found, options) if found else np.ones(rgb.shape[:2], np.float32)
            yield Propagated(frame, coverage, 1.0 if found else 0.0)


def create(folder: Path) -> Key:
    del folder
    return Key()


def _coverage(rgb: Float32, screen: Screen, options: Options) -> Float32:
    behind = clean_plate(rgb, screen) if options["clean_plate"] else np.broadcast_to(
        np.array(screen.color, np.float32), rgb.shape
    )  # fmt: skip
    coverage = keyed(rgb, behind, screen.channel, float(options["own_color"]))
    return clipped(coverage, float(options["clip_black"]), float(options["clip_white"]))


def _like_screen(pick: Screen, screen: Screen) -> bool:
    return pick.channel == screen.channel and pick.excess > SCREENISH * screen.excess


def _left_out(source: FrameSource, frame: FrameNumber, coverage: Float32, options: Options) -> Screen | None:
    """The screen as a key frame shows it: what it does not cover."""
    try:
        rgb = source.rgb(frame)
    except FrameError:
        return None
    return screen_in(rgb, str(options["screen"]), coverage <= 0)


def _inside(boxes: Sequence[Box], shape: tuple[int, ...]) -> Float32:
    """(H, W) 1 in any of the boxes that hold the subject, 0 outside."""
    inside = np.zeros(shape, np.float32)
    for box in boxes:
        inside[max(0, round(box.y0)) : max(0, round(box.y1)), max(0, round(box.x0)) : max(0, round(box.x1))] = 1
    return inside


def _under(rgb: Float32, prompt: Click | Stroke) -> Float32:
    """(N, 3) pixels that a prompt lies on."""
    height, width = rgb.shape[:2]
    points = [prompt] if isinstance(prompt, Click) else prompt.points
    found = []
    for point in points:
        x, y = math.floor(point.x), math.floor(point.y)
        if 0 <= x < width and 0 <= y < height:
            area = rgb[max(0, y - PICK_PX) : y + PICK_PX + 1, max(0, x - PICK_PX) : x + PICK_PX + 1]
            found.append(area.reshape(-1, 3))
    return np.concatenate(found) if found else np.zeros((0, 3), np.float32)
