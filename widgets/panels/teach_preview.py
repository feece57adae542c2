"""A frame that is not trained on, as it is now and as the network makes it so far: two small mattes, renewed."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.frames import FrameNumber
from core.matte import Matte
from widgets.theme import color

GAP_PX = 6
HEAD_PX = 18
MOST_PX = 96
"""How high one picture is at most."""
SAMPLED = 320
"""About so many samples across are enough for a picture so small."""


def grey(matte: Matte, pixel_aspect: float) -> tuple[QImage, float]:
    """Coverage as grey, and the width of the whole by its height."""
    height, width = matte.coverage.shape
    step = max(1, width // SAMPLED)
    levels = matte.coverage[::step, ::step].astype(np.float32) * np.float32(255.0) + np.float32(0.5)
    pixels = np.ascontiguousarray(levels.clip(0, 255).astype(np.uint8))
    rows, columns = pixels.shape
    image = QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
    return image, width * pixel_aspect / height


class TeachPreview(QWidget):
    """Hidden until there is something to show."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What is being learnt")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._now: QImage | None = None
        self._learning: QImage | None = None
        self._shape = 16 / 9
        self.frame: FrameNumber | None = None
        self.hide()

    def show_frame(self, frame: FrameNumber, now: Matte | None, learning: Matte, pixel_aspect: float) -> None:
        """What stands at a frame, and what the network makes of it; of one size."""
        self.frame = frame
        self._learning, self._shape = grey(learning, pixel_aspect)
        self._now = grey(now, pixel_aspect)[0] if now is not None else None
        self.setToolTip(f"Frame {frame}: it is not trained on")
        self.setFixedHeight(self._picture_height() + HEAD_PX)
        self.show()
        self.update()

    def clear(self) -> None:
        """The lesson is over."""
        self.frame = None
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(200, self._picture_height() + HEAD_PX)

    def resizeEvent(self, event: object) -> None:
        del event
        self.setFixedHeight(self._picture_height() + HEAD_PX)

    def _picture_height(self) -> int:
        width = max(40, (self.width() - GAP_PX) // 2)
        return min(MOST_PX, max(24, round(width / self._shape)))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width, height = (self.width() - GAP_PX) // 2, self._picture_height()
        for place, (title, image) in enumerate(
            ((f"{self.frame}, now", self._now), (f"{self.frame}, learning", self._learning))
        ):
            left = place * (width + GAP_PX)
            painter.setPen(color("text_dim"))
            head = QRect(left, 0, width, HEAD_PX)
            painter.drawText(head, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
            room = QRect(left, HEAD_PX, width, height)
            painter.fillRect(room, color("canvas"))
            if image is not None:
                across = min(width, round(height * self._shape))
                fitted = QRect(0, 0, across, round(across / self._shape))
                fitted.moveCenter(room.center())
                painter.drawImage(fitted, image)
        painter.end()
