"""Color configs, input spaces and display transforms, through OpenColorIO.

Knows no files but the config. The working space is the config's `scene_linear` role; plates are converted into it
when they are read, and a display transform shows it. The baked transform is fast and used by the raster viewport;
`exact` is what OpenColorIO says, for the pixel readout and for tests.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO

from core.arrays import AnyFloat, Bool, Float32, UInt8
from core.chroma import Chromaticities
from core.display_bake import Bake, bake
from core.display_shader import DisplayShader, display_shader
from core.errors import ColorError
from core.half_lattice import HalfLattice, UInt16
from core.viewer_grade import between

DEFAULT_CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
"""Pinned: `-latest` would change a show's pictures with an update of the package."""
BANDS = 2
"""Threads that share one frame's display transform."""

PLAIN_VIEWS = ("Un-tone-mapped", "Video (colorimetric)", "Colorimetric", "Standard")
"""Views that only change the primaries and the curve of a display: what they make negative, it cannot show."""
GAMUT_TOLERANCE = 0.004
"""How far below 0 a display value may be before it counts: a code of 255, for rounding and camera noise."""

_pool = ThreadPoolExecutor(BANDS, thread_name_prefix="display")


@dataclass(frozen=True, slots=True)
class InputSpace:
    """The color space of a file and why it was chosen, in words for the artist."""

    name: str
    why: str


