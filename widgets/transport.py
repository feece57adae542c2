"""The transport: step, play, loop, in and out, the frame field and the increment. Knows actions and playback only."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSpinBox, QToolButton, QWidget

from core.frames import FrameRange
from widgets.actions import Actions
from widgets.playback import Playback
from widgets.theme import COLORS, icon
from widgets.track import Ends
from widgets.view_state import Look, ViewState

LEFT = ("range.in", "range.out")
ENDS = {Ends.LOOP: "play.loop", Ends.PING_PONG: "play.ping_pong", Ends.ONCE: "play.once"}
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
        self.ends = self._ends_button()
        left.addWidget(self.ends)
        left.addWidget(self._button("play.every_frame"))
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
        self.rate_text = self._label("", 104, "Rate")
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
        playback.measured.connect(self._show_rate)
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
        for ends, action_id in ENDS.items():
            self._actions[action_id].setChecked(ends is self._playback.ends)
        self.ends.setIcon(self._actions[ENDS[self._playback.ends]].icon())
        keys = ", ".join(f"{end.value} {key}" for end, act in ENDS.items() if (key := self._key(act)))
        self.ends.setToolTip(f"At the end of the range: {self._playback.ends.value}\n{keys}")
        self._actions["play.every_frame"].setChecked(self._playback.every_frame)
        self._show_rate()
        self._actions["play.toggle"].setIcon(icon("pause" if self._playback.playing else "play"))

    def _show_rate(self) -> None:
        """The plate's rate, while playing with the actual one before it; and how many frames were dropped."""
        playback, opened = self._playback, self._frames() is not None
        wanted = rate_text(playback.rate) if opened else ""
        measured = playback.playing and playback.fps > 0
        self.rate_text.setText(f"{playback.fps:.1f} of {wanted}" if measured else wanted)
        slow = measured and playback.fps < 0.97 * float(playback.rate) * abs(playback.speed)
        self._ink(self.rate_text, warn=slow)
        dropped = playback.dropped
        self.dropped_text.setText(f"{dropped} dropped" if dropped else "")
        self._ink(self.dropped_text, warn=dropped > 0)

    def _ink(self, label: QLabel, *, warn: bool) -> None:
        wanted = f"color: {COLORS['warn']};" if warn else ""
        if label.styleSheet() != wanted:
            label.setStyleSheet(wanted)

    def _ends_button(self) -> QToolButton:
        """Loop on or off, and a menu of all that can happen at the end."""
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName("At the end")
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for action_id in ENDS.values():
            menu.addAction(self._actions[action_id])
        button.setMenu(menu)
        button.clicked.connect(self._next_ends)
        return button

    def _key(self, action_id: str) -> str:
        return self._actions[action_id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def _next_ends(self) -> None:
        """Loop, ping-pong, once, and loop again."""
        order = list(ENDS)
        self._playback.set_ends(order[(order.index(self._playback.ends) + 1) % len(order)])

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
