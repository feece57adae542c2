"""Reads what lies under a place or an area of the scene: the words of the status line."""

from __future__ import annotations

from core.matte import Matte
from core.prompts import Box
from widgets.tools.tool import ToolContext
from widgets.viewport.looked_at import stored_here
from widgets.viewport.readout import area_readout, readout
from widgets.viewport.stage import Stage


class Probe:
    """Looks at the scene that is true now, also while an older one is still shown."""

    def __init__(self, stage: Stage, context: ToolContext) -> None:
        self._stage = stage
        self._context = context

    def at(self, x: float, y: float) -> str | None:
        """One plate pixel; None without a plate, empty outside it."""
        scene, look = self._stage.scene, self._context.look
        if scene.plate is None:
            return None
        transform = self._stage.builder.transform(look)
        stored = stored_here(self._context.studio, scene.plate, look, scene.picture)
        return readout(x, y, scene.plate, scene.picture, self._matte(), transform, stored)

    def over(self, area: Box) -> str | None:
        """The mean of all pixels the area touches; None without a plate."""
        scene = self._stage.scene
        if scene.plate is None:
            return None
        transform = self._stage.builder.transform(self._context.look)
        return area_readout(area, scene.plate, scene.picture, self._matte(), transform)

    def _matte(self) -> Matte | None:
        layer = self._context.layer
        return self._context.studio.matte(layer.id, self._context.look.frame)[0] if layer is not None else None
