"""Which way the picture is drawn: the artist's choice, remembered; and what came of it, in the status bar.

Automatic takes a GPU where the probe finds a real one, unless an earlier run ended while that GPU was first asked to
draw. `PENUMBRA_VIEWPORT` and `--viewport` stand above what is remembered, for one run.
"""

from __future__ import annotations

import os
from enum import Enum
from functools import partial

from PySide6.QtCore import QSettings
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QWidget

from widgets.actions import Actions
from widgets.status_bar import StatusBar
from widgets.viewport.gl_probe import Probed, is_software, probe
from widgets.viewport.viewport import Viewport

SETTING = "viewport/draw"
TRYING = "viewport/trying_gpu"
VARIABLE = "PENUMBRA_VIEWPORT"


class Choice(Enum):
    """What the artist chose; the value is the word of `--viewport` and of the environment."""

    AUTOMATIC = "auto"
    RASTER = "raster"
    GPU = "gl"


_ACTIONS = {"view.draw_auto": Choice.AUTOMATIC, "view.draw_raster": Choice.RASTER, "view.draw_gpu": Choice.GPU}


class SurfaceChoice:
    """Binds the actions and obeys what is chosen at once.

    Args:
        settings: remembers the choice; None remembers nothing.
        override: `auto`, `raster` or `gl` for this run, from the command line; empty for the environment's.
    """

    def __init__(
        self,
        window: QWidget,
        viewport: Viewport,
        actions: Actions,
        status: StatusBar,
        settings: QSettings | None,
        override: str = "",
    ) -> None:
        self._viewport, self._status, self._settings = viewport, status, settings
        self._probed = Probed(False)
        self._actions = {choice: actions[action_id] for action_id, choice in _ACTIONS.items()}
        group = QActionGroup(window)
        for action in self._actions.values():
            group.addAction(action)
        actions.bind({action_id: partial(self._chosen, choice) for action_id, choice in _ACTIONS.items()})
        viewport.easel.changed.connect(self._say)
        viewport.easel.trying.connect(self._note)
        self.choice = _valid(override) or _valid(os.environ.get(VARIABLE, "")) or self._remembered()
        self._obey()

    def _remembered(self) -> Choice:
        kept = str(self._settings.value(SETTING, "")) if self._settings is not None else ""
        return _valid(kept) or Choice.AUTOMATIC

    def _chosen(self, choice: Choice) -> None:
        self.choice = choice
        if self._settings is not None:
            self._settings.setValue(SETTING, choice.value)
        self._note(False)
        self._obey()

    def _obey(self) -> None:
        self._actions[self.choice].setChecked(True)
        if self.choice is Choice.RASTER:
            self._probed = Probed(False, why="Chosen in the View menu, by --viewport or by PENUMBRA_VIEWPORT")
        elif self.choice is Choice.AUTOMATIC and self._ended_trying():
            self._probed = Probed(
                False, why="The GPU ended the program when it was asked to draw. Draw with, GPU tries again"
            )
        else:
            self._note(True)
            self._probed = probe(allow_software=self.choice is Choice.GPU)
            self._note(False)
        self._viewport.easel.use("gl" if self._probed.usable else "raster")
        self._say(self._viewport.surface.path)

    def _note(self, trying: bool) -> None:
        """Written down at once: a driver that crashes takes the program with it."""
        if self._settings is not None:
            self._settings.setValue(TRYING, trying)
            self._settings.sync()

    def _ended_trying(self) -> bool:
        return self._settings is not None and self._settings.value(TRYING, False, bool) is True

    def _say(self, path: str) -> None:
        """What draws now, and why not the GPU."""
        on_gpu = path != "Raster"
        reason = self._probed.renderer if on_gpu else self._probed.why or "The GPU stopped drawing"
        word = "OpenGL" if is_software(path) else "GPU"
        self._status.show_path(word if on_gpu else "Raster", reason)


def _valid(word: str) -> Choice | None:
    """The choice of this word; None for an empty or a strange one."""
    return next((choice for choice in Choice if choice.value == word), None)
