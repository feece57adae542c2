"""What the window asks about shapes as a whole: out of mattes, out to files, and in. `app/layer_shapes.py` is the real
one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.frames import FrameRange
from core.layer import LayerId

Then = Callable[[LayerId], None]
"""Told which layer has the shapes now, to choose it."""


@dataclass(frozen=True, slots=True)
class FitOrder:
    """What is wanted of a fit.

    Args:
        tolerance_px: how far a curve may be from the matte's outline.
        most_points: of all shapes together.
    """

    frames: FrameRange
    tolerance_px: float = 1.0
    most_points: int = 30


class ShapeRoom(Protocol):
    """Each call returns at once. What comes is one undoable step and a sentence, or a message why not."""

    def fit(self, layer_id: LayerId, order: FitOrder, then: Then) -> None:
        """Shapes for the layer's mattes, as a job, in a new layer."""

    def write(self, layer_id: LayerId, path: Path) -> None:
        """The layer's shapes as a Nuke Roto (.nk), SVG or JSON, by the name's ending; replaces a file."""

    def read(self, layer_id: LayerId, path: Path, then: Then) -> None:
        """The shapes of a .nk or .json into the layer; into a new one where `layer_id` is empty."""
