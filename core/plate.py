"""The footage being worked on, as the document knows it: authored, small, immutable.

Says where the pictures are and how they are to be read. Reading them is `core/plate_reader.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from core.digest import digest
from core.frames import FrameRange
from core.geometry import Format, Window

PlateId = str


@dataclass(frozen=True)
class Plate:
    """A file sequence, still or movie and the choices made about it.

    Args:
        id: unique in the project; never shown.
        name: what the artist reads.
        path: the sequence as `/show/plate.####.exr`, or one still or movie file.
        frames: the first and last frame that exist on disk (frames inside may be missing).
        format: display window and pixel aspect.
        data_window: where pixels exist in the first readable frame; other frames may differ.
        color_space: the input color space, a name in the project's color config.
        part: the part of a multi-part EXR by name; empty for the first picture part.
        layer: the layer whose R, G, B, A are shown; empty for the unnamed one.
        view: the view of a stereo file; empty for the default.
        rate: frames per second.
        channel: one channel alone by its full name, read as data: for looking at it. Empty for a plate that is matted.
    """

    id: PlateId
    name: str
    path: Path
    frames: FrameRange
    format: Format
    data_window: Window
    color_space: str
    part: str = ""
    layer: str = ""
    view: str = ""
    rate: Fraction = Fraction(24)
    channel: str = ""

    @cached_property
    def identity(self) -> str:
        """Changes with anything that changes the pixels; part of every matte key. Computed once: it is asked for a
        thousand times at every look at a long shot."""
        alone = (self.channel,) if self.channel else ()
        return digest(self.path, self.part, self.layer, self.view, self.color_space, *alone)

    @property
    def canvas(self) -> Window:
        """The window every matte of this plate covers: display and data window together, the same for all frames."""
        return self.format.display.union(self.data_window)
