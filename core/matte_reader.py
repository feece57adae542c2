"""A matte from a picture file: one channel as data, never color-managed, and where it lies on a plate.

Knows files and windows; knows neither layers nor the store. 0.5 in the file is 0.5 in the matte.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.arrays import Float32
from core.channels import choose_one
from core.errors import FrameError, PlateError
from core.exr import ExrFile, read_channels, read_header
from core.geometry import Window
from core.matte import Matte, Provenance
from core.plate import Plate
from core.plate_layers import plate_layers
from core.plate_reader import is_exr, is_movie
from core.sequence import FileSequence, find_sequence
from core.still import StillInfo, read_info, read_still

PREFERRED = ("A", "Y", "R")
"""The channels a matte lies in when nobody says, best first."""
GREY = "Y"
"""The mean of R, G and B of a PNG or TIFF."""


class MatteChannel(NamedTuple):
    """One channel by its full name, of a part by name (empty for the first part that has it)."""

    channel: str = ""
    part: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {self.channel}" if self.part else self.channel


LIKELIEST = MatteChannel()
"""Nobody said which."""


def find_mattes(path: str | os.PathLike[str]) -> tuple[FileSequence, tuple[MatteChannel, ...]]:
    """The files the artist means and the channels that can be a matte, the likeliest first.

    Only headers are read, up to the first readable one.

    Raises:
        PlateError: nothing usable there.
    """
    sequence = find_sequence(path)
    if is_movie(Path(sequence.pattern)):
        hint = "Write the matte as an image sequence."
        raise PlateError(sequence.pattern, why="a movie cannot be imported as a matte", hint=hint)
    first_error: FrameError | None = None
    for frame in sequence.frames:
        try:
            if is_exr(sequence):
                return sequence, channels_of(read_header(sequence.path(frame)))
            return sequence, _still_channels(read_info(sequence.path(frame)))
        except FrameError as error:
            first_error = first_error or error
    assert first_error is not None
    raise PlateError(sequence.pattern, why=first_error.why, hint=first_error.hint) from first_error


def channels_of(file: ExrFile) -> tuple[MatteChannel, ...]:
    """Every channel that can be read; the ones a matte usually lies in first."""
    several = len(file.parts) > 1
    found = [
        MatteChannel(channel, line.part if several else "")
        for line in plate_layers(file)
        if not line.why_not
        for channel in line.channels
    ]
    order = {name: place for place, name in enumerate(PREFERRED)}
    return tuple(sorted(dict.fromkeys(found), key=lambda each: order.get(each.channel, len(order))))


def _still_channels(info: StillInfo) -> tuple[MatteChannel, ...]:
    if info.pixel_format.startswith(("gray", "mono")):
        return (MatteChannel(GREY),)
    names = ("A", GREY, "R", "G", "B") if info.has_alpha and info.pixel_format != "pal8" else (GREY, "R", "G", "B")
    return tuple(map(MatteChannel, names))


def read_matte(path: Path, plate: Plate, wanted: MatteChannel = LIKELIEST) -> Matte:
    """One file as a matte over the plate's canvas.

    Args:
        path: an EXR, placed by its own windows; or a picture of the plate's size.
        wanted: the channel; empty for the likeliest. A PNG whose palette is of colors is read as labels: 1 wherever
            it is not black.

    Returns:
        Coverage 0-1, float32; NaN counts as 0, and what lies outside 0-1 is limited. Zero where the file has no
        pixels. Nobody says how sure it is: confidence is NaN.

    Raises:
        FrameError: missing, broken, without the channel, or of another format than the plate.
    """
    values, window = _exr(path, plate, wanted) if is_exr_file(path) else _still(path, plate, wanted)
    if window.intersect(plate.canvas).empty:
        raise FrameError(path, why=f"its pixels ({window}) lie outside the plate ({plate.canvas})")
    coverage = np.clip(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0).astype(np.float32)
    return Matte(plate.canvas, Matte(window, coverage).over(plate.canvas), provenance=Provenance(made_by="import"))


def is_exr_file(path: Path) -> bool:
    """By its first bytes. A file that is not there counts by its name."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x76\x2f\x31\x01"
    except OSError:
        return path.suffix.lower() == ".exr"


def _exr(path: Path, plate: Plate, wanted: MatteChannel) -> tuple[Float32, Window]:
    header = read_header(path)
    if not wanted.channel:
        known = channels_of(header)
        if not known:
            raise FrameError(path, why="no channel of it can be read", hint="Flatten it in the compositor first.")
        wanted = known[0]
    choice = choose_one(header, wanted.channel, wanted.part)
    part = header.parts[choice.part]
    sampling = next((one.x_sampling, one.y_sampling) for one in part.channels if one.name == wanted.channel)
    if sampling != (1, 1):
        hint = "Choose a channel with a value for every pixel."
        raise FrameError(path, why=f"{wanted.channel} has one value for several pixels", hint=hint)
    values = read_channels(path, choice.part).get(wanted.channel)
    if values is None:
        raise FrameError(path, why=f"its channel {wanted.channel} cannot be read", hint="Choose another channel.")
    return values.astype(np.float32), _placed(path, plate, part.data_window, part.format.display)


def _placed(path: Path, plate: Plate, data: Window, display: Window) -> Window:
    """Where the pixels of an EXR lie on the plate: its display window is laid on the plate's."""
    shown = plate.format.display
    if display.shape == shown.shape:
        return data.move(shown.x0 - display.x0, shown.y0 - display.y0)
    if data in (plate.canvas, plate.data_window, shown):
        return data
    raise _other_size(path, plate, display, "Write it in the plate's format.")


def _still(path: Path, plate: Plate, wanted: MatteChannel) -> tuple[Float32, Window]:
    info = read_info(path)
    rgba = read_still(path)
    name = wanted.channel or _still_channels(info)[0].channel
    if name == GREY and info.pixel_format == "pal8" and not _grey(rgba):
        values = rgba[..., :3].any(axis=2).astype(np.float32)
    elif name == GREY:
        values = rgba[..., 0] if _grey(rgba) else rgba[..., :3].mean(axis=2, dtype=np.float32)
    elif name in "RGBA":
        values = rgba[..., "RGBA".index(name)]
    else:
        raise FrameError(path, why=f"there is no channel {name!r}", hint="Its channels are: R, G, B, A.")
    size = Window.of_size(info.width, info.height)
    for window in (plate.format.display, plate.data_window, plate.canvas):
        if window.shape == values.shape:
            return values, window
    raise _other_size(path, plate, size, "Write it at the plate's size, or as EXR with its windows.")


def _grey(rgba: Float32) -> bool:
    return bool((rgba[..., 0] == rgba[..., 1]).all() and (rgba[..., 0] == rgba[..., 2]).all())


def _other_size(path: Path, plate: Plate, size: Window, hint: str) -> FrameError:
    shown = plate.format.display
    return FrameError(
        path, why=f"it is {size.width} x {size.height}, the plate is {shown.width} x {shown.height}", hint=hint
    )
