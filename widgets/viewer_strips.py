"""The two strips over the picture: what is compared with what, and how it is shown. They only read and set the look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from widgets.actions import Actions
from widgets.chooser import Chooser
from widgets.studio import Studio
from widgets.theme import icon
from widgets.view_state import Channel, Compare, Look, Source, SourceKind, ViewState

CHANNELS = (
    ("RGB", Channel.COLOR),
    ("R", Channel.RED),
    ("G", Channel.GREEN),
    ("B", Channel.BLUE),
    ("A", Channel.ALPHA),
    ("Y", Channel.LUMINANCE),
)
GAMMA_RANGE = (0.2, 4.0)
EXPOSURE_RANGE = (-8.0, 8.0)


def to_screen(value: float) -> float:
    """A scene-linear value as sRGB 0-1, for the color buttons only."""
    clipped = min(1.0, max(0.0, value))
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055


def from_screen(value: float) -> float:
    """The inverse of `to_screen`."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def only_frame(change: tuple[Look, Look]) -> bool:
    """Whether nothing but the playhead moved: the strips have nothing to do while playing."""
    before, after = change
    return replace(before, frame=after.frame) == after


def dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("dim", True)
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    return label


def tool_button(actions: Actions, action_id: str) -> QToolButton:
    """A button for an action, never stealing the keyboard by a mouse click."""
    button = QToolButton()
    button.setDefaultAction(actions[action_id])
    button.setIconSize(QSize(18, 18))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(actions[action_id].text())
    return button


class CompareStrip(QWidget):
    """A and B, how they are compared, the channel, the overlay and the color behind the comp."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions) -> None:
        super().__init__()
        self._studio, self._view = studio, view
        self.setAccessibleName("Compare")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        self.a = self._source("A", lambda source: view.set(a=source))
        self.b = self._source("B", lambda source: view.set(b=source))
        self.channel = Chooser()
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("Channel (R G B A Y, again for color)")
        self.channel.setFixedWidth(72)
        for text, _channel in CHANNELS:
            self.channel.addItem(text)
        self.channel.activated.connect(lambda place: view.set(channel=CHANNELS[place][1]))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setAccessibleName("Overlay opacity")
        self.opacity.setToolTip("Overlay opacity")
        self.opacity.setRange(0, 100)
        self.opacity.setFixedWidth(72)
        self.opacity.valueChanged.connect(lambda percent: view.set(overlay_opacity=percent / 100))
        self.background = QToolButton()
        self.background.setAccessibleName("Comp background")
        self.background.setToolTip("Color behind the comp")
        self.background.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.background.setFixedSize(24, 24)
        self.background.clicked.connect(self._choose_background)
        row.addWidget(dim("A"))
        row.addWidget(self.a, 1)
        for action_id in ("view.wipe", "view.side_by_side", "view.swap"):
            row.addWidget(tool_button(actions, action_id))
        self.b_label = dim("B")
        row.addWidget(self.b_label)
        row.addWidget(self.b, 1)
        row.addSpacing(8)
        row.addWidget(self.channel)
        row.addSpacing(8)
        row.addWidget(tool_button(actions, "view.overlay"))
        row.addWidget(self.opacity)
        row.addWidget(tool_button(actions, "view.guides"))
        row.addSpacing(4)
        row.addWidget(self.background)
        row.addStretch(2)
        row.addWidget(tool_button(actions, "view.fit"))
        row.addWidget(tool_button(actions, "view.one_to_one"))
        forgets = (
            view.changed.connect(self._looked),
            studio.document.changed.connect(lambda _change: self.refresh()),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self._listed: tuple[Source, ...] = ()
        self._names: tuple[str, ...] = ()
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()

    def refresh(self) -> None:
        """Choices and current values anew."""
        look = self._view.look
        self._list_sources()
        for box, source in ((self.a, look.a), (self.b, look.b)):
            with QSignalBlocker(box):
                box.setCurrentIndex(self._listed.index(source) if source in self._listed else 0)
        compares = look.compare is not Compare.SINGLE
        self.b.setEnabled(compares)
        self.b_label.setEnabled(compares)
        self.channel.setCurrentIndex([channel for _text, channel in CHANNELS].index(look.channel))
        with QSignalBlocker(self.opacity):
            self.opacity.setValue(round(look.overlay_opacity * 100))
        self.opacity.setEnabled(look.overlay)
        shown = QColor.fromRgbF(*(to_screen(value) for value in look.comp_color))
        self.background.setStyleSheet(f"background: {shown.name()}; border: 1px solid #6e6e6e;")

    def _source(self, side: str, chosen: Callable[[Source], None]) -> QComboBox:
        box = Chooser()
        box.setAccessibleName(f"Source {side}")
        box.setToolTip(f"What side {side} shows")
        box.setMinimumWidth(84)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.setMaximumWidth(220)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.activated.connect(lambda place: chosen(self._listed[place]))
        return box

    def _list_sources(self) -> None:
        listed = [
            ("Plate", Source(SourceKind.PLATE)),
            ("Matte", Source(SourceKind.MATTE)),
            ("Comp", Source(SourceKind.COMP)),
        ]
        if self._view.look.layer_id:
            for take in self._studio.takes(self._view.look.layer_id):
                listed.append((f"Take: {take.name}", Source(SourceKind.TAKE, take.id)))
                listed.append((f"Comp: {take.name}", Source(SourceKind.COMP, take.id)))
        names, sources = tuple(name for name, _source in listed), tuple(source for _name, source in listed)
        if (names, sources) == (self._names, self._listed):
            return
        self._names, self._listed = names, sources
        for box in (self.a, self.b):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(names)

    def _choose_background(self) -> None:
        start = QColor.fromRgbF(*(to_screen(value) for value in self._view.look.comp_color))
        chosen = QColorDialog.getColor(start, self, "Color behind the comp")
        if chosen.isValid():
            self._view.set(
                comp_color=(from_screen(chosen.redF()), from_screen(chosen.greenF()), from_screen(chosen.blueF()))
            )


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
        reset = QToolButton()
        reset.setIcon(icon("undo"))
        reset.setToolTip(f"{name} back to {neutral:g}")
        reset.setAccessibleName(f"Reset {name.lower()}")
        reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.setMaximumWidth(320)
        row.addWidget(dim(name))
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        row.addWidget(reset)
        self.slider.valueChanged.connect(lambda hundredths: changed(hundredths / 100))
        self.field.valueChanged.connect(changed)
        reset.clicked.connect(lambda: changed(neutral))

    def show_value(self, value: float) -> None:
        """Show a value without saying that it changed."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(round(value * 100))
            self.field.setValue(value)


