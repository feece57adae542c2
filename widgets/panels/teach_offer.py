"""What Teach offers: before and after of one lesson, and the question what to do with it."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from widgets.panels.teach_words import frames_words, percent, time_words, verdict
from widgets.studio import TeachResult


class OfferCard(QFrame):
    """Use is the default button only where the figures say that it got better."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What Teach offers")
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.learnt = QLabel()
        self.learnt.setProperty("dim", True)
        self.learnt.setWordWrap(True)
        self.before, self.after = QLabel(), QLabel()
        self.approved_before, self.approved_after = QLabel(), QLabel()
        self.use = QPushButton("Use")
        self.use.setToolTip("Use it from now on; one undo goes back")
        self.keep = QPushButton("Keep previous")
        self.keep.setToolTip("Do not use it; it stays in the list below. One undo takes it out again")
        self.sheet = QPushButton("Contact sheet…")
        self.sheet.setToolTip("Key frames and held-out frames: yours, as they are now, and with this")
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        for column, title in ((1, "before"), (2, "after")):
            label = QLabel(title)
            label.setProperty("dim", True)
            grid.addWidget(label, 0, column, Qt.AlignmentFlag.AlignRight)
        self._approved = QLabel("Error on approved frames")
        self._approved.setProperty("dim", True)
        held_out = QLabel("Error on held-out frames")
        held_out.setProperty("dim", True)
        for row, widgets in (
            (1, (held_out, self.before, self.after)),
            (2, (self._approved, self.approved_before, self.approved_after)),
        ):
            for column, widget in enumerate(widgets):
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                grid.addWidget(widget, row, column, side)
        grid.setColumnStretch(0, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.use, self.keep):
            button.setStyleSheet("QPushButton { padding-left: 10px; padding-right: 10px; }")
            buttons.addWidget(button, 1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(10, 8, 10, 8)
        lines.addWidget(self.verdict)
        lines.addLayout(grid)
        lines.addWidget(self.learnt)
        lines.addLayout(buttons)
        lines.addWidget(self.sheet)

    def show_result(self, result: TeachResult) -> None:
        """The numbers, and the default button."""
        self.setProperty("severity", "info" if result.improved else "warning")
        self.style().unpolish(self)
        self.style().polish(self)
        self.verdict.setText(verdict(result))
        self.before.setText(percent(result.held_out_before))
        self.after.setText(percent(result.held_out_after))
        self.approved_before.setText(percent(result.approved_before))
        self.approved_after.setText(percent(result.approved_after))
        known = math.isfinite(result.approved_after)
        for widget in (self._approved, self.approved_before, self.approved_after):
            widget.setVisible(known)
        learnt = f"Learnt from {frames_words(result.taught_on)}" if result.taught_on else ""
        held_out = f"measured on {frames_words(result.held_out)}" if result.held_out else ""
        said = ", ".join(part for part in (learnt, held_out, time_words(result.seconds)) if part)
        self.learnt.setText(f"{said}." if said else "")
        self.learnt.setVisible(bool(said))
        self.use.setDefault(result.improved)
        self.keep.setDefault(not result.improved)
