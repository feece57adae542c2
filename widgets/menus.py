"""The menu bar, built from the table of actions. Groups are menus; separators are said here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QMenu, QMenuBar

from widgets.action_table import ACTIONS
from widgets.actions import Actions
from widgets.start_page import elided

BEFORE_THESE = {
    "file.add_reference", "file.save", "file.export", "file.quit",
    "brush.smaller", "view.red", "view.overlay", "view.wipe",
    "view.exposure_up", "view.full_screen", "play.loop", "play.first", "range.in", "layer.up", "layer.clear_key",
    "layer.split", "layer.fit_shapes", "layer.1", "review.note", "review.previous", "matte.teach", "matte.grow",
    "matte.fill_holes", "matte.models",
}  # fmt: skip
"""A separator stands before each of these."""

INSIDE = {"Point with keys": "Tools", "Picture": "View", "Draw with": "View"}
"""Groups that are a menu inside another one."""


class Menus:
    """Fills a menu bar; the recent and panel menus are filled anew when they open."""

    def __init__(self, bar: QMenuBar, actions: Actions) -> None:
        self._menus: dict[str, QMenu] = {}
        self.recent = QMenu("Open recent", bar)
        self.references = QMenu("Remove reference plate", bar)
        for spec in ACTIONS:
            if spec.group not in self._menus:
                around = bar if spec.group not in INSIDE else self._menus[INSIDE[spec.group]]
                menu = around.addMenu(spec.group)
                menu.setToolTipsVisible(True)
                self._menus[spec.group] = menu
            menu = self._menus[spec.group]
            if spec.id in BEFORE_THESE:
                menu.addSeparator()
            menu.addAction(actions[spec.id])
            if spec.id == "file.open_sample":
                menu.addMenu(self.recent)
            if spec.id == "file.add_reference":
                menu.addMenu(self.references)

    def __getitem__(self, group: str) -> QMenu:
        return self._menus[group]

    def fill_recent(self, paths: Callable[[], tuple[Path, ...]], open_path: Callable[[Path], None]) -> None:
        """The recent menu asks for its paths each time it opens."""

        def fill() -> None:
            self.recent.clear()
            for path in paths():
                self.recent.addAction(elided(path), partial(open_path, path))
            if self.recent.isEmpty():
                self.recent.addAction("Nothing yet").setEnabled(False)

        self.recent.aboutToShow.connect(fill)
