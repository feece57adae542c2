"""Looking at another layer, view or channel of the plate's files than the one that is matted. Nothing here is an edit.

Knows plates, a loader and a cache of its own; knows neither Qt nor the engine. Files are read on worker threads;
everything else happens on the interface's thread.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from app.hall import Hall
from app.loading import Loader
from core.color import ColorConfig
from core.frame_cache import FrameCache
from core.frames import FrameNumber
from core.picture import Picture
from core.plate import Plate
from core.plate_layers import Shown
from core.plate_reader import PlateReader
from core.shot import Change, Touched
from core.signal import Signal
from core.stored_values import StoredValues

SHARE = 4
"""What is looked at may take one part in so many of the memory for pictures, and only while it is looked at."""

Place = tuple[str, FrameNumber]
"""A frame of something looked at: the plate's identity and the frame's number."""


class Looking:
    """See `widgets.looking.LookingRoom` for what each call promises.

    Args:
        budget_bytes: of pictures of the plate; what is looked at takes a part more.
    """

    def __init__(self, hall: Hall, budget_bytes: int) -> None:
        self.picture_ready: Signal[tuple[Shown, FrameNumber]] = Signal()
        self.stored_ready: Signal[tuple[Shown, FrameNumber]] = Signal()
        self._hall, self._document = hall, hall.document
        self._cache = FrameCache(budget_bytes // SHARE)
        self._loader: Loader | None = None
        self._read_with: ColorConfig | None = None
        self._stored: tuple[Place, StoredValues | None] | None = None
        self._wished: tuple[Place, Plate, Shown] | None = None
        self._reading_values = False
        self._disconnect = hall.document.changed.connect(self._edited)

    def picture(self, shown: Shown, frame: FrameNumber) -> Picture | None:
        """The frame read so, or None while it is being read; `picture_ready` follows."""
        loader = self._loader_of(shown)
        if loader is None:
            return None
        self._cache.look_at(loader.plate.identity, frame)
        loader.look_at(frame)
        return loader.picture(frame)

    def error(self, shown: Shown, frame: FrameNumber) -> str:
        """Why there is no such picture, as a sentence; empty when there is one or it is on its way."""
        loader = self._loader_of(shown)
        return loader.error(frame) if loader is not None else ""

    def stop(self) -> None:
        """Nothing else is looked at any more: stop reading and give the memory back."""
        loader, self._loader = self._loader, None
        if loader is not None:
            self._cache.clear()
            self._hall.run(loader.close, lambda _closed: None)

    def stored(self, shown: Shown, frame: FrameNumber) -> StoredValues | None:
        """The values in the file, of one frame at a time; None while they are read, and `stored_ready` follows.

        None for good where the frame cannot be read: that is said where its picture is missing.
        """
        plate = self._plate(shown)
        if plate is None:
            return None
        place = (plate.identity, frame)
        if self._stored is not None and self._stored[0] == place:
            return self._stored[1]
        self._wished = place, plate, shown
        if not self._reading_values:
            self._read_values()
        return None

    def _read_values(self) -> None:
        """Read what is wished for now; one frame at a time, so that playing leaves no queue behind."""
        if self._wished is None:
            return
        (place, plate, shown), self._wished = self._wished, None
        self._reading_values, color = True, self._hall.color()
        self._hall.run(
            lambda: _stored(plate, color, place[1]),
            lambda found: self._keep(place, shown, found),
            lambda _error: self._keep(place, shown, None),
        )

    def _keep(self, place: Place, shown: Shown, found: StoredValues | None) -> None:
        self._reading_values = False
        self._stored = place, found
        self.stored_ready.emit((shown, place[1]))
        self._read_values()

    def _plate(self, shown: Shown) -> Plate | None:
        plate = self._document.shot.plate
        return None if plate is None else shown.of(plate)

    def _loader_of(self, shown: Shown) -> Loader | None:
        """The loader of what is looked at, begun anew when that is another thing now."""
        plate, color = self._plate(shown), self._hall.color()
        if plate is None:
            return None
        kept = self._loader
        if kept is None or not _same_pictures(kept.plate, plate) or self._read_with is not color:
            self.stop()
            self._read_with = color
            self._loader = Loader(plate, color, self._cache, self._hall.post, partial(self._came, shown))
        return self._loader

    def _came(self, shown: Shown, frame: FrameNumber) -> None:
        self.picture_ready.emit((shown, frame))

    def _edited(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self._stored = self._wished = None
            if self._document.shot.plate is None:
                self.stop()

    def close(self) -> None:
        """Stop reading, once and for all."""
        self._disconnect()
        if self._loader is not None:
            self._loader.close()
            self._loader = None


def _same_pictures(one: Plate, other: Plate) -> bool:
    return replace(one, rate=other.rate, name=other.name) == other


def _stored(plate: Plate, color: ColorConfig, frame: FrameNumber) -> StoredValues:
    """Raises PenumbraError where the frame cannot be read."""
    return PlateReader(plate, color).stored(frame)
