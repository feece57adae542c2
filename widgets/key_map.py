"""Which keys belong to which action: a preset's, with the artist's own laid over it.

Knows the table of actions and the presets, and Qt's spelling of a key. Touches no QAction and no file but the settings.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence

from widgets.action_table import SPECS
from widgets.key_presets import PRESETS, Preset, preset


def normal(key: str) -> str:
    """The one spelling of a key sequence, so that two ways of writing it compare equal; empty for no key at all."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def preset_keys(which: Preset, action_id: str) -> tuple[str, ...]:
    """The keys an action has in a preset, in their one spelling."""
    return tuple(normal(key) for key in which.keys.get(action_id, SPECS[action_id].keys))


class KeyMap:
    """The keys of every action. An own key is never shared: the preset's owner of it loses it while it is taken.

    Kept in `settings` under `keys/<action id>` and `keys/preset`; None keeps nothing.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = settings
        self._own: dict[str, tuple[str, ...]] = {}
        self._preset = PRESETS[0]
        if settings is not None:
            self._preset = preset(str(settings.value("keys/preset", "")))
            for action_id in SPECS:
                stored = settings.value(f"keys/{action_id}")
                if isinstance(stored, str):
                    self._own[action_id] = tuple(normal(key) for key in stored.split("\t") if key)

    @property
    def preset(self) -> Preset:
        return self._preset

    @property
    def own(self) -> Mapping[str, tuple[str, ...]]:
        """The artist's own keys, by action; those that are the preset's are not in it."""
        return dict(self._own)

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, the first the one to show."""
        if action_id in self._own:
            return self._own[action_id]
        taken = {key for keys in self._own.values() for key in keys}
        return tuple(key for key in preset_keys(self._preset, action_id) if key not in taken)

    def owner(self, key: str) -> str:
        """The id of the action that has this key; empty when it is free."""
        wanted = normal(key)
        return next((action_id for action_id in SPECS if wanted in self.keys(action_id)), "") if wanted else ""

    def clashes(self, action_id: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of the other actions that already have one of `keys`."""
        wanted = {normal(key) for key in keys}
        return tuple(other for other in SPECS if other != action_id and wanted & set(self.keys(other)))

    def bind(self, action_id: str, keys: tuple[str, ...]) -> None:
        """Give the action these keys and take them from every other action that had one."""
        wanted = tuple(normal(key) for key in keys)
        self._take(action_id, wanted)
        if wanted == preset_keys(self._preset, action_id):
            self._forget(action_id)
        else:
            self._store(action_id, wanted)

    def reset(self, action_id: str = "") -> None:
        """Back to the preset's keys: of one action, which takes them back from whoever has them; or of all."""
        if action_id:
            self._take(action_id, preset_keys(self._preset, action_id))
            self._forget(action_id)
            return
        for own in tuple(self._own):
            self._forget(own)

    def choose(self, which: Preset) -> None:
        """Another preset under the artist's own keys."""
        self._preset = which
        if self._settings is not None:
            self._settings.setValue("keys/preset", which.id)

    def adopt(self, which: Preset, own: Mapping[str, tuple[str, ...]]) -> None:
        """Exactly this preset and these own keys: a key file was read."""
        self.reset()
        self.choose(which)
        for action_id, keys in own.items():
            self._store(action_id, tuple(normal(key) for key in keys))

    def _take(self, action_id: str, keys: tuple[str, ...]) -> None:
        for other, held in tuple(self._own.items()):
            if other != action_id and set(keys) & set(held):
                self._store(other, tuple(key for key in held if key not in keys))

    def _store(self, action_id: str, keys: tuple[str, ...]) -> None:
        self._own[action_id] = keys
        if self._settings is not None:
            self._settings.setValue(f"keys/{action_id}", "\t".join(keys))

    def _forget(self, action_id: str) -> None:
        self._own.pop(action_id, None)
        if self._settings is not None:
            self._settings.remove(f"keys/{action_id}")
