"""The panels' docks: where each one stands at first, which are shown, and how the artist's own layout is remembered.

Knows no panel from the inside. A new panel is one more `add` in the main window and one more name in a column.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget

LAYOUT_VERSION = 4
"""Raise it when docks change, so that an old layout is not forced onto new panels."""
WORKSPACES = {
    "Matte": ("Layers", "Inspector", "Jobs"),
    "Teach": ("Layers", "Inspector", "Corrections", "Teach", "Jobs"),
    "Review": ("Layers", "Takes", "Frames", "Review"),
    "Scopes": ("Layers", "Inspector", "Scopes"),
}
"""Layouts by name: the panels each shows, the last one in front. A panel that does not exist is passed over."""
RIGHT, BOTTOM = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea


class Docks:
    """The docks of one window, by name, in the order they were added."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._least_px = window.minimumHeight()
        self._docks: dict[str, QDockWidget] = {}
        self._hidden_at_first: list[str] = []
        self._first_layout = QByteArray()
        window.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._docks)

    def add(
        self,
        name: str,
        widget: QWidget,
        area: Qt.DockWidgetArea = RIGHT,
        *,
        beside: str = "",
        under: str = "",
        shown: bool = True,
        roomy_px: int = 0,
    ) -> QDockWidget:
        """A new dock.

        Args:
            name: its title, and what the layout is remembered by.
            beside: the dock it shares a place with, as a tab.
            under: the dock it stands below.
            shown: whether it is there before the artist asks for it.
            roomy_px: how high the window must be to hold it as well; in a lower one it floats.
        """
        dock = QDockWidget(name, self._window)
        dock.setObjectName(f"dock.{name.lower()}")
        dock.setAccessibleName(name)
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        if beside:
            self._window.tabifyDockWidget(self._docks[beside], dock)
        if under:
            self._window.splitDockWidget(self._docks[under], dock, Qt.Orientation.Vertical)
        if not shown:
            self._hidden_at_first.append(name)
        if roomy_px:
            dock.visibilityChanged.connect(lambda _shown: self._make_room(dock, roomy_px))
            dock.topLevelChanged.connect(lambda _floats: self._make_room(dock, roomy_px))
        self._docks[name] = dock
        return dock

    def _make_room(self, dock: QDockWidget, roomy_px: int) -> None:
        """Nothing in the window is ever squeezed below what it needs: the dock floats, or the window stays high."""
        if dock.isVisible() and not dock.isFloating() and self._window.height() < roomy_px:
            dock.setFloating(True)
        docked = dock.isVisible() and not dock.isFloating()
        self._window.setMinimumHeight(roomy_px if docked else self._least_px)

    def without_title(self, name: str) -> None:
        """A dock that is a part of the window and not a panel one takes away."""
        self._docks[name].setTitleBarWidget(QWidget())

    def is_panel(self, name: str) -> bool:
        """Whether the artist may take this dock away."""
        return self._docks[name].titleBarWidget() is None

    def arrange(self, workspace: str) -> None:
        """Show the panels of a layout and hide the others; KeyError for a name that is not in `WORKSPACES`."""
        wanted = [name for name in WORKSPACES[workspace] if name in self._docks]
        for name, dock in self._docks.items():
            if self.is_panel(name):
                dock.setVisible(name in wanted)
        for name in wanted:
            self._docks[name].raise_()

    def open(self, name: str) -> None:
        """Show a dock, in front of those it shares a place with."""
        self._docks[name].show()
        self._docks[name].raise_()

    def settle(self, column: dict[str, int], width_px: int, in_front: tuple[str, ...]) -> None:
        """The first layout: heights of the right column, its width, and which tabs are in front. Remembered."""
        for name in in_front:
            self._docks[name].raise_()
        docks = [self._docks[name] for name in column]
        self._window.resizeDocks(docks, list(column.values()), Qt.Orientation.Vertical)
        self._window.resizeDocks(docks[:1], [width_px], Qt.Orientation.Horizontal)
        for name in self._hidden_at_first:
            self._docks[name].hide()
        self._first_layout = self._window.saveState(LAYOUT_VERSION)

    def reset(self) -> None:
        """Panels back where they were made."""
        self._window.restoreState(self._first_layout, LAYOUT_VERSION)

    def fill(self, menu: QMenu) -> None:
        """A menu of all docks, to show and hide them."""
        for dock in self._docks.values():
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        for workspace in WORKSPACES:
            menu.addAction(f"Layout: {workspace}", partial(self.arrange, workspace))
        menu.addAction("Reset layout", self.reset)

    def store(self, settings: QSettings) -> None:
        """Remember the window's place and layout."""
        settings.setValue("window/geometry", self._window.saveGeometry())
        settings.setValue("window/layout", self._window.saveState(LAYOUT_VERSION))

    def restore(self, settings: QSettings) -> None:
        """As they were left, where they fit; the window is never larger than its screen."""
        geometry, layout = settings.value("window/geometry"), settings.value("window/layout")
        if isinstance(geometry, QByteArray):
            self._window.restoreGeometry(geometry)
            self._window.resize(self._window.size().boundedTo(self._window.screen().availableSize()))
        if isinstance(layout, QByteArray):
            self._window.restoreState(layout, LAYOUT_VERSION)
