"""One picture of a scene and what lies over it, ready for a renderer. Values only."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from widgets.viewport.display_frame import Pixels
from widgets.viewport.overlay import Color, Coverage, Table, overlay_table

Note = tuple[str, str]
"""What a badge says, and its color: a name of the theme's or #rrggbb."""


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
    pixels: Pixels | None = None
    key: Hashable = None
    """Names the converted pixels in the cache."""
    coverage: Coverage | None = None
    overlays: tuple[Overlay, ...] = ()
    sentence: str = ""
    stale: tuple[str, ...] = ()
    """Names of layers whose matte here is an older one."""
    side: str = ""
    """`A`, `B` or, of both, `A B`: then a badge says the label. Empty where it goes without saying."""
    notes: tuple[Note, ...] = ()
    """More badges."""
    waiting: bool = False
    """Part of it is being read: a pause, not a fault."""
