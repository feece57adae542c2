"""What the View and Tools menus do: channels, overlay, zoom. Actions become looks, looks become ticks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QWidget

from widgets.actions import Actions
from widgets.review import resized
from widgets.tools.toolbox import toolbox
from widgets.view_state import EXPOSURE_RANGE, Channel, Look, ViewState
from widgets.viewer_strips import only_frame
from widgets.viewport.viewport import Viewport

QUARTER_STOP = 0.25
BRUSH_STEP = 1.15
CHANNELS = {
    "view.red": Channel.RED,
    "view.green": Channel.GREEN,
    "view.blue": Channel.BLUE,
    "view.alpha": Channel.ALPHA,
    "view.luminance": Channel.LUMINANCE,
}


class ViewActions:
    """Binds the actions of View and Tools."""

    def __init__(self, window: QWidget, view: ViewState, viewport: Viewport, actions: Actions) -> None:
        self._view, self._viewport, self._actions = view, viewport, actions
        self.tools = toolbox()
        group = QActionGroup(window)
        for name in self.tools:
            group.addAction(actions[f"tool.{name}"])
        actions.bind(
            {
                "view.fit": viewport.fit,
                "view.one_to_one": viewport.one_to_one,
                "view.zoom_in": viewport.zoom_in,
                "view.zoom_out": viewport.zoom_out,
                **{action_id: self._channel_call(channel) for action_id, channel in CHANNELS.items()},
                **{f"tool.{name}": self._tool_call(name) for name in self.tools},
                "view.overlay": lambda: view.set(overlay=not view.look.overlay),
                "view.guides": lambda: view.set(guides=not view.look.guides),
                "view.exposure_up": lambda: self._expose(QUARTER_STOP),
                "view.exposure_down": lambda: self._expose(-QUARTER_STOP),
                "view.reset": lambda: view.set(exposure_stops=0.0, gamma=1.0),
                "brush.smaller": lambda: self._resize(-1),
                "brush.larger": lambda: self._resize(1),
            }
        )
        view.changed.connect(self._looked)
        self.refresh()
        self.choose_tool("click")

    def choose_tool(self, name: str) -> None:
        """Hand the pointer to a tool; KeyError for a name the toolbox does not have."""
        self._viewport.set_tool(self.tools[name])
        self._actions[f"tool.{name}"].setChecked(True)

    def refresh(self) -> None:
        """Ticks as the look is."""
        look = self._view.look
        for action_id, channel in CHANNELS.items():
            self._actions[action_id].setChecked(look.channel is channel)
        self._actions["view.overlay"].setChecked(look.overlay)
        self._actions["view.guides"].setChecked(look.guides)

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()

    def _channel_call(self, channel: Channel) -> Callable[[], None]:
        def toggle() -> None:
            self._view.set(channel=Channel.COLOR if self._view.look.channel is channel else channel)
            self.refresh()

        return toggle

    def _tool_call(self, name: str) -> Callable[[], None]:
        return lambda: self.choose_tool(name)

    def _expose(self, stops: float) -> None:
        low, high = EXPOSURE_RANGE
        self._view.set(exposure_stops=min(high, max(low, self._view.look.exposure_stops + stops)))

    def _resize(self, direction: int) -> None:
        """The brush, or the review's pen where that is in the hand."""
        if self._viewport.tool is self.tools["draw"]:
            self._view.set(pen=resized(self._view.look.pen, direction))
        else:
            radius_px = self._viewport.brush.radius_px * BRUSH_STEP**direction
            self._viewport.set_brush(radius_px=min(2000.0, max(0.5, radius_px)))
