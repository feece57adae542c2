"""What is to be seen now, gathered from the studio and the look into one immutable value a renderer can draw.

Asks the studio once per change, never per repaint. Knows neither zoom nor QPainter.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from core.color import ColorConfig, DisplayTransform
from core.geometry import Window
from core.layer import KeyFrame, Layer
from core.picture import Picture
from core.plate import Plate
from core.plate_layers import Shown
from widgets.seen import Seen
from widgets.tools.roto import said_while_drawing
from widgets.tools.target import new_layer
from widgets.view_state import Compare, Look, MatteStyle, SourceKind
from widgets.viewport.bakery import Bakery
from widgets.viewport.comparison import Comparison
from widgets.viewport.data_pixels import DataPixels, DataRange, range_of
from widgets.viewport.difference_meter import DifferenceMeter
from widgets.viewport.edges import AFTER, BEFORE, EdgeCoverage, edge_table, line_table, outlines
from widgets.viewport.heat import beside_heat, with_heat
from widgets.viewport.light import Flat, PictureLight
from widgets.viewport.looked_at import PlateHere, plate_here
from widgets.viewport.overlay import Color, Coverage, LevelCache, StillCoverage
from widgets.viewport.pane import Overlay, Pane
from widgets.viewport.pixels import CompPixels, Grade, LightPixels, PlatePixels
from widgets.viewport.serial import serial_of
from widgets.viewport.sides import Live, Side, Sides
from widgets.viewport.trimap_overlay import with_trimap
from widgets.viewport.warnings import Judged, Warnings

STALE_OPACITY = 0.55
"""How strong an older matte's overlay is, relative to a current one's."""


COARSE_OPACITY = 0.85
"""The same of a first answer that a finer one follows."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All there is to draw for one look. `picture` is what the eye is on: the plate, or what is looked at beside it."""

    look: Look = field(default_factory=Look)
    plate: Plate | None = None
    picture: Picture | None = None
    waiting: bool = False
    """The picture is being read: a pause, not a fault."""
    panes: tuple[Pane, ...] = ()
    preview: Overlay | None = None
    coarse: bool = False
    """The chosen layer's matte is a first answer; a finer one is on its way."""
    key_frame: KeyFrame = field(default_factory=KeyFrame)
    layer: Layer | None = None

    @property
    def data_window(self) -> Window | None:
        if self.picture is not None:
            return self.picture.data_window
        return self.plate.data_window if self.plate else None


