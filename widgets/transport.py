"""The transport: step, play, loop, in and out, the frame field and the increment. Knows actions and playback only."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QToolButton, QWidget

from core.frames import FrameRange
from widgets.actions import Actions
from widgets.playback import Playback
from widgets.theme import icon
from widgets.view_state import Look, ViewState

LEFT = ("range.in", "range.out", "play.loop")
MIDDLE = (
    "play.first",
    "play.key_back",
    "play.step_back",
    "play.back",
    "play.toggle",
    "play.step_forward",
    "play.key_forward",
    "play.last",
)


def rate_text(rate: Fraction) -> str:
    """`24 fps`, `23.976 fps`."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".") + " fps"


class Transport(QWidget):
    """One row of buttons over the timeline."""

    def __init__(
        self,
        actions: Actions,
        view: ViewState,
        playback: Playback,
        frames: Callable[[], FrameRange | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._actions, self._view, self._playback, self._frames = actions, view, playback, frames
        self.setAccessibleName("Transport")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(2)
        self.range_text = self._label("", 116, "Range")
        left = QHBoxLayout()
        left.setSpacing(2)
        for action_id in LEFT:
            left.addWidget(self._button(action_id))
        left.addSpacing(6)
        left.addWidget(self.range_text)
        left.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(2)
        for action_id in MIDDLE:
            middle.addWidget(self._button(action_id))
        self.frame = QSpinBox()
        self.frame.setAccessibleName("Frame")
        self.frame.setToolTip("The frame number as on disk")
        self.frame.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.frame.setProperty("bare", True)
        self.frame.setKeyboardTracking(False)
        self.frame.setFixedWidth(72)
        self.increment = QSpinBox()
        self.increment.setAccessibleName("Increment")
        self.increment.setToolTip("How far Shift+Left and Shift+Right go")
        self.increment.setRange(1, 1000)
        self.increment.setValue(10)
        self.increment.setFixedWidth(56)
        middle.addSpacing(6)
        middle.addWidget(self.frame)
        right = QHBoxLayout()
        right.setSpacing(4)
        self.rate_text = self._label("", 72, "Rate")
        self.dropped_text = self._label("", 92, "Dropped frames")
        step = QLabel("Step")
        step.setProperty("dim", True)
        right.addStretch(1)
        right.addWidget(self.dropped_text)
        right.addWidget(self.rate_text)
        right.addWidget(step)
        right.addWidget(self.increment)
        row.addLayout(left, 1)
        row.addLayout(middle, 0)
        row.addLayout(right, 1)
        self.frame.valueChanged.connect(self._typed)
        playback.changed.connect(self.refresh)
        forget = view.changed.connect(self._looked)
        self.destroyed.connect(lambda _gone=None: forget())
        self.refresh()

    def refresh(self) -> None:
        """Range, rate and counts anew."""
        frames = self._frames()
        self.setEnabled(frames is not None)
        with QSignalBlocker(self.frame):
            if frames is not None:
                self.frame.setRange(-999_999, 9_999_999)
            self.frame.setValue(self._view.look.frame)
        self.range_text.setText(f"{frames}  ({len(frames)})" if frames is not None else "")
        self.rate_text.setText(rate_text(self._playback.rate) if frames is not None else "")
        dropped = self._playback.dropped
        self.dropped_text.setText(f"{dropped} dropped" if dropped else "")
        self._actions["play.loop"].setChecked(self._playback.loops)
        self._actions["play.toggle"].setIcon(icon("pause" if self._playback.playing else "play"))

    def _label(self, text: str, width_px: int, name: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("dim", True)
        label.setMinimumWidth(width_px)
        label.setAccessibleName(name)
        label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        return label

    def _button(self, action_id: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[action_id])
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self._actions[action_id].text().rstrip("…"))
        return button

    def _typed(self, frame: int) -> None:
        self._playback.stop()
        self._view.set(frame=frame)

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].frame != change[1].frame:
            with QSignalBlocker(self.frame):
                self.frame.setValue(change[1].frame)