class ColorConfig:
    """A color config, loaded and checked. Safe to use from several threads."""

    def __init__(self, name: str, config: Any) -> None:
        self.name = name
        self._config = config
        config.setProcessorCacheFlags(PyOpenColorIO.PROCESSOR_CACHE_OFF)  # one lattice kept per exposure otherwise
        self._lock = threading.Lock()
        self._to_working: dict[tuple[str, Any], Any] = {}
        self._bakes: dict[tuple[str, str], Bake] = {}
        self._gamuts: dict[str, Any] = {}
        self.scene_linear: str = config.getColorSpace("scene_linear").getName()

    @classmethod
    def load(cls, name_or_path: str = "") -> ColorConfig:
        """An `ocio://` name or the path of a config; empty for `$OCIO`, and the pinned ACES config without it."""
        wanted = str(name_or_path) or os.environ.get("OCIO", "") or DEFAULT_CONFIG
        if wanted.startswith("ocio://"):
            return _built_in(wanted)
        return _checked(wanted)

    # --- what the config holds ----------------------------------------------------------------------------------
    @property
    def spaces(self) -> tuple[str, ...]:
        """Every active color space, in the config's order."""
        return tuple(self._config.getColorSpaceNames())

    @property
    def displays(self) -> tuple[str, ...]:
        return tuple(self._config.getDisplays())

    def views(self, display: str) -> tuple[str, ...]:
        """The views of a display; empty for a display the config does not have."""
        return tuple(self._config.getViews(display))

    @property
    def default_display(self) -> str:
        return str(self._config.getDefaultDisplay())

    @property
    def default_view(self) -> str:
        """The default view of the default display."""
        return str(self._config.getDefaultView(self.default_display))

    def named(self, display: str, view: str, look: str = "") -> tuple[str, str, str]:
        """Display, view and look as the config has them: what it does not know becomes its default, a look none."""
        display = display if display in self.displays else self.default_display
        views = self.views(display)
        if view not in views:
            view = self.default_view if self.default_view in views else views[0]
        return display, view, look if look in self.looks else ""

    def has(self, space: str) -> bool:
        """Whether the config knows a space, role or alias of this name."""
        return self._config.getColorSpace(space) is not None

    def canonical(self, space: str) -> str:
        """The config's own name of a space, role or alias; raises ColorError when it has none."""
        found = self._config.getColorSpace(space)
        if found is None:
            raise ColorError(
                space, why=f"is not a color space of {self.name}", hint="Choose the plate's color space again."
            )
        return str(found.getName())

    # --- into the working space ---------------------------------------------------------------------------------
    def input_space(self, attributes: Mapping[str, Any]) -> InputSpace:
        """The color space an EXR's header speaks of, else the working space; never a guess without a reason.

        Asked in this order: `colorInteropID`, the ACES container flag, `chromaticities`, `oiio:ColorSpace`.
        """
        interop = str(attributes.get("colorInteropID", ""))
        if interop and interop != "unknown" and (space := self._config.getColorSpace(interop)) is not None:
            return InputSpace(space.getName(), f"the file's colorInteropID is {interop}")
        if attributes.get("acesImageContainerFlag") == 1 and (space := self._config.getColorSpace("ACES2065-1")):
            return InputSpace(space.getName(), "the file is an ACES container")
        assumed = f"the config's scene_linear role ({self.scene_linear}) is assumed"
        chroma = Chromaticities.from_attribute(attributes.get("chromaticities"))
        if chroma is not None:
            gamut = chroma.gamut()
            if gamut is None:
                return InputSpace(self.scene_linear, f"the file's chromaticities match no known gamut; {assumed}")
            for alias in gamut.aliases:
                if (space := self._config.getColorSpace(alias)) is not None:
                    return InputSpace(space.getName(), f"the file's chromaticities are those of {gamut.name}")
            return InputSpace(
                self.scene_linear, f"the config has no linear space for the file's {gamut.name}; {assumed}"
            )
        written = str(attributes.get("oiio:ColorSpace", ""))
        if written and (space := self._config.getColorSpace(written)) is not None:
            return InputSpace(space.getName(), f"the file's oiio:ColorSpace is {written}")
        return InputSpace(self.scene_linear, f"the file does not say (OpenEXR alone would take Rec.709); {assumed}")

    def is_working(self, color_space: str) -> bool:
        """Whether pictures in this space are in the working space already (data spaces are left as they are)."""
        space = self._config.getColorSpace(self.canonical(color_space))
        return bool(space.isData()) or str(space.getName()) == self.scene_linear

    def to_working(self, rgba: AnyFloat, color_space: str) -> AnyFloat:
        """From a color space into the working space.

        Args:
            rgba: (H, W, 3) or (H, W, 4) float16 or float32; alpha is kept as it is.
            color_space: a space of this config, by name, role or alias.

        Returns:
            Scene-linear, the same shape and type; `rgba` itself where nothing is to be done, else a new array.
        """
        if self.is_working(color_space):
            return rgba
        depth = _depth(rgba)
        key = (color_space, depth)
        with self._lock:
            if key not in self._to_working:
                processor = self._config.getProcessor(self.canonical(color_space), self.scene_linear)
                self._to_working[key] = processor.getOptimizedCPUProcessor(
                    depth, depth, PyOpenColorIO.OPTIMIZATION_DEFAULT
                )
            processor = self._to_working[key]
        result = rgba.copy(order="C")
        if result.size:
            processor.apply(_packed(result))
        return result

    # --- onto the screen ----------------------------------------------------------------------------------------
    @property
    def looks(self) -> tuple[str, ...]:
        """The config's looks by name; a look is laid under a view."""
        return tuple(self._config.getLookNames())

    def display(
        self, display: str, view: str, exposure_stops: float = 0.0, gamma: float = 1.0, look: str = ""
    ) -> DisplayTransform:
        """Working space → display, through a look if one is named.

        The first call for a display and view bakes (about 0.2 s), later ones do not; see `is_baked`. A look is never
        baked: what it makes of negative values lies outside the lattice.
        """
        self._check_view(display, view, look)
        onto = PyOpenColorIO.DisplayViewTransform(src=self.scene_linear, display=display, view=view)
        with self._lock:
            baked = self._bakes.get((display, view))
        if baked is None:  # not under the lock: other views and plates being read need not wait
            baked = bake(self._config, onto)
            with self._lock:
                self._bakes[display, view] = baked
        if look:
            baked = Bake(self._after(look, baked.transform))
        return DisplayTransform(self._config, baked, self._after(look, onto), exposure_stops, gamma)

    def is_baked(self, display: str, view: str) -> bool:
        """Whether `display` answers at once."""
        with self._lock:
            return (display, view) in self._bakes

    def knows_gamut(self, display: str) -> bool:
        """Whether `outside_gamut` can tell: the display has a view without a tone curve."""
        return any(view in PLAIN_VIEWS for view in self.views(display))

    def outside_gamut(self, rgb: AnyFloat, display: str) -> Bool:
        """Which colors a display cannot show at any exposure: a negative value of its red, green or blue.

        Args:
            rgb: (..., 3), scene-linear working space.

        Returns:
            (...) bool. Asked of the display's view without a tone curve; all False where the config has none.
        """
        with self._lock:
            if display not in self._gamuts:
                plain = next((view for view in self.views(display) if view in PLAIN_VIEWS), "")
                onto = PyOpenColorIO.DisplayViewTransform(src=self.scene_linear, display=display, view=plain)
                self._gamuts[display] = plain and self._config.getProcessor(onto).getDefaultCPUProcessor()
            processor = self._gamuts[display]
        values: Float32 = np.array(rgb, np.float32, order="C")
        if not processor or not values.size:
            return np.zeros(values.shape[:-1], bool)
        pixels = values.reshape(-1, 3)
        processor.apply(PyOpenColorIO.PackedImageDesc(pixels, pixels.shape[0], 1, 3))
        return np.asarray((values < -GAMUT_TOLERANCE).any(axis=-1))

    def _check_view(self, display: str, view: str, look: str) -> None:
        if display not in self.displays:
            raise ColorError(display, why=f"is not a display of {self.name}", hint="Choose a display from the list.")
        if view not in self.views(display):
            raise ColorError(view, why=f"is not a view of {display}", hint="Choose a view from the list.")
        if look and look not in self.looks:
            raise ColorError(look, why=f"is not a look of {self.name}", hint="Choose a look from the list, or none.")

    def _after(self, look: str, onto: Any) -> Any:
        """A transform onto a display with a look laid under it; the transform itself without one."""
        if not look:
            return onto
        both = PyOpenColorIO.GroupTransform()
        both.appendTransform(PyOpenColorIO.LookTransform(self.scene_linear, self.scene_linear, look))
        both.appendTransform(onto)
        return both


