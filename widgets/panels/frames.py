"""The Frames panel: curves of what is known of every frame, and the frames worth a look with the reasons.

Asks the judge only while it is shown. Knows the studio and the view state.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.frames import FrameNumber
from core.layer import Layer, LayerId
from core.words import counted
from widgets.actions import Actions
from widgets.panels.fields import action_button
from widgets.panels.frame_curves import CURVES, Curve
from widgets.studio import Studio
from widgets.view_state import Look, ViewState

if TYPE_CHECKING:
    from widgets.panels.frames_plot import FramesPlot

RENEW_MS = 120
LIST_PX = 330
LEAST_HEIGHT_PX = 172
MOST_LISTED = 200
FRAME = Qt.ItemDataRole.UserRole


def swatch(ink: str) -> QPixmap:
    """A short line in the curve's ink."""
    pixmap = QPixmap(14, 14)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.fillRect(1, 6, 12, 3, QColor(ink))
    painter.end()
    return pixmap


class FramesPanel(QWidget):
    """Press or drag in the plot to scrub; choose a line of the list to go there."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._view = studio, view
        self.setAccessibleName("Frames")
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self.plot: FramesPlot | None = None
        self._judged: LayerId = ""
        self._shown_curves = {curve: curve.shown for curve in CURVES}
        self.legend: dict[Curve, QToolButton] = {curve: self._button(curve) for curve in CURVES}
        legend = QHBoxLayout()
        legend.setContentsMargins(4, 2, 4, 0)
        legend.setSpacing(2)
        for button in self.legend.values():
            legend.addWidget(button)
        legend.addStretch(1)
        self._left = QVBoxLayout()
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.setSpacing(0)
        self._left.addLayout(legend)
        self.list = QListWidget()
        self.list.setAccessibleName("Frames worth a look")
        self.list.setUniformItemSizes(True)
        self.list.setMinimumWidth(160)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._go_to)
        self.list.itemClicked.connect(self._go_to)
        self.state = QLabel()
        self.state.setProperty("dim", True)
        self.state.setMinimumWidth(0)
        self.suggested = QLabel()
        self.suggested.setWordWrap(True)
        self.suggested.setContentsMargins(6, 0, 4, 3)
        self.suggested.setAccessibleName("Frame to correct next")
        self.suggested.hide()
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 2, 2, 2)
        bar.setSpacing(2)
        bar.addWidget(self.state, 1)
        for action_id in ("look.previous", "look.next", "look.correct_next", "look.sheet", "view.chatter"):
            button = action_button(actions, action_id)
            button.setIconSize(QSize(18, 18))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            bar.addWidget(button)
        right = QWidget()
        right.setMaximumWidth(LIST_PX)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.suggested)
        column.addWidget(self.list, 1)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(6)
        across.addLayout(self._left, 2)
        across.addWidget(right, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(RENEW_MS)
        self._soon.timeout.connect(self.refresh)
        forget = [
            studio.judging.changed.connect(lambda _layer: self.later()),
            studio.document.changed.connect(lambda _change: self.later()),
            view.changed.connect(self._looked),
        ]
        self.destroyed.connect(lambda _gone=None: [call() for call in forget])

    def sizeHint(self) -> QSize:
        return QSize(900, 190)

    def _button(self, curve: Curve) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setChecked(curve.shown)
        button.setIcon(swatch(curve.ink))
        button.setText(curve.name)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(f"Show {curve.name.lower()}")
        button.setToolTip(f"Show or hide {curve.name.lower()}")
        button.ensurePolished()
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance(f"{curve.name} 88.8 px") + 32)
        button.toggled.connect(partial(self._toggle, curve))
        return button

    # --- what is shown ------------------------------------------------------------------------------------------

    def later(self) -> None:
        """Show it anew soon; not at all while hidden."""
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def refresh(self) -> None:
        """Show what is known now."""
        layer, plate = self._layer(), self._studio.document.shot.plate
        judging = self._studio.judging
        self._ask(layer)
        facts = judging.facts(layer.id) if layer else {}
        queue = judging.queue(layer.id) if layer else ()
        self._fill([(look.frame, look.reason) for look in queue[:MOST_LISTED]])
        self.state.setText(self._state(layer))
        suggested = judging.suggestions(layer.id) if layer else ()
        self.suggested.setText(f"Correct {suggested[0].frame} next: {suggested[0].reason}." if suggested else "")
        self.suggested.setVisible(bool(suggested))
        if self.plot is not None and plate is not None:
            from widgets.panels.frames_plot import Plotted

            shot = self._studio.document.shot
            keys = frozenset(layer.frames_by_hand) if layer else frozenset()
            marks = tuple(mark for mark in shot.review if mark.layer_id in ("", layer.id if layer else ""))
            self.plot.show_facts(Plotted(plate.frames, facts, tuple(queue), keys, marks))
        self._show_playhead()

    def _state(self, layer: Layer | None) -> str:
        if layer is None:
            return "No layer is chosen"
        measured, known = self._studio.judging.progress(layer.id)
        if not known:
            return "No matte to judge yet" if layer.key_frames else "No key frame yet"
        frames = counted(known, "frame")
        return f"{frames} judged" if measured >= known else f"Judging: {measured} of {frames}"

    def _fill(self, lines: list[tuple[FrameNumber, str]]) -> None:
        chosen = self._view.look.frame
        texts = [f"{frame}   {reason}" for frame, reason in lines]
        if [self.list.item(row).text() for row in range(self.list.count())] == texts:
            return
        self.list.clear()
        for (frame, reason), text in zip(lines, texts, strict=True):
            item = QListWidgetItem(text)
            item.setData(FRAME, frame)
            item.setToolTip(reason)
            self.list.addItem(item)
            if frame == chosen:
                self.list.setCurrentItem(item)

    def _show_playhead(self) -> None:
        frame, layer = self._view.look.frame, self._layer()
        if self.plot is not None:
            self.plot.show_playhead(frame)
        facts = self._studio.judging.facts(layer.id).get(frame) if layer else None
        for curve, button in self.legend.items():
            button.setText(f"{curve.name} {curve.said(facts)}")
        for row in range(self.list.count()):
            if self.list.item(row).data(FRAME) == frame:
                self.list.setCurrentRow(row)
                return
        self.list.clearSelection()

    def _layer(self) -> Layer | None:
        chosen = self._view.look.layer_id
        return self._studio.document.shot.find(chosen)

    def _ask(self, layer: Layer | None) -> None:
        if layer is not None and self._judged != layer.id and self.isVisible():
            self._judged = layer.id
            self._studio.judging.judge(layer.id, self._view.look.frame)

    # --- the hand -----------------------------------------------------------------------------------------------

    def _go_to(self, item: QListWidgetItem) -> None:
        self._view.set(frame=item.data(FRAME))

    def _scrub(self, frame: FrameNumber) -> None:
        self._view.set(frame=frame)

    def _toggle(self, curve: Curve, shown: bool) -> None:
        self._shown_curves[curve] = shown
        if self.plot is not None:
            self.plot.show_curve(curve, shown=shown)

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if not self.isVisible():
            return
        if before.layer_id != after.layer_id:
            self.refresh()
        elif before.frame != after.frame:
            self._show_playhead()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.plot is None:
            from widgets.panels.frames_plot import FramesPlot

            self.plot = FramesPlot()
            self.plot.scrubbed.connect(self._scrub)
            for curve, shown in self._shown_curves.items():
                self.plot.show_curve(curve, shown=shown)
            self._left.addWidget(self.plot, 1)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._soon.stop()
        super().hideEvent(event)
