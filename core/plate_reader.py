"""From a path to a plate, and from a plate to pictures in the working space.

The only way pixels come into Penumbra. Knows files and color, and keeps nothing in memory: what is read is the
caller's to keep (`core/frame_cache.py`).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import AnyFloat, Float32
from core.channels import ChannelChoice, choose_channels, choose_one
from core.chroma import REC709, Chromaticities, rgb_from_luma_chroma, upsample
from core.color import ColorConfig, InputSpace
from core.errors import FrameError, PlateError
from core.exr import ExrFile, read_channels, read_header
from core.frames import FrameNumber, FrameRange
from core.geometry import Format, Window
from core.movie import Movie
from core.non_finite import contain, find_and_contain
from core.picture import Picture
from core.plate import Plate, PlateId
from core.sequence import EXR_SUFFIXES, MOVIE_SUFFIXES, STILL_SUFFIXES, FileSequence, find_sequence
from core.still import read_info, read_still
from core.stored_values import StoredValues

DEFAULT_RATE = Fraction(24)


class ColorSpaceNeeded(PlateError):
    """The file cannot say what color it is in; the artist must. `suggested` is what such files usually are."""

    def __init__(self, subject: str | os.PathLike[str], why: str = "", hint: str = "", suggested: str = "") -> None:
        super().__init__(subject, why, hint)
        self.suggested = suggested


@dataclass(frozen=True, slots=True)
class OpenedPlate:
    """A plate and why it is read in the color space it is read in."""

    plate: Plate
    space: InputSpace


def open_plate(
    path: str | os.PathLike[str],
    color: ColorConfig,
    *,
    color_space: str | None = None,
    part: str = "",
    layer: str = "",
    view: str = "",
    plate_id: PlateId | None = None,
) -> Plate:
    """A plate from whatever the artist points at; only headers are read.

    Args:
        path: anything `find_sequence` understands, or a movie.
        color: the shot's color config.
        color_space: how the values are to be read; None asks the EXR's header. Needed for PNG, TIFF, JPEG and movies.
        part, layer, view: by name; empty for the default.
        plate_id: kept when a plate is opened again; a new one otherwise.

    Raises:
        PlateError: nothing usable there.
        ColorSpaceNeeded: a second-class format and no color space.
        ColorError: the config does not have `color_space`.
    """
    return describe_plate(
        path, color, color_space=color_space, part=part, layer=layer, view=view, plate_id=plate_id
    ).plate


def describe_plate(
    path: str | os.PathLike[str],
    color: ColorConfig,
    *,
    color_space: str | None = None,
    part: str = "",
    layer: str = "",
    view: str = "",
    plate_id: PlateId | None = None,
) -> OpenedPlate:
    """As `open_plate`, with the reason for the color space."""
    sequence = find_sequence(path)
    identity = plate_id or uuid.uuid4().hex
    chosen = InputSpace(color.canonical(color_space), "chosen") if color_space else None
    if is_exr(sequence):
        return _open_exr(sequence, color, chosen, (part, layer, view), identity)
    if sequence.pattern.suffix.lower() not in STILL_SUFFIXES | MOVIE_SUFFIXES:
        raise PlateError(
            sequence.pattern, why="this is no picture Penumbra reads", hint="Choose EXR, PNG, TIFF, JPEG or a movie."
        )
    return _open_still(sequence, color, chosen, identity)


def is_exr(sequence: FileSequence) -> bool:
    """By suffix; a file with another suffix or none counts if it begins like an EXR."""
    suffix = Path(sequence.pattern).suffix.lower()
    if suffix in EXR_SUFFIXES:
        return True
    try:
        with sequence.path(sequence.frames[0]).open("rb") as file:
            return file.read(4) == b"\x76\x2f\x31\x01"
    except OSError:
        return False


def is_movie(path: Path) -> bool:
    return path.suffix.lower() in MOVIE_SUFFIXES


def rate_of(attributes: Mapping[str, Any]) -> Fraction:
    """`framesPerSecond`, else 24; nonsense counts as silence."""
    value = attributes.get("framesPerSecond")
    try:
        rate = Fraction(value) if value is not None else DEFAULT_RATE
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return DEFAULT_RATE
    return rate if 0 < rate <= 1000 else DEFAULT_RATE


def _open_exr(
    sequence: FileSequence,
    color: ColorConfig,
    chosen: InputSpace | None,
    names: tuple[str, str, str],
    plate_id: PlateId,
) -> OpenedPlate:
    """The first readable frame tells; broken ones before it are passed over and named when they are read.

    What was left open is decided here for all frames: other files may have their parts in another order.
    """
    first_error: FrameError | None = None
    for frame in sequence.frames:
        try:
            header = read_header(sequence.path(frame))
            choice = choose_channels(header, *names)
        except FrameError as error:
            first_error = first_error or error
            continue
        part = header.parts[choice.part]
        space = chosen or color.input_space(part.attributes)
        plate = Plate(
            id=plate_id,
            name=sequence.name,
            path=sequence.pattern,
            frames=sequence.range,
            format=part.format,
            data_window=part.data_window,
            color_space=space.name,
            part=names[0] or (part.name if len(header.parts) > 1 and not names[2] else ""),
            layer=names[1] or choice.layer,
            view=names[2],
            rate=rate_of(part.attributes),
        )
        return OpenedPlate(plate, space)
    assert first_error is not None
    count = len(sequence.frames)
    which = "the file cannot be used" if count == 1 else f"none of its {count} frames can be used"
    why = (
        f"{which}: {first_error.why}"
        if sequence.still
        else f"{which}; {Path(first_error.subject).name}: {first_error.why}"
    )
    raise PlateError(sequence.pattern, why=why, hint=first_error.hint) from first_error


def _open_still(
    sequence: FileSequence, color: ColorConfig, chosen: InputSpace | None, plate_id: PlateId
) -> OpenedPlate:
    first = sequence.path(sequence.frames[0])
    try:
        info = read_info(first)
    except FrameError as error:
        raise PlateError(sequence.pattern, why=error.why, hint=error.hint) from error
    if chosen is None:
        kind = "a movie" if is_movie(first) else f"a {first.suffix.upper().lstrip('.')} file"
        raise ColorSpaceNeeded(
            sequence.pattern,
            why=f"{kind} does not say what color it is in",
            hint="Choose its color space.",
            suggested=suggested_space(color),
        )
    window = Window.of_size(info.width, info.height)
    frames = FrameRange(1, info.frames) if is_movie(first) else sequence.range
    plate = Plate(
        id=plate_id,
        name=sequence.name,
        path=sequence.pattern,
        frames=frames,
        format=Format(window, info.pixel_aspect),
        data_window=window,
        color_space=chosen.name,
        rate=info.rate if is_movie(first) and 0 < info.rate <= 1000 else DEFAULT_RATE,
    )
    return OpenedPlate(plate, chosen)


def suggested_space(color: ColorConfig) -> str:
    """What a PNG, JPEG or movie usually is, to be offered first; empty where the config has no such space."""
    for name in ("srgb_rec709_scene", "srgb_texture", "sRGB - Texture", "Utility - sRGB - Texture", "sRGB"):
        if color.has(name):
            return color.canonical(name)
    return ""


class PlateReader:
    """Reads the pictures of one plate; several threads may use one reader. Only a movie is held open between reads."""

    def __init__(self, plate: Plate, color: ColorConfig) -> None:
        self.plate = plate
        self._color = color
        self._movie = Movie(plate.path) if is_movie(plate.path) else None
        self._sequence = find_sequence(plate.path)
        self._shallow: bool | None = None
        self._listed: tuple[int, frozenset[FrameNumber]] | None = None
        self._exr = self._movie is None and is_exr(self._sequence)

    @property
    def sequence(self) -> FileSequence:
        """The files as they were found when the reader was made."""
        return self._sequence

    def path(self, frame: FrameNumber) -> Path:
        """The file a frame comes from, whether it exists or not."""
        return self.plate.path if self._movie else self._sequence.path(frame)

    def missing_frames(self) -> frozenset[FrameNumber]:
        """Frames of the plate's range that have no file now; looks at the folder again when it changed."""
        if self._movie or self._sequence.still:
            return frozenset()
        try:
            changed = self._sequence.directory.stat().st_mtime_ns
            if self._listed is None or self._listed[0] != changed:
                self._listed = changed, frozenset(find_sequence(self.plate.path).frames)
        except (OSError, PlateError):
            return frozenset(self.plate.frames)
        return frozenset(self.plate.frames) - self._listed[1]

    def read(self, frame: FrameNumber, *, extras: bool = False) -> Picture:
        """One frame.

        Args:
            frame: its number.
            extras: also give the other channels of the part, as they are in the file.

        Returns:
            A `Picture` in the working space: float16 where the file's channels are all half or 8-bit, else float32.
            Luminance alone is given as grey, luminance-chroma as RGB. NaN becomes 0, Inf the largest number of half;
            both are counted.

        Raises:
            FrameError: missing, broken, or without the plate's part, layer or view.
        """
        if self._exr:
            return self._read_exr(frame, extras)
        return self._read_still(frame)

    def _read_exr(self, frame: FrameNumber, extras: bool) -> Picture:
        path = self.path(frame)
        header = read_header(path)
        choice = self._choice(header)
        part = header.parts[choice.part]
        channels = read_channels(path, choice.part)
        rgba = _assemble(header, choice, channels)
        non_finite, bad_bits = find_and_contain(rgba)
        converted = rgba if choice.is_data else self._color.to_working(rgba, self.plate.color_space)
        if converted is not rgba:
            contain(converted)
        used = set(choice.names.values())
        return Picture(
            rgba=converted,
            data_window=part.data_window,
            format=part.format,
            attributes=part.attributes,
            non_finite=non_finite,
            extras={name: array for name, array in channels.items() if name not in used} if extras else {},
            is_data=choice.is_data,
            bad_bits=bad_bits,
        )

    def _choice(self, header: ExrFile) -> ChannelChoice:
        """The channels to read: the plate's layer, or its one channel."""
        plate = self.plate
        if plate.channel:
            return choose_one(header, plate.channel, plate.part)
        return choose_channels(header, plate.part, plate.layer, plate.view)

    def stored(self, frame: FrameNumber) -> StoredValues:
        """The channels of one frame as the file has them: no conversion, NaN and Inf as they are.

        Raises:
            FrameError: as `read`.
        """
        path = self.path(frame)
        if not self._exr:
            values = self._movie.read(frame) if self._movie else read_still(path)
            window = Window.of_size(values.shape[1], values.shape[0])
            return StoredValues(window, {name: values[..., place] for place, name in enumerate("RGBA")})
        header = read_header(path)
        choice = self._choice(header)
        part = header.parts[choice.part]
        channels = read_channels(path, choice.part)
        lacking = [name for name in choice.names.values() if name not in channels]
        if lacking:
            raise FrameError(path, why=f"its channel {lacking[0]} cannot be read", hint="Choose another layer.")
        sampling = {name: _sampling(header, choice, name) for name in choice.names.values()}
        return StoredValues(part.data_window, {name: channels[name] for name in choice.names.values()}, sampling)

    def _read_still(self, frame: FrameNumber) -> Picture:
        path = self.path(frame)
        values = self._movie.read(frame) if self._movie else read_still(path)
        non_finite = contain(values)
        linear: AnyFloat = self._color.to_working(values, self.plate.color_space)
        if linear is values:
            linear = values.copy()
        linear[..., :3] *= linear[..., 3:]  # these files are unpremultiplied; pictures here are premultiplied
        contain(linear)
        if self._shallow is None:
            self._shallow = read_info(path).depth_bits <= 8
        if self._shallow:  # eight bits lose nothing in half, and take half the memory
            linear = linear.astype(np.float16)
        window = Window.of_size(values.shape[1], values.shape[0])
        return Picture(linear, window, Format(window, self.plate.format.pixel_aspect), {}, non_finite)