class DisplayTransform:
    """Working space → what a screen shows, for one display, view, exposure and gamma. Immutable; thread-safe."""

    def __init__(self, config: Any, baked: Bake, exact: Any, exposure_stops: float, gamma: float) -> None:
        self.gain = float(2.0**exposure_stops)
        """What scene-linear values are multiplied by before they are transformed."""
        self.gamma = gamma
        """Display values are raised to 1 / gamma."""
        self._config = config
        self._view = exact
        self._exact_group = between(self.gain, exact, gamma)
        self._baked = baked
        self._table: UInt16 | None = None
        self._fast: dict[Any, Any] = {}
        self._exact: Any = None
        self._lock = threading.Lock()

    def apply(self, rgba: AnyFloat) -> UInt8:
        """The fast, baked way.

        Args:
            rgba: (H, W, 4) float16 (or float32), scene-linear working space; copied first if not contiguous.

        Returns:
            (H, W, 4) uint8, display values; the fourth says nothing. Runs without the GIL.
        """
        source = rgba if rgba.flags.c_contiguous else rgba.copy(order="C")
        result = np.empty(source.shape, np.uint8)
        if not source.size:
            return result
        convert = self._converter(source)
        rows = source.shape[0]
        if rows * source.shape[1] < 200_000:
            convert(source, result)
            return result
        edges = [rows * band // BANDS for band in range(BANDS + 1)]
        waiting: list[Future[None]] = [
            _pool.submit(convert, source[top:bottom], result[top:bottom]) for top, bottom in pairwise(edges)
        ]
        for band in waiting:
            band.result()
        return result

    def _converter(self, source: AnyFloat) -> Callable[[AnyFloat, UInt8], None]:
        """What turns pixels of this kind into display values."""
        lattice = self._baked.lattice
        if lattice is not None and source.dtype == np.float16:
            table, gamma = self._halves(lattice), self.gamma
            return lambda pixels, shown: lattice.apply(pixels, shown, table, gamma)
        processor = self._processor(_depth(source))
        return lambda pixels, shown: processor.apply(_packed(pixels), _packed(shown))

    def shader(self) -> DisplayShader:
        """The exact transform for a GPU, to be used between `gain` and `gamma`. The same object for the same view."""
        return display_shader(self._config, self._view)

    def _halves(self, lattice: HalfLattice) -> UInt16:
        with self._lock:
            if self._table is None:
                self._table = lattice.table(self.gain)
            return self._table

    def _processor(self, depth: Any) -> Any:
        with self._lock:
            if depth not in self._fast:
                whole = self._config.getProcessor(between(self.gain, self._baked.transform, self.gamma))
                self._fast[depth] = whole.getOptimizedCPUProcessor(
                    depth, PyOpenColorIO.BIT_DEPTH_UINT8, PyOpenColorIO.OPTIMIZATION_DRAFT
                )
            return self._fast[depth]

    def exact(self, rgb: AnyFloat) -> Float32:
        """What OpenColorIO says, slowly.

        Args:
            rgb: (..., 3), scene-linear working space.

        Returns:
            (..., 3) float32 display values, 0-1 where the view is bounded, not clipped; a new array.
        """
        with self._lock:
            if self._exact is None:
                self._exact = self._config.getProcessor(self._exact_group).getDefaultCPUProcessor()
        result: Float32 = np.array(rgb, np.float32, order="C")
        if result.size:
            pixels = result.reshape(-1, 3)
            self._exact.apply(PyOpenColorIO.PackedImageDesc(pixels, pixels.shape[0], 1, 3))
        return result


def _checked(wanted: str) -> ColorConfig:
    choose = "Choose another config, or unset OCIO to use the built-in one."
    if not wanted.startswith("ocio://") and not Path(wanted).is_file():
        raise ColorError(wanted, why="there is no color config at this path", hint=choose)
    try:
        config = PyOpenColorIO.Config.CreateFromFile(wanted)
        config.validate()
    except PyOpenColorIO.Exception as error:
        raise ColorError(wanted, why=_one_line(f"OpenColorIO refuses the config: {error}"), hint=choose) from error
    if config.getColorSpace("scene_linear") is None:
        raise ColorError(wanted, why="the config has no scene_linear role to work in", hint=choose)
    if not config.getDefaultDisplay():
        raise ColorError(wanted, why="the config has no display", hint=choose)
    return ColorConfig(wanted, config)


@lru_cache(maxsize=4)
def _built_in(name: str) -> ColorConfig:
    return _checked(name)


def _depth(array: AnyFloat) -> Any:
    return PyOpenColorIO.BIT_DEPTH_F16 if array.dtype == np.float16 else PyOpenColorIO.BIT_DEPTH_F32


def _packed(array: AnyFloat | UInt8) -> Any:
    """A contiguous (H, W, C) array as OpenColorIO sees it, without a copy."""
    height, width, channels = array.shape
    depths = {np.dtype(np.uint8): PyOpenColorIO.BIT_DEPTH_UINT8, np.dtype(np.float16): PyOpenColorIO.BIT_DEPTH_F16}
    item = array.itemsize
    depth = depths.get(array.dtype, PyOpenColorIO.BIT_DEPTH_F32)
    return PyOpenColorIO.PackedImageDesc(
        array, width, height, channels, depth, item, item * channels, item * channels * width
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
