"""The chatter heat map: where a matte differs from its neighbours' along the motion, glowing over the picture.

Draws what the judge has measured on a worker; until then, a badge says that there is nothing yet.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from core.arrays import Float32
from core.geometry import Window
from widgets.judging import Heat
from widgets.seen import Seen
from widgets.view_state import Look
from widgets.viewport.lattice import Lattice
from widgets.viewport.overlay import Level, Table, argb, strided
from widgets.viewport.pane import Note, Overlay, Pane

COLD = 20
"""Of 255: less than this is the grain of the motion, and not shown."""
STEPS_BACK = 0.4
"""How strong a matte's own overlay is beside the heat."""
STOPS = ((0.0, (60, 20, 120)), (0.35, (215, 50, 75)), (0.7, (250, 165, 50)), (1.0, (255, 250, 200)))
"""Violet, red, amber, white: rising in brightness, so that it also reads without color."""
LEGEND: Note = ("chatter: the brighter, the more", "#faa532")


@lru_cache(maxsize=1)
def heat_table() -> Table:
    """Level → glowing color; transparent where it is cold."""
    level = np.clip((np.arange(256) - COLD) / (255 - COLD), 0, 1) ** 0.7
    alpha = np.rint(255 * np.clip(level * 3.0, 0, 0.92))
    places = [place for place, _ in STOPS]
    parts = [np.interp(level, places, [ink[part] for _, ink in STOPS]) for part in range(3)]
    return Table(argb(alpha, *(np.rint(part * alpha / 255) for part in parts)))


class HeatCoverage:
    """A heat as the viewport draws it: enlarged softly to the screen's resolution."""

    live = False

    def __init__(self, heat: Heat) -> None:
        self.heat = heat
        self._levels: dict[int, Level] = {}

    @property
    def window(self) -> Window:
        return self.heat.window

    @property
    def origin(self) -> Any:
        return self.heat.values

    def level(self, stride: int) -> Level:
        if stride not in self._levels:
            lattice = Lattice(self.window, stride)
            size = (max(1, lattice.columns), max(1, lattice.rows))
            self._levels[stride] = Level(
                lattice, np.asarray(cv2.resize(self.heat.values, size, interpolation=cv2.INTER_LINEAR), np.uint8)
            )
        return self._levels[stride]

    def floats(self, x: int, y: int, step: int, shape: tuple[int, int]) -> Float32:
        size = (self.window.width, self.window.height)
        whole = cv2.resize(self.heat.values, size, interpolation=cv2.INTER_LINEAR).astype(np.float32) / np.float32(255)
        return strided(whole, self.window, x, y, step, shape)


@lru_cache(maxsize=16)
def _covering(heat: Heat) -> HeatCoverage:
    """The same one for the same heat, so that its levels are made once."""
    return HeatCoverage(heat)


def beside_heat(look: Look) -> Look:
    """The look with its mattes stepped back while the heat is on: one of the two may glow."""
    return replace(look, overlay_opacity=look.overlay_opacity * STEPS_BACK) if look.chatter else look


def with_heat(studio: Seen, look: Look, pane: Pane) -> Pane:
    """The pane with the chosen layer's heat at this frame, when it is asked for, and what its color means."""
    if not look.chatter:
        return pane
    if not look.layer_id:
        return replace(pane, notes=(*pane.notes, ("chatter: choose a layer", "text_dim")))
    heat = studio.judging.chatter(look.layer_id, look.frame)
    if heat is None:
        return replace(pane, notes=(*pane.notes, ("chatter: not measured on this frame yet", "text_dim")))
    overlay = Overlay(_covering(heat), table=heat_table())
    return replace(pane, overlays=(*pane.overlays, overlay), notes=(*pane.notes, LEGEND))
