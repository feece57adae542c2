"""An H.264 movie of display pictures, written through PyAV: there and whole, or not there.

The file grows under a hidden name and gets its own when it is finished and counted. Knows neither shots nor reviews.
"""

from __future__ import annotations

import uuid
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import av.error
import numpy as np
from av.codec.codec import UnknownCodecError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from core.arrays import UInt8
from core.disk import TEMPORARY, cause
from core.errors import ExportError

ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf")
"""H.264 encoders that may come with PyAV, the best first."""
QUALITY = {"libx264": {"crf": "17", "preset": "veryfast"}}
BITS_PER_PIXEL = 0.25
"""For encoders that want a rate and not a quality."""
BT709 = 1
"""The number of BT.709 in H.264's tables of primaries, transfer and matrix."""


class MovieFile:
    """A movie under way. Use it as a context; leaving it by an exception leaves no file.

    Args:
        path: `.mp4` or `.mov`.
        size: (width, height) of every picture; the movie is padded to even numbers at the right and below.
        rate: frames per second.

    Raises:
        ExportError: on any call, when there is no encoder, or the disk refuses.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction, title: str = "") -> None:
        self.path = path
        self.frames = 0
        self._size = size
        width, height = (edge + edge % 2 for edge in size)
        self._padded: UInt8 = np.zeros((height, width, 3), np.uint8)
        self._reformatter = VideoReformatter()
        self._temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex[:12]}-{path.name}")
        encoder = _encoder(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            kind = "mov" if path.suffix.lower() == ".mov" else "mp4"
            self._container = av.open(str(self._temporary), "w", format=kind, options={"movflags": "+faststart"})
            stream = self._container.add_stream(encoder, rate, options=QUALITY.get(encoder, {}))
        except (OSError, av.error.FFmpegError) as error:
            raise self._refused(error) from error
        self._container.metadata["title"] = title
        assert isinstance(stream, VideoStream)
        self._stream = stream
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = 1 / rate
        codec = stream.codec_context
        codec.gop_size = max(1, round(rate / 2))  # half a second at most to decode for one step back
        codec.color_range, codec.colorspace = ColorRange.MPEG, BT709
        codec.color_primaries, codec.color_trc = BT709, BT709
        if encoder not in QUALITY:
            codec.bit_rate = int(width * height * float(rate) * BITS_PER_PIXEL)

    def add(self, rgb: UInt8, hold: int = 1) -> None:
        """One picture, (H, W, 3) uint8 display values, shown for `hold` frames."""
        width, height = self._size
        self._padded[:height, :width] = rgb
        frame = VideoFrame.from_ndarray(self._padded, format="rgb24")
        shown = self._reformatter.reformat(
            frame,
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
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
        return ExportError(
            self.path, why=f"the movie cannot be written, {why}", hint="Make room, or choose another place."
        )


def _encoder(path: Path) -> str:
    for name in ENCODERS:
        try:
            av.Codec(name, "w")
        except UnknownCodecError:
            continue
        return name
    raise ExportError(
        path,
        why="this installation has no H.264 encoder",
        hint="Write an image sequence instead, or install PyAV from its wheels.",
    )


def _count(path: Path) -> int:
    """How many pictures a movie holds, without decoding them."""
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
