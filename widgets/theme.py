"""How the window looks: the palette, the stylesheet built from it, and the icons. Knows nothing of the shot.

All greys are neutral (R = G = B), so that the window never tints the eye that judges a plate. The one accent marks
what is chosen or running; warning and error keep their own colors everywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
ICONS = RESOURCES / "icons"

COLORS: dict[str, str] = {
    "edge": "#232323",
    "window": "#2b2b2b",
    "well": "#1e1e1e",
    "raised": "#383838",
    "hover": "#444444",
    "selected": "#4d4d4d",
    "line": "#484848",
    "text": "#d0d0d0",
    "text_bright": "#f2f2f2",
    "text_dim": "#9c9c9c",
    "text_off": "#6e6e6e",
    "accent": "#d98a3d",
    "accent_bright": "#eda257",
    "on_accent": "#161616",
    "good": "#6faf6f",
    "warn": "#d9b23d",
    "bad": "#d9564a",
    "surround": "#161616",
    "canvas": "#000000",
}
"""Every color of the window by name. `surround` lies around the picture, `canvas` where the display window is empty.

Lanes of the timeline and badges take `good`, `warn` and `bad`; nothing else in the window is colored.
"""

APP_ICON_SIZES = (16, 24, 32, 48, 64, 128)


def color(name: str) -> QColor:
    """A color of the theme by name; KeyError for a name that is not in `COLORS`."""
    return QColor(COLORS[name])


def stylesheet() -> str:
    """`resources/theme.qss` with its `@names` filled in."""
    text = (RESOURCES / "theme.qss").read_text(encoding="utf-8")
    names = {**COLORS, "icons": ICONS.as_posix()}
    return re.sub(r"@(\w+)", lambda found: names[found[1]], text)


def apply_theme(app: QApplication) -> None:
    """Give the application the Fusion style, the theme's palette and its stylesheet."""
    app.setStyle("Fusion")
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "well",
        QPalette.ColorRole.AlternateBase: "edge",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "text_bright",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "text_off",
        QPalette.ColorRole.Link: "accent_bright",
    }
    palette = QPalette()
    for role, name in roles.items():
        palette.setColor(role, color(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, color("text_off"))
    app.setPalette(palette)
    app.setStyleSheet(stylesheet())
    app.setWindowIcon(app_icon())


def app_icon() -> QIcon:
    """The program's own icon, in its own colors, as pictures: window managers ask for sizes and not for drawings."""
    renderer = QSvgRenderer(str(ICONS / "penumbra.svg"))
    found = QIcon()
    for size in APP_ICON_SIZES:
        drawn = QPixmap(size, size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        renderer.render(painter, QRectF(drawn.rect()))
        painter.end()
        found.addPixmap(drawn)
    return found


class SvgIcon(QIconEngine):
    """A drawing in the theme's inks, drawn anew for every size and screen: crisp at any scale factor."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self._svg = svg
        self._drawn: dict[tuple[int, int, str], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        renderer = QSvgRenderer(QByteArray(self._svg.replace("currentColor", ink(mode, state)).encode()))
        renderer.render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """`size` is in points, `scale` device pixels per point."""
        device = (size.toSizeF() * scale).toSize()
        if device.isEmpty():  # a button squeezed to nothing
            return QPixmap()
        key = device.width(), device.height(), ink(mode, state)
        if key not in self._drawn:
            drawn = QPixmap(device)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            self.paint(painter, drawn.rect(), mode, state)
            painter.end()
            self._drawn[key] = drawn
        shown = QPixmap(self._drawn[key])
        shown.setDevicePixelRatio(scale)
        return shown

    def clone(self) -> SvgIcon:
        return SvgIcon(self._svg)


def ink(mode: QIcon.Mode, state: QIcon.State) -> str:
    """The color an icon is drawn in."""
    if mode == QIcon.Mode.Disabled:
        return COLORS["text_off"]
    if state == QIcon.State.On:
        return COLORS["accent_bright"]
    return COLORS["text_bright" if mode == QIcon.Mode.Active else "text"]


@lru_cache(maxsize=256)
def icon(name: str) -> QIcon:
    """The icon `resources/icons/NAME.svg` in the theme's text color; brighter when on, darker when disabled.

    FileNotFoundError when there is no such icon. Needs a QApplication.
    """
    return QIcon(SvgIcon((ICONS / f"{name}.svg").read_text(encoding="utf-8")))


def icon_names() -> tuple[str, ...]:
    """Every icon there is, sorted."""
    return tuple(sorted(path.stem for path in ICONS.glob("*.svg")))
