"""What the command palette offers in this window: actions, panels, layouts and recent files, and why one cannot be.

Knows the window's parts by what they are asked for; the dialog itself is `dialogs/palette.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from core.document import Document
from widgets.action_table import ACTIONS, ActionSpec
from widgets.actions import Actions
from widgets.dialogs.palette import CommandPalette, Entry
from widgets.docks import WORKSPACES, Docks
from widgets.start_page import elided
from widgets.studio import Studio
from widgets.view_state import ViewState

USED_KEPT = 30
STORED = "palette/used"
NEEDS_LAYER = ("Layer", "Matte")


def why_not(spec: ActionSpec, document: Document, layer_id: str) -> str:
    """Why an action is off now, as far as the shot tells; a general word where it does not."""
    shot = document.shot
    layer = shot.find(layer_id)
    if spec.id == "edit.undo":
        return "Nothing to undo"
    if spec.id == "edit.redo":
        return "Nothing was undone"
    if shot.plate is None:
        return "Open a plate first"
    if layer is None and (spec.group in NEEDS_LAYER or spec.id == "file.export"):
        return "No layer yet"
    if layer is not None and spec.group == "Matte" and not layer.key_frames:
        return "The layer has no key frame yet"
    if spec.id == "layer.clear_key":
        return "This frame is no key frame"
    return "Not possible now"


class PaletteActions:
    """Binds the action that shows the palette. `settings` remembers what was used last; None: until the end."""

    def __init__(
        self,
        window: QWidget,
        studio: Studio,
        view: ViewState,
        actions: Actions,
        docks: Docks,
        open_path: Callable[[Path], None],
        settings: QSettings | None,
    ) -> None:
        self._window, self._studio, self._view = window, studio, view
        self._actions, self._docks, self._open_path, self._settings = actions, docks, open_path, settings
        stored = settings.value(STORED) if settings is not None else None
        self._used: list[str] = stored.split("\t") if isinstance(stored, str) else []
        actions.bind({"help.palette": self.show})

    def show(self) -> None:
        """The palette over the window; its last things used first."""
        palette = CommandPalette(self.entries(), self._used, self._remember, self._window)
        palette.finished.connect(lambda _result: palette.deleteLater())
        palette.open()

    def entries(self) -> list[Entry]:
        """Everything there is to do, in the order of the menus."""
        document, layer_id = self._studio.document, self._view.look.layer_id
        listed: list[Entry] = []
        for spec in ACTIONS:
            if spec.id == "help.palette":
                continue
            action = self._actions[spec.id]
            keys = self._actions.key_map.keys(spec.id)
            shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            reason = "" if action.isEnabled() else why_not(spec, document, layer_id)
            listed.append(Entry(spec.id, action.text(), spec.group, action.trigger, shown, reason, spec.tip))
        panels = [name for name in self._docks if self._docks.is_panel(name)]
        return [
            *listed,
            *(Entry(f"panel.{name}", f"Panel: {name}", "Panels", partial(self._open_panel, name)) for name in panels),
            *(
                Entry(f"layout.{name}", f"Layout: {name}", "Panels", partial(self._docks.arrange, name))
                for name in WORKSPACES
            ),
            Entry("layout.reset", "Layout: as it was at first", "Panels", self._docks.reset),
            *(
                Entry(f"recent.{path}", f"Open {elided(path)}", "Recent", partial(self._open_path, path))
                for path in self._studio.saving.recent()
            ),
        ]

    def _open_panel(self, name: str) -> None:
        """Show a panel, in front, with the keyboard in it."""
        self._docks.open(name)
        panel = self._docks[name].widget()
        if panel is not None:
            panel.setFocus()

    def _remember(self, entry_id: str) -> None:
        self._used = [entry_id, *(used for used in self._used if used != entry_id)][:USED_KEPT]
        if self._settings is not None:
            self._settings.setValue(STORED, "\t".join(self._used))
