"""The roto shapes of the chosen layer: what each does, its feather, its keys; and what the next one that is drawn does.

Each edit is one command; a feather that is being dragged is only tried on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from core.frames import FrameNumber
from core.layer import Layer
from core.roto.commands import ChangeShape, RemoveShape, with_shape
from core.roto.shape import Role, RotoShape
from widgets.actions import Actions
from widgets.chooser import Chooser
from widgets.knobs import Knobs
from widgets.panels.fields import heading, narrow
from widgets.panels.step_row import small_button
from widgets.shape_actions import ACTION_IDS
from widgets.studio import Studio
from widgets.view_state import ViewState

ROLES: Mapping[Role, tuple[str, str]] = {
    Role.GARBAGE: ("Garbage", "nothing outside of all garbage shapes together"),
    Role.CORE: ("Core", "full inside, whatever else there is"),
    Role.ADD: ("Add", "full inside"),
    Role.SUBTRACT: ("Subtract", "nothing inside"),
}
TIP = "; ".join(f"{name}: {tip}" for name, tip in ROLES.values()) + "."
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "role": {
            "title": "Does",
            "description": TIP,
            "enum": [role.value for role in ROLES],
            "default": Role.GARBAGE.value,
            "x-ui": {"order": 1, "labels": {role.value: name for role, (name, _tip) in ROLES.items()}},
        },
        "feather_px": {
            "title": "Feather, px",
            "description": "A soft edge outside of the line; negative inside of it.",
            "type": "number",
            "default": 0.0,
            "minimum": -100.0,
            "maximum": 100.0,
            "x-ui": {"order": 2},
        },
    },
}
LONGEST_NAME = 20
NO_SHAPES = "None. The Shape tool (U) draws one over the picture; … fits them to the matte."


class ShapeRow(QFrame):
    """One shape."""

    changed = Signal(object)
    """The shape it should be (a `RotoShape`)."""
    turning = Signal(object)
    """The one it would be while a slider is dragged."""
    removed = Signal()
    picked = Signal()

    def __init__(self, shape: RotoShape) -> None:
        super().__init__()
        self.shape = shape
        self.setObjectName("step")
        self.switch = QCheckBox()
        self.switch.toggled.connect(lambda on: self.changed.emit(replace(self.shape, on=on)))
        self.keys = QLabel()
        self.keys.setProperty("dim", True)
        self.unkey = small_button(
            "key-frame", "Remove key", "On this frame the shape follows its neighbouring keys again"
        )
        self.remove = small_button("trash", "Remove shape", "With all its keys")
        self.remove.clicked.connect(self.removed)
        self.knobs = Knobs(SCHEMA)
        self.knobs.turning.connect(lambda values: self.turning.emit(_with(self.shape, values)))
        self.knobs.committed.connect(lambda values: self.changed.emit(_with(self.shape, values)))
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        top.addWidget(self.switch)
        top.addStretch(1)
        for widget in (self.keys, self.unkey, self.remove):
            top.addWidget(widget)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 2, 0, 4)
        lines.setSpacing(2)
        lines.addLayout(top)
        lines.addWidget(self.knobs)

    def show_shape(self, shape: RotoShape, frame: FrameNumber, *, chosen: bool) -> None:
        """Show this shape as it is on a frame."""
        self.shape = shape
        with QSignalBlocker(self.switch):
            name = shape.name if len(shape.name) <= LONGEST_NAME else f"{shape.name[: LONGEST_NAME - 1]}…"
            self.switch.setText(name if shape.closed else f"{name} (being drawn)")
            self.switch.setAccessibleName(shape.name)
            self.switch.setToolTip(f"{shape.name}. Off: the shape stays and does nothing")
            self.switch.setChecked(shape.on)
        font = self.switch.font()
        font.setBold(chosen)
        self.switch.setFont(font)
        self.keys.setText(_keys_text(shape, frame))
        self.unkey.setEnabled(frame in shape.keys and len(shape.frames) > 1)
        feather = min(max(shape.feather_px, -100.0), 100.0)
        self.knobs.set_values({"role": shape.role.value, "feather_px": feather})

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.picked.emit()
        super().mousePressEvent(event)


def _keys_text(shape: RotoShape, frame: FrameNumber) -> str:
    count = "1 key" if len(shape.frames) == 1 else f"{len(shape.frames)} keys"
    return f"{count}, one here" if frame in shape.keys and len(shape.frames) > 1 else count


def _with(shape: RotoShape, values: Mapping[str, Any]) -> RotoShape:
    return replace(shape, role=Role(values["role"]), feather_px=float(values["feather_px"]))


class ShapesSection(QWidget):
    """Shows the shapes of a layer and edits them."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        super().__init__()
        self._studio, self._view = studio, view
        self._layer: Layer | None = None
        self.rows: list[ShapeRow] = []
        self.next_role = narrow(Chooser(), "What a new shape does")
        for role, (name, _tip) in ROLES.items():
            self.next_role.addItem(f"New: {name.lower()}", role)
        self.next_role.setToolTip(f"What the next shape does. {TIP}")
        self.next_role.activated.connect(lambda _at: view.set(shape_role=self.next_role.currentData()))
        self.next_role.setMinimumContentsLength(13)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(heading("Shapes"), 1)
        top.addWidget(self.next_role, 0, Qt.AlignmentFlag.AlignRight)
        self.more = QToolButton()
        self.more.setText("…")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setAccessibleName("Fit, export and import shapes")
        self.more.setToolTip("Fit shapes to the matte, export and import them")
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        top.addWidget(self.more)
        self.note = QLabel(NO_SHAPES)
        self.note.setProperty("dim", True)
        self.note.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(4)
        lines.addLayout(top)
        lines.addWidget(self.note)
        lines.addLayout(self._list)

    def offer(self, actions: Actions) -> None:
        """Put these into the menu beside the heading."""
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        for action_id in ACTION_IDS:
            menu.addAction(actions[action_id])
        self.more.setMenu(menu)

    def show_layer(self, layer: Layer) -> None:
        """Show this layer's shapes as they are on the frame that is looked at."""
        self._layer = layer
        look = self._view.look
        with QSignalBlocker(self.next_role):
            self.next_role.setCurrentIndex(list(ROLES).index(look.shape_role))
        self.note.setVisible(not layer.shapes)
        if [row.shape.id for row in self.rows] != [shape.id for shape in layer.shapes]:
            for row in self.rows:
                self._list.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [self._row(shape) for shape in layer.shapes]
        for row, shape in zip(self.rows, layer.shapes, strict=True):
            row.show_shape(shape, look.frame, chosen=shape.id == look.shape_id)

    def _row(self, shape: RotoShape) -> ShapeRow:
        row = ShapeRow(shape)
        row.changed.connect(self._commit)
        row.turning.connect(self._try_on)
        row.removed.connect(lambda: self._remove(row.shape))
        row.unkey.clicked.connect(
            lambda: self._commit(row.shape.without_key(self._view.look.frame), "Remove shape key")
        )
        row.picked.connect(lambda: self._view.set(shape_id=row.shape.id, shape_points=frozenset()))
        self._list.addWidget(row)
        return row

    def _now(self) -> Layer | None:
        """As the document has it; None without one, or a locked one."""
        layer = self._studio.document.shot.find(self._layer.id) if self._layer is not None else None
        return None if layer is None or layer.locked else layer

    def _try_on(self, shape: RotoShape) -> None:
        layer = self._now()
        if layer is not None:
            self._studio.finishing.try_shapes(layer.id, with_shape(layer, shape))

    def _commit(self, shape: RotoShape, what: str = "Change shape") -> None:
        layer = self._now()
        if layer is None:
            return
        self._studio.finishing.try_shapes(layer.id, None)
        if shape not in layer.shapes:
            self._studio.document.do(ChangeShape(layer.id, shape, what))

    def _remove(self, shape: RotoShape) -> None:
        layer = self._now()
        if layer is not None:
            self._studio.document.do(RemoveShape(layer.id, shape.id))
