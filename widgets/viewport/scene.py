"""What is to be seen now, gathered from the studio and the look into one immutable value a renderer can draw.

Asks the studio once per change, never per repaint. Knows neither zoom nor QPainter.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from core.color import DisplayTransform
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import KeyFrame, Layer, LayerId
from core.picture import Picture
from core.plate import Plate
from widgets.seen import Seen
from widgets.view_state import Compare, Look, Source, SourceKind
from widgets.viewport.overlay import (
    Color,
    Coverage,
    LevelCache,
    LiveCoverage,
    StillCoverage,
    Table,
    overlay_table,
)
from widgets.viewport.pixels import CompPixels, Grade, PlatePixels

STALE_OPACITY = 0.55
"""How strong an older matte's overlay is, relative to a current one's."""
Pictured = PlatePixels | CompPixels


@dataclass(frozen=True, slots=True)
class Overlay:
    """Levels laid over the picture through a table: a layer's matte in its color, its edge, a heat map, a warning.

    Args:
        coverage: what is looked up, 0-255.
        color, opacity: of a matte: the color with rising opacity.
        table: what each level looks like; None for `color` and `opacity`. The same object each time (keep it in an
            `lru_cache`): what is drawn through a table is remembered by the table.
    """

    coverage: Coverage
    color: Color = (1.0, 1.0, 1.0)
    opacity: float = 1.0
    table: Table | None = None

    @property
    def seen_through(self) -> Table:
        return self.table or overlay_table(self.color, self.opacity)


@dataclass(frozen=True, slots=True)
class Pane:
    """One picture: `pixels` (a plate or comp) or `coverage` (a matte alone) or neither, and then a `sentence`."""

    label: str = ""
    pixels: Pictured | None = None
    key: Hashable = None
    """Names the converted pixels in the cache."""
    coverage: Coverage | None = None
    overlays: tuple[Overlay, ...] = ()
    sentence: str = ""
    stale: tuple[str, ...] = ()
    """Names of layers whose matte here is an older one."""


@dataclass(frozen=True, slots=True)
class Live:
    """The stroke under the hand. `layer_id` is empty when the layer will be made at the release."""

    layer_id: LayerId
    frame: FrameNumber
    color: Color
    coverage: LiveCoverage


@dataclass(frozen=True, slots=True)
class Scene:
    look: Look = field(default_factory=Look)
    plate: Plate | None = None
    picture: Picture | None = None
    waiting: bool = False
    """The picture is being read: a pause, not a fault."""
    panes: tuple[Pane, ...] = ()
    preview: Overlay | None = None
    key_frame: KeyFrame = field(default_factory=KeyFrame)
    layer: Layer | None = None

    @property
    def data_window(self) -> Window | None:
        if self.picture is not None:
            return self.picture.data_window
        return self.plate.data_window if self.plate else None


class SceneBuilder:
    """Builds scenes; remembers the display transform of the last look and the levels of mattes."""

    def __init__(self, studio: Seen, levels: LevelCache | None = None) -> None:
        self._studio = studio
        self._levels = levels or LevelCache()
        self._transform: tuple[Grade, DisplayTransform] | None = None

    def grade(self, look: Look) -> Grade:
        """The look's grade with the config's defaults filled in where it names no display or view."""
        color = self._studio.color
        display = look.display if look.display in color.displays else color.default_display
        views = color.views(display)
        view = look.view if look.view in views else color.default_view
        return Grade.of(look, display, view if view in views else views[0])

    def transform(self, look: Look) -> DisplayTransform:
        grade = self.grade(look)
        if self._transform is None or self._transform[0] != grade:
            made = self._studio.color.display(grade.display, grade.view, grade.exposure_stops, grade.gamma)
            self._transform = grade, made
        return self._transform[1]

    def build(self, look: Look, live: Live | None = None) -> Scene:
        """The scene of this look."""
        shot = self._studio.document.shot
        plate = shot.plate
        sources = (look.a,) if look.compare is Compare.SINGLE else (look.a, look.b)
        if plate is None:
            empty = "Open a plate to begin: drop an EXR sequence here, or use File, Open."
            return Scene(look, panes=tuple(Pane(sentence=empty) for _ in sources))
        layer = next((layer for layer in shot.layers if layer.id == look.layer_id), None)
        picture = self._studio.picture(look.frame)
        error = "" if picture is not None else self._studio.picture_error(look.frame)
        waiting = picture is None and not error
        if picture is None:
            sentence = error or f"Reading frame {look.frame}…"
            panes = tuple(Pane(sentence=sentence) for _ in sources)
        else:
            panes = tuple(self._pane(source, look, picture, layer, live) for source in sources)
        return Scene(
            look,
            plate,
            picture,
            waiting,
            panes,
            self._preview(look, layer) if picture is not None else None,
            layer.key_frame(look.frame) if layer else KeyFrame(),
            layer,
        )

    def _pane(self, source: Source, look: Look, picture: Picture, layer: Layer | None, live: Live | None) -> Pane:
        grade = self.grade(look)
        if source.kind is SourceKind.PLATE:
            overlays, stale = self._overlays(look, live) if look.overlay else ((), ())
            pixels = PlatePixels(picture, self.transform(look), grade)
            return Pane("Plate", pixels, ("plate", id(picture.rgba), grade), overlays=overlays, stale=stale)
        coverage, fresh, label = self._matte_of(source, look, layer, live)
        stale = () if fresh or layer is None else (layer.name,)
        if source.kind is SourceKind.COMP:
            comp = CompPixels(picture, coverage, look.comp_color, self.transform(look), grade)
            key = ("comp", id(picture.rgba), grade, look.comp_color, id(coverage.origin) if coverage else None)
            return Pane(f"{label} comp".strip(), comp, key, stale=stale)
        if coverage is not None:
            return Pane(label or "Matte", coverage=coverage, stale=stale)
        if layer is None:
            return Pane("Matte", sentence="No layer yet. Click on the picture to begin one.")
        what = f"The take “{label}”" if source.kind is SourceKind.TAKE else layer.name
        return Pane(label or "Matte", sentence=f"{what} has no matte at {look.frame}.")

    def _matte_of(
        self, source: Source, look: Look, layer: Layer | None, live: Live | None
    ) -> tuple[Coverage | None, bool, str]:
        if source.take_id and layer is not None:
            name = next((take.name for take in self._studio.takes(layer.id) if take.id == source.take_id), "Take")
            matte = self._studio.take_matte(source.take_id, look.frame)
            return (StillCoverage(matte, self._levels) if matte else None), True, name
        if live is not None and live.frame == look.frame and live.layer_id == (layer.id if layer else ""):
            return live.coverage, True, layer.name if layer else "Matte"
        if layer is None:
            return None, True, ""
        matte, fresh = self._studio.matte(layer.id, look.frame)
        return (StillCoverage(matte, self._levels) if matte else None), fresh, layer.name

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
            if not fresh:
                stale.append(layer.name)
            strength = look.overlay_opacity * (1.0 if fresh else STALE_OPACITY)
            found.append(Overlay(StillCoverage(matte, self._levels), layer.color, strength))
        if under_hand is not None:
            found.append(Overlay(under_hand.coverage, under_hand.color, look.overlay_opacity))
        return tuple(found), tuple(stale)

    def _preview(self, look: Look, layer: Layer | None) -> Overlay | None:
        if layer is None:
            return None
        matte = self._studio.preview(layer.id, look.frame)
        if matte is None:
            return None
        light = tuple(0.5 + part / 2 for part in layer.color)
        return Overlay(StillCoverage(matte, self._levels), (light[0], light[1], light[2]), look.overlay_opacity * 0.6)
