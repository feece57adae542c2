"""Reference plates: pictures of the shot beside the one being matted, read when somebody looks at them.

Knows the document, plates and a cache with a byte budget; knows neither Qt nor the engine. Files are read on two
worker threads; everything else happens on the interface's thread.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.hall import Hall
from core.color import ColorConfig
from core.commands import AddPlate, RemovePlate
from core.errors import FrameError, PenumbraError, PlateError
from core.frame_cache import FrameCache
from core.frames import FrameNumber, FrameRange
from core.picture import Picture
from core.plate import Plate, PlateId
from core.plate_reader import ColorSpaceNeeded, PlateReader, open_plate
from core.shot import Change, Touched
from core.signal import Signal
from core.words import free_name

WORKERS = 2
AHEAD = 4
"""How many frames are read beyond the one that is looked at, in the direction of travel."""
MOST_WAITING = 16
"""Older questions are forgotten: the artist has moved on."""
SHARE = 4
"""References take one part in so many of the memory for pictures, and only while there are any."""
LOOK_AGAIN_S = 1.0

Place = tuple[str, FrameNumber]
"""A frame of a reference: the plate's identity and the frame's own number."""


def frame_in(reference: FrameRange, shot: FrameRange, frame: FrameNumber) -> FrameNumber:
    """Which frame of a reference is shown at a frame of the shot; it may lie outside the reference.

    One picture is shown at every frame. Where the two ranges share numbers, the same number; else by position, the
    first with the first (a movie counts from 1, a plate from 1001).
    """
    if len(reference) == 1:
        return reference.first
    if reference.first <= shot.last and shot.first <= reference.last:
        return frame
    return frame - shot.first + reference.first


class References:
    """See `widgets.references.References` for what each call promises.

    Args:
        cache: of the pictures of the plate being matted; a part of its budget is taken while there are references.
    """

    def __init__(self, hall: Hall, cache: FrameCache) -> None:
        self.picture_ready: Signal[tuple[PlateId, FrameNumber]] = Signal()
        self.ask_color_space: Signal[tuple[Path, Sequence[str]]] = Signal()
        self._hall, self._document = hall, hall.document
        self._shared = cache
        self._whole_bytes = cache.budget_bytes
        self._cache = FrameCache(cache.budget_bytes // SHARE)
        self._newest: dict[PlateId, tuple[str, FrameNumber, Picture]] = {}
        """One picture a plate stays whatever the budget says: what is looked at must be seen."""
        self._reading_with = hall.color()
        self._readers: dict[str, PlateReader] = {}
        self._errors: dict[Place, str] = {}
        self._folders: dict[str, tuple[float, int]] = {}
        """Of references with frames that failed: when their folder was looked at last, and its time of change then."""
        self._asked: dict[Place, FrameNumber] = {}
        """At which frame of the shot somebody waits for a picture."""
        self._last_frame: FrameNumber = 0
        self._wanted: list[tuple[Plate, FrameNumber]] = []
        self._in_flight: set[Place] = set()
        self._closed = False
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._disconnect = hall.document.changed.connect(self._edited)
        self._share_memory()

    # --- looking ------------------------------------------------------------------------------------------------

    def plates(self) -> tuple[Plate, ...]:
        """The plates of the shot but the first."""
        return self._document.shot.plates[1:]

    def picture(self, plate_id: PlateId, frame: FrameNumber) -> Picture | None:
        """What the reference shows at a frame of the shot; a reader is sent for it where it is not in memory."""
        found = self._place(plate_id, frame)
        if found is None:
            return None
        plate, there = found
        if there not in plate.frames:
            return None
        self._cache.look_at(plate.identity, there)
        picture = self._held(plate, there)
        self._look_again(plate)
        ahead = 1 if frame >= self._last_frame else -1
        self._last_frame = frame
        self._want(plate, [there + step * ahead for step in range(0 if picture is None else 1, AHEAD + 1)])
        if picture is None:
            self._asked[plate.identity, there] = frame
        return picture

    def error(self, plate_id: PlateId, frame: FrameNumber) -> str:
        """Why there is no picture, as a sentence; empty when there is one or it is on its way."""
        found = self._place(plate_id, frame)
        if found is None:
            return "This reference plate is not in the shot any more. Choose another one."
        plate, there = found
        if there not in plate.frames:
            return PlateError(
                plate.name, why=f"it has no frame {there}", hint=f"Its frames are {plate.frames}."
            ).sentence
        return self._errors.get((plate.identity, there), "")

    def placing(self, plate_id: PlateId) -> str:
        """How the frames of a reference are laid on the shot's."""
        plate, shot = self._plate(plate_id), self._document.shot.plate
        if plate is None or shot is None:
            return ""
        if len(plate.frames) == 1:
            return "one picture for all frames"
        there = frame_in(plate.frames, shot.frames, shot.frames.first)
        if there == shot.frames.first:
            return "same frame numbers"
        return f"by position: its frame {there} is shown at {shot.frames.first}"

    def _plate(self, plate_id: PlateId) -> Plate | None:
        return next((plate for plate in self.plates() if plate.id == plate_id), None)

    def _place(self, plate_id: PlateId, frame: FrameNumber) -> tuple[Plate, FrameNumber] | None:
        plate, shot = self._plate(plate_id), self._document.shot.plate
        if plate is None or shot is None:
            return None
        return plate, frame_in(plate.frames, shot.frames, frame)

    def _held(self, plate: Plate, there: FrameNumber) -> Picture | None:
        picture = self._cache.get(plate.identity, there)
        if picture is None and plate.id in self._newest:
            identity, number, newest = self._newest[plate.id]
            picture = newest if (identity, number) == (plate.identity, there) else None
        return picture

    # --- adding and removing ------------------------------------------------------------------------------------

    def add(self, path: Path, color_space: str | None = None) -> None:
        """Open a reference on a worker; one `AddPlate` when it is known that it can be read."""
        color = self._hall.color()

        def opened(plate: Plate) -> None:
            if self._closed or self._document.shot.plate is None:
                return
            taken = {other.name for other in self._document.shot.plates}
            self._document.do(AddPlate(replace(plate, name=free_name(plate.name, taken, "{} ({})"))))

        def failed(error: PenumbraError) -> None:
            if isinstance(error, ColorSpaceNeeded):
                self.ask_color_space.emit((path, tuple(color.spaces)))
            else:
                self._hall.report(error)

        self._hall.run(lambda: open_plate(path, color, color_space=color_space), opened, failed)

    def remove(self, plate_id: PlateId) -> None:
        """Take a reference out of the shot; nothing when it is not in it."""
        if self._plate(plate_id) is not None:
            self._document.do(RemovePlate(plate_id))

    # --- what a change of the shot means ------------------------------------------------------------------------

    def _edited(self, change: Change) -> None:
        """Forget what belongs to plates that are gone."""
        if change.touched not in (Touched.PLATE, Touched.REFERENCES):
            return
        self.use_color()
        self._keep_only({plate.identity for plate in self.plates()})
        self._share_memory()

    def use_color(self) -> None:
        """Another color config may be in use now: then everything is read again when it is looked at."""
        if self._reading_with is self._hall.color():
            return
        with self._changed:
            self._reading_with = self._hall.color()
        self._keep_only(set())
        self._cache.clear()

    def _keep_only(self, kept: set[str]) -> None:
        with self._changed:
            for identity in [identity for identity in self._readers if identity not in kept]:
                del self._readers[identity]
            self._errors = {place: why for place, why in self._errors.items() if place[0] in kept}
            self._wanted = [place for place in self._wanted if place[0].identity in kept]
        self._asked = {place: frame for place, frame in self._asked.items() if place[0] in kept}
        for plate_id, (identity, _frame, _picture) in tuple(self._newest.items()):
            if identity not in kept:
                del self._newest[plate_id]
                self._cache.drop(identity)

    def use_memory(self, whole_bytes: int) -> None:
        """How much memory pictures may take now, all plates together."""
        self._whole_bytes = whole_bytes
        self._share_memory()

    def _share_memory(self) -> None:
        share = self._whole_bytes // SHARE
        self._cache.budget_bytes = share
        self._shared.budget_bytes = self._whole_bytes - (share if self.plates() else 0)
        if not self.plates():
            self._cache.clear()

    # --- reading ------------------------------------------------------------------------------------------------

    def _want(self, plate: Plate, frames: list[FrameNumber]) -> None:
        """These frames next, in this order, before what was asked for earlier."""
        new = [(plate, frame) for frame in frames if frame in plate.frames and self._held(plate, frame) is None]
        with self._changed:
            if self._closed:
                return
            new = [(plate, frame) for plate, frame in new if (plate.identity, frame) not in self._errors]
            self._wanted = [*new, *(place for place in self._wanted if place not in new)][:MOST_WAITING]
            if self._wanted and not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, name=f"reference reader {number}", daemon=True)
                    for number in range(WORKERS)
                ]
                for thread in self._threads:
                    thread.start()
            self._changed.notify_all()

    def _look_again(self, plate: Plate) -> None:
        """Frames that failed are tried again when the folder has changed since; looks once a second at most."""
        looked, was_ns = self._folders.get(plate.identity, (math.inf, 0))
        if time.monotonic() - looked < LOOK_AGAIN_S or looked == math.inf:
            return
        changed_ns = _changed_ns(plate)
        self._folders[plate.identity] = time.monotonic(), changed_ns
        if changed_ns != was_ns:
            with self._changed:
                del self._folders[plate.identity]
                self._readers.pop(plate.identity, None)
                self._errors = {place: why for place, why in self._errors.items() if place[0] != plate.identity}

    def _reader(self, plate: Plate) -> PlateReader:
        """Raises FrameError while there is nothing at the plate's path."""
        with self._changed:
            reader, color = self._readers.get(plate.identity), self._reading_with
        if reader is None:
            try:
                reader = PlateReader(plate, color)
            except PlateError as error:
                raise FrameError(error.subject, error.why, error.hint) from error
            with self._changed:
                if color is self._reading_with:
                    self._readers[plate.identity] = reader
        return reader

    def _next(self) -> tuple[Plate, FrameNumber] | None:
        """Called with the lock held."""
        for place in tuple(self._wanted):
            if (place[0].identity, place[1]) not in self._in_flight:
                self._wanted.remove(place)
                return place
        return None

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (place := self._next()) is None:
                    self._changed.wait()
                if self._closed:
                    return
                assert place is not None
                plate, frame = place
                color = self._reading_with
                self._in_flight.add((plate.identity, frame))
            folder_ns, picture, why = _changed_ns(plate), None, ""
            try:
                picture = self._reader(plate).read(frame)
            except PenumbraError as error:
                why = error.sentence
            except Exception as error:  # noqa: BLE001 - a worker's body: one bad frame must not end the reader
                why = FrameError(f"{plate.name}, frame {frame}", why=f"could not be read ({error})").sentence
            with self._changed:
                self._in_flight.discard((plate.identity, frame))
                closed = self._closed
            if not closed:
                self._hall.post(partial(self._came, plate, frame, color, picture, why, folder_ns))

    def _came(
        self,
        plate: Plate,
        there: FrameNumber,
        color: ColorConfig,
        picture: Picture | None,
        why: str,
        folder_ns: int,
    ) -> None:
        """A frame was read, or could not be (its folder last changed at `folder_ns`): on the interface's thread."""
        if self._closed or color is not self._reading_with or self._plate(plate.id) != plate:
            return
        place = (plate.identity, there)
        asked = self._asked.pop(place, None)
        if picture is None:
            self._errors[place] = why
            self._folders.setdefault(plate.identity, (time.monotonic(), folder_ns))
        else:
            self._cache.put(plate.identity, there, picture)
            if asked is not None or plate.id not in self._newest:
                self._newest[plate.id] = (plate.identity, there, picture)
        if asked is not None:
            self.picture_ready.emit((plate.id, asked))

    def close(self) -> None:
        """Stop the readers after the frame they are at. Once."""
        self._disconnect()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)


def _changed_ns(plate: Plate) -> int:
    """When a file last came or went in the plate's folder."""
    try:
        return plate.path.parent.stat().st_mtime_ns
    except OSError:
        return -1
