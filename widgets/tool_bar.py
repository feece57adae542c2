"""The bar of tools at the left: what the hand reaches for most, from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolBar

from widgets.actions import Actions

ON_IT = (
    "tool.click", "tool.box", "tool.scribble", "tool.brush", "tool.trimap", "tool.draw", "tool.roto",
    "tool.pan", "tool.pick", "",
    "edit.undo", "edit.redo", "",
    "matte.propagate", "matte.teach", "matte.refine", "",
    "file.export",
)  # fmt: skip
"""Ids of actions; an empty one is a line between."""


def tool_bar(actions: Actions) -> QToolBar:
    """The bar, its buttons never stealing the keyboard by a mouse click."""
    bar = QToolBar("Tools")
    bar.setObjectName("bar.tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    for action_id in ON_IT:
        if not action_id:
            bar.addSeparator()
            continue
        bar.addAction(actions[action_id])
        button = bar.widgetForAction(actions[action_id])
        button.setAccessibleName(actions[action_id].text().rstrip("…"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return bar
