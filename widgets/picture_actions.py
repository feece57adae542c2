"""The menu of how pictures are shown: overscan, proxy, missing frames, warnings, look, and the project's color config.

One menu, inside the View menu and behind a button of the display strip. It reads and sets the look; matting a layer,
using a channel as a matte and another color config are asked of the studio.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from core.color import DEFAULT_CONFIG
from core.matte_reader import MatteChannel
from core.plate_layers import AS_MATTED
from widgets.actions import Actions
from widgets.picking import Picking
from widgets.studio import Studio
from widgets.view_state import Look, MissingFrame, ViewState, Warn
from widgets.viewer_strips import only_frame

MISSING = (
    (MissingFrame.HOLD, "Hold the frame before"),
    (MissingFrame.BLANK, "Blank, with the number"),
    (MissingFrame.SKIP, "Skip them"),
)
WARNINGS = (
    (Warn.NON_FINITE, "NaN and Inf"),
    (Warn.NEGATIVE, "Negative values"),
    (Warn.GAMUT, "Outside the display's gamut"),
    (Warn.CLIP, "Clipped at display white"),
)
PROXIES = (1, 2, 4)
NO_LOOK = "No look"
BUILT_IN = "Built-in (ACES)"


class PictureActions:
    """Binds the actions about pictures, and fills the menu.

    Args:
        window: where dialogs stand.
        picking: what is looked at.
        menu: has the actions already; what is chosen from lists comes under them.
    """

    def __init__(
        self, window: QWidget, studio: Studio, view: ViewState, picking: Picking, actions: Actions, menu: QMenu
    ) -> None:
        self._window, self._studio, self._view, self._actions = window, studio, view, actions
        self._picking = picking
        self._chosen: frozenset[Warn] = frozenset(Warn)
        """Which warnings come back with the key."""
        actions.bind(
            {
                "view.layer_next": lambda: picking.step(1),
                "view.layer_previous": lambda: picking.step(-1),
                "view.next_view": picking.next_view,
                "view.matte_layer": picking.matte_this,
                "view.overscan": lambda: view.set(overscan=not view.look.overscan),
                "view.proxy": self._next_proxy,
                "view.warnings": self._toggle_warnings,
            }
        )
        self._build(menu)
        forgets = (
            view.changed.connect(self._looked),
            studio.plate_choices_changed.connect(lambda _choices: self.refresh()),
            studio.colors.changed.connect(lambda _color: self.refresh()),
        )
        window.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    def _build(self, menu: QMenu) -> None:
        menu.addSeparator()
        self.as_matte = menu.addMenu("Use a channel as a matte")
        self.as_matte.aboutToShow.connect(self._list_channels)
        self._missing = _one_of(menu.addMenu("Missing frames"), MISSING, lambda how: self._view.set(missing=how))
        warnings = menu.addMenu("Warn of")
        self._warns: dict[Warn, QAction] = {}
        for warn, words in WARNINGS:
            action = warnings.addAction(words)
            action.setCheckable(True)
            action.triggered.connect(lambda _on, warn=warn: self._toggle(warn))
            self._warns[warn] = action
        menu.addSeparator()
        self.look = menu.addMenu("Color look")
        self.look.aboutToShow.connect(self._list_looks)
        self.config = menu.addMenu("Color config of the project")
        self.config.setToolTipsVisible(True)
        self.config.aboutToShow.connect(self._list_configs)

    def refresh(self) -> None:
        """Ticks as the look is."""
        look = self._view.look
        self._actions["view.overscan"].setChecked(look.overscan)
        self._actions["view.warnings"].setChecked(bool(look.warnings))
        self._actions["view.proxy"].setText("Proxy" if look.proxy == 1 else f"Proxy (1:{look.proxy})")
        for how, action in self._missing.items():
            action.setChecked(how is look.missing)
        for warn, action in self._warns.items():
            action.setChecked(warn in look.warnings)
        self._actions["view.matte_layer"].setEnabled(look.shown != AS_MATTED and not look.shown.channel)

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()

    def _next_proxy(self) -> None:
        place = PROXIES.index(self._view.look.proxy) if self._view.look.proxy in PROXIES else 0
        self._view.set(proxy=PROXIES[(place + 1) % len(PROXIES)])

    def _toggle_warnings(self) -> None:
        self._view.set(warnings=frozenset() if self._view.look.warnings else self._chosen)
        self.refresh()

    def _toggle(self, warn: Warn) -> None:
        warnings = self._view.look.warnings ^ {warn}
        self._chosen = warnings or frozenset(Warn)
        self._view.set(warnings=warnings)
        self.refresh()

    # --- menus filled when they open ----------------------------------------------------------------------------

    def _list_channels(self) -> None:
        """The channels of the line that is looked at, each as a take of the chosen layer or as a new layer."""
        self.as_matte.clear()
        line, look = self._picking.line, self._view.look
        layer = self._studio.document.shot.find(look.layer_id)
        for channel in line.channels if line is not None and not line.why_not else ():
            assert line is not None
            menu = self.as_matte.addMenu(line.short(channel).replace("&", "&&"))
            menu.addAction("As a new layer", partial(self._use, "", line.part, channel))
            if layer is not None:
                words = f"As a take of {layer.name}".replace("&", "&&")
                menu.addAction(words, partial(self._use, layer.id, line.part, channel))
        if self.as_matte.isEmpty():
            self.as_matte.addAction("The plate's files have no channels to choose from").setEnabled(False)

    def _use(self, layer_id: str, part: str, channel: str) -> None:
        self._studio.importing.channel(layer_id, MatteChannel(channel, part))

    def _list_looks(self) -> None:
        self.look.clear()
        group = QActionGroup(self.look)
        current = self._view.look.ocio_look
        for name in ("", *self._studio.color.looks):
            action = self.look.addAction((name or NO_LOOK).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == current)
            action.triggered.connect(lambda _on, name=name: self._view.set(ocio_look=name))
            group.addAction(action)

    def _list_configs(self) -> None:
        """Built-in, `$OCIO` where it is set, a file; and the file read again."""
        self.config.clear()
        group = QActionGroup(self.config)
        current, given = self._studio.document.shot.color_config, os.environ.get("OCIO", "")
        rows = [(DEFAULT_CONFIG, BUILT_IN, DEFAULT_CONFIG)]
        if given:
            rows.append(("", "$OCIO", given))
        else:
            rows[0] = ("", BUILT_IN, DEFAULT_CONFIG)
        if current not in [name for name, _, _ in rows]:
            rows.append((current, Path(current).name, current))
        for name, words, tip in rows:
            action = self.config.addAction(words.replace("&", "&&"))
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setChecked(name == current)
            action.triggered.connect(lambda _on, name=name: self._studio.colors.choose(name))
            group.addAction(action)
        self.config.addSeparator()
        self.config.addAction("From a file…", self._choose_file)
        self.config.addAction("Read it again", self._studio.colors.reload)

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Color config", "", "OpenColorIO configs (*.ocio *.ocioz)"
        )
        if chosen:
            self._studio.colors.choose(chosen)


def _one_of(
    menu: QMenu, rows: tuple[tuple[MissingFrame, str], ...], chosen: Callable[[MissingFrame], None]
) -> dict[MissingFrame, QAction]:
    """A menu of which one entry is ticked."""
    group = QActionGroup(menu)
    found = {}
    for value, words in rows:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.triggered.connect(lambda _on, value=value: chosen(value))
        group.addAction(action)
        found[value] = action
    return found
