"""What the strips over the picture are made of. `compare_strip.py` and `display_strip.py` are the strips."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton

from widgets.actions import Actions
from widgets.view_state import Look


def to_screen(value: float) -> float:
    """A scene-linear value as sRGB 0-1, for the color buttons only."""
    clipped = min(1.0, max(0.0, value))
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055


def from_screen(value: float) -> float:
    """The inverse of `to_screen`."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def only_frame(change: tuple[Look, Look]) -> bool:
    """Whether nothing but the playhead moved: the strips have nothing to do while playing."""
    before, after = change
    return replace(before, frame=after.frame) == after


def dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("dim", True)
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    return label


def tool_button(actions: Actions, action_id: str) -> QToolButton:
    """A button for an action, never stealing the keyboard by a mouse click."""
    button = QToolButton()
    button.setDefaultAction(actions[action_id])
    button.setIconSize(QSize(18, 18))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(actions[action_id].text())
    return button
