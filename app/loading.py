"""Read a plate's frames from the playhead outward, on worker threads, into a cache with a byte budget.

Knows plates and the cache; knows neither Qt nor the engine. `look_at` only changes the order of what is read next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from core.color import ColorConfig
from core.errors import FrameError, PenumbraError, PlateError
from core.frame_cache import FrameCache
from core.frames import FrameNumber
from core.picture import Picture
from core.plate import Plate
from core.plate_reader import PlateReader
from core.signal import Post

WORKERS = 2


class Loader:
    """The reader threads of one plate. A plate that is not there is a plate of missing frames until it comes back.

    Args:
        plate: what to read.
        color: the project's color config.
        cache: shared by all plates of the program.
        post: hands a call to the interface's thread.
        on_frame: called there with each frame that arrived or failed.
    """

    def __init__(
        self,
        plate: Plate,
        color: ColorConfig,
        cache: FrameCache,
        post: Post,
        on_frame: Callable[[FrameNumber], None],
    ) -> None:
        self.plate = plate
        self._color = color
        self._opened: PlateReader | None = None
        self._opening = threading.Lock()
        self._folder_ns = self._changed_ns()
        self._cache = cache
        self._post = post
        self._on_frame = on_frame
        self._errors: dict[FrameNumber, str] = {}
        self._in_flight: set[FrameNumber] = set()
        self._wanted: list[FrameNumber] = []
        self._bytes_per_frame = 0
        self._closed = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._work, name=f"reader {i}", daemon=True) for i in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    @property
    def missing(self) -> frozenset[FrameNumber]:
        """Frames inside the plate's range that have no file."""
        try:
            return self._reader().missing_frames()
        except FrameError:
            return frozenset(self.plate.frames)

    def look_at(self, frame: FrameNumber, order: Sequence[FrameNumber] = ()) -> None:
        """Read the frames of `order` first, then from here outward; without an order, forward before backward.

        Frames that failed are tried again when the plate's folder has changed since.
        """
        outward = self.plate.frames.outward_from(self.plate.frames.clamp(frame))
        if order:
            first = [wanted for wanted in order if wanted in self.plate.frames]
            known = frozenset(first)
            wanted = first + [other for other in outward if other not in known]
        else:
            wanted = sorted(outward, key=lambda other: abs(other - frame) * (1 if other >= frame else 3))
        folder_ns = self._changed_ns()
        with self._changed:
            if folder_ns != self._folder_ns:
                self._folder_ns = folder_ns
                self._errors.clear()
            self._wanted = wanted
            self._changed.notify_all()

    def picture(self, frame: FrameNumber) -> Picture | None:
        """The frame from the cache; None while it is being read, is missing or is broken."""
        return self._cache.get(self.plate.identity, frame)

    def read(self, frame: FrameNumber) -> Picture:
        """The frame, read on the calling thread if it is not cached. Raises FrameError. For exports and tests."""
        return self.picture(frame) or self._reader().read(frame)

    def error(self, frame: FrameNumber) -> str:
        """Why a frame has no picture, as a sentence; empty when it has one or nobody has tried."""
        return self._errors.get(frame, "")

    def close(self) -> None:
        """Stop the readers after the frame they are at."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)

    def _reader(self) -> PlateReader:
        """Raises FrameError while there is no plate at its path; looks again at every call."""
        with self._opening:
            if self._opened is None:
                try:
                    self._opened = PlateReader(self.plate, self._color)
                except PlateError as error:
                    raise FrameError(error.subject, error.why, error.hint) from error
            return self._opened

    def _changed_ns(self) -> int:
        """When a file last came or went in the plate's folder."""
        try:
            return self.plate.path.parent.stat().st_mtime_ns
        except OSError:
            return -1

    def _next(self) -> FrameNumber | None:
        """The nearest frame worth reading, or None. Called with the lock held.

        Stops where the budget is full, so that a long plate does not read and evict for ever.
        """
        room = self._cache.budget_bytes // max(self._bytes_per_frame, 1) if self._bytes_per_frame else 1 << 30
        cached = self._cache.frames(self.plate.identity)
        for frame in self._wanted[: max(1, room)]:
            if frame not in cached and frame not in self._in_flight and frame not in self._errors:
                return frame
        return None

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (frame := self._next()) is None:
                    self._changed.wait()
                if self._closed:
                    return
                assert frame is not None
                self._in_flight.add(frame)
            try:
                picture = self._reader().read(frame)
                self._cache.put(self.plate.identity, frame, picture)
                self._bytes_per_frame = max(self._bytes_per_frame, picture.nbytes)
            except PenumbraError as error:
                self._errors[frame] = error.sentence
            except Exception as error:  # noqa: BLE001 - a worker's body: one bad frame must not end the reader
                self._errors[frame] = FrameError(f"Frame {frame}", why=f"could not be read ({error})").sentence
            with self._changed:
                self._in_flight.discard(frame)
                closed = self._closed
            if not closed:
                self._post(partial(self._on_frame, frame))
