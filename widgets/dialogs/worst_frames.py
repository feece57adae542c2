"""The sheet of the frames most likely wrong: pictures with the matte's edge, number and reason. A click goes there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.arrays import UInt8
from core.layer import Layer, LayerId
from widgets.judging import WorstFrame
from widgets.studio import Studio
from widgets.view_state import ViewState

MOST = 12
SHOWN = QSize(280, 173)
"""Of one picture, logical pixels."""
FRAME = Qt.ItemDataRole.UserRole


def pixmap_of(picture: UInt8, ratio: float) -> QPixmap:
    """(h, w, 3) uint8 as a pixmap `SHOWN` large on a screen of this device pixel ratio."""
    pixels = np.ascontiguousarray(picture)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data.cast("B"), width, height, width * 3, QImage.Format.Format_RGB888).copy()
    smooth = Qt.TransformationMode.SmoothTransformation
    pixmap = QPixmap.fromImage(image.scaled(SHOWN * ratio, Qt.AspectRatioMode.KeepAspectRatio, smooth))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class WorstFramesDialog(QDialog):
    """Not modal: it stays beside the window while the artist mends what it shows."""

    def __init__(self, studio: Studio, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._view = studio, view
        self._layer_id: LayerId = ""
        self._asked = 0
        self.worst: tuple[WorstFrame, ...] = ()
        self.setWindowTitle("Frames to look at")
        self.setObjectName("dialog.worst_frames")
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Frames to look at")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(SHOWN)
        self.list.setGridSize(QSize(SHOWN.width() + 18, SHOWN.height() + 46))
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self._go_to)
        self.list.itemActivated.connect(self._go_to)
        self.again = QPushButton("Renew")
        self.again.setToolTip("Make the sheet again from the mattes as they are now")
        self.again.clicked.connect(self.renew)
        self.save = QPushButton("Save as PNG…")
        self.save.setToolTip("Write the sheet as one picture, numbers and reasons burnt in")
        self.save.clicked.connect(self._ask_path)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        for button in (self.again, self.save, close):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text().rstrip("…"))
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(self.again)
        row.addWidget(close)
        lines = QVBoxLayout(self)
        lines.addWidget(self.head)
        lines.addWidget(self.list, 1)
        lines.addLayout(row)
        self.resize(960, 640)
        forget = studio.judging.changed.connect(self._judged)
        self.destroyed.connect(lambda _gone=None: forget())

    def show_layer(self, layer: Layer) -> None:
        """The worst frames of this layer; judged first, if need be."""
        self._layer_id = layer.id
        self.setWindowTitle(f"Frames to look at: {layer.name}")
        self._show(())
        self._asked = -1
        self._studio.judging.judge(layer.id, self._view.look.frame)
        self.renew()

    def renew(self) -> None:
        """Make it again, from all that is known now."""
        measured, known = self._studio.judging.progress(self._layer_id)
        if not known:
            self.head.setText("Judging the frames…")
            return
        self._asked = measured
        color, look = self._studio.color, self._view.look
        display, view, laid_under = color.named(look.display, look.view, look.ocio_look)
        asked_of = self._layer_id

        def done(worst: Sequence[WorstFrame]) -> None:
            if asked_of == self._layer_id:
                self._show(worst)

        transform = color.display(display, view, look.exposure_stops, look.gamma, laid_under)
        self._studio.judging.sheet(self._layer_id, MOST, transform, done)

    def _show(self, worst: Sequence[WorstFrame]) -> None:
        self.worst = tuple(worst)
        self.save.setEnabled(bool(self.worst))
        self.list.clear()
        measured, known = self._studio.judging.progress(self._layer_id)
        if measured < known:
            follows = "the sheet is made again when all are" if self.worst else "their pictures follow"
            self.head.setText(f"{measured} of {known} frames are judged so far; {follows}.")
        else:
            self.head.setText(
                "The frames most likely wrong, the first most of all. Click one to go there."
                if self.worst
                else "There is no frame to look at: none has a matte that was not given by hand."
            )
        for one in self.worst:
            item = QListWidgetItem(QIcon(pixmap_of(one.picture, self.devicePixelRatioF())), self._words(one))
            item.setData(FRAME, one.look.frame)
            item.setToolTip(f"Frame {one.look.frame}: {one.look.reason}")
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            self.list.addItem(item)

    @staticmethod
    def _words(one: WorstFrame) -> str:
        return f"{one.look.frame}   {one.look.reason}"

    def _judged(self, layer_id: LayerId) -> None:
        """The first facts make the first sheet; when all frames are measured, it is made once more."""
        if layer_id != self._layer_id or not self.isVisible():
            return
        measured, known = self._studio.judging.progress(layer_id)
        if known and (self._asked < 0 or self._asked < measured == known):
            self.renew()

    def _go_to(self, item: QListWidgetItem) -> None:
        self._view.set(frame=item.data(FRAME))

    def _ask_path(self) -> None:
        first = str(Path.home() / "frames_to_look_at.png")
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the sheet", first, "PNG (*.png)")
        if chosen:
            path = Path(chosen)
            self.save_to(path if path.suffix else path.with_suffix(".png"))

    def save_to(self, path: Path) -> None:
        """Write what is shown."""
        self._studio.judging.save_sheet(self._layer_id, self.worst, path)
