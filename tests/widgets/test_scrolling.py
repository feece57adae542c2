"""A panel that scrolls up and down: nothing of its inside is cut off at the right, bar or no bar."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from widgets.panels.scrolling import ScrollingPanel


def test_the_bar_takes_nothing_from_the_inside(qtbot: QtBot) -> None:
    """Squeezed between others it keeps the width that the widest line and the bar need, also of a line that comes
    later."""
    panel = ScrollingPanel("Panel")
    holder = QWidget()
    beside = QHBoxLayout(holder)
    beside.addWidget(panel)
    beside.addWidget(QLabel("wide " * 40), 1)
    qtbot.addWidget(holder)
    for width in (180, 260):
        line = QLabel("line")
        line.setFixedSize(width, 400)
        panel.lines.addWidget(line)
    holder.resize(200, 200)
    holder.show()
    qtbot.waitUntil(lambda: panel.verticalScrollBar().isVisible() and panel.viewport().width() >= 276, timeout=5000)

    inside = panel.widget()
    assert inside is not None
    assert inside.width() <= panel.viewport().width()


def test_a_part_is_brought_into_sight_and_what_is_in_sight_stays(qtbot: QtBot) -> None:
    panel = ScrollingPanel("Panel")
    qtbot.addWidget(panel)
    parts = [QLabel(f"part {number}") for number in range(6)]
    for part in parts:
        part.setFixedHeight(100)
        panel.lines.addWidget(part)
    panel.resize(200, 250)
    panel.show()
    bar = panel.verticalScrollBar()

    def top(part: QLabel) -> int:
        return part.mapTo(panel.viewport(), QPoint(0, 0)).y()

    panel.bring(parts[3])
    qtbot.waitUntil(lambda: top(parts[3]) == 0, timeout=5000)
    place = bar.value()
    panel.bring(parts[4])
    qtbot.wait(20)
    assert bar.value() == place
    panel.bring(parts[0])
    qtbot.waitUntil(lambda: top(parts[0]) >= 0, timeout=5000)
