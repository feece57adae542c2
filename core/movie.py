"""Frames of a movie by number, counted from 1: one decoder that goes on where it is, and seeks where it must.

Knows containers and time stamps; what the values mean is `core/still.py`. Safe to use from several threads, one of
which decodes at a time.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.video.frame import VideoFrame

from core.arrays import Float32
from core.errors import FrameError
from core.frames import FrameNumber
from core.still import LOCAL_ONLY, picture_stream, picture_values, refused

AHEAD = 48
"""Up to so many frames ahead are reached by decoding on; others by seeking."""
KEPT = 8
"""Decoded frames kept for readers that come a little out of order."""


class Movie:
    """A movie file, held open between reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[tuple[FrameNumber, VideoFrame]] = iter(())
        self._last: FrameNumber = 0
        self._kept: OrderedDict[FrameNumber, VideoFrame] = OrderedDict()

    def read(self, frame: FrameNumber) -> Float32:
        """One frame, as `core.still.read_still` gives a still.

        Raises:
            FrameError: missing, damaged, or the movie has no such frame.
        """
        try:
            with self._lock:
                picture = self._find(frame)
            if picture is not None:
                return picture_values(picture)
        except (OSError, av.error.FFmpegError, ValueError, MemoryError) as error:
            with self._lock:
                self._close()
            raise refused(self._path, error) from error
        raise FrameError(self._path, why=f"the movie ends before frame {frame}", hint="Shorten the range.")

    def _find(self, frame: FrameNumber) -> VideoFrame | None:
        if frame in self._kept:
            return self._kept[frame]
        if self._container is None or not self._last < frame <= self._last + AHEAD:
            self._seek(frame)
        for number, picture in self._frames:
            self._last = number
            self._kept[number] = picture
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            if number >= frame:
                return picture
        self._close()
        return None

    def _seek(self, frame: FrameNumber) -> None:
        """To the key frame at or before `frame`; the file is opened again, which forgets every state of the decoder."""
        self._close()
        self._container = av.open(str(self._path), options=LOCAL_ONLY)
        stream = picture_stream(self._path, self._container.streams.video)
        rate = Fraction(stream.average_rate or stream.guessed_rate or 1)
        start, base = stream.start_time or 0, Fraction(stream.time_base or 1)
        if frame > 1:
            self._container.seek(start + math.floor((frame - 1) / rate / base), stream=stream)
        decoded = self._container.decode(stream)
        self._frames = (
            (round((picture.pts - start) * base * rate) + 1, picture) for picture in decoded if picture.pts is not None
        )
        self._last = 0

    def _close(self) -> None:
        self._frames = iter(())
        self._kept.clear()
        self._last = 0
        if self._container is not None:
            self._container.close()
            self._container = None
