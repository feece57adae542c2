"""What a worker can do before a scene is looked at: pictures converted and mattes colored, so that drawing it is only
drawing.

Made on the interface's thread, done on any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.geometry import Window
from widgets.viewport.compare import Placed
from widgets.viewport.display_frame import DisplayCache, DisplayFrame, Pixels
from widgets.viewport.overlay import Coverage, Level, Table
from widgets.viewport.pane import Overlay
from widgets.viewport.raster import matte_table, overlays_over
from widgets.viewport.scene import Scene


@dataclass(frozen=True, slots=True)
class Preparation:
    """One scene's work.

    Args:
        frames: what is to be converted of which picture, in plate pixels.
        levels: mattes at a stride, through a table; without one only the levels are made.
    """

    frames: tuple[tuple[DisplayFrame, Window], ...]
    levels: tuple[tuple[Coverage, int, Table | None], ...]

    def run(self) -> Prepared:
        """Do it; safe on any thread."""
        for frame, seen in self.frames:
            frame.ensure(seen)
        made = []
        for coverage, stride, table in self.levels:
            level = coverage.level(stride)
            if table is not None:
                level.image(table)
            made.append(level)
        return Prepared(self.frames, tuple(made))


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made; holding it keeps the levels alive."""

    frames: tuple[tuple[DisplayFrame, Window], ...]
    levels: tuple[Level, ...]

    @property
    def nbytes(self) -> int:
        return sum(frame.nbytes for frame, _ in self.frames) + sum(level.nbytes for level in self.levels)

    def still_in(self, cache: DisplayCache) -> bool:
        """Whether its pictures are still kept; they count as used just now."""
        return all(cache.hold(frame) for frame, _ in self.frames)


def preparation(
    cache: DisplayCache,
    scene: Scene,
    places: Sequence[Placed],
    converts: Callable[[Pixels], bool] = lambda _pixels: True,
    *,
    tints: bool = True,
) -> Preparation:
    """All that drawing this scene would convert.

    Args:
        converts: which pixels are converted at all; a GPU takes some as they are.
        tints: whether mattes are drawn as colored pictures.
    """
    frames: list[tuple[DisplayFrame, Window]] = []
    levels: list[tuple[Coverage, int, Table | None]] = []
    for pane, place in zip(scene.panes, places, strict=True):
        if pane.pixels is not None and not pane.pixels.live and converts(pane.pixels):
            seen = place.projection.window_under(place.rect).intersect(pane.pixels.window)
            if not seen.empty:
                frames.append((cache.frame(pane.key, pane.pixels, place.stride), seen))
        alone = (Overlay(pane.coverage, table=matte_table(scene.look)),) if pane.coverage is not None else ()
        levels += [
            (overlay.coverage, place.projection.stride, overlay.seen_through if tints else None)
            for overlay in (*alone, *overlays_over(scene, pane))
            if not overlay.coverage.live
        ]
    return Preparation(tuple(frames), tuple(levels))
