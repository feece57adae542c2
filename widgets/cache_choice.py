"""How much memory pictures may take, as the artist wants it: asked for, remembered, and obeyed at once."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QInputDialog, QWidget

from core.cache_room import SMALLEST_GB, VARIABLE, CacheRoom, from_environment
from widgets.actions import Actions
from widgets.studio import Studio
from widgets.viewport.viewport import Viewport

SETTING = "cache/gb"
MOST_GB = 256.0


class CacheChoice:
    """Binds `play.memory`. Args: `settings` remembers the choice; None remembers nothing."""

    def __init__(
        self, window: QWidget, studio: Studio, viewport: Viewport, actions: Actions, settings: QSettings | None
    ) -> None:
        self._window, self._studio, self._viewport, self._settings = window, studio, viewport, settings
        self.room = CacheRoom.of(self._remembered())
        actions.bind({"play.memory": self.ask})
        self._obey()

    def ask(self) -> None:
        """A number in a dialog that stops nothing."""
        dialog = QInputDialog(self._window)
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setWindowTitle("Memory for pictures")
        said = f" {VARIABLE} is set and stands above it." if from_environment() else ""
        dialog.setLabelText(f"GiB for pictures in memory, read and ready to play.{said}")
        dialog.setDoubleRange(SMALLEST_GB, MOST_GB)
        dialog.setDoubleDecimals(2)
        dialog.setDoubleValue(self.room.gb)
        dialog.doubleValueSelected.connect(self.choose)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def choose(self, gb: float) -> None:
        """So many GiB from now on."""
        if self._settings is not None:
            self._settings.setValue(SETTING, gb)
        self.room = CacheRoom.of(gb)
        self._obey()

    def _remembered(self) -> float:
        kept = self._settings.value(SETTING, 0.0) if self._settings is not None else 0.0
        try:
            return float(str(kept))
        except ValueError:
            return 0.0

    def _obey(self) -> None:
        self._studio.give_room(self.room.read)
        self._viewport.rehearsal.budget_bytes = self.room.ready
