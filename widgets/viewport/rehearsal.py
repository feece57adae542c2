"""A viewport's scenes of other frames, built now so that workers can make them ready.

Knows the stage, the framing and the surface; shows nothing.
"""

from __future__ import annotations

from dataclasses import replace

from core.frames import FrameNumber
from widgets.view_state import ViewState
from widgets.viewport.easel import Easel
from widgets.viewport.framing import Framing
from widgets.viewport.preparation import Preparation, Prepared
from widgets.viewport.stage import Stage


class Rehearsal:
    """Lives on the interface's thread."""

    def __init__(self, view: ViewState, stage: Stage, framing: Framing, easel: Easel) -> None:
        self._view, self._stage, self._framing, self._easel = view, stage, framing, easel
        self._budget_bytes = easel.surface.cache.budget_bytes
        self.baked = stage.baked
        """Scenes look different although the look is the same."""
        easel.changed.connect(lambda _path: self._obey())

    @property
    def budget_bytes(self) -> int:
        """How much memory may be taken by pictures made ready."""
        return self._budget_bytes

    @budget_bytes.setter
    def budget_bytes(self, most: int) -> None:
        self._budget_bytes = most
        self._obey()

    def _obey(self) -> None:
        """Together they stay within it: what is read ahead is counted with its mattes."""
        self._easel.surface.cache.budget_bytes = self._budget_bytes
        self._stage.builder.levels.budget_bytes = self._budget_bytes

    def prepare(self, frame: FrameNumber) -> Preparation | None:
        """What a worker can do so that this frame can be shown at once; None while its picture is not there."""
        scene = self._stage.builder.build(replace(self._view.look, frame=frame))
        if scene.waiting or scene.picture is None:
            return None
        return self._easel.surface.prepare(scene, self._framing.places)

    def holds(self, prepared: Prepared) -> bool:
        """Whether what was prepared is still kept; it counts as used just now."""
        return self._easel.surface.holds(prepared)
