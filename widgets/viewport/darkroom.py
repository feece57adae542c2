"""Where pictures are converted for the screen: at its resolution, first as coarsely as the patience allows, then finely
on a worker.

Knows panes and where they lie, but nothing of what draws the result: QPainter draws it, or a GPU shows it as a texture.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from core.geometry import Window
from widgets.viewport import thinned
from widgets.viewport.compare import Placed
from widgets.viewport.display_frame import DisplayCache, DisplayFrame, Pixels
from widgets.viewport.pixels import PlatePixels
from widgets.viewport.scene import Scene
from widgets.viewport.sharpen import Sharpener

PATIENCE_MS = 24.0
"""How long the interface's thread may convert before a coarser picture is shown first."""


class Darkroom:
    """`on_sharper` is called on a worker's thread when a finer picture is ready to be drawn."""

    def __init__(self, on_sharper: Callable[[], None], cache: DisplayCache | None = None) -> None:
        self.cache = cache or DisplayCache()
        self._sharpener = Sharpener(on_sharper)
        self.sharp = True
        """Whether all that was asked for since `resume` is as fine as the screen."""
        self._patched: set[tuple[Hashable, int]] = set()
        """What was made from a live stroke."""
        self._owed: dict[DisplayFrame, Window] = {}
        """Where the stroke changed while the worker was at the frame."""
        self._last_origin: Callable[[], Any] = lambda: None

    def resume(self) -> None:
        """Go on with what is still wished for; called at the start of every repaint."""
        self.sharp = True
        self._sharpener.resume()

    def developed(self, key: Hashable, pixels: Pixels, place: Placed) -> DisplayFrame | None:
        """The best picture there is by now of what the place shows; None where it shows none of it."""
        projection = place.projection
        seen = projection.window_under(place.rect).intersect(pixels.window)
        if seen.empty:
            return None
        fine = self.cache.frame(key, pixels, place.stride)
        if fine.missing(seen):
            wait_ms = self._wait_ms(fine, pixels, seen)
            self._expect_more_of(pixels, fine.lattice.stride)
            if wait_ms <= PATIENCE_MS and not self._sharpener.busy_with(fine):
                fine.ensure(seen)
            else:
                self.sharp = False
                self._sharpener.wish(fine, seen, keep_others=_beside_another(place))
                fine = self.cache.frame(key, pixels, self._coarse(pixels, place))
                if not self._sharpener.busy_with(fine):
                    fine.ensure(seen)
        if pixels.live:
            self._patched.add((key, fine.lattice.stride))
            self._patched.add((key, place.stride))
            if fine in self._owed and not self._sharpener.busy_with(fine):
                fine.renew(pixels, self._owed.pop(fine))
        return fine

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        """The live stroke changed inside this plate window: bring what was made from it up to date."""
        for pane, place in zip(scene.panes, places, strict=True):
            pixels = pane.pixels
            if pixels is not None and pixels.live:
                for stride in {self._coarse(pixels, place), place.stride}:
                    frame = self.cache.find(pane.key, pixels, stride)
                    if frame is None:
                        continue
                    if self._sharpener.busy_with(frame):
                        self._owed[frame] = self._owed.get(frame, changed).union(changed)
                    else:
                        frame.renew(pixels, changed)

    def stroke_gone(self) -> None:
        """The live stroke is no longer shown: forget what was made from it."""
        for key, stride in self._patched:
            self.cache.drop(key, stride)
        self._patched.clear()
        self._owed.clear()

    def close(self) -> None:
        """Stop the worker; nothing is converted after this."""
        self._sharpener.close()
        self.cache.clear()

    def _expect_more_of(self, pixels: Pixels, stride: int) -> None:
        """A picture that is converted a second time is being graded: gather its pixels once and for all."""
        if isinstance(pixels, PlatePixels):
            if pixels.origin is self._last_origin():
                thinned.keep(pixels.origin, stride)
            self._last_origin = weakref.ref(pixels.origin)

    def _wait_ms(self, frame: DisplayFrame, pixels: Pixels, seen: Window) -> float:
        return min(frame.missing(seen), frame.lattice.cells(seen).pixels) * pixels.cost * 1e-6

    def _coarse(self, pixels: Pixels, place: Placed) -> int:
        """The finest stride that can be converted within the patience."""
        seen = place.projection.window_under(place.rect).intersect(pixels.window)
        stride = place.stride
        while seen.pixels / stride**2 * pixels.cost * 1e-6 > PATIENCE_MS:
            stride += 1
        return stride


def _beside_another(place: Placed) -> bool:
    """Whether another pane is drawn too, and maybe before this one."""
    return place.clip is not None or place.opacity < 1 or place.rect.left() > 0 or place.rect.top() > 0
