"""One picture of A and B: their difference, the signed difference of their mattes, or both blended.

Knows sides and light; where panes lie is `compare.py`, how pixels reach the screen `pixels.py`.
"""

from __future__ import annotations

from dataclasses import replace

from core.color import DisplayTransform
from core.plate import Plate
from widgets.view_state import Compare, Look
from widgets.viewport.difference_meter import DifferenceMeter
from widgets.viewport.light import BlendLight, DifferenceLight, Light, PictureLight
from widgets.viewport.overlay import hex_color
from widgets.viewport.pane import Pane
from widgets.viewport.pixels import ADDED, REMOVED, Grade, LightPixels, SignedPixels
from widgets.viewport.sides import Side

LEGEND = (("B adds", hex_color(ADDED)), ("B removes", hex_color(REMOVED)))


class Comparison:
    """Makes the pane of both. Args: `meter` counts how much two mattes differ; None where nobody reads it."""

    def __init__(self, meter: DifferenceMeter | None = None) -> None:
        self._meter = meter

    def pane(
        self,
        a: Side,
        b: Side,
        look: Look,
        plate_light: PictureLight,
        plate: Plate,
        transform: DisplayTransform,
        grade: Grade,
    ) -> Pane:
        """The picture of both sides, or the sentence of the one that has none."""
        stale = tuple(dict.fromkeys((*a.stale, *b.stale)))
        label = f"{b.label} − {a.label}" if look.compare is Compare.MATTE_DIFFERENCE else f"{a.label}, {b.label}"
        waiting = a.waiting or b.waiting
        pane = Pane(label, waiting=waiting, stale=stale, side="A B", notes=tuple(dict.fromkeys((*a.notes, *b.notes))))
        for name, side in (("A", a), ("B", b)):
            if side.sentence:
                return replace(pane, sentence=f"{name}: {side.sentence}")
        if look.compare is Compare.MATTE_DIFFERENCE:
            return self._signed(pane, a, b, look, plate_light, plate, transform, grade)
        one, other = a.light, b.light
        assert one is not None
        assert other is not None
        light: Light
        if look.compare is Compare.DIFFERENCE:
            light = DifferenceLight(one, other, look.difference_gain)
        else:
            light = BlendLight(one, other, look.blend)
        data = a.picture is None and b.picture is None
        pixels = LightPixels(light, transform, grade, data, room=plate_light.picture.format.display)
        return replace(pane, pixels=pixels, key=(light.key, pixels.room, data, grade))

    def _signed(
        self,
        pane: Pane,
        a: Side,
        b: Side,
        look: Look,
        plate_light: PictureLight,
        plate: Plate,
        transform: DisplayTransform,
        grade: Grade,
    ) -> Pane:
        for name, side in (("A", a), ("B", b)):
            if side.coverage is None:
                missing = f"{name} ({side.label}) has no matte to compare. Choose a matte, a comp or a take for it."
                return replace(pane, sentence=missing)
        assert a.coverage is not None
        assert b.coverage is not None
        pixels = SignedPixels(plate_light, a.coverage, b.coverage, look.difference_gain, transform, grade)
        measured = self._meter.of(a.coverage, b.coverage, plate.canvas) if self._meter is not None else None
        notes = (*LEGEND, *pane.notes, *(((measured.sentence, "text"),) if measured is not None else ()))
        return replace(pane, pixels=pixels, key=(pixels.key, grade), notes=notes)
