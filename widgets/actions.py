"""The actions of a window: the table's lines as Qt's actions, with the artist's own keys laid over the table's.

Knows nothing of what an action does: the window binds calls by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from widgets.action_table import ACTIONS, SPECS
from widgets.theme import icon


def normal(key: str) -> str:
    """The one spelling of a key sequence, so that two ways of writing it compare equal."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


class KeyMap:
    """Which keys belong to which action: the table's, with the artist's own laid over it.

    Kept in `settings` under `keys/<action id>`; None keeps nothing.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = settings
        self._own: dict[str, tuple[str, ...]] = {}
        if settings is not None:
            for action_id in SPECS:
                stored = settings.value(f"keys/{action_id}")
                if isinstance(stored, str):
                    self._own[action_id] = tuple(normal(key) for key in stored.split("\t") if key)

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, the first the one to show."""
        if action_id in self._own:
            return self._own[action_id]
        return tuple(normal(key) for key in SPECS[action_id].keys)

    def clashes(self, action_id: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of the other actions that already have one of `keys`."""
        wanted = {normal(key) for key in keys}
        return tuple(other for other in SPECS if other != action_id and wanted & set(self.keys(other)))

    def bind(self, action_id: str, keys: tuple[str, ...]) -> None:
        """Give the action these keys and take them from every other action that had one."""
        wanted = tuple(normal(key) for key in keys)
        for other in self.clashes(action_id, wanted):
            self._store(other, tuple(key for key in self.keys(other) if key not in wanted))
        self._store(action_id, wanted)

    def reset(self) -> None:
        """Back to the table."""
        for action_id in self._own:
            if self._settings is not None:
                self._settings.remove(f"keys/{action_id}")
        self._own.clear()

    def _store(self, action_id: str, keys: tuple[str, ...]) -> None:
        self._own[action_id] = keys
        if self._settings is not None:
            self._settings.setValue(f"keys/{action_id}", "\t".join(keys))


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

    def reset_keys(self) -> None:
        self.key_map.reset()
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
