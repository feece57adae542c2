"""Over which frames shapes are fitted to a layer's mattes, how near, and with how many points."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.frames import FrameRange
from widgets.shaping import FitOrder

SAYS = (
    "Keyframed Bezier shapes around the mattes of {layer}, in a new layer. Each point keeps its place on the outline"
    " from frame to frame. {layer} stays as it is."
)
TOLERANCE = "How far a curve may lie from the matte's outline, and half of it may go into fewer key frames."
POINTS = "Of all shapes together, on every frame. Fewer are used where they suffice."


class FitShapesDialog(QDialog):
    """`order` is what is wanted.

    Args:
        frames: of the plate; `wanted` is what is offered.
    """

    def __init__(self, layer: str, frames: FrameRange, wanted: FrameRange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.fit_shapes")
        self.setWindowTitle("Fit shapes to matte")
        self.setMinimumWidth(440)
        says = QLabel(SAYS.format(layer=layer))
        says.setWordWrap(True)
        says.setProperty("dim", True)
        first, last = QSpinBox(), QSpinBox()
        self.first, self.last = first, last
        for box, name, value in ((first, "First frame", wanted.first), (last, "Last frame", wanted.last)):
            box.setRange(frames.first, frames.last)
            box.setValue(value)
            box.setAccessibleName(name)
        first.valueChanged.connect(lambda number: last.setMinimum(number))
        last.setMinimum(first.value())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(first, 1)
        row.addWidget(QLabel("to"))
        row.addWidget(last, 1)
        self.tolerance, self.points = QDoubleSpinBox(), QSpinBox()
        self.tolerance.setRange(0.25, 50.0)
        self.tolerance.setSingleStep(0.25)
        self.tolerance.setDecimals(2)
        self.tolerance.setSuffix(" px")
        self.points.setRange(4, 400)
        order = FitOrder(wanted)
        self.tolerance.setValue(order.tolerance_px)
        self.points.setValue(order.most_points)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow("Frames", row)
        for name, number, tip in (("Tolerance", self.tolerance, TOLERANCE), ("Most points", self.points, POINTS)):
            number.setAccessibleName(name)
            number.setToolTip(tip)
            form.addRow(name, number)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.addButton("Fit", QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 14)
        lines.setSpacing(12)
        lines.addWidget(says)
        lines.addLayout(form)
        lines.addWidget(self.buttons)

    @property
    def order(self) -> FitOrder:
        return FitOrder(FrameRange(self.first.value(), self.last.value()), self.tolerance.value(), self.points.value())
