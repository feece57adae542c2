"""Small pictures of what each take looks like at one frame, made on a worker; the newest question counts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from core.errors import PenumbraError
from core.frames import FrameNumber
from core.matte import Matte
from core.take import TakeId
from widgets.studio import Studio

SIZE = QSize(60, 34)
KEPT = 256

Place = tuple[TakeId, FrameNumber]


def thumbnail(matte: Matte, pixel_aspect: float) -> QImage:
    """Coverage as grey, fitted into `SIZE`: read in steps of half a thumbnail's pixel, then scaled smoothly."""
    height, width = matte.coverage.shape
    step = max(1, min(width // (2 * SIZE.width()), height // (2 * SIZE.height())))
    grey = np.ascontiguousarray(matte.coverage[::step, ::step].astype(np.float32) * np.float32(255) + np.float32(0.5))
    levels = grey.clip(0, 255).astype(np.uint8)
    rows, columns = levels.shape
    image = QImage(levels.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
    fitted = QSize(max(1, round(columns * pixel_aspect)), rows).scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatio)
    return image.scaled(
        fitted.expandedTo(QSize(1, 1)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


class TakeThumbnails(QObject):
    """One worker; `came` is emitted on the interface's thread with (take, frame)."""

    came = Signal(str, int)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._wanted: list[Place] = []
        self._made: OrderedDict[Place, QImage | None] = OrderedDict()
        self._running = False

    def image(self, take_id: TakeId, frame: FrameNumber) -> QImage | None:
        """The thumbnail if it is made and the take has a matte there."""
        with self._lock:
            return self._made.get((take_id, frame))

    def ask(self, takes: Iterable[TakeId], frame: FrameNumber) -> None:
        """Make those that are not made yet; what was asked before and is not begun is forgotten."""
        plate = self._studio.document.shot.plate
        if plate is None:
            return
        with self._lock:
            self._wanted = [(take_id, frame) for take_id in takes if (take_id, frame) not in self._made]
            if self._running or not self._wanted:
                return
            self._running = True
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="take thumbnails")
        self._pool.submit(self._work, plate.format.pixel_aspect)

    def forget(self) -> None:
        """Other takes: another project may use an id again, and a key may have come to the store."""
        with self._lock:
            self._made.clear()

    def close(self) -> None:
        """Stop after the one that is being made."""
        with self._lock:
            self._wanted.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _work(self, pixel_aspect: float) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._running = False
                    return
                take_id, frame = self._wanted.pop(0)
            try:
                matte = self._studio.take_matte(take_id, frame)
                image = thumbnail(matte, pixel_aspect) if matte is not None else None
            except PenumbraError:
                image = None  # whoever shows the matte itself says why
            with self._lock:
                self._made[take_id, frame] = image
                while len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self.came.emit(take_id, frame)
