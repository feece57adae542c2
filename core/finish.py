"""The finish of a layer: what is done to every one of its mattes, last, before anyone sees or gets it.

An ordered list of steps, not edits of a frame: nothing authored or derived is touched by them, and there are none at
first. What a finished matte is called, so that whoever has its key can make it, is `core/finish_keys.py`; the pixels
are `core/finishing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.finish_steps import FillHoles, Grow, Invert, RemoveSpecks, Step
from core.frames import FrameNumber, FrameRange


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done, in this order.

    Args:
        steps: first to last.
        frames: only on these; None for all.
    """

    steps: tuple[Step, ...] = ()
    frames: FrameRange | None = None

    @classmethod
    def of(
        cls,
        holes_px2: int = 0,
        specks_px2: int = 0,
        grow_px: float = 0.0,
        inverted: bool = False,
        frames: FrameRange | None = None,
    ) -> Finish:
        """The four plain steps in the order they are always done in; an amount of 0 is no step."""
        steps: tuple[Step, ...] = (FillHoles(holes_px2), RemoveSpecks(specks_px2), Grow(grow_px))
        steps = tuple(step for step in steps if not step.idle)
        return cls((*steps, Invert()) if inverted else steps, frames)

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that do anything."""
        return tuple(step for step in self.steps if step.on and not step.idle)

    @property
    def off(self) -> bool:
        """Whether it does nothing on any frame."""
        return not self.active

    @property
    def inverted(self) -> bool:
        """Whether more is out than in, after all of it."""
        return sum(isinstance(step, Invert) for step in self.active) % 2 == 1

    @property
    def grow_px(self) -> float:
        """How far edges move out in all."""
        return sum(step.by_px for step in self.active if isinstance(step, Grow))

    def at(self, frame: FrameNumber) -> Finish:
        """What is done on one frame; a finish that is off outside its frames."""
        return self if self.frames is None or frame in self.frames else NO_FINISH

    @property
    def words(self) -> str:
        """`fill holes, grow 2 px`."""
        return ", ".join(step.words for step in self.active) or "no finish"

    # --- the list as the hand changes it ------------------------------------------------------------------------

    def with_step(self, place: int, step: Step | None) -> Finish:
        """Another step at a place; None takes it out."""
        steps = (*self.steps[:place], *(() if step is None else (step,)), *self.steps[place + 1 :])
        return replace(self, steps=steps)

    def with_added(self, step: Step) -> Finish:
        return replace(self, steps=(*self.steps, step))

    def with_grown(self, by_px: float) -> Finish:
        """Every edge so much further out: the last step that grows grows more; without one, one before an invert."""
        places = [place for place, step in enumerate(self.steps) if isinstance(step, Grow) and step.on]
        if places:
            step = self.steps[places[-1]]
            assert isinstance(step, Grow)
            grown = replace(step, by_px=step.by_px + by_px)
            return self.with_step(places[-1], None if grown.idle else grown)
        last = self.steps[-1:]
        turned = last if last and isinstance(last[0], Invert) else ()
        return replace(self, steps=(*self.steps[: len(self.steps) - len(turned)], Grow(by_px), *turned))

    def with_turned(self) -> Finish:
        """In and out exchanged: a last step that inverts goes, else one comes."""
        last = self.steps[-1:]
        if last and isinstance(last[0], Invert) and last[0].on:
            return replace(self, steps=self.steps[:-1])
        return self.with_added(Invert())

    # --- how it was said before there was a list ----------------------------------------------------------------

    @property
    def plain_amounts(self) -> tuple[int, int, float, bool] | None:
        """Holes, specks, grow, inverted, where it is no more than what `of` makes; else None."""
        holes, specks, grown, inverted = 0, 0, 0.0, False
        for step in self.active:
            match step:
                case FillHoles(most):
                    holes = most
                case RemoveSpecks(most):
                    specks = most
                case Grow(by):
                    grown = float(by)
                case Invert():
                    inverted = True
                case _:
                    return None
        return (
            (holes, specks, grown, inverted) if Finish.of(holes, specks, grown, inverted).steps == self.active else None
        )

    @property
    def hashed_as(self) -> Mapping[str, Any] | None:
        """What a hash of it says (`core/digest.py`): key frames of older projects keep their content."""
        amounts = self.plain_amounts
        if amounts is None or self.active != self.steps:
            return None
        holes, specks, grown, inverted = amounts
        named = {"holes_px2": holes, "specks_px2": specks, "grow_px": grown, "inverted": inverted}
        return {"": "Finish", **named, "frames": self.frames}


NO_FINISH = Finish()
