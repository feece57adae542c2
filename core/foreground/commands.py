"""The undoable edit of a layer's foreground. See `core/commands.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.foreground.steps import Foreground
from core.layer import LayerId
from core.shot import Change, Shot, Touched


@dataclass(frozen=True, slots=True)
class SetForeground:
    """What is done to the plate's color for a layer's comp."""

    layer_id: LayerId
    foreground: Foreground
    label: ClassVar[str] = "Change foreground"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        layer = replace(shot.layer(self.layer_id), foreground=self.foreground)
        return shot.with_layer(layer), Change(Touched.FOREGROUND, self.layer_id)