def _assemble(header: ExrFile, choice: ChannelChoice, channels: Mapping[str, npt.NDArray[Any]]) -> AnyFloat:
    """The chosen channels as one (H, W, 4), contiguous, over the part's data window."""
    part = header.parts[choice.part]
    shape = part.data_window.shape
    lacking = [name for name in choice.names.values() if name not in channels]
    if lacking:
        raise FrameError(header.path, why=f"its channel {lacking[0]} cannot be read", hint="Choose another layer.")
    planes = {
        role: _full_size(channels[name], _sampling(header, choice, name), shape) for role, name in choice.names.items()
    }
    if choice.kind == "luma-chroma":
        chroma = Chromaticities.from_attribute(part.attributes.get("chromaticities")) or REC709
        y, ry, by = (planes[role].astype(np.float32, copy=False) for role in ("Y", "RY", "BY"))
        rgb = rgb_from_luma_chroma(y, ry, by, chroma.luminance())
        with np.errstate(over="ignore"):
            return _with_alpha([rgb[..., 0], rgb[..., 1], rgb[..., 2]], planes.get("A"), _kind([*planes.values()]))
    colors = [planes[role] for role in "RGB"] if choice.kind == "rgb" else [planes["Y"]] * 3
    return _with_alpha(colors, planes.get("A"), _kind([*planes.values()]))


