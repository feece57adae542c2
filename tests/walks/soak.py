"""A monkey at the desk: seeded random clicks, strokes, keys, scrubs, wheels, resizes and buttons on the real window.

It knows no feature: it presses the keys of the table of actions, the buttons it finds, and places on the picture and
the timeline. Questions and file dialogs are answered with Escape. Left out: Quit, Teach (minutes of another process)
and everything that would write files, because a dialog is never accepted.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil
import shiboken6
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLineEdit, QMenu, QWidget

from app.studio import PenumbraStudio
from widgets.action_table import ACTIONS
from widgets.main_window import MainWindow
from widgets.studio import Message

LEFT, RIGHT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
LEFT_OUT = ("file.quit", "matte.teach", "file.save_as", "file.save")
SIZES = (QSize(1024, 680), QSize(1600, 1000))
QUESTION_MS = 120
"""How long a dialog may stay before it is answered with Escape."""
MEGABYTE = 1 << 20


@dataclass
class SoakReport:
    """What happened. `rss` is (seconds, bytes of the window's process); `acts` are the newest."""

    seed: int
    done: int = 0
    seconds: float = 0.0
    rss: list[tuple[float, int]] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    acts: deque[str] = field(default_factory=lambda: deque(maxlen=40))
    slowest: tuple[float, str] = (0.0, "")

    def growth(self, warm_up: float) -> int:
        """Bytes between the first look after `warm_up` (a share of the time) and the largest of the last fifth."""
        warm = [size for at, size in self.rss if at >= warm_up * self.seconds]
        late = [size for at, size in self.rss if at >= 0.8 * self.seconds]
        return max(late) - warm[0] if warm and late else 0

    @property
    def sentence(self) -> str:
        course = " ".join(str(size // MEGABYTE) for _at, size in self.rss[:: max(1, len(self.rss) // 10)])
        return (
            f"{self.done} acts in {self.seconds:.0f} s (seed {self.seed}), RSS {course} MB, slowest act "
            f"{self.slowest[0]:.2f} s ({self.slowest[1]}), {len(self.said)} messages"
        )


class Soak:
    """One monkey. `run` returns when the time is over; an exception inside Qt is for the caller's hook to catch."""

    def __init__(self, window: MainWindow, studio: PenumbraStudio, seed: int) -> None:
        self._window, self._studio = window, studio
        self._random = random.Random(seed)
        self.report = SoakReport(seed)
        self._forget = studio.message.connect(self.report.said.append)
        self._acts: tuple[tuple[int, Callable[[], str]], ...] = (
            (22, self._key),
            (10, self._click),
            (8, self._stroke),
            (8, self._scrub),
            (8, self._wheel),
            (6, self._button),
            (6, self._undo),
            (5, self._step),
            (4, self._tool),
            (4, self._hover),
            (3, self._choose),
            (3, self._crosshair),
            (2, self._resize),
            (2, self._palette),
            (2, self._type),
            (1, self._panels),
        )
        self._answers = QTimer()
        self._answers.setInterval(QUESTION_MS)
        self._answers.timeout.connect(self._answer)

    def run(self, seconds: float) -> SoakReport:
        """Random acts for so long."""
        process, started, sampled = psutil.Process(), time.monotonic(), -10.0
        weights = [weight for weight, _act in self._acts]
        acts = [act for _weight, act in self._acts]
        self._answers.start()
        try:
            while (now := time.monotonic() - started) < seconds:
                if now - sampled > max(0.5, seconds / 200):
                    sampled = now
                    self.report.rss.append((now, process.memory_info().rss))
                self._one_act(self._random.choices(acts, weights)[0])
                self._rest(self._random.choice((0, 0, 1, 5, 15, 40)))
        finally:
            self._answers.stop()
        self._answer()
        self.report.seconds = seconds
        self.report.rss.append((seconds, process.memory_info().rss))
        self._forget()
        return self.report

    def _one_act(self, act: Callable[[], str]) -> None:
        began = time.monotonic()
        said = act()
        self.report.acts.append(said)
        self.report.done += 1
        took = time.monotonic() - began
        if took > self.report.slowest[0]:
            self.report.slowest = took, said

    # --- acts: each says what it did ----------------------------------------------------------------------------
    def _key(self) -> str:
        """A key of the table, pressed in whatever has the keyboard."""
        spec = self._random.choice(ACTIONS)
        keys = self._window.actions_table.key_map.keys(spec.id)
        if spec.id in LEFT_OUT:
            return "nothing"
        if keys:
            self._press(keys[0])
        else:
            self._window.actions_table[spec.id].trigger()
        return f"key {spec.id}"

    def _click(self) -> str:
        place, button = self._place(self._window.viewport), self._random.choice((LEFT, LEFT, LEFT, RIGHT))
        modifiers = self._random.choice((NONE, NONE, NONE, SHIFT, CTRL))
        self._drag(self._window.viewport, [place], button, modifiers)
        return f"click {place.x():.0f} {place.y():.0f} {button.name} {modifiers}"

    def _stroke(self) -> str:
        places = [self._place(self._window.viewport)]
        for _ in range(self._random.randint(1, 12)):
            places.append(places[-1] + QPointF(self._random.uniform(-40, 40), self._random.uniform(-40, 40)))
        button = self._random.choice((LEFT, LEFT, RIGHT, Qt.MouseButton.MiddleButton))
        escape = self._random.random() < 0.1
        self._drag(self._window.viewport, places, button, NONE, escape=escape)
        return f"stroke of {len(places)} {button.name}{', Escape' if escape else ''}"

    def _scrub(self) -> str:
        timeline = self._window.timeline
        self._drag(timeline, [self._place(timeline) for _ in range(self._random.randint(1, 6))], LEFT, NONE)
        return "scrub"

    def _wheel(self) -> str:
        viewport, modifiers = self._window.viewport, self._random.choice((NONE, NONE, CTRL))
        place = self._place(viewport)
        turn = QPoint(0, self._random.choice((-120, 120, 240)))
        everywhere = QPointF(viewport.mapToGlobal(place.toPoint()))
        wheel = QWheelEvent(
            place, everywhere, QPoint(), turn, NO_BUTTON, modifiers, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(viewport, wheel)
        return f"wheel {turn.y()} {modifiers}"

    def _button(self) -> str:
        """Any button that can be seen, except what was left out."""
        buttons = [
            button
            for button in self._window.findChildren(QAbstractButton)
            if button.isVisible() and button.isEnabled() and not self._is_left_out(button)
        ]
        if not buttons:
            return "no button"
        button = self._random.choice(buttons)
        said = f"button {button.accessibleName() or button.text()}"
        QTest.mouseClick(button, LEFT)
        return said

    def _undo(self) -> str:
        times, redo = self._random.randint(1, 6), self._random.random() < 0.4
        for _ in range(times):
            (self._studio.document.redo if redo else self._studio.document.undo)()
        if self._studio.document.shot.plate is None:  # the monkey undid the opening
            self._studio.document.redo()
        return f"{'redo' if redo else 'undo'} {times}"

    def _step(self) -> str:
        key = self._random.choice((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End))
        times = self._random.randint(1, 8)
        for _ in range(times):
            QTest.keyClick(self._window.viewport, key)
        return f"{key.name} {times}"

    def _tool(self) -> str:
        key = self._random.choice((Qt.Key.Key_Q, Qt.Key.Key_X, Qt.Key.Key_D, Qt.Key.Key_H, Qt.Key.Key_P, Qt.Key.Key_T))
        QTest.keyClick(self._window.viewport, key)
        return f"tool {key.name}"

    def _hover(self) -> str:
        viewport, modifiers = self._window.viewport, self._random.choice((NONE, SHIFT))
        for _ in range(self._random.randint(1, 10)):
            self._mouse(viewport, QEvent.Type.MouseMove, self._place(viewport), NO_BUTTON, NO_BUTTON, modifiers)
        return f"hover {modifiers}"

    def _choose(self) -> str:
        """Another entry of a list."""
        boxes = [box for box in self._window.findChildren(QComboBox) if box.isVisible() and box.isEnabled()]
        boxes = [box for box in boxes if box.count()]
        if not boxes:
            return "no list"
        box = self._random.choice(boxes)
        place = self._random.randrange(box.count())
        said = f"choose {box.accessibleName()} {box.itemText(place)}"
        box.setCurrentIndex(place)
        box.activated.emit(place)
        return said

    def _crosshair(self) -> str:
        for _ in range(self._random.randint(1, 6)):
            way = self._random.choice(("left", "right", "up", "down", "fine_left", "add", "subtract", "hold"))
            self._window.actions_table[f"pointer.{way}"].trigger()
        return "crosshair"

    def _resize(self) -> str:
        low, high = SIZES
        size = QSize(self._random.randint(low.width(), high.width()), self._random.randint(low.height(), high.height()))
        self._window.resize(size)
        return f"resize {size.width()} {size.height()}"

    def _palette(self) -> str:
        self._press("Ctrl+Shift+P")
        letters = "".join(self._random.choice("abcdefilmnoprst") for _ in range(self._random.randint(1, 4)))
        dialog = QApplication.activeWindow()
        if isinstance(dialog, QDialog):
            QTest.keyClicks(dialog, letters)
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
        return f"palette {letters}"

    def _type(self) -> str:
        """A few characters into a field, and Enter or Escape."""
        fields = [field for field in self._window.findChildren(QLineEdit) if field.isVisible() and field.isEnabled()]
        if not fields:
            return "no field"
        chosen = self._random.choice(fields)
        text = self._random.choice(("1", "1003", "0.5", "-2", "fox", "a.#%", "", "99999999"))
        said = f"type {text!r} into {chosen.accessibleName() or type(chosen.parent()).__name__}"
        chosen.setFocus()
        chosen.selectAll()
        QTest.keyClicks(chosen, text)
        if shiboken6.isValid(chosen):
            QTest.keyClick(chosen, self._random.choice((Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab)))
        return said

    def _panels(self) -> str:
        name = self._random.choice([name for name in self._window.docks if self._window.docks.is_panel(name)])
        if self._random.random() < 0.6:
            self._window.docks.open(name)
        else:
            self._window.docks[name].hide()
        return f"panel {name}"

    # --- hands --------------------------------------------------------------------------------------------------
    def _press(self, keys: str) -> None:
        """A key combination, in whatever has the keyboard."""
        combination = QKeySequence(keys)[0]
        if QApplication.activeWindow() is None:
            self._window.activateWindow()
        listener = QApplication.focusWidget() or self._window.viewport
        QTest.keyClick(listener, combination.key(), combination.keyboardModifiers())

    def _place(self, widget: QWidget) -> QPointF:
        return QPointF(self._random.uniform(0, widget.width() - 1), self._random.uniform(0, widget.height() - 1))

    def _drag(
        self,
        widget: QWidget,
        places: list[QPointF],
        button: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier,
        *,
        escape: bool = False,
    ) -> None:
        self._mouse(widget, QEvent.Type.MouseButtonPress, places[0], button, button, modifiers)
        for place in places[1:]:
            self._mouse(widget, QEvent.Type.MouseMove, place, NO_BUTTON, button, modifiers)
        if escape:
            QTest.keyClick(widget, Qt.Key.Key_Escape)
        self._mouse(widget, QEvent.Type.MouseButtonRelease, places[-1], button, NO_BUTTON, modifiers)

    def _mouse(
        self,
        widget: QWidget,
        kind: QEvent.Type,
        place: QPointF,
        button: Qt.MouseButton,
        buttons: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier,
    ) -> None:
        everywhere = QPointF(widget.mapToGlobal(QPoint(0, 0))) + place
        QApplication.sendEvent(widget, QMouseEvent(kind, place, everywhere, button, buttons, modifiers))

    def _is_left_out(self, button: Any) -> bool:
        action = button.defaultAction() if hasattr(button, "defaultAction") else None
        name = (button.accessibleName() or button.text()).lower()
        return (action is not None and action.objectName() in LEFT_OUT) or name in ("teach", "quit", "save")

    def _answer(self) -> None:
        """Escape for whatever asks: menus, questions, dialogs."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for asking in (QApplication.activeModalWidget(), QApplication.activeWindow()):
            if isinstance(asking, QDialog) and asking.isVisible():
                asking.reject()
        if QApplication.activeWindow() is None and not isinstance(popup, QMenu):
            self._window.activateWindow()

    def _rest(self, milliseconds: int) -> None:
        """`QTest.qWait` would keep Python's lock all the while, and no other thread could work."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()
