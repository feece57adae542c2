"""The strip over the picture that says how it is shown: exposure, gamma, display. It only reads and sets the look."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from widgets.chooser import Chooser
from widgets.layer_picker import LayerPicker
from widgets.picking import Picking
from widgets.studio import Studio
from widgets.theme import icon
from widgets.view_state import EXPOSURE_RANGE, GAMMA_RANGE, Look, ViewState
from widgets.viewer_strips import dim, only_frame


class Dial(QWidget):
    """A name, a slider, a field and a reset: one number of the look."""

    def __init__(self, name: str, low: float, high: float, neutral: float, changed: Callable[[float], None]) -> None:
        super().__init__()
        self._low, self._high, self._changed = low, high, changed
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(low * 100), round(high * 100))
        self.slider.setMinimumWidth(48)
        self.slider.setAccessibleName(f"{name} slider")
        self.field = QDoubleSpinBox()
        self.field.setRange(low, high)
        self.field.setDecimals(2)
        self.field.setSingleStep(0.1)
        self.field.setKeyboardTracking(False)
        self.field.setProperty("bare", True)
        self.field.setFixedWidth(48)
        self.field.setAccessibleName(name)
        self.reset = reset = QToolButton()
        reset.setIcon(icon("undo"))
        reset.setToolTip(f"{name} back to {neutral:g}")
        reset.setAccessibleName(f"Reset {name.lower()}")
        reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.setMaximumWidth(320)
        self.words = dim(name)
        row.addWidget(self.words)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        row.addWidget(reset)
        self.slider.valueChanged.connect(lambda hundredths: changed(hundredths / 100))
        self.field.valueChanged.connect(changed)
        reset.clicked.connect(lambda: changed(neutral))

    def fit(self) -> None:
        """Take no more room than what is shown needs, and no less."""
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
        self.setMaximumWidth(320 if not self.slider.isHidden() else self.minimumSizeHint().width())
        self.updateGeometry()

    def show_value(self, value: float) -> None:
        """Show a value without saying that it changed."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(round(value * 100))
            self.field.setValue(value)


class DisplayStrip(QWidget):
    """The layer picker, exposure, gamma, display and view, and a menu. Of the viewer only: nothing here reaches an
    export.

    Args:
        picking: what the layer picker asks.
    """

    def __init__(self, studio: Studio, view: ViewState, picking: Picking) -> None:
        super().__init__()
        self._studio, self._view = studio, view
        self.setAccessibleName("Display")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 3)
        row.setSpacing(8)
        self.exposure = Dial("Exposure", *EXPOSURE_RANGE, 0.0, lambda value: view.set(exposure_stops=value))
        self.gamma = Dial("Gamma", *GAMMA_RANGE, 1.0, lambda value: view.set(gamma=value))
        self.layers = LayerPicker(studio, view, picking)
        self.display = self._chooser("Display")
        self.view_name = self._chooser("View")
        self.more = QToolButton()
        self.more.setIcon(icon("settings"))
        self.more.setIconSize(QSize(18, 18))
        self.more.setAccessibleName("Picture")
        self.more.setToolTip("Overscan, proxy, missing frames, warnings, color look, color config")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.layers, 8)
        row.addWidget(self.exposure, 3)
        row.addWidget(self.gamma, 3)
        row.addStretch(1)
        row.addWidget(self.display, 3)
        row.addWidget(self.view_name, 5)
        row.addWidget(self.more)
        self.display.activated.connect(lambda _place: self._choose_display(self.display.currentText()))
        self.view_name.activated.connect(lambda _place: view.set(view=self.view_name.currentText()))
        self._row = row
        self._spare: tuple[QWidget, ...] = (
            self.gamma.reset,
            self.exposure.reset,
            self.gamma.slider,
            self.exposure.slider,
            self.gamma.words,
            self.exposure.words,
        )
        """The first to go where the window is narrow; keys and fields do the same."""
        forgets = (
            view.changed.connect(self._looked),
            studio.colors.changed.connect(lambda _color: self.refresh()),
            studio.plate_choices_changed.connect(lambda _choices: self._make_room()),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()

    def minimumSizeHint(self) -> QSize:
        """With everything hidden that may be."""
        hint = self._row.minimumSize()
        spare = sum(part.minimumSizeHint().width() + 4 for part in self._spare if not part.isHidden())
        return QSize(max(0, hint.width() - spare), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Hide what there is no room for."""
        for part in self._spare:
            part.show()
        for part in self._spare:
            for dial in (self.exposure, self.gamma):
                dial.fit()
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                return
            part.hide()
        for dial in (self.exposure, self.gamma):
            dial.fit()

    def refresh(self) -> None:
        """Choices and current values anew."""
        look = self._view.look
        self.exposure.show_value(look.exposure_stops)
        self.gamma.show_value(look.gamma)
        color = self._studio.color
        display, view, _ocio_look = color.named(look.display, look.view)
        self._fill(self.display, tuple(color.displays), display)
        self._fill(self.view_name, tuple(color.views(display)), view)
        self._make_room()

    def _choose_display(self, display: str) -> None:
        views = tuple(self._studio.color.views(display))
        kept = self._view.look.view
        self._view.set(display=display, view=kept if kept in views else (views[0] if views else ""))

    def _chooser(self, name: str) -> QComboBox:
        box = Chooser()
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setMinimumWidth(84)
        box.setMaximumWidth(280)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return box

    def _fill(self, box: QComboBox, names: tuple[str, ...], current: str) -> None:
        with QSignalBlocker(box):
            if tuple(box.itemText(place) for place in range(box.count())) != names:
                box.clear()
                box.addItems(names)
                longest = max((box.fontMetrics().horizontalAdvance(name) for name in names), default=80)
                box.view().setMinimumWidth(longest + 24)
            box.setCurrentIndex(max(0, box.findText(current)))