class DisplayStrip(QWidget):
    """Exposure, gamma, display and view. Of the viewer only: nothing here reaches an export."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        super().__init__()
        self._studio, self._view = studio, view
        self.setAccessibleName("Display")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 3)
        row.setSpacing(8)
        self.exposure = Dial("Exposure", *EXPOSURE_RANGE, 0.0, lambda value: view.set(exposure_stops=value))
        self.gamma = Dial("Gamma", *GAMMA_RANGE, 1.0, lambda value: view.set(gamma=value))
        self.display = self._chooser("Display")
        self.view_name = self._chooser("View")
        row.addWidget(self.exposure, 3)
        row.addWidget(self.gamma, 3)
        row.addStretch(1)
        row.addWidget(self.display, 3)
        row.addWidget(self.view_name, 5)
        self.display.activated.connect(lambda _place: self._choose_display(self.display.currentText()))
        self.view_name.activated.connect(lambda _place: view.set(view=self.view_name.currentText()))
        forget = view.changed.connect(self._looked)
        self.destroyed.connect(lambda _gone=None: forget())
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()

    def refresh(self) -> None:
        """Choices and current values anew."""
        look = self._view.look
        self.exposure.show_value(look.exposure_stops)
        self.gamma.show_value(look.gamma)
        color = self._studio.color
        display = look.display or color.default_display
        self._fill(self.display, tuple(color.displays), display)
        self._fill(self.view_name, tuple(color.views(display)), look.view or color.default_view)

    def _choose_display(self, display: str) -> None:
        views = tuple(self._studio.color.views(display))
        kept = self._view.look.view
        self._view.set(display=display, view=kept if kept in views else (views[0] if views else ""))

    def _chooser(self, name: str) -> QComboBox:
        box = Chooser()
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setMinimumWidth(96)
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
