"""Reads what lies under a place or an area of the scene: the words of the status line."""

from __future__ import annotations

import math

from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from core.prompts import Box
from widgets.tools.tool import ToolContext
from widgets.viewport.data_pixels import DataPixels
from widgets.viewport.looked_at import stored_here
from widgets.viewport.pane import Pane
from widgets.viewport.pixels import CompPixels, LightPixels, PlatePixels
from widgets.viewport.readout import area_readout, readout
from widgets.viewport.stage import Stage


class Probe:
    """Looks at the scene that is true now, also while an older one is still shown."""

    def __init__(self, stage: Stage, context: ToolContext) -> None:
        self._stage = stage
        self._context = context

    def at(self, x: float, y: float, pane: int = 0) -> str | None:
        """One plate pixel of the pane under the pointer; None without a plate, empty outside it."""
        scene, look = self._stage.scene, self._context.look
        plate = scene.plate
        if plate is None:
            return None
        transform = self._stage.builder.transform(look)
        shown = scene.panes[min(pane, len(scene.panes) - 1)]
        picture = picture_at(shown, scene.picture, plate.format, math.floor(x), math.floor(y))
        stored = stored_here(self._context.studio, plate, look, picture) if picture is scene.picture else None
        matte = matte_at(shown, math.floor(x), math.floor(y)) or self._matte()
        return readout(x, y, plate, picture, matte, transform, stored)

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


def picture_at(pane: Pane, plate: Picture | None, form: Format, x: int, y: int) -> Picture | None:
    """The picture a pane shows at one plate pixel: whole where it shows one, a comp's or fitted picture's one pixel;
    the plate where a pane shows a matte, or what is no light of the scene."""
    pixels = pane.pixels
    if isinstance(pixels, PlatePixels | DataPixels):
        return pixels.picture
    if isinstance(pixels, LightPixels | CompPixels):
        here = Window(x, y, x + 1, y + 1).intersect(pixels.window)
        return Picture(pixels.light.sample(x, y, 1, (1, 1))[: here.height, : here.width], here, form)
    return plate


def matte_at(pane: Pane, x: int, y: int) -> Matte | None:
    """One pixel of the matte a pane shows alone (a take, another layer's); None where it shows a picture."""
    if pane.coverage is None:
        return None
    return Matte(Window(x, y, x + 1, y + 1), pane.coverage.floats(x, y, 1, (1, 1)))
