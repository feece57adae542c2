"""Keys that belong to the tool in the hand for as long as it wants them, in place of what they do elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from core.commands import Command
from widgets.tools.tool import Key, KeyedTool, Tool, ToolContext

KEYS: dict[int, Key] = {
    Qt.Key.Key_Return: "return",
    Qt.Key.Key_Enter: "return",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Backspace: "delete",
}


class ToolKeys(QObject):
    """Hears the keys of a viewport before anyone else.

    Args:
        tool: the one in the hand now.
        busy: whether the hand is at work; then keys are the gesture's.
        do: given the command of a key.
    """

    def __init__(
        self,
        viewport: QWidget,
        tool: Callable[[], Tool],
        context: ToolContext,
        busy: Callable[[], bool],
        do: Callable[[Command], None],
    ) -> None:
        super().__init__(viewport)
        self._tool, self._context, self._busy, self._do = tool, context, busy, do
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key, tool = KEYS.get(event.key()), self._tool()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if key is None or not plain or self._busy() or not isinstance(tool, KeyedTool):
            return super().eventFilter(watched, event)
        if not tool.wants(key, self._context):
            return super().eventFilter(watched, event)
        event.accept()  # of a ShortcutOverride: it comes back as a key, and no action hears it
        if kind == QEvent.Type.KeyPress:
            command = tool.key(key, self._context)
            if command is not None:
                self._do(command)
        return True
