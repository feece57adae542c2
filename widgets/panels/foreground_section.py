"""The foreground of the chosen layer: what is done to the plate's color for its comp, as an ordered list of steps.

A knob that is being dragged is only tried on; letting go is one `SetForeground` command. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.foreground.commands import SetForeground
from core.foreground.steps import ColorStep, Despill, Estimate, ExtendEdge, Foreground
from core.layer import Layer
from widgets.panels.step_list import StepList
from widgets.panels.step_row import StepKind, choice, number
from widgets.studio import Studio

NOTE = "Done in this order to the plate's color, in the comp and in what is exported of it; the matte stays."
_STRENGTH = "0 leaves colors as they were, 1 does all of it."

KINDS: Mapping[type[Any], StepKind] = {
    Estimate: StepKind(
        "Estimate foreground",
        "Takes the background out of the soft edge: the subject's own color is left, so no fringe stands over another"
        " background.",
        Estimate(),
        {"strength": number("Strength", _STRENGTH, 0.0, 1.0, 1.0)},
    ),
    Despill: StepKind(
        "Despill",
        "Takes the screen's color from the subject, without touching other colors.",
        Despill(),
        {
            "screen": choice("Screen", "Whose color was spilled.", {"green": "Green", "blue": "Blue"}),
            "limit": choice(
                "Limit",
                "The screen's channel is held below this of the other two channels.",
                {
                    "average": "Average",
                    "double red": "Double red",
                    "double other": "Double other",
                    "larger": "Larger",
                    "smaller": "Smaller",
                },
            ),
            "allow": number("Allow", "How many times the limit is let through; less takes more.", 0.5, 1.5, 1.0),
            "strength": number("Strength", _STRENGTH, 0.0, 1.0, 1.0),
            "keep_light": number("Keep light", "How much of the luminance that goes comes back.", 0, 1, 0.0),
        },
    ),
    ExtendEdge: StepKind(
        "Extend edge",
        "Pulls the colors of the core outward under the soft edge.",
        ExtendEdge(),
        {
            "reach_px": number("Reach, px", "How far from the core.", 0.0, 100.0, 12.0),
            "core": number("Core", "What is covered at least so much is core.", 0.5, 1.0, 0.98),
            "strength": number("Strength", _STRENGTH, 0.0, 1.0, 1.0),
            "keep_light": number("Keep light", "How much the edge's own brightness stays.", 0, 1, 0.0),
        },
    ),
}
"""In the order of the menu."""


class ForegroundSection(QWidget):
    """Shows the foreground of a layer and edits it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._layer: Layer | None = None
        self.list: StepList[ColorStep] = StepList(
            "Foreground",
            NOTE,
            KINDS,
            lambda step: {"type": "object", "properties": dict(KINDS[type(step)].knobs)},
            self._commit,
            self._try_on,
        )
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.addWidget(self.list)

    def show_layer(self, layer: Layer) -> None:
        """Show what this layer's foreground is."""
        self._layer = layer
        self.list.show_steps(layer.foreground.steps)

    def _try_on(self, steps: tuple[ColorStep, ...]) -> None:
        if self._layer is not None:
            self._studio.foregrounds.try_on(self._layer.id, Foreground(steps))

    def _commit(self, steps: tuple[ColorStep, ...]) -> None:
        layer = self._studio.document.shot.find(self._layer.id) if self._layer is not None else None
        if layer is None:
            return
        self._studio.foregrounds.try_on(layer.id, None)
        if steps != layer.foreground.steps:
            self._studio.document.do(SetForeground(layer.id, Foreground(steps)))
