"""A painted matte from a file (`--correct FRAME:mask.exr`), and how it is kept as a project asset."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.arrays import Float32
from core.color import ColorConfig
from core.errors import FrameError
from core.exr import read_channels, read_header
from core.geometry import Window
from core.matte import Matte, Provenance
from core.matte_file import pack, unpack
from core.plate_reader import PlateReader, open_plate

ASSET_KEY = "painted"
PREFERRED = ("A", "Y", "R")
"""The channels a matte may lie in, best first."""


def read_painted(path: Path, color: ColorConfig, canvas: Window) -> Matte:
    """The coverage in a picture file, over `canvas`.

    An EXR gives its `A`, `Y` or `R`, else its first channel, at its own data window. Any other picture gives its
    brightness as it is stored (a matte is data and is never color-managed). Values are limited to 0-1.

    Raises:
        FrameError: the file cannot be read, or does not lie on the plate at all.
    """
    coverage, window = _exr(path) if path.suffix.lower() == ".exr" else _still(path, color)
    if window.intersect(canvas).empty:
        raise FrameError(path, why=f"its pixels ({window}) lie outside the plate ({canvas})")
    matte = Matte(window, np.clip(np.nan_to_num(coverage), 0.0, 1.0).astype(np.float32))
    return Matte(canvas, matte.over(canvas), 1.0, Provenance(made_by="import"))


def _exr(path: Path) -> tuple[Float32, Window]:
    part = read_header(path).parts[0]
    channels = read_channels(path, part.index)
    name = next((wanted for wanted in PREFERRED if wanted in channels), next(iter(channels)))
    return channels[name].astype(np.float32), part.data_window


def _still(path: Path, color: ColorConfig) -> tuple[Float32, Window]:
    plate = open_plate(path, color, color_space=color.scene_linear)
    picture = PlateReader(plate, color).read(plate.frames.first)
    return picture.rgba[..., :3].astype(np.float32).mean(axis=2), picture.data_window


def to_asset(matte: Matte) -> bytes:
    """The file that is kept with the project."""
    return pack(ASSET_KEY, matte)


def from_asset(data: bytes) -> Matte:
    """Raises FrameError when the asset is damaged."""
    matte = unpack(ASSET_KEY, data)
    if matte is None:
        raise FrameError("A painted matte of this project", why="its file is damaged", hint="Import it again.")
    return matte
