"""The steps a foreground is made of: what each does, in numbers and in words. Knows no pixels.

A step that is not `on` stays in the list and does nothing. One that is `idle` has amounts that do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Screen = Literal["green", "blue"]
Limit = Literal["average", "double red", "double other", "larger", "smaller"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The background is taken out of the soft edge: what is left is the subject's own color.

    Args:
        strength: 0 leaves the plate's colors, 1 gives the estimate.
    """

    strength: float = 1.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.strength <= 0.0

    @property
    def words(self) -> str:
        return "estimated foreground"


@dataclass(frozen=True, slots=True)
class Despill:
    """The screen's color is taken from the subject: its channel is held below a limit made of the other two.

    Args:
        screen: whose color was spilled.
        limit: `average` of the other two; `double red`, `double other`: the average with red, or the one that is
            neither red nor the screen's, counted twice; `larger`, `smaller` of the other two.
        allow: how many times the limit is let through; less takes more.
        strength: how much of what is above goes.
        keep_light: how much of the luminance that goes comes back, as light of no color.
    """

    screen: Screen = "green"
    limit: Limit = "average"
    allow: float = 1.0
    strength: float = 1.0
    keep_light: float = 0.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.strength <= 0.0

    @property
    def words(self) -> str:
        return f"despill {self.screen}, {self.limit}"


@dataclass(frozen=True, slots=True)
class ExtendEdge:
    """The colors of the core are pulled outward under the soft edge.

    Args:
        reach_px: how far from the core; beyond it colors stay as they are.
        core: what is covered at least so much is core.
        strength: 0 leaves the edge's colors, 1 replaces them.
        keep_light: how much the edge's own brightness stays, under the core's hue.
    """

    reach_px: float = 12.0
    core: float = 0.98
    strength: float = 1.0
    keep_light: float = 0.0
    on: bool = True

    @property
    def idle(self) -> bool:
        return self.reach_px <= 0.0 or self.strength <= 0.0

    @property
    def words(self) -> str:
        return f"extend edge {self.reach_px:g} px"


ColorStep = Estimate | Despill | ExtendEdge
"""One thing that is done to a subject's color."""


@dataclass(frozen=True, slots=True)
class Foreground:
    """What is done to the plate's color for a layer's comp, first to last."""

    steps: tuple[ColorStep, ...] = ()

    @property
    def active(self) -> tuple[ColorStep, ...]:
        """The steps that do anything."""
        return tuple(step for step in self.steps if step.on and not step.idle)

    @property
    def off(self) -> bool:
        """Whether the plate's own colors are what is delivered."""
        return not self.active

    @property
    def words(self) -> str:
        """`estimated foreground, despill green, average`."""
        return ", ".join(step.words for step in self.active) or "plate colors"

    @property
    def estimates(self) -> bool:
        """Whether the background is taken out of the edge."""
        return any(isinstance(step, Estimate) for step in self.active)

    def with_estimate(self, on: bool) -> Foreground:
        """The estimate on, before all other steps where there is none yet; or off."""
        if any(isinstance(step, Estimate) for step in self.steps):
            steps = (replace(step, on=on) if isinstance(step, Estimate) else step for step in self.steps)
            return Foreground(tuple(steps))
        return Foreground((Estimate(), *self.steps)) if on else self


PLATE_COLORS = Foreground()
