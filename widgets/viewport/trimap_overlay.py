"""A layer's trimap over the picture: inside light, unknown amber, outside dark."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from core.arrays import Float32
from core.geometry import Window
from core.trimap_mark import Mark
from widgets.seen import Seen
from widgets.trimaps import SeenTrimap
from widgets.view_state import Look
from widgets.viewport.lattice import Lattice
from widgets.viewport.overlay import Level, Table, argb, strided
from widgets.viewport.pane import Note, Overlay, Pane

AMBER = (250, 178, 52)
LEGENDS: dict[Mark, str] = {
    Mark.UNKNOWN: "trimap: paints unknown, right button outside",
    Mark.INSIDE: "trimap: paints inside, right button outside",
    Mark.OUTSIDE: "trimap: paints outside, right button inside",
}


@lru_cache(maxsize=1)
def trimap_table() -> Table:
    """Outside darkens, unknown glows, inside is washed with white."""
    level = np.arange(256)
    outside, inside = level < 64, level >= 192
    alpha = np.where(outside, 150.0, np.where(inside, 70.0, 165.0))
    parts = [np.where(outside, 8.0, np.where(inside, 255.0, float(part))) for part in AMBER]
    return Table(argb(alpha, *(np.rint(part * alpha / 255) for part in parts)))


class TrimapCoverage:
    """A trimap as the viewport draws it; samples are picked, never mixed: between inside and outside is not unknown."""

    live = False

    def __init__(self, seen: SeenTrimap) -> None:
        self.seen = seen
        self._levels: dict[int, Level] = {}

    @property
    def window(self) -> Window:
        return self.seen.window

    @property
    def origin(self) -> Any:
        return self.seen.pixels

    def level(self, stride: int) -> Level:
        if stride not in self._levels:
            lattice = Lattice(self.window, stride)
            picked = self.seen.pixels[lattice.samples(Window(0, 0, lattice.columns, lattice.rows))]
            self._levels[stride] = Level(lattice, picked)
        return self._levels[stride]

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        return strided(self.seen.pixels.astype(np.float32) / np.float32(255), self.window, x, y, step, shape)


@lru_cache(maxsize=4)
def _covering(seen: SeenTrimap) -> TrimapCoverage:
    """The same one for the same trimap, so that its levels are made once."""
    return TrimapCoverage(seen)


def with_trimap(studio: Seen, look: Look, pane: Pane) -> Pane:
    """The pane with the chosen layer's trimap at this frame in place of mattes, when it is asked for."""
    if not look.trimap:
        return pane
    seen = studio.trimaps.at(look.layer_id, look.frame) if look.layer_id else None
    if seen is None:
        words = "trimap: no matte on this frame yet" if look.layer_id else "trimap: choose a layer"
        return replace(pane, notes=(*pane.notes, (words, "text_dim")))
    note: Note = (LEGENDS[look.trimap_mark], "#fab234")
    return replace(pane, overlays=(Overlay(_covering(seen), table=trimap_table()),), notes=(*pane.notes, note))
