"""The camera: a slow tracking shot from the hand. Knows where a depth lands on the picture, not what stands there.

World pixels are pixels of the picture at the subject's depth (1.0). A point at depth `z` and world x lands at
`(x - dolly) / z`. y points down; the horizon is the height of the lens.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.noise import generator


@functools.cache
def hand(seed: int) -> npt.NDArray[np.float64]:
    """(2, 4) phases of the hand's sway, across and down."""
    return generator(seed, 11).uniform(0, 2 * np.pi, (2, 4))


@dataclass(frozen=True, slots=True)
class Camera:
    """All lengths in pixels of a 1280 x 720 picture times `scale`; time in frames since the first, fractions too.

    Args:
        shutter: the part of a frame the shutter is open (0.5 is 180 degrees).
        blur_px: radius of the disc an infinitely far point is spread to when the subject is in focus.
    """

    width: int
    height: int
    frames: int
    seed: int
    shutter: float = 0.5
    blur_px: float = 9.0

    @property
    def scale(self) -> float:
        return self.height / 720.0

    @property
    def horizon(self) -> float:
        return 322.0 * self.scale

    @property
    def ground(self) -> float:
        """The row the subject's feet stand on."""
        return 618.0 * self.scale

    def row(self, depth: float) -> float:
        """The row where the ground lies at this depth."""
        return self.horizon + (self.ground - self.horizon) / depth

    def dolly(self, time: float) -> float:
        """World x of the left edge at the subject's depth; starts at 0 and follows with a slight lag."""
        part = time / 36.0
        return float(self.scale * (17.4 * time + 24.0 * np.sin(2.2 * part) - 14.0 * part * part))

    def shake(self, time: float) -> tuple[float, float]:
        """What the hand adds, in pixels, the same for every depth."""
        phases = hand(self.seed)
        cycles = np.array([0.021, 0.047, 0.11, 0.23])
        reach = np.array([[6.0, 3.2, 1.2, 0.45], [4.0, 2.4, 1.0, 0.4]])
        moved = (reach * np.sin(2 * np.pi * cycles * time + phases)).sum(axis=1) * self.scale
        return float(moved[0]), float(moved[1])

    def circle(self, depth: float) -> float:
        """Radius of the circle of confusion at this depth."""
        return self.blur_px * self.scale * abs(1.0 / depth - 1.0)

    def times(self, position: int, samples: int) -> list[float]:
        """Moments inside the open shutter, evenly spread around the middle of the frame."""
        return [position + self.shutter * ((i + 0.5) / samples - 0.5) for i in range(samples)]

    def span(self, depth: float) -> float:
        """How far the picture of this depth moves over the whole shot."""
        return self.dolly(self.frames) / depth
