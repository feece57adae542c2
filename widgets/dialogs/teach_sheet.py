"""A contact sheet of what was taught: key frames as the artist left them, and as models make them from the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.arrays import UInt8
from core.layer import Layer
from widgets.studio import Studio
from widgets.teaching import SheetOf
from widgets.view_state import ViewState

MAKING = "Asking for each key frame as if it were none…"
SAID = "Each frame is made from the other key frames. Beside its number: the error of each, before and after."
NONE = "There is no sheet; the reason stands over the picture."


class TeachSheetDialog(QDialog):
    """Not modal: it stays beside the window."""

    def __init__(self, studio: Studio, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._view = studio, view
        self._asked: SheetOf | None = None
        self._layer_name = ""
        self._pixmap = QPixmap()
        self.sheet: UInt8 | None = None
        self.setObjectName("dialog.teach_sheet")
        self.setWindowTitle("Contact sheet")
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.picture = QLabel()
        self.picture.setAccessibleName("Contact sheet")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Contact sheet")
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.picture)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.save = QPushButton("Save as PNG…")
        self.save.clicked.connect(self._ask_path)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        for button in (self.save, close):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text().rstrip("…"))
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(close)
        lines = QVBoxLayout(self)
        lines.addWidget(self.head)
        lines.addWidget(self._scroll, 1)
        lines.addLayout(row)
        self.resize(960, 640)

    def show_sheet(self, layer: Layer, of: SheetOf) -> None:
        """Have a sheet made and show it when it comes."""
        self._asked, self._layer_name = of, layer.name
        self.setWindowTitle(f"Contact sheet: {layer.name}")
        self.head.setText(MAKING)
        self._show(None)
        color, look = self._studio.color, self._view.look
        display, view, laid_under = color.named(look.display, look.view, look.ocio_look)
        transform = color.display(display, view, look.exposure_stops, look.gamma, laid_under)

        def done(sheet: UInt8 | None) -> None:
            if self._asked is of:
                self.head.setText(NONE if sheet is None else SAID)
                self._show(sheet)

        self._studio.teaching.sheet(of, transform, done)

    def _show(self, sheet: UInt8 | None) -> None:
        self.sheet = sheet
        self.save.setEnabled(sheet is not None)
        if sheet is None:
            self._pixmap = QPixmap()
            self.picture.clear()
            return
        pixels = np.ascontiguousarray(sheet)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data.cast("B"), width, height, width * 3, QImage.Format.Format_RGB888).copy()
        self._pixmap = QPixmap.fromImage(image)
        self._fit()

    def _fit(self) -> None:
        if not self._pixmap.isNull():
            ratio = self.devicePixelRatioF()
            width = min(self._pixmap.width(), round((self._scroll.viewport().width() - 4) * ratio))
            shown = self._pixmap.scaledToWidth(max(64, width), Qt.TransformationMode.SmoothTransformation)
            shown.setDevicePixelRatio(ratio)
            self.picture.setPixmap(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _ask_path(self) -> None:
        if self.sheet is None:
            return
        chosen, _filter = QFileDialog.getSaveFileName(
            self, "Save contact sheet", f"{self._layer_name} taught.png", "PNG (*.png)"
        )
        if chosen:
            path = Path(chosen)
            self._studio.teaching.save_sheet(self.sheet, path if path.suffix else path.with_suffix(".png"))
