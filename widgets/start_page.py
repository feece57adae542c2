"""What is shown when nothing is open: open a plate, the sample shot, the recent projects."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from widgets.actions import Actions
from widgets.theme import app_icon, icon

AT_MOST = 8


def elided(path: Path, limit: int = 64) -> str:
    """A path as text, its middle left out when it is long; the home folder is `~`, an unnamed session its time."""
    session = re.match(r"untitled-(\d{8}-\d{6})-", path.name)
    if session:
        return f"Unsaved session of {datetime.strptime(session[1], '%Y%m%d-%H%M%S'):%d %b, %H:%M}"
    try:
        text = f"~/{path.relative_to(Path.home())}"
    except ValueError:
        text = str(path)
    return text if len(text) <= limit else f"{text[: limit // 2 - 1]}…{text[-limit // 2 :]}"


class StartPage(QWidget):
    """Three ways in. `open_path` is called with a recent path."""

    def __init__(self, actions: Actions, open_path: Callable[[Path], None]) -> None:
        super().__init__()
        self._open_path = open_path
        self.setAccessibleName("Start")
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(72, 72))
        name = QLabel("Penumbra")
        name.setStyleSheet("font-size: 26px; font-weight: 300;")
        what = QLabel("Mattes from clicks and strokes")
        what.setProperty("dim", True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(name)
        words.addWidget(what)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(sign)
        top.addLayout(words, 1)
        self.open = QPushButton(icon("open"), "  Open plate or project…")
        self.folder = QPushButton(icon("plate"), "  Open folder…")
        self.sample = QPushButton(icon("comp"), "  Open the sample shot")
        for button, action_id in (
            (self.open, "file.open"),
            (self.folder, "file.open_folder"),
            (self.sample, "file.open_sample"),
        ):
            button.setMinimumHeight(34)
            button.setStyleSheet("text-align: left; padding-left: 14px;")
            button.setToolTip(actions[action_id].toolTip())
            button.clicked.connect(actions[action_id].trigger)
        drop = QLabel("or drop a file or folder here")
        drop.setProperty("dim", True)
        self._heading = QLabel("Recent")
        self._heading.setProperty("heading", True)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(top)
        column.addSpacing(18)
        for widget in (self.open, self.folder, self.sample, drop):
            column.addWidget(widget)
        column.addSpacing(18)
        column.addWidget(self._heading)
        column.addLayout(self._recent)
        middle = QWidget()
        middle.setFixedWidth(460)
        middle.setLayout(column)
        lines = QVBoxLayout(self)
        lines.addStretch(2)
        lines.addWidget(middle, 0, Qt.AlignmentFlag.AlignHCenter)
        lines.addStretch(3)

    def show_recent(self, paths: tuple[Path, ...]) -> None:
        """List these, newest first."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._heading.setVisible(bool(paths))
        for path in paths[:AT_MOST]:
            button = QToolButton()
            button.setText(elided(path))
            button.setToolTip(str(path))
            button.setAccessibleName(f"Open {path.name}")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setStyleSheet("text-align: left;")
            button.clicked.connect(lambda _checked=False, path=path: self._open_path(path))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
