"""The steps a finish is made of: what each does, in numbers and in words. Knows neither pixels nor keys.

A step that is not `on` stays in the list and does nothing. One that is `idle` has amounts that do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["out", "in", "both"]
How = Literal["add", "subtract", "intersect", "hold out"]


@dataclass(frozen=True, slots=True)
class FillHoles:
    """Holes of at most this many pixels are filled."""

    most_px2: int = 0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.most_px2 <= 0

    @property
    def words(self) -> str:
        return "fill holes"


@dataclass(frozen=True, slots=True)
class RemoveSpecks:
    """Pieces of at most this many pixels are removed, but never the largest piece."""

    most_px2: int = 0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.most_px2 <= 0

    @property
    def words(self) -> str:
        return "remove specks"


@dataclass(frozen=True, slots=True)
class Grow:
    """Every edge moves out by any part of a pixel; negative shrinks."""

    by_px: float = 0.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.by_px == 0.0

    @property
    def words(self) -> str:
        return f"{'grow' if self.by_px >= 0 else 'shrink'} {abs(self.by_px):g} px"


@dataclass(frozen=True, slots=True)
class Invert:
    """What is in is out, and the other way round."""

    on: bool = True

    @property
    def idle(self) -> bool:
        return False

    @property
    def words(self) -> str:
        return "invert"


@dataclass(frozen=True, slots=True)
class Feather:
    """A soft edge so many pixels wide, outside of the old edge, inside of it, or half and half."""

    width_px: float = 0.0
    side: Side = "out"
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.width_px <= 0.0

    @property
    def words(self) -> str:
        return f"feather {self.width_px:g} px {'both ways' if self.side == 'both' else self.side}"


@dataclass(frozen=True, slots=True)
class Blur:
    """A Gaussian blur of this standard deviation."""

    size_px: float = 0.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.size_px <= 0.0

    @property
    def words(self) -> str:
        return f"blur {self.size_px:g} px"


@dataclass(frozen=True, slots=True)
class Streak:
    """A blur along one direction, as an open shutter makes it.

    Args:
        length_px: from end to end.
        angle: in degrees; 0 is across, 90 is up and down, 45 rises to the right.
    """

    length_px: float = 0.0
    angle: float = 0.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.length_px <= 0.0

    @property
    def words(self) -> str:
        return f"streak {self.length_px:g} px at {self.angle:g}°"


@dataclass(frozen=True, slots=True)
class MotionBlur:
    """A blur along the picture's own motion, so long as it moves while the shutter is open.

    Args:
        shutter: the part of a frame that it is open; 0.5 is the usual 180 degrees.
    """

    shutter: float = 0.5
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.shutter <= 0.0

    @property
    def words(self) -> str:
        return f"motion blur {self.shutter:g}"


@dataclass(frozen=True, slots=True)
class Smooth:
    """The outline loses what is smaller than this; soft stays as soft as it was.

    Args:
        size_px: the standard deviation of what it is averaged over.
        corners: how well corners are kept: 0 rounds them, 1 keeps all but the bluntest.
    """

    size_px: float = 0.0
    corners: float = 0.5
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.size_px <= 0.0

    @property
    def words(self) -> str:
        return f"smooth {self.size_px:g} px"


@dataclass(frozen=True, slots=True)
class Levels:
    """Coverage from `black` down is 0, from `white` up is 1; what lies between is bent by `gamma` (more is fuller)."""

    black: float = 0.0
    white: float = 1.0
    gamma: float = 1.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return (self.black, self.white, self.gamma) == (0.0, 1.0, 1.0)

    @property
    def words(self) -> str:
        bent = f", gamma {self.gamma:g}" if self.gamma != 1.0 else ""
        return f"levels {self.black:g} to {self.white:g}{bent}"


@dataclass(frozen=True, slots=True)
class Combine:
    """With what another layer delivers on the same frame.

    Args:
        layer_id: of the other layer; while there is no such layer nothing is done.
        how: `add`: what either has. `subtract`: minus the other's coverage, for layers that share an edge.
            `intersect`: what both have. `hold out`: the other stands in front.
    """

    layer_id: str = ""
    how: How = "add"
    on: bool = True

    @property
    def idle(self) -> bool:
        return not self.layer_id

    @property
    def words(self) -> str:
        return {"add": "add a layer", "subtract": "subtract a layer", "intersect": "intersect with a layer"}.get(
            self.how, "held out by a layer"
        )


Step = FillHoles | RemoveSpecks | Grow | Invert | Feather | Blur | Streak | MotionBlur | Smooth | Levels | Combine
"""One thing that a finish does."""
