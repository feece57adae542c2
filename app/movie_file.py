"""A movie of display pictures, written through PyAV: there and whole, or not there. H.264, or ProRes 4444.

The file grows under a hidden name and gets its own when it is finished and counted. Knows neither shots nor reviews.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.codec.codec import UnknownCodecError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from core.arrays import Float32, UInt8
from core.disk import TEMPORARY, cause, remedy
from core.errors import ExportError

BITS_PER_PIXEL = 0.25
"""For encoders that want a rate and not a quality."""
BT709 = 1
"""The number of BT.709 in H.264's tables of primaries, transfer and matrix."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How pictures are coded.

    Args:
        name: what the artist calls it.
        encoders: that may come with PyAV, the best first.
        quality: options by encoder; one that is not listed is given a rate.
        frame: turns one picture into a frame of `pixel_format`.
        even: pictures are padded to even numbers at the right and below.
    """

    name: str
    encoders: tuple[str, ...]
    pixel_format: str
    frame: Callable[[npt.NDArray[Any]], VideoFrame]
    quality: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    even: bool = True


def _limited_420(rgb: UInt8) -> VideoFrame:
    """(H, W, 3) uint8 display values as BT.709, limited range; H and W even."""
    return VideoReformatter().reformat(
        VideoFrame.from_ndarray(rgb, format="rgb24"),
        format="yuv420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )


def _limited_4444(rgba: Float32) -> VideoFrame:
    """(H, W, 4) float32 display values and coverage, 0-1, as BT.709 in 10 bits, limited range; coverage 0-1023."""
    height, width = rgba.shape[:2]
    red, green, blue, coverage = (np.clip(rgba[..., place], 0, 1) for place in range(4))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    planes = (
        64 + 876 * luma,
        512 + 896 * (blue - luma) / 1.8556,
        512 + 896 * (red - luma) / 1.5748,
        1023 * coverage,
    )
    frame = VideoFrame(width, height, "yuva444p10le")
    for made, values in zip(frame.planes, planes, strict=True):
        lines = np.zeros((height, made.line_size // 2), "<u2")
        lines[:, :width] = np.rint(values)
        made.update(lines.tobytes())
    return frame


H264 = Coding(
    "H.264",
    ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf"),
    "yuv420p",
    _limited_420,
    {"libx264": {"crf": "17", "preset": "veryfast"}},
)
PRORES_4444 = Coding(
    "ProRes 4444",
    ("prores_ks",),
    "yuva444p10le",
    _limited_4444,
    {"prores_ks": {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}},
    even=False,
)


class MovieFile:
    """A movie under way. Use it as a context; leaving it by an exception leaves no file.

    Args:
        path: `.mp4` or `.mov`.
        size: (width, height) of every picture.
        rate: frames per second.
        coding: H.264 where None.
        pixel_aspect: the width of a pixel relative to its height; players widen the picture by it.

    Raises:
        ExportError: on any call, when there is no encoder, or the disk refuses.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        rate: Fraction,
        title: str = "",
        coding: Coding | None = None,
        pixel_aspect: float = 1.0,
    ) -> None:
        coding = coding or H264
        self.path = path
        self.frames = 0
        self._size, self._coding = size, coding
        width, height = (edge + edge % 2 for edge in size) if coding.even else size
        self._padding = ((0, height - size[1]), (0, width - size[0]), (0, 0))
        self._temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex[:12]}-{path.name}")
        encoder = _encoder(path, coding)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            kind = "mov" if path.suffix.lower() == ".mov" else "mp4"
            self._container = av.open(str(self._temporary), "w", format=kind, options={"movflags": "+faststart"})
        except (OSError, av.error.FFmpegError) as error:
            raise self._refused(error) from error
        try:
            stream = self._container.add_stream(encoder, rate, options=dict(coding.quality.get(encoder, {})))
        except (OSError, av.error.FFmpegError) as error:
            self._close_quietly()
            self._temporary.unlink(missing_ok=True)
            raise self._refused(error) from error
        self._container.metadata["title"] = title
        assert isinstance(stream, VideoStream)
        self._stream = stream
        stream.width, stream.height, stream.pix_fmt = width, height, coding.pixel_format
        stream.time_base = 1 / rate
        codec = stream.codec_context
        if pixel_aspect != 1.0:
            codec.sample_aspect_ratio = Fraction(pixel_aspect).limit_denominator(1000)
        codec.gop_size = max(1, round(rate / 2))  # half a second at most to decode for one step back
        codec.color_range, codec.colorspace = ColorRange.MPEG, BT709
        codec.color_primaries, codec.color_trc = BT709, BT709
        if encoder not in coding.quality:
            codec.bit_rate = int(width * height * float(rate) * BITS_PER_PIXEL)

    def say(self, name: str, text: str) -> None:
        """A word beside the title, before the first picture."""
        self._container.metadata[name] = text

    def add(self, picture: UInt8 | Float32, hold: int = 1) -> None:
        """One picture, shown for `hold` frames: display values, (H, W, 3) uint8; for ProRes 4444 (H, W, 4) float32,
        0-1, the fourth being the alpha, which comes out to the last of its 10 bits."""
        padded = np.pad(picture, self._padding) if any(after for _, after in self._padding) else picture
        shown = self._coding.frame(np.ascontiguousarray(padded))
        try:
            for _ in range(hold):
                shown.pts, shown.time_base = self.frames, 1 / Fraction(self._stream.average_rate or 24)
                self._container.mux(self._stream.encode(shown))
                self.frames += 1
        except (OSError, av.error.FFmpegError) as error:
            raise self._refused(error) from error

    def __enter__(self) -> MovieFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
            else:
                self._close_quietly()
        finally:
            self._temporary.unlink(missing_ok=True)

    def _finish(self) -> None:
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            written = _count(self._temporary)
        except (OSError, av.error.FFmpegError) as error:
            self._close_quietly()
            raise self._refused(error) from error
        if written != self.frames:
            raise ExportError(
                self.path,
                why=f"only {written} of {self.frames} frames reached the disk",
                hint="Make room and try again.",
            )
        try:
            self._temporary.replace(self.path)
        except OSError as error:
            raise self._refused(error) from error

    def _close_quietly(self) -> None:
        """Of a movie that will not be: what closing it says is of no use to anyone."""
        try:
            self._container.close()
        except (OSError, av.error.FFmpegError):
            return

    def _refused(self, error: Exception) -> ExportError:
        why = cause(error) if isinstance(error, OSError) else f"the encoder says: {error}"
        hint = remedy(error) if isinstance(error, OSError) else "Make room, or choose another place."
        return ExportError(self.path, why=f"the movie cannot be written, {why}", hint=hint)


def _encoder(path: Path, coding: Coding) -> str:
    for name in coding.encoders:
        try:
            av.Codec(name, "w")
        except UnknownCodecError:
            continue
        return name
    raise ExportError(
        path,
        why=f"this installation has no {coding.name} encoder",
        hint="Write an image sequence instead, or install PyAV from its wheels.",
    )


def _count(path: Path) -> int:
    """How many pictures a movie holds, without decoding them."""
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
