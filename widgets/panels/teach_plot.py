"""The curves of Teach. Imported only when there is a curve to draw: pyqtgraph costs a quarter of a second at start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.theme import color

CURVES = (("loss", "Loss", "text_dim"), ("held_out_error", "Held-out error, by seconds", "accent_bright"))
"""(metric, title, color) from top to bottom; both over the same seconds."""

HEIGHTS_PX = (68, 86)
"""Both curves fit into the panel of a window 800 points high."""


def points(curve: Sequence[Mapping[str, float]], metric: str) -> tuple[list[float], list[float]]:
    """(seconds or steps, values) of the steps that have this metric as a finite number."""
    xs: list[float] = []
    ys: list[float] = []
    for place, step in enumerate(curve):
        value = step.get(metric, math.nan)
        if math.isfinite(value):
            xs.append(float(step.get("seconds", step.get("step", place))))
            ys.append(float(value))
    return xs, ys


class FewNumbers(pyqtgraph.AxisItem):  # type: ignore[misc] # pyqtgraph is not typed
    """An axis with two or three round numbers: at this height more would lie on each other."""

    def tickSpacing(self, least: float, most: float, _size: float) -> list[tuple[float, float]]:
        """(spacing, offset) of the only level of numbers."""
        wanted = max(most - least, 1e-9) / 2.0
        power = 10.0 ** math.floor(math.log10(wanted))
        return [(next(power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= wanted), 0.0)]


class TeachPlot(QWidget):
    """Loss above, held-out error below; the dashed line is the held-out error before teaching."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Curves of Teach")
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        self._lines: dict[str, pyqtgraph.PlotDataItem] = {}
        first: pyqtgraph.PlotItem | None = None
        for metric, title, ink in CURVES:
            plot = pyqtgraph.PlotWidget(background=color("well"), axisItems={"left": FewNumbers("left")})
            plot.setAccessibleName(title)
            plot.setFixedHeight(HEIGHTS_PX[len(self._lines)])
            item = plot.getPlotItem()
            item.setTitle(title, size="11px", color=color("text_dim").name())
            item.hideButtons()
            item.setMenuEnabled(False)
            item.setMouseEnabled(False, False)
            item.showGrid(x=False, y=True, alpha=0.15)
            for side in ("left", "bottom"):
                axis = item.getAxis(side)
                axis.setPen(color("line"))
                axis.setTextPen(color("text_dim"))
                axis.enableAutoSIPrefix(False)
            item.getAxis("left").setWidth(46)
            self._lines[metric] = item.plot(pen=pyqtgraph.mkPen(color(ink), width=2))
            if first is None:
                first = item
                item.getAxis("bottom").setStyle(showValues=False)
            else:
                item.setXLink(first)
            lines.addWidget(plot)
        pen = pyqtgraph.mkPen(color("text_dim"), width=1, style=Qt.PenStyle.DashLine)
        self._before = pyqtgraph.InfiniteLine(angle=0, pen=pen)
        self._before.hide()
        plot.getPlotItem().addItem(self._before)

    def show_curve(self, curve: Sequence[Mapping[str, float]]) -> None:
        """Draw every step so far."""
        for metric, line in self._lines.items():
            line.setData(*points(curve, metric))
        _xs, held_out = points(curve, "held_out_error")
        if held_out:
            self._before.setPos(held_out[0])
        self._before.setVisible(bool(held_out))

    def drawn(self, metric: str) -> tuple[list[float], list[float]]:
        """What is drawn of a metric now."""
        xs, ys = self._lines[metric].getData()
        return ([], []) if xs is None else (list(xs), list(ys))
