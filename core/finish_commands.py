"""Undoable edits of the finish: of a whole layer, and of one frame as a correction. See `core/commands.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.commands import corrected
from core.finish import Finish
from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.shot import Change, Shot, Touched


@dataclass(frozen=True, slots=True)
class FinishFrame:
    """Do to the matte of one frame what a finish does to all: a correction like a stroke. `base` as in `AddPrompt`."""

    layer_id: LayerId
    frame: FrameNumber
    finish: Finish
    base: MatteKey

    @property
    def label(self) -> str:
        return self.finish.words.capitalize()

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return corrected(shot, self.layer_id, self.frame, self.finish, self.base)


@dataclass(frozen=True, slots=True)
class SetFinish:
    """What is done to every matte of a layer before it is shown or delivered."""

    layer_id: LayerId
    finish: Finish
    label: ClassVar[str] = "Change finish"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = replace(shot.layer(self.layer_id), finish=self.finish)
        return shot.with_layer(layer), Change(Touched.FINISH, self.layer_id)
