"""Which pictures the shader of `gl_programs.py` can draw by itself, and what it must know of them."""

from __future__ import annotations

from core.arrays import AnyFloat
from widgets.viewport.display_frame import Pixels
from widgets.viewport.light import Checker, CompLight, Flat, PictureLight
from widgets.viewport.overlay import Coverage
from widgets.viewport.pixels import CompPixels, LightPixels, PlatePixels


class Graded:
    """Pixels the picture shader can draw: a plate, or a comp of it over a color or a checker."""

    def __init__(
        self,
        pixels: PlatePixels | CompPixels | LightPixels,
        rgba: AnyFloat,
        *,
        comp: bool = False,
        coverage: Coverage | None = None,
        behind: tuple[float, float, float] = (0.0, 0.0, 0.0),
        board: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    ) -> None:
        self.pixels, self.rgba, self.comp, self.coverage = pixels, rgba, comp, coverage
        self.behind, self.board = behind, board

    @classmethod
    def of(cls, pixels: Pixels | None) -> Graded | None:
        """None for pixels that must be converted elsewhere."""
        if isinstance(pixels, PlatePixels):
            return cls(pixels, pixels.picture.rgba)
        if isinstance(pixels, CompPixels):
            return cls(pixels, pixels.picture.rgba, comp=True, coverage=pixels.coverage, behind=pixels.color)
        if not isinstance(pixels, LightPixels) or pixels.data:
            return None
        light = pixels.light
        if not isinstance(light, CompLight) or not isinstance(light.picture, PictureLight):
            return None
        if pixels.window != light.picture.window:
            return None
        rgba = light.picture.picture.rgba
        if isinstance(light.behind, Flat):
            return cls(pixels, rgba, comp=True, coverage=light.coverage, behind=light.behind.color)
        if isinstance(light.behind, Checker):
            form, side = light.behind.form, light.behind.side_px
            corner = form.display.x0 - pixels.window.x0, form.display.y0 - pixels.window.y0
            board = float(corner[0]), float(corner[1]), float(max(1, round(side / form.pixel_aspect))), float(side)
            return cls(pixels, rgba, comp=True, coverage=light.coverage, board=board)
        return None
