"""PNG, TIFF, JPEG and the pictures of movies through PyAV: second-class plates.

Gives the values as the file has them, 0-1; what color they are must be told, never guessed. Knows no color config.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream

from core.arrays import Float32
from core.errors import FrameError
from core.exr_header import MAX_DECODED_BYTES, MAX_EDGE_PX

LOCAL_ONLY = {"protocol_whitelist": "file"}
"""A playlist that calls itself a movie must not reach for the network."""
_CHOOSE = "Convert it to EXR, or choose another file."


@dataclass(frozen=True, slots=True)
class StillInfo:
    """What a still or movie is, before its pixels are read. `frames` is 1 for a still; `rate` 0 where unknown."""

    width: int
    height: int
    pixel_aspect: float
    frames: int
    rate: Fraction
    pixel_format: str
    codec: str
    depth_bits: int
    has_alpha: bool


def read_info(path: Path) -> StillInfo:
    """Header only.

    Raises:
        FrameError: missing, damaged, without a picture, or larger than `MAX_EDGE_PX`.
    """
    try:
        with av.open(str(path), options=LOCAL_ONLY) as container:
            stream = picture_stream(path, container.streams.video)
            rate = Fraction(stream.average_rate or stream.guessed_rate or 0)
            return StillInfo(
                width=stream.codec_context.width,
                height=stream.codec_context.height,
                pixel_aspect=float(stream.sample_aspect_ratio or 1) or 1.0,
                frames=_frame_count(container.duration, stream, rate),
                rate=rate,
                pixel_format=stream.codec_context.pix_fmt or "",
                codec=stream.codec_context.name,
                depth_bits=_depth(stream),
                has_alpha=_has_alpha(stream.codec_context.pix_fmt or ""),
            )
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise refused(path, error) from error


def read_still(path: Path) -> Float32:
    """One picture.

    Returns:
        (H, W, 4) float32, file values 0-1, not color-managed, alpha as the file has it (1 where it has none), not
        multiplied into the color. 16-bit files keep their 16 bits.

    Raises:
        FrameError: missing or damaged.
    """
    try:
        with av.open(str(path), options=LOCAL_ONLY) as container:
            for picture in container.decode(picture_stream(path, container.streams.video)):
                return picture_values(picture)
    except (OSError, av.error.FFmpegError, ValueError, MemoryError) as error:
        raise refused(path, error) from error
    raise FrameError(path, why="there is no picture in the file", hint=_CHOOSE)


def picture_stream(path: Path, streams: tuple[VideoStream, ...]) -> VideoStream:
    """The first stream of pictures; raises FrameError where there is none or it is too large."""
    if not streams:
        raise FrameError(path, why="there is no picture in the file", hint=_CHOOSE)
    stream = streams[0]
    width, height = stream.codec_context.width, stream.codec_context.height
    if not (0 < width <= MAX_EDGE_PX and 0 < height <= MAX_EDGE_PX) or width * height * 16 > MAX_DECODED_BYTES:
        raise FrameError(path, why=f"its size of {width} x {height} pixels is refused", hint=_CHOOSE)
    return stream


def refused(path: Path, error: Exception) -> FrameError:
    """The sentence for what PyAV or the system said."""
    if isinstance(error, FileNotFoundError):
        return FrameError(path, why="the file does not exist", hint="Render it, or leave the frame out.")
    text = getattr(error, "strerror", "") or str(error)
    return FrameError(path, why=f"it cannot be read ({' '.join(text.split())[:200]})", hint=_CHOOSE)


def _frame_count(duration_us: int | None, stream: VideoStream, rate: Fraction) -> int:
    if stream.frames:
        return int(stream.frames)
    if stream.duration and stream.time_base and rate:
        return max(1, round(stream.duration * stream.time_base * rate))
    return max(1, round(Fraction(duration_us or 0, 1_000_000) * rate))


def _depth(stream: VideoStream) -> int:
    name = stream.codec_context.pix_fmt
    return max(component.bits for component in av.VideoFormat(name).components) if name else 8


def _has_alpha(name: str) -> bool:
    return bool(name) and any(component.is_alpha for component in av.VideoFormat(name).components)


def picture_values(picture: VideoFrame) -> Float32:
    """As `read_still` returns them. Y'CbCr is turned into R'G'B' with the file's matrix; Rec.709 where it is silent
    and the picture is HD, Rec.601 where it is smaller, as players do."""
    name = picture.format.name
    deep = max(component.bits for component in picture.format.components) > 8
    if "f32" in name:
        return _four(picture.to_ndarray().astype(np.float32, copy=False))  # a reformat would clip to 0-1
    wanted = "rgba64le" if deep else "rgba"
    if any(letters in name for letters in ("rgb", "bgr", "gbr", "gray", "pal8", "ya", "mono")):
        converted = picture.reformat(format=wanted)
    else:
        said = picture.colorspace in set(Colorspace)
        matrix = Colorspace.ITU709 if picture.height >= 720 else Colorspace.ITU601
        converted = picture.reformat(format=wanted, src_colorspace=picture.colorspace if said else matrix)
    return converted.to_ndarray().astype(np.float32) / np.float32(65535 if deep else 255)


def _four(values: Float32) -> Float32:
    """Grey, RGB or RGBA as (H, W, 4)."""
    planes = np.atleast_3d(values)
    rgba = np.ones((*planes.shape[:2], 4), np.float32)
    rgba[..., :3] = planes[..., :3]
    if planes.shape[2] == 4:
        rgba[..., 3] = planes[..., 3]
    return rgba