class SceneBuilder:
    """Builds scenes; remembers the display transform of the last look and the levels of mattes.

    Args:
        meter: says how much two mattes differ; None where nobody reads it.
        warnings: paints what is wrong with pixels; None where nobody looks for it.
        bakery: bakes views; meanwhile the last one is kept. None to wait for them.
    """

    def __init__(
        self,
        studio: Seen,
        levels: LevelCache | None = None,
        meter: DifferenceMeter | None = None,
        warnings: Warnings | None = None,
        bakery: Bakery | None = None,
    ) -> None:
        self._studio = studio
        self.levels = self._levels = levels or LevelCache()
        self._sides = Sides(studio, self._levels)
        self._both = Comparison(meter)
        self._warnings = warnings
        self._bakery = bakery
        self._transform: tuple[Grade, ColorConfig, DisplayTransform] | None = None
        self._last_view: tuple[ColorConfig, str, str] | None = None
        self._range: tuple[Shown, DataRange] | None = None

    def grade(self, look: Look) -> Grade:
        """The look's grade with the config's defaults filled in where it names no display or view."""
        color = self._studio.color
        display, view, ocio_look = color.named(look.display, look.view, look.ocio_look)
        wanted = (color, display, view)
        last = self._last_view
        if last is None or last[0] is not color or self._bakery is None or self._bakery.ready(*wanted):
            self._last_view = last = wanted
        return Grade.of(look, last[1], last[2], ocio_look)

    def transform(self, look: Look) -> DisplayTransform:
        grade, color = self.grade(look), self._studio.color
        if self._transform is None or self._transform[:2] != (grade, color):
            stops, gamma = grade.exposure_stops, grade.gamma
            made = color.display(grade.display, grade.view, stops, gamma, grade.ocio_look)
            self._transform = grade, color, made
        return self._transform[2]

    def build(self, look: Look, live: Live | None = None) -> Scene:
        """The scene of this look."""
        shot = self._studio.document.shot
        plate = shot.plate
        count = 2 if look.compare.two_panes else 1
        if plate is None:
            empty = "Open a plate to begin: drop an EXR sequence here, or use File, Open."
            return Scene(look, panes=(Pane(sentence=empty),) * count)
        layer = shot.find(look.layer_id)
        here = plate_here(self._studio, plate, look)
        if here.picture is None:
            sentence = here.error or f"Reading frame {here.frame}…"
            panes: tuple[Pane, ...] = (Pane(sentence=sentence, notes=here.notes(look)),) * count
        else:
            panes = self._panes(look, plate, here, here.picture, live)
        return Scene(
            look,
            plate,
            here.seen,
            here.waiting or any(pane.waiting for pane in panes),
            panes,
            self._preview(look, layer) if here.picture is not None else None,
            layer is not None and self._studio.is_coarse(layer.id, look.frame),
            layer.key_frame(look.frame) if layer else KeyFrame(),
            layer,
        )

    def _panes(
        self, look: Look, plate: Plate, here: PlateHere, picture: Picture, live: Live | None
    ) -> tuple[Pane, ...]:
        drawing = said_while_drawing(self._studio.document.shot.find(look.layer_id))
        notes = (*here.notes(look), *(((drawing, "text"),) if drawing else ()))
        if look.compare is Compare.SINGLE:
            side = self._sides.of(look.b if look.flipped else look.a, look, picture, live, here.beside)
            return (self._pane(side.with_notes(notes), look, live, "B" if look.flipped else ""),)
        a = self._sides.of(look.a, look, picture, live, here.beside)
        against_itself = look.a == look.b  # then A is what is looked at, and B what is matted
        b = self._sides.of(look.b, look, picture, live, None if against_itself else here.beside)
        a = a.with_notes(notes)
        if look.compare.two_panes:
            return self._pane(a, look, live, "A"), self._pane(b, look, live, "B")
        return (self._both.pane(a, b, look, PictureLight(picture), plate, self.transform(look), self.grade(look)),)

    def _pane(self, side: Side, look: Look, live: Live | None, name: str) -> Pane:
        pane = self._pane_of(side, beside_heat(look), live, name)
        return pane if pane.sentence else with_heat(self._studio, look, with_trimap(self._studio, look, pane))

    def _pane_of(self, side: Side, look: Look, live: Live | None, name: str) -> Pane:
        pane = Pane(side.label, stale=side.stale, side=name, notes=side.notes, waiting=side.waiting)
        if side.sentence:
            return replace(pane, sentence=side.sentence)
        grade, transform = self.grade(look), self.transform(look)
        if side.picture is None:
            return replace(pane, coverage=side.coverage, overlays=self._onion(look))
        light = side.light
        assert light is not None
        if side.kind is SourceKind.COMP:
            key: Hashable = ("comp", light.key, grade)
            whole = light.window == side.picture.window
            if whole and isinstance(side.picture, PictureLight) and isinstance(side.behind, Flat):
                comp = CompPixels(side.picture.picture, side.coverage, side.behind.color, transform, grade)
                return replace(pane, pixels=comp, key=key, overlays=self._onion(look))
            return replace(pane, pixels=LightPixels(light, transform, grade), key=key, overlays=self._onion(look))
        overlays, stale = self._overlays(look, live) if look.overlay else ((), ())
        pane = replace(pane, overlays=(*overlays, *self._onion(look)), stale=stale)
        if isinstance(side.picture, PictureLight):
            picture = side.picture.picture
            if picture.is_data:
                between = self._range_of(picture, look)
                data = DataPixels(picture, between, look.exposure_stops, look.gamma)
                key = ("data", serial_of(picture.rgba), between, look.exposure_stops, look.gamma)
                return replace(pane, pixels=data, key=key, notes=(*pane.notes, (between.words, "text_dim")))
            pane = self._warned(pane, picture, look, grade, transform)
            plain = PlatePixels(picture, transform, grade)
            return replace(pane, pixels=plain, key=("plate", serial_of(picture.rgba), grade))
        return replace(pane, pixels=LightPixels(light, transform, grade, cost=60.0), key=(light.key, grade))

    def _range_of(self, picture: Picture, look: Look) -> DataRange:
        """Black and white of data: those of the first frame that was looked at, so that playing does not flicker."""
        if self._range is None or self._range[0] != look.shown:
            self._range = look.shown, range_of(picture)
        return self._range[1]

    def _warned(self, pane: Pane, picture: Picture, look: Look, grade: Grade, transform: DisplayTransform) -> Pane:
        """The pane with what is wrong painted over it."""
        if self._warnings is None or not look.warnings:
            return pane
        shown_as = f"{grade.view}/{grade.ocio_look}/{grade.gamma}"
        judged = Judged(
            picture,
            serial_of(picture.rgba),
            self._studio.color,
            transform,
            grade.display,
            shown_as,
            grade.exposure_stops,
        )
        overlays = (*pane.overlays, *self._warnings.overlays(judged, look.warnings))
        return replace(pane, overlays=overlays, notes=(*pane.notes, *self._warnings.legend(judged, look.warnings)))

    def _overlays(self, look: Look, live: Live | None) -> tuple[tuple[Overlay, ...], tuple[str, ...]]:
        found: list[Overlay] = []
        stale: list[str] = []
        under_hand = live if live is not None and live.frame == look.frame else None
        layers = sorted(self._studio.document.shot.layers, key=lambda layer: layer.id == look.layer_id)
        for layer in layers:
            if under_hand is not None and under_hand.layer_id == layer.id:
                continue
            if not layer.visible:
                continue
            matte, fresh = self._studio.matte(layer.id, look.frame)
            if matte is None:
                continue
            coarse = not fresh and self._studio.is_coarse(layer.id, look.frame)
            if not (fresh or coarse):
                stale.append(layer.name)
            strength = look.overlay_opacity * (1.0 if fresh else COARSE_OPACITY if coarse else STALE_OPACITY)
            found.append(self._overlay(look, StillCoverage(matte, self._levels), layer.color, strength))
        if under_hand is not None:
            found.append(self._overlay(look, under_hand.coverage, under_hand.color, look.overlay_opacity))
        return tuple(found), tuple(stale)

    def _overlay(self, look: Look, coverage: Coverage, color: Color, strength: float) -> Overlay:
        if look.matte_style is MatteStyle.EDGE:
            table = edge_table(color, strength)
            return Overlay(EdgeCoverage(coverage, self._levels), color, strength, table)
        return Overlay(coverage, color, strength)

    def _onion(self, look: Look) -> tuple[Overlay, ...]:
        """The chosen layer's edges one frame before and one after; nothing where that frame has no matte."""
        if not look.onion or not any(layer.id == look.layer_id for layer in self._studio.document.shot.layers):
            return ()
        found = []
        for frame, tint in ((look.frame - 1, BEFORE), (look.frame + 1, AFTER)):
            matte, _fresh = self._studio.matte(look.layer_id, frame)
            if matte is not None:
                still = StillCoverage(matte, self._levels)
                found.append(Overlay(EdgeCoverage(still, self._levels, outlines), tint, table=line_table(tint)))
        return tuple(found)

    def _preview(self, look: Look, layer: Layer | None) -> Overlay | None:
        matte = self._studio.preview(layer.id if layer is not None else "", look.frame)
        if matte is None:
            return None
        shown = layer or new_layer(self._studio.document.shot)
        light = tuple(0.5 + part / 2 for part in shown.color)
        return Overlay(StillCoverage(matte, self._levels), (light[0], light[1], light[2]), look.overlay_opacity * 0.6)
