"""A strip in the picture's corner: the part, the thing as it was understood, the whole. There only while it is of use.

Asks for alternatives when a first answer has come, shows what the studio offers, and chooses. Never takes the keyboard.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from core.arrays import UInt8
from core.geometry import Window
from core.layer import LayerId
from core.matte import Matte
from core.picture import Picture
from widgets.actions import Actions
from widgets.alternatives import Alternative
from widgets.studio import Message, Severity, Studio
from widgets.theme import icon
from widgets.view_state import Look, ViewState

SIZE = QSize(92, 60)
"""Points, of a thumbnail."""
MARGIN_PX = 12
AROUND = 0.3
"""How much of the surroundings a thumbnail shows, in sizes of what it is about."""
NAMED = {"more": "more"}
"""Words that want no article."""
COARSELY = 400
"""Rows and columns that are enough to see where a matte lies."""
DARK = 0.3
"""How bright what is not covered is in a thumbnail."""


class AlternativesStrip(QFrame):
    """Hidden while there is nothing to choose.

    Args:
        picture: in whose lower left corner it lies.
        over: the widget it is a child of; holds `picture`.
    """

    def __init__(self, studio: Studio, view: ViewState, actions: Actions, picture: QWidget, over: QWidget) -> None:
        super().__init__(over)
        self._studio, self._view, self._picture, self._over = studio, view, picture, over
        self.chips: list[QToolButton] = []
        self._shown: tuple[Alternative, ...] = ()
        self.setObjectName("alternatives")
        self.setAccessibleName("Alternatives")
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        self._next = actions["matte.alternative_next"]
        self.hint = QLabel()
        self.hint.setProperty("dim", True)
        self.away = QToolButton()
        self.away.setIcon(icon("cancel"))
        self.away.setAutoRaise(True)
        self.away.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.away.setAccessibleName("Offer no alternatives here")
        self.away.setToolTip("Leave it as it is")
        self.away.clicked.connect(studio.alternatives.dismiss)
        foot = QHBoxLayout()
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.away)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(6, 6, 6, 2)
        lines.setSpacing(2)
        lines.addLayout(self._row)
        lines.addLayout(foot)
        actions.bind(
            {
                "matte.alternative_next": lambda: self._cycle(1),
                "matte.alternative_previous": lambda: self._cycle(-1),
            }
        )
        picture.installEventFilter(self)
        self._forget = (
            studio.alternatives.changed.connect(lambda _place: self.refresh()),
            studio.matte_ready.connect(self._came),
            view.changed.connect(self._looked),
        )
        self.destroyed.connect(lambda _gone=None, forget=self._forget: [call() for call in forget])
        self.hide()

    # --- what is offered ----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is offered for the chosen layer at this frame."""
        offered, look = self._offered(), self._view.look
        picture = self._studio.picture(look.frame)
        if not offered or picture is None:
            self._shown = ()
            self.hide()
            return
        if not _alike(self._shown, offered):
            self._fill(offered, picture)
        self._shown = offered
        for chip, each in zip(self.chips, offered, strict=True):
            chip.setChecked(each.chosen)
        self.hint.setText(f"{self._next.shortcut().toString()} takes the next")
        self.show()
        self._place()
        self.raise_()

    def _fill(self, offered: tuple[Alternative, ...], picture: Picture) -> None:
        for chip in self.chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        area = _area([each.matte for each in offered], picture.data_window)
        self.chips = [self._chip(each, self._thumbnail(each.matte, picture, area)) for each in offered]
        for chip in self.chips:
            self._row.addWidget(chip)

    def _offered(self) -> tuple[Alternative, ...]:
        look = self._view.look
        return self._studio.alternatives.of(look.layer_id, look.frame)

    def _chip(self, offered: Alternative, image: QImage) -> QToolButton:
        chip = QToolButton()
        chip.setText(offered.word)
        chip.setIcon(QIcon(QPixmap.fromImage(image)))
        chip.setIconSize(SIZE)
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        chip.setCheckable(True)
        chip.setChecked(offered.chosen)
        chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        words = "it as it was understood" if offered.reach is None else NAMED.get(offered.word, f"the {offered.word}")
        chip.setAccessibleName(f"Take {words}")
        chip.setToolTip(f"Take {words}")
        chip.clicked.connect(lambda _on=False: self._choose(offered))
        return chip

    def _choose(self, offered: Alternative) -> None:
        look = self._view.look
        self._studio.alternatives.choose(look.layer_id, look.frame, offered.reach)
        self.refresh()  # a click on the chip that stands must not switch it off

    def _cycle(self, step: int) -> None:
        """The next one, round and round; where nothing is offered yet, it is asked for."""
        offered, look = self._offered(), self._view.look
        if offered:
            chosen = next((place for place, each in enumerate(offered) if each.chosen), 0)
            self._choose(offered[(chosen + step) % len(offered)])
        elif not self._studio.alternatives.look_for(look.layer_id, look.frame, asked=True):
            why = "There is a part or a whole to choose after a first click; add or take away with more clicks."
            self._studio.message.emit(Message(Severity.INFO, why))

    # --- thumbnails ---------------------------------------------------------------------------------------------

    def _thumbnail(self, matte: Matte, picture: Picture, area: Window) -> QImage:
        """The picture inside `area` as the viewer shows it, dark where the matte is not."""
        look, color = self._view.look, self._studio.color
        display, shown_as, laid_under = color.named(look.display, look.view, look.ocio_look)
        transform = color.display(display, shown_as, look.exposure_stops, look.gamma, laid_under)
        ratio = self.devicePixelRatioF()
        wide, high = round(SIZE.width() * ratio), round(SIZE.height() * ratio)
        rows, columns = _samples(area.y0, area.height, high), _samples(area.x0, area.width, wide)
        rgba = _taken(picture.rgba, picture.data_window, rows, columns)
        light = transform.apply(np.ascontiguousarray(rgba))[..., :3].astype(np.float32)
        covered = _taken(matte.coverage, matte.window, rows, columns).astype(np.float32)[..., None]
        rgb: UInt8 = np.ascontiguousarray(light * (DARK + (1 - DARK) * covered), np.float32).round().astype(np.uint8)
        image = QImage(rgb.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
        image.setDevicePixelRatio(ratio)
        return image

    # --- when and where -----------------------------------------------------------------------------------------

    def _came(self, place: tuple[LayerId, int]) -> None:
        """A matte stands where the artist looks: see whether something else could have been meant."""
        look = self._view.look
        if place == (look.layer_id, look.frame):
            matte, fresh = self._studio.matte(*place)
            if fresh and matte is not None:
                self._studio.alternatives.look_for(*place)

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if (before.frame, before.layer_id) != (after.frame, after.layer_id):
            self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.adjustSize()
        corner = self._picture.mapTo(self._over, self._picture.rect().bottomLeft())
        self.move(corner.x() + MARGIN_PX, corner.y() - self.height() - MARGIN_PX)


def _alike(shown: Sequence[Alternative], offered: Sequence[Alternative]) -> bool:
    """Whether the same pictures stand there already, whichever is chosen."""
    return len(shown) == len(offered) and all(
        one.matte.coverage is other.matte.coverage and one.reach == other.reach
        for one, other in zip(shown, offered, strict=True)
    )


def _area(mattes: Sequence[Matte], within: Window) -> Window:
    """What thumbnails show, in their shape: the two smaller answers and what is around them, inside the picture."""
    around = Window(within.x0, within.y0, within.x0, within.y0)
    for matte in mattes[:2]:
        around = around.union(_bounds(matte))
    if around.empty:
        around = within
    around = around.grow(int(AROUND * max(around.width, around.height)) + 4)
    aspect = SIZE.width() / SIZE.height()
    wide = min(max(around.width, round(around.height * aspect)), within.width, round(within.height * aspect))
    high = round(wide / aspect)
    x0 = _within(around.x0 + (around.width - wide) // 2, within.x0, within.x1 - wide)
    y0 = _within(around.y0 + (around.height - high) // 2, within.y0, within.y1 - high)
    return Window(x0, y0, x0 + max(1, wide), y0 + max(1, high))


def _within(value: int, low: int, high: int) -> int:
    return min(max(value, low), max(low, high))


def _bounds(matte: Matte) -> Window:
    """About where a matte covers anything: looked at in steps, for it is on the interface's thread."""
    step = max(1, max(matte.coverage.shape) // COARSELY)
    covered = matte.coverage[::step, ::step] >= 0.5
    rows, columns = np.flatnonzero(covered.any(axis=1)) * step, np.flatnonzero(covered.any(axis=0)) * step
    x0, y0 = matte.window.x0, matte.window.y0
    if not len(rows):
        return Window(x0, y0, x0, y0)
    return Window(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + step, y0 + int(rows[-1]) + step)


def _samples(first: int, length: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Plate pixels in the middle of `count` equal parts."""
    return np.asarray(first + (np.arange(count) + 0.5) * length / count, np.intp)


def _taken(values: np.ndarray, window: Window, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Those rows and columns of an array over `window`; 0 outside it."""
    inside_y = (rows >= window.y0) & (rows < window.y1)
    inside_x = (columns >= window.x0) & (columns < window.x1)
    found = np.zeros((len(rows), len(columns), *values.shape[2:]), values.dtype)
    found[np.ix_(inside_y, inside_x)] = values[np.ix_(rows[inside_y] - window.y0, columns[inside_x] - window.x0)]
    return found
