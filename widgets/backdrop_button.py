"""What stands behind a comp: a button that shows it and a menu to choose it from."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QActionGroup, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton

from widgets.studio import Studio
from widgets.theme import color
from widgets.view_state import Backdrop, ViewState
from widgets.viewer_strips import from_screen, to_screen
from widgets.viewport.light import CHECKS

SIDE = 16
CHOICES = (
    ("Black", Backdrop.BLACK),
    ("Grey, 18 %", Backdrop.GREY),
    ("Checker", Backdrop.CHECKER),
)


class BackdropButton(QToolButton):
    """Reads and sets `Look.backdrop`, `comp_color` and `backdrop_plate`."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        super().__init__()
        self._studio, self._view = studio, view
        self.setAccessibleName("Comp background")
        self.setToolTip("What stands behind the comp")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(18, 18))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        look = self._view.look
        self.setIcon(_swatch(look.backdrop, look.comp_color))

    def fill(self) -> QMenu:
        """The menu as the shot is now."""
        menu, look = self._menu, self._view.look
        menu.clear()
        group = QActionGroup(menu)
        for text, backdrop in CHOICES:
            action = menu.addAction(
                _swatch(backdrop, look.comp_color), text, partial(self._view.set, backdrop=backdrop)
            )
            action.setCheckable(True)
            action.setChecked(look.backdrop is backdrop)
            group.addAction(action)
        chosen = menu.addAction(_swatch(Backdrop.COLOR, look.comp_color), "Color…", self._choose_color)
        chosen.setCheckable(True)
        chosen.setChecked(look.backdrop is Backdrop.COLOR)
        group.addAction(chosen)
        menu.addSeparator()
        plates = self._studio.references.plates()
        for plate in plates:
            call = partial(self._view.set, backdrop=Backdrop.PLATE, backdrop_plate=plate.id)
            action = menu.addAction(plate.name, call)
            action.setCheckable(True)
            action.setChecked(look.backdrop is Backdrop.PLATE and look.backdrop_plate == plate.id)
            group.addAction(action)
        for action in group.actions():
            font = action.font()
            font.setBold(action.isChecked())
            action.setFont(font)
        if not plates:
            menu.addAction("Add a reference plate to put it behind").setEnabled(False)
        menu.addSeparator()
        own = menu.addAction("The plate's own colors", lambda: self._view.set(plate_colors=not look.plate_colors))
        own.setCheckable(True)
        own.setChecked(look.plate_colors)
        return menu

    def _choose_color(self) -> None:
        start = QColor.fromRgbF(*(to_screen(value) for value in self._view.look.comp_color))
        chosen = QColorDialog.getColor(start, self, "Color behind the comp")
        light = (from_screen(chosen.redF()), from_screen(chosen.greenF()), from_screen(chosen.blueF()))
        if chosen.isValid():
            self._view.set(backdrop=Backdrop.COLOR, comp_color=light)
        else:
            self.refresh()


def _swatch(backdrop: Backdrop, light: tuple[float, float, float]) -> QIcon:
    pixmap = QPixmap(SIDE, SIDE)
    greys = {Backdrop.BLACK: (0.0, 0.0, 0.0), Backdrop.GREY: (0.18, 0.18, 0.18), Backdrop.PLATE: (0.05, 0.05, 0.05)}
    pixmap.fill(QColor.fromRgbF(*(to_screen(value) for value in greys.get(backdrop, light))))
    painter = QPainter(pixmap)
    if backdrop is Backdrop.CHECKER:
        for place in range(16):
            row, column = divmod(place, 4)
            grey = to_screen(CHECKS[(row + column) % 2])
            painter.fillRect(column * 4, row * 4, 4, 4, QColor.fromRgbF(grey, grey, grey))
    elif backdrop is Backdrop.PLATE:
        painter.setPen(color("text_bright"))
        painter.drawText(QRectF(0, 0, SIDE, SIDE), Qt.AlignmentFlag.AlignCenter, "P")
    painter.setPen(color("line"))
    painter.drawRect(0, 0, SIDE - 1, SIDE - 1)
    painter.end()
    return QIcon(pixmap)
