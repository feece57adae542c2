"""The strip over the picture that says what is compared with what, and how. It only reads and sets the look."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QToolButton, QWidget

from widgets.actions import Actions
from widgets.backdrop_button import BackdropButton
from widgets.chooser import Chooser
from widgets.compare_actions import COMPARES
from widgets.source_chooser import SourceChooser, entries
from widgets.studio import Studio
from widgets.theme import icon
from widgets.view_state import Blend, Channel, Compare, Look, SourceKind, ViewState
from widgets.viewer_strips import dim, only_frame, tool_button

CHANNELS = (
    ("RGB", Channel.COLOR),
    ("R", Channel.RED),
    ("G", Channel.GREEN),
    ("B", Channel.BLUE),
    ("A", Channel.ALPHA),
    ("Y", Channel.LUMINANCE),
)
BLENDS = (
    ("Add", Blend.ADD),
    ("Screen", Blend.SCREEN),
    ("Multiply", Blend.MULTIPLY),
    ("Red/cyan", Blend.RED_CYAN),
)
MOST_DOUBLINGS = 6
"""A difference is strengthened up to 64 times."""


class CompareStrip(QWidget):
    """A and B, how they are compared, the channel, the overlay and what stands behind the comp.

    What a way of comparing does not use is hidden; what the window is too narrow for is hidden too, the least
    important first (all of it has a key and a place in the View menu).
    """

    def __init__(self, studio: Studio, view: ViewState, actions: Actions) -> None:
        super().__init__()
        self._studio, self._view, self._actions = studio, view, actions
        self.setAccessibleName("Compare")
        self.a = SourceChooser("A", lambda source: view.set(a=source))
        self.b = SourceChooser("B", lambda source: view.set(b=source))
        self.mode = self._mode_button()
        self.mix = _slider("Mix of A and B", "How much of B is seen (dissolve)", 100)
        self.mix.valueChanged.connect(lambda percent: view.set(mix=percent / 100))
        self.gain = _slider("Gain of the difference", "How many times the difference is strengthened", MOST_DOUBLINGS)
        self.gain.setPageStep(1)
        self.gain.valueChanged.connect(lambda doublings: view.set(difference_gain=float(2**doublings)))
        self.blend = Chooser()
        self.blend.setAccessibleName("Blend")
        self.blend.setToolTip("How A and B are laid over each other")
        self.blend.setFixedWidth(114)
        self.blend.addItems([text for text, _blend in BLENDS])
        self.blend.activated.connect(lambda place: view.set(blend=BLENDS[place][1]))
        self.channel = Chooser()
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("Channel (R G B A Y, again for color)")
        self.channel.setFixedWidth(72)
        self.channel.addItems([text for text, _channel in CHANNELS])
        self.channel.activated.connect(lambda place: view.set(channel=CHANNELS[place][1]))
        self.opacity = _slider("Overlay opacity", "Overlay opacity", 100)
        self.opacity.valueChanged.connect(lambda percent: view.set(overlay_opacity=percent / 100))
        self.background = BackdropButton(studio, view)
        buttons = {
            action_id: tool_button(actions, action_id)
            for action_id in (
                "view.flip",
                "view.swap",
                "view.overlay",
                "view.edge_only",
                "view.onion",
                "view.guides",
                "view.fit",
                "view.one_to_one",
            )
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        row.addWidget(dim("A"))
        row.addWidget(self.a, 1)
        row.addWidget(self.mode)
        row.addWidget(buttons["view.flip"])
        row.addWidget(buttons["view.swap"])
        row.addWidget(dim("B"))
        row.addWidget(self.b, 1)
        for used in (self.mix, self.gain, self.blend, self.background, self.channel):
            row.addWidget(used)
        row.addWidget(buttons["view.overlay"])
        row.addWidget(self.opacity)
        for action_id in ("view.edge_only", "view.onion", "view.guides"):
            row.addWidget(buttons[action_id])
        row.addStretch(2)
        row.addWidget(buttons["view.fit"])
        row.addWidget(buttons["view.one_to_one"])
        self._row = row
        self._spare = (
            buttons["view.one_to_one"],
            buttons["view.fit"],
            buttons["view.guides"],
            self.opacity,
            buttons["view.swap"],
            buttons["view.onion"],
            buttons["view.edge_only"],
            buttons["view.flip"],
            buttons["view.overlay"],
        )
        """The first to go where the window is narrow."""
        forgets = (
            view.changed.connect(self._looked),
            studio.document.changed.connect(lambda _change: self.refresh()),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """With everything hidden that may be."""
        hint = self._row.minimumSize()
        spacing = self._row.spacing()
        spare = sum(part.minimumSizeHint().width() + spacing for part in self._spare if not part.isHidden())
        return QSize(max(0, hint.width() - spare), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def refresh(self) -> None:
        """Choices and current values anew."""
        look = self._view.look
        listed = entries(self._studio, look)
        self.a.show_source(listed, look.a)
        self.b.show_source(listed, look.b)
        self.channel.setCurrentIndex([channel for _text, channel in CHANNELS].index(look.channel))
        self.blend.setCurrentIndex([blend for _text, blend in BLENDS].index(look.blend))
        values = (
            (self.opacity, round(look.overlay_opacity * 100)),
            (self.mix, round(look.mix * 100)),
            (self.gain, round(math.log2(max(1.0, look.difference_gain)))),
        )
        for slider, value in values:
            with QSignalBlocker(slider):
                slider.setValue(value)
        self.opacity.setEnabled(look.overlay)
        self.background.refresh()
        self._show_mode(look)
        self._make_room()

    def _show_mode(self, look: Look) -> None:
        chosen = next((action_id for action_id, compare in COMPARES.items() if compare is look.compare), "")
        self.mode.setIcon(self._actions[chosen].icon() if chosen else icon("single"))
        self.mix.setVisible(look.compare is Compare.DISSOLVE)
        self.gain.setVisible(look.compare in (Compare.DIFFERENCE, Compare.MATTE_DIFFERENCE))
        self.blend.setVisible(look.compare is Compare.BLEND)
        self.background.setVisible(SourceKind.COMP in (look.a.kind, look.b.kind))

    def _make_room(self) -> None:
        """Hide what there is no room for."""
        for part in self._spare:
            part.show()
        for part in self._spare:
            if self._row.minimumSize().width() <= self.width():
                return
            part.hide()
            self._row.invalidate()

    def _mode_button(self) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName("Way of comparing")
        button.setToolTip("How A and B are seen together")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        alone = menu.addAction(icon("single"), "A alone")
        alone.triggered.connect(lambda: self._view.set(compare=Compare.SINGLE, flipped=False))
        menu.addAction(self._actions["view.flip"])
        menu.addSeparator()
        for action_id in COMPARES:
            menu.addAction(self._actions[action_id])
        button.setMenu(menu)
        return button

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()


def _slider(name: str, tip: str, most: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setAccessibleName(name)
    slider.setToolTip(tip)
    slider.setRange(0, most)
    slider.setFixedWidth(72)
    return slider
