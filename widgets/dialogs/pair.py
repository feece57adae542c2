"""One pair, large: the picture, what the model gave, what the artist made of it, and what was changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.arrays import UInt8
from core.corrections.record import PairId, PairRecord
from widgets.panels.pair_row import pictures
from widgets.panels.take_row import when
from widgets.theme import color

TITLES = ("Picture", "Before: the model", "After: the artist", "Changed")
MORE, LESS = (0.30, 0.80, 0.35), (0.90, 0.28, 0.24)
"""sRGB 0-1, as the matte difference has them: more coverage after, less coverage after."""
DIM = 0.35
DECIDED_DIM = 0.75
"""How bright the picture lies under the changes, and where the artist decided."""


def changed(looked: UInt8) -> QImage:
    """The picture, dim, brighter where the artist decided, with what was added in green and taken away in red.

    `looked` is (h, w, 6) uint8 as `core.corrections.cutting.seen` gives it.
    """
    values = looked.astype(np.float32) / np.float32(255)
    decided = values[..., 5:6]
    base = values[..., :3].mean(axis=2, keepdims=True) * (DIM + (DECIDED_DIM - DIM) * decided)
    difference = values[..., 4:5] - values[..., 3:4]
    shown = base
    for sign, ink in ((1, MORE), (-1, LESS)):
        part = np.clip(sign * difference, 0, 1)
        shown = shown * (1 - part) + np.asarray(ink, np.float32) * part
    levels = np.ascontiguousarray(np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8))
    height, width = levels.shape[:2]
    return QImage(levels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class Pane(QWidget):
    """One image, as large as fits."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.image = QImage()
        self.setAccessibleName(title)
        self.setMinimumSize(160, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(420, 290)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("surround"))
        if self.image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self.rect()
        place.setSize(self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio))
        place.moveCenter(self.rect().center())
        painter.drawImage(place, self.image)


class PairDialog(QDialog):
    """Stops nothing: the list goes on beside it.

    Args:
        step: another pair is wanted, 1 the next, -1 the one before.
        exclude: the pair that is seen is to be excluded, or included again.
    """

    def __init__(self, parent: QWidget, step: Callable[[int], None], exclude: Callable[[], None]) -> None:
        super().__init__(parent)
        self._step = step
        self._record: PairRecord | None = None
        self.setWindowTitle("Correction")
        self.panes = tuple(Pane(title) for title in TITLES)
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, (title, pane) in enumerate(zip(TITLES, self.panes, strict=True)):
            label = QLabel(title)
            label.setProperty("dim", True)
            grid.addWidget(label, number // 2 * 2, number % 2)
            grid.addWidget(pane, number // 2 * 2 + 1, number % 2)
            grid.setRowStretch(number // 2 * 2 + 1, 1)
        self.panes[3].setToolTip("Green was added, red was taken away; brighter where the artist alone decides.")
        self.about = QLabel()
        self.about.setAccessibleName("About the pair")
        self.about.setWordWrap(True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.before, self.next = QPushButton("Previous"), QPushButton("Next")
        self.exclude, close = QPushButton("Exclude"), QPushButton("Close")
        self.before.setToolTip("The pair above in the list (Left)")
        self.next.setToolTip("The pair below in the list (Right)")
        self.before.clicked.connect(lambda: step(-1))
        self.next.clicked.connect(lambda: step(1))
        self.exclude.clicked.connect(exclude)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        for button in (self.before, self.next, self.exclude):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        lines = QVBoxLayout(self)
        lines.addLayout(grid, 1)
        lines.addWidget(self.about)
        lines.addLayout(buttons)

    @property
    def pair_id(self) -> PairId:
        """Of the pair that is seen; empty before the first."""
        return self._record.id if self._record is not None else ""

    def show_pair(self, record: PairRecord, looked: UInt8) -> None:
        """Show another one; `looked` is (h, w, 6) uint8."""
        self._record = record
        for pane, image in zip(self.panes, (*pictures(looked), changed(looked)), strict=True):
            pane.image = image
            pane.update()
        self.setWindowTitle(f"{record.about.layer or record.about.layer_id}, frame {record.about.frame}")
        self.say_excluded(excluded=False)

    def say_excluded(self, excluded: bool) -> None:
        """Whether the pair that is seen is excluded."""
        if self._record is not None:
            self.about.setText(about_text(self._record, excluded))
        self.exclude.setText("Include" if excluded else "Exclude")
        self.exclude.setToolTip("Train on it again." if excluded else "Do not train on it; can be undone.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._step(step)


def about_text(record: PairRecord, excluded: bool) -> str:
    """Who made what, in words."""
    about = record.about
    made = f"{about.made_by} with {about.model} {about.model_version}".strip() if about.model else "nothing"
    weights = f", weights {about.weights_sha256[:12]}" if about.weights_sha256 else ""
    taught = f", taught {about.adapter[:12]}" if about.adapter else ""
    size = f"{about.window.width} × {about.window.height} pixels"
    prompts = f"{about.prompts} prompt{'s' if about.prompts != 1 else ''}"
    strokes = f"{about.strokes} stroke{'s' if about.strokes != 1 else ''}"
    lines = (
        f"{about.shot}, {about.plate_name or 'plate'}, frame {about.frame}; {size}. {prompts}, {strokes}.",
        f"Before: {made}{weights}{taught}. After: {about.artist or 'nobody knows'}, {when(record.made)}.",
        "Excluded: it is not trained on."
        if excluded
        else "Held out: its shot is measured on, never trained on."
        if about.split == "validation"
        else "",
    )
    return "\n".join(line for line in lines if line)
