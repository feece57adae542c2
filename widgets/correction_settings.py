"""What the artist chose about remembering corrections, kept from one start to the next."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from widgets.corrections import CorrectionRoom

REMEMBER, SHOW = "corrections/remember", "corrections/show"


class CorrectionSettings:
    """Obeys at once, and remembers. Args: `settings` may be None, which remembers nothing."""

    def __init__(self, room: CorrectionRoom, settings: QSettings | None) -> None:
        self._room, self._settings = room, settings
        if settings is None:
            return
        if str(settings.value(REMEMBER, "true")) == "false":
            room.switch(on=False)
        folder = str(settings.value(SHOW, "") or "")
        if folder:
            room.use_show(Path(folder))

    def switch(self, on: bool) -> None:
        """Remember corrections from now on, or do not."""
        self._keep(REMEMBER, "true" if on else "false")
        self._room.switch(on)

    def use_show(self, folder: Path | None) -> None:
        """Where the show's corrections go."""
        self._keep(SHOW, str(folder) if folder is not None else "")
        self._room.use_show(folder)

    def _keep(self, name: str, value: str) -> None:
        if self._settings is not None:
            self._settings.setValue(name, value)
