"""The status bar: pixel, brush, frame, whether the work is saved, whether the engine is there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QStatusBar, QWidget

from widgets.theme import COLORS
from widgets.viewport.readout import GROUPS

SAVED = {
    "new": ("text_off", "New", "There is nothing to save yet."),
    "saved": ("good", "Saved", "The project is saved; every stroke is in its journal."),
    "unsaved": ("warn", "Unsaved", "Changes since the last save. They are in the journal and survive a crash."),
    "saving": ("accent", "Saving…", "The project is being written."),
}


class Lamp(QLabel):
    """A colored dot and a word."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setContentsMargins(6, 0, 6, 0)

    def show_state(self, ink: str, text: str, tip: str) -> None:
        """`ink` is a color of the theme."""
        self.setText(f'<span style="color:{COLORS[ink]}">●</span>&nbsp;{text}')
        self.setToolTip(tip)
        self.setAccessibleDescription(text)


class StatusBar(QStatusBar):
    """Fields of fixed places, so that nothing jumps while the pointer moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status")
        self.probe = self._field("Pixel", 320)
        self.probe.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.probe.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.probe.setStyleSheet(f'font-family: "{self.probe.font().family()}"; font-size: 11px;')
        self._probed = ""
        self.probe.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.brush = self._field("Brush", 190)
        self.frame = self._field("Frame", 150)
        self.path = self._field("Drawn with", 0)
        self.saved = Lamp("Saved")
        self.engine = Lamp("Engine")
        self.addWidget(self.probe, 1)
        self.addPermanentWidget(self.brush)
        for widget in (self.frame, self.path, self.saved, self.engine):
            self.addPermanentWidget(self._line())
            self.addPermanentWidget(widget)
        self.show_saved("new")
        self.engine.show_state("warn", "Engine starting", "The engine is starting.")

    def show_probe(self, text: str) -> None:
        """What is under the pointer; empty when it left the picture."""
        self._probed = text
        self.probe.setToolTip(text)
        self._fit_probe()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_probe()

    def _fit_probe(self) -> None:
        """As many groups of numbers as there is room for; never a number cut in the middle."""
        groups = self._probed.split(GROUPS)
        room = self.probe.width() - 12
        while len(groups) > 1 and self.probe.fontMetrics().horizontalAdvance(GROUPS.join(groups)) > room:
            groups.pop()
        self.probe.setText(GROUPS.join(groups))

    def show_brush(self, radius_px: float, hardness: float, opacity: float) -> None:
        self.brush.setText(f"Brush {radius_px:.0f} px, hard {hardness:.0%}, opacity {opacity:.0%}")

    def show_frame(self, frame: int | None, rate: str = "", dropped: int = 0) -> None:
        """The frame number as on disk; None when nothing is open."""
        said = [] if frame is None else [f"Frame {frame}", rate]
        if dropped:
            said.append(f"{dropped} dropped")
        self.frame.setText("  ".join(part for part in said if part))

    def show_path(self, word: str, reason: str) -> None:
        """How the picture is drawn; the GPU's name, or why there is none, is in the tooltip."""
        self.path.setText(word)
        self.path.setToolTip(f"The picture is drawn with: {word}. {reason}.")
        self.path.setAccessibleDescription(self.path.toolTip())

    def show_saved(self, state: str) -> None:
        """`new`, `saved`, `unsaved` or `saving`."""
        self.saved.show_state(*SAVED[state])

    def show_engine(self, *, ready: bool, sentence: str) -> None:
        """The engine's lamp; the whole sentence is in its tooltip."""
        self.engine.show_state("good" if ready else "warn", "Engine ready" if ready else "Engine away", sentence)

    def _field(self, name: str, width_px: int) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setProperty("dim", True)
        label.setMinimumWidth(width_px)
        label.setContentsMargins(6, 0, 6, 0)
        return label

    def _line(self) -> QFrame:
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        line.setStyleSheet(f"color: {COLORS['line']};")
        line.setFixedHeight(14)
        return line
