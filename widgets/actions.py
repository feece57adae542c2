"""The actions of a window: the table's lines as Qt's actions, with the keys of the artist's key map.

Knows nothing of what an action does: the window binds calls by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from widgets.action_table import ACTIONS
from widgets.key_map import KeyMap
from widgets.key_presets import Preset
from widgets.theme import icon


class Actions(QObject):
    """A `QAction` for every line of the table, on one window."""

    rebound = Signal()

    def __init__(self, window: QWidget, key_map: KeyMap) -> None:
        super().__init__(window)
        self.key_map = key_map
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            action.setAutoRepeat(spec.repeats)
            if spec.icon:
                action.setIcon(icon(spec.icon))
            window.addAction(action)
            self._actions[spec.id] = action
        self.apply_keys()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def bind(self, calls: Mapping[str, Callable[[], object]]) -> None:
        """Say what actions do. KeyError for an id that is not in the table."""
        for action_id, call in calls.items():
            self._actions[action_id].triggered.connect(lambda _checked=False, call=call: call())

    def enable_groups(self, opened: bool, always: tuple[str, ...], but_not: tuple[str, ...]) -> None:
        """Every action on when something is open; without, only the groups `always`, except the ids `but_not`."""
        for spec in ACTIONS:
            self._actions[spec.id].setEnabled(opened or (spec.group in always and spec.id not in but_not))

    def rebind(self, action_id: str, keys: tuple[str, ...]) -> None:
        """Change keys; other actions lose the ones they shared. Ask `key_map.clashes` first."""
        self.key_map.bind(action_id, keys)
        self.apply_keys()

    def reset_keys(self, action_id: str = "") -> None:
        """Back to the preset's keys, of one action or of all."""
        self.key_map.reset(action_id)
        self.apply_keys()

    def choose_preset(self, preset: Preset) -> None:
        """Another set of keys under the artist's own."""
        self.key_map.choose(preset)
        self.apply_keys()

    def adopt_keys(self, preset: Preset, own: Mapping[str, tuple[str, ...]]) -> None:
        """Exactly these keys: a key file was read."""
        self.key_map.adopt(preset, own)
        self.apply_keys()

    def apply_keys(self) -> None:
        """Put the key map's keys on the actions, and name them in the tooltips."""
        for spec in ACTIONS:
            action = self._actions[spec.id]
            keys = self.key_map.keys(spec.id)
            action.setShortcuts([QKeySequence(key) for key in keys])
            shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            name = spec.text.rstrip("…")
            heading = f"{name}  ({shown})" if shown else name
            action.setToolTip(f"{heading}\n{spec.tip}" if spec.tip else heading)
        self.rebound.emit()
