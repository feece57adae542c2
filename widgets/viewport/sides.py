"""What a `Source` of the look is at one frame: which picture, which matte, what it is called, or why there is nothing.

Asks the studio; knows nothing of how sides are compared or drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.geometry import Format
from core.layer import Layer, LayerId
from core.picture import Picture
from core.plate import PlateId
from widgets.seen import Seen
from widgets.view_state import Backdrop, Look, Source, SourceKind
from widgets.viewport.light import (
    Backing,
    Checker,
    CompLight,
    CoverageLight,
    FittedLight,
    Flat,
    Light,
    PictureLight,
)
from widgets.viewport.looked_at import LookedAt
from widgets.viewport.overlay import Color, Coverage, LevelCache, LiveCoverage, StillCoverage
from widgets.viewport.pane import Note

BLACK = Flat((0.0, 0.0, 0.0))
GREY = Flat((0.18, 0.18, 0.18))


@dataclass(frozen=True, slots=True)
class Live:
    """The stroke under the hand. `layer_id` is empty when the layer will be made at the release."""

    layer_id: LayerId
    frame: int
    color: Color
    coverage: LiveCoverage


@dataclass(frozen=True, slots=True)
class Side:
    """One side: a picture, a matte, or both (a comp); or a `sentence` that says why not.

    Args:
        notes: what else the artist should know, for badges.
        stale: names of layers whose matte here is an older one.
        waiting: a reference plate is being read: a pause, not a fault.
    """

    kind: SourceKind
    label: str
    picture: PictureLight | FittedLight | None = None
    coverage: Coverage | None = None
    behind: Backing = BLACK
    sentence: str = ""
    notes: tuple[Note, ...] = ()
    stale: tuple[str, ...] = ()
    waiting: bool = False

    def with_notes(self, notes: tuple[Note, ...]) -> Side:
        """The side with more to know about it."""
        return replace(self, notes=(*self.notes, *notes)) if notes else self

    @property
    def light(self) -> Light | None:
        """The side as scene-linear light; None where there is a sentence."""
        if self.sentence:
            return None
        if self.picture is None:
            return CoverageLight(self.coverage) if self.coverage is not None else None
        if self.kind is SourceKind.COMP:
            return CompLight(self.picture, self.coverage, self.behind)
        return self.picture


def _looked_at(beside: LookedAt, form: Format) -> Side:
    picture = beside.picture
    if picture is None:
        return Side(SourceKind.PLATE, beside.name, sentence=beside.sentence)
    same = picture.format.display == form.display
    light = PictureLight(picture) if same else FittedLight(picture, form)
    return Side(SourceKind.PLATE, beside.name, light, notes=((f"looking at {beside.name}", "accent"),))


class Sides:
    """Finds sides. `levels` keeps mattes ready for the screen."""

    def __init__(self, studio: Seen, levels: LevelCache) -> None:
        self._studio = studio
        self._levels = levels

    def of(self, source: Source, look: Look, plate: Picture, live: Live | None, beside: LookedAt | None = None) -> Side:
        """What this source is at the look's frame; `plate` is the picture of the plate being matted, `beside` what is
        looked at in its place."""
        if source.kind is SourceKind.PLATE and not source.plate_id and beside is not None:
            return _looked_at(beside, plate.format)
        if source.kind is SourceKind.PLATE:
            picture, name, why, notes = self._picture(source.plate_id, look, plate)
            waiting = self._reads(source.plate_id, look)
            return Side(source.kind, name, picture, sentence=why, notes=notes, waiting=waiting)
        layer = self._layer(source, look)
        coverage, fresh, label = self._matte(source, look, layer, live)
        coarse = layer is not None and not fresh and self._studio.is_coarse(layer.id, look.frame)
        stale = () if fresh or coarse or layer is None else (layer.name,)
        if source.kind is SourceKind.COMP:
            picture, name, why, notes = self._picture(source.plate_id, look, plate)
            if layer is not None and not source.plate_id and not look.plate_colors:
                picture, colors = self._colors(source, look, layer, plate)
                notes = (*notes, *colors)
            behind, more = self._behind(look, plate.format)
            label = f"{label} comp".strip() + (f" of {name}" if source.plate_id else "")
            behind_id = look.backdrop_plate if look.backdrop is Backdrop.PLATE else ""
            waiting = self._reads(source.plate_id, look) or self._reads(behind_id, look)
            return Side(source.kind, label, picture, coverage, behind, why, (*notes, *more), stale, waiting)
        if coverage is not None:
            return Side(source.kind, label or "Matte", coverage=coverage, stale=stale)
        return Side(source.kind, label or "Matte", sentence=self._why_no_matte(source, look, layer, label))

    def _layer(self, source: Source, look: Look) -> Layer | None:
        wanted = source.layer_id or look.layer_id
        return self._studio.document.shot.find(wanted)

    def _matte(
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

    def _colors(
        self, source: Source, look: Look, layer: Layer, plate: Picture
    ) -> tuple[PictureLight, tuple[Note, ...]]:
        """The plate with the subject's own colors, and a note until they are there."""
        take = self._studio.take_matte(source.take_id, look.frame) if source.take_id else None
        matte = take if source.take_id else self._studio.matte(layer.id, look.frame)[0]
        if matte is None:
            return PictureLight(plate), ()
        picture, there = self._studio.foregrounds.picture(layer.id, plate, matte)
        return PictureLight(picture), () if there else (("Colors of the comp are being made…", "text_dim"),)

    def _why_no_matte(self, source: Source, look: Look, layer: Layer | None, label: str) -> str:
        if layer is None and source.layer_id:
            return "This layer is not in the shot any more. Choose another one."
        if layer is None:
            return "No layer yet. Click on the picture to begin one."
        if source.take_id and all(take.id != source.take_id for take in self._studio.takes(layer.id)):
            return "This take was removed. Choose another one."
        what = f"The take “{label}”" if source.kind is SourceKind.TAKE else layer.name
        return f"{what} has no matte at {look.frame}."

    def _reads(self, plate_id: PlateId, look: Look) -> bool:
        """Whether a reference plate's picture is on its way."""
        references = self._studio.references
        return (
            any(known.id == plate_id for known in references.plates())
            and references.picture(plate_id, look.frame) is None
            and not references.error(plate_id, look.frame)
        )

    def _picture(
        self, plate_id: PlateId, look: Look, plate: Picture
    ) -> tuple[PictureLight | FittedLight | None, str, str, tuple[Note, ...]]:
        """(light, name, why there is none, notes)."""
        if not plate_id:
            return PictureLight(plate), "Plate", "", ()
        references = self._studio.references
        name = next((known.name for known in references.plates() if known.id == plate_id), "Reference plate")
        picture = references.picture(plate_id, look.frame)
        if picture is None:
            return None, name, references.error(plate_id, look.frame) or f"Reading {name} at {look.frame}…", ()
        if picture.format.display == plate.format.display:
            return PictureLight(picture), name, "", ()
        size = picture.format.display
        return (
            FittedLight(picture, plate.format),
            name,
            "",
            ((f"{name}: {size.width} × {size.height}, fitted", "text"),),
        )

    def _behind(self, look: Look, form: Format) -> tuple[Backing, tuple[Note, ...]]:
        """What the look puts behind a comp; black and a note while another plate is not there."""
        if look.backdrop is Backdrop.COLOR:
            return Flat(look.comp_color), ()
        if look.backdrop is Backdrop.CHECKER:
            return Checker(form), ()
        if look.backdrop is not Backdrop.PLATE:
            return (GREY if look.backdrop is Backdrop.GREY else BLACK), ()
        references = self._studio.references
        if all(known.id != look.backdrop_plate for known in references.plates()):
            return BLACK, (("Behind: no reference plate is chosen.", "warn"),)
        picture = references.picture(look.backdrop_plate, look.frame)
        if picture is None:
            why = references.error(look.backdrop_plate, look.frame)
            return BLACK, ((f"Behind: {why or f'reading frame {look.frame}…'}", "warn" if why else "text_dim"),)
        if picture.format.display == form.display:
            return PictureLight(picture), ()
        return FittedLight(picture, form), ()
