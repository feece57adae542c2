"""Pictures kept in memory within a budget of bytes, around the playhead.

Knows pictures and frame numbers; reads nothing. Safe to use from several threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from core.frames import FrameNumber
from core.picture import Picture


class FrameCache:
    """Pictures by plate identity and frame. Where the budget is exceeded, other plates go first (least recently used),
    then the frame that is wanted last; where nobody said which, the one farthest from the playhead, and frames behind
    it count as twice as far."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._pictures: OrderedDict[tuple[str, FrameNumber], Picture] = OrderedDict()
        self._plate = ""
        self._playhead: FrameNumber = 0
        self._turn: dict[FrameNumber, int] = {}
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        with self._lock:
            return self._nbytes

    def look_at(self, plate_identity: str, frame: FrameNumber, order: Sequence[FrameNumber] = ()) -> None:
        """Where the playhead is, and in which order frames will be wanted; decides what is evicted."""
        turn = {wanted: number for number, wanted in enumerate(order)}
        with self._lock:
            self._plate, self._playhead, self._turn = plate_identity, frame, turn

    def get(self, plate_identity: str, frame: FrameNumber) -> Picture | None:
        """The picture, or None where it is not held."""
        with self._lock:
            picture = self._pictures.get((plate_identity, frame))
            if picture is not None:
                self._pictures.move_to_end((plate_identity, frame))
            return picture

    def put(self, plate_identity: str, frame: FrameNumber, picture: Picture) -> bool:
        """Keep a picture; False where it would be the first to be evicted again, so that reading ahead can stop."""
        with self._lock:
            self._forget((plate_identity, frame))
            self._pictures[plate_identity, frame] = picture
            self._nbytes += picture.nbytes
            while self._nbytes > self.budget_bytes and self._pictures:
                self._forget(self._farthest())
            return (plate_identity, frame) in self._pictures

    def frames(self, plate_identity: str) -> frozenset[FrameNumber]:
        """The frames of a plate that are held."""
        with self._lock:
            return frozenset(frame for identity, frame in self._pictures if identity == plate_identity)

    def drop(self, plate_identity: str, frame: FrameNumber | None = None) -> None:
        """Forget one frame of a plate (it changed on disk), or with None all of them."""
        with self._lock:
            for key in [key for key in self._pictures if key[0] == plate_identity and frame in (None, key[1])]:
                self._forget(key)

    def clear(self) -> None:
        with self._lock:
            self._pictures.clear()
            self._nbytes = 0

    def _forget(self, key: tuple[str, FrameNumber]) -> None:
        picture = self._pictures.pop(key, None)
        if picture is not None:
            self._nbytes -= picture.nbytes

    def _farthest(self) -> tuple[str, FrameNumber]:
        for key in self._pictures:
            if key[0] != self._plate:
                return key
        return max(self._pictures, key=lambda key: self._distance(key[1]))

    def _distance(self, frame: FrameNumber) -> int:
        if frame in self._turn:
            return self._turn[frame]
        ahead = frame - self._playhead
        return len(self._turn) + (ahead if ahead >= 0 else -2 * ahead)