def _sampling(header: ExrFile, choice: ChannelChoice, name: str) -> tuple[int, int]:
    """(x, y) sampling of a channel of the chosen part."""
    for channel in header.parts[choice.part].channels:
        if channel.name == name:
            return channel.x_sampling, channel.y_sampling
    return 1, 1


def _full_size(plane: npt.NDArray[Any], sampling: tuple[int, int], shape: tuple[int, int]) -> npt.NDArray[Any]:
    if sampling == (1, 1):
        return plane
    full: Float32 = upsample(plane.astype(np.float32), sampling[0], sampling[1], shape)
    return full.astype(plane.dtype) if plane.dtype == np.float16 else full


def _kind(planes: list[npt.NDArray[Any]]) -> type[np.float16] | type[np.float32]:
    return np.float16 if all(plane.dtype == np.float16 for plane in planes) else np.float32


def _with_alpha(
    colors: list[npt.NDArray[Any]], alpha: npt.NDArray[Any] | None, kind: type[np.float16] | type[np.float32]
) -> AnyFloat:
    """(H, W, 4) of `kind` from three planes and perhaps a fourth. OpenCV weaves them 3 times faster than NumPy."""
    one = np.ones(colors[0].shape, kind)
    planes = (*colors, one if alpha is None else alpha)
    if kind is np.float16:
        words = [np.ascontiguousarray(plane, np.float16).view(np.uint16) for plane in planes]
        return np.ascontiguousarray(cv2.merge(words), np.uint16).view(np.float16)
    floats = [np.ascontiguousarray(plane, np.float32) for plane in planes]
    return np.ascontiguousarray(cv2.merge(floats), np.float32)
