"""The strip over the picture that says what is compared with what, and how. It only reads and sets the look."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QComboBox, QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from widgets.actions import Actions
from widgets.chooser import Chooser
from widgets.studio import Studio
from widgets.view_state import Channel, Compare, Look, Source, SourceKind, ViewState
from widgets.viewer_strips import dim, from_screen, only_frame, to_screen, tool_button

CHANNELS = (
    ("RGB", Channel.COLOR),
    ("R", Channel.RED),
    ("G", Channel.GREEN),
    ("B", Channel.BLUE),
    ("A", Channel.ALPHA),
    ("Y", Channel.LUMINANCE),
)


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
