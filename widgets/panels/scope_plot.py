"""The scopes' drawing. Imported only when the panel is first shown: pyqtgraph costs a quarter of a second at start."""

from __future__ import annotations

import numpy as np
import pyqtgraph
from PySide6.QtCore import QRectF, Qt

from core.arrays import Float32
from core.scopes import LEVELS, STOPS, CoverageHistogram, StopHistogram
from widgets.theme import color

INKS = ((214, 84, 84), (92, 184, 92), (92, 132, 224), (196, 196, 196))
"""Red, green, blue, luma: signals, not decoration."""
FILL_ALPHA = 26
HEADROOM = 1.05
BRIGHTEST = 0.3
"""Square root of the share of a column that is drawn brightest."""


def lookup(ink: tuple[int, int, int]) -> np.ndarray:
    """(256, 4) uint8: from nothing to the ink to nearly white, so that thin traces show and thick ones burn."""
    ramp = np.linspace(0.0, 1.0, 256, dtype=np.float32)[:, None]
    body = np.asarray(ink, np.float32) * np.minimum(1.0, ramp * 1.6) + 60.0 * np.maximum(0.0, ramp - 0.6)
    table = np.zeros((256, 4), np.uint8)
    table[:, :3] = np.clip(body, 0, 255).astype(np.uint8)
    table[:, 3] = np.clip(ramp[:, 0] * 4 * 255, 0, 255).astype(np.uint8)
    return table


def binned(wave: Float32, height_px: int) -> Float32:
    """(256, n) shares in fewer rows where the plot is lower than that, so that no value falls between two pixels."""
    together = 1
    while together < 8 and LEVELS // together > height_px:
        together *= 2
    rows: Float32 = wave.reshape(LEVELS // together, together, -1).sum(axis=1)
    return rows


class ScopePlot(pyqtgraph.PlotWidget):  # type: ignore[misc]
    """One plot that shows curves or a waveform."""

    def __init__(self) -> None:
        super().__init__(background=color("well"))
        self.setAccessibleName("Scope")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(False, False)
        item.showGrid(x=True, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(color("line"))
            axis.setTextPen(color("text_dim"))
            axis.enableAutoSIPrefix(False)
        item.getAxis("left").setWidth(34)
        self._curves = []
        for ink in INKS:
            curve = item.plot(pen=pyqtgraph.mkPen(ink, width=1.2), fillLevel=0, brush=(*ink, FILL_ALPHA))
            self._curves.append(curve)
        self._images = []
        for _ in range(3):
            image = pyqtgraph.ImageItem(axisOrder="row-major")
            item.addItem(image)
            self._images.append(image)
        self._frame((0.0, 1.0), (0.0, 1.0), values=False)

    def show_display(self, spread: Float32) -> None:
        """(4, 256) shares over display values 0-1."""
        self._show_curves(np.linspace(0.0, 1.0, LEVELS), spread, (0.0, 1.0))

    def show_stops(self, histogram: StopHistogram) -> None:
        """Shares over stops around middle grey."""
        bins = histogram.spread.shape[1]
        width = (STOPS[1] - STOPS[0]) / bins
        self._show_curves(STOPS[0] + width * (np.arange(bins) + 0.5), histogram.spread, STOPS)

    def show_coverage(self, histogram: CoverageHistogram) -> None:
        """Shares over coverage strictly between 0 and 1; the ends are numbers above the plot."""
        bins = len(histogram.between)
        spread = np.zeros((4, bins), np.float32)
        spread[3] = histogram.between
        self._show_curves((np.arange(bins) + 0.5) / bins, spread, (0.0, 1.0))

    def show_waveforms(self, waves: tuple[Float32, ...]) -> None:
        """One waveform, or three side by side in red, green and blue. (256, n) shares each."""
        for curve in self._curves:
            curve.setData([], [])
        inks = INKS[:3] if len(waves) == 3 else INKS[3:]
        for place, image in enumerate(self._images):
            if place >= len(waves):
                image.clear()
                continue
            wave = np.sqrt(binned(waves[place], self.height()))
            image.setLookupTable(lookup(inks[place]))
            image.setImage(wave, autoLevels=False, levels=(0.0, BRIGHTEST))
            image.setRect(QRectF(place + 0.02, 0.0, 0.96, 1.0))
        self._frame((0.0, float(len(waves))), (-0.02, 1.02), values=True)

    def _show_curves(self, xs: np.ndarray, spread: Float32, across: tuple[float, float]) -> None:
        """Square roots of shares: a few pixels show beside many."""
        for image in self._images:
            image.clear()
        heights = np.sqrt(spread)
        for curve, ys in zip(self._curves, heights, strict=True):
            if ys.any():
                curve.setData(xs, ys)
            else:
                curve.setData([], [])
        inner = heights[:, 1:-1] if across == (0.0, 1.0) else heights
        self._frame(across, (0.0, max(1e-3, float(inner.max(initial=0.0)) * HEADROOM)), values=False)

    def _frame(self, across: tuple[float, float], up: tuple[float, float], *, values: bool) -> None:
        item = self.getPlotItem()
        item.setXRange(*across, padding=0.01)
        item.setYRange(*up, padding=0)
        item.getAxis("left").setStyle(showValues=values)
        item.getAxis("bottom").setStyle(showValues=not values)
