"""The Teach panel: start, watch, judge. What was taught is used only when the artist says so, and offered as the
default only when the held-out frames got better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from core.commands import UseAdapter
from core.jobs import JobStatus
from core.layer import Layer
from core.shot import Change
from widgets.chooser import Chooser
from widgets.knobs import Knobs
from widgets.panels.fields import narrow
from widgets.panels.scrolling import ScrollingPanel
from widgets.studio import Message, Severity, Studio, TeachResult
from widgets.view_state import Compare, Look, Source, SourceKind, ViewState

if TYPE_CHECKING:
    from widgets.panels.teach_plot import TeachPlot

AS_IT_CAME = "As it came"


def percent(error: float) -> str:
    """A mean absolute error 0-1 as `1.84 %`; a dash where it was not measured."""
    return f"{error * 100:.2f} %" if math.isfinite(error) else "–"


def verdict(result: TeachResult) -> str:
    """What the figures say, in words; nothing is claimed that was not measured."""
    if not result.improved:
        return f"{result.name} is not better on what it has not seen. The previous model is kept unless you choose it."
    if math.isfinite(result.held_out_before):
        return f"{result.name} does better on what it has not seen."
    return f"{result.name} has learnt its frames. There was nothing to compare it with: look before you keep it."


class OfferCard(QFrame):
    """Before and after of one lesson, and the question what to do with it."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What Teach offers")
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.before = QLabel()
        self.after = QLabel()
        self.use = QPushButton("Use")
        self.keep = QPushButton("Keep previous")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for row, (name, value) in enumerate((("Held-out error before", self.before), ("after", self.after))):
            label = QLabel(name)
            label.setProperty("dim", True)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use)
        buttons.addWidget(self.keep)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(10, 8, 10, 8)
        lines.addWidget(self.verdict)
        lines.addLayout(grid)
        lines.addLayout(buttons)

    def show_result(self, result: TeachResult) -> None:
        """The numbers, and the default button: Use only when it got better."""
        self.setProperty("severity", "info" if result.improved else "warning")
        self.style().unpolish(self)
        self.style().polish(self)
        self.verdict.setText(verdict(result))
        self.before.setText(percent(result.held_out_before))
        self.after.setText(percent(result.held_out_after))
        self.use.setDefault(result.improved)
        self.keep.setDefault(not result.improved)


class TeachPanel(ScrollingPanel):
    """Everything about teaching the chosen layer."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        super().__init__("Teach")
        self._studio, self._view = studio, view
        self._job = ""
        self._offer: TeachResult | None = None
        self._plot: TeachPlot | None = None
        self._knobs: Knobs | None = None
        self._knobs_of = ""
        self.explain = QLabel()
        self.explain.setWordWrap(True)
        self.explain.setProperty("dim", True)
        self.start = QPushButton("Teach")
        self.cancel = QPushButton("Cancel")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of Teach")
        self.said = QLabel()
        self.said.setProperty("dim", True)
        self.said.setWordWrap(True)
        self.adapter = narrow(Chooser(), "Taught model in use")
        self.compare = QPushButton("Compare")
        self.compare.setToolTip("Wipe between the newest kept take and the mattes of now")
        self.card = OfferCard()
        self.card.hide()
        adapters = QHBoxLayout()
        adapters.addWidget(QLabel("In use"))
        adapters.addWidget(self.adapter, 1)
        adapters.addWidget(self.compare)
        buttons = QHBoxLayout()
        buttons.addWidget(self.start, 1)
        buttons.addWidget(self.cancel)
        self.lines.setSpacing(6)
        self.lines.addWidget(self.explain)
        self.lines.addLayout(adapters)
        self.lines.addLayout(buttons)
        self.lines.addWidget(self.bar)
        self.lines.addWidget(self.said)
        self.lines.addWidget(self.card)
        self.lines.addStretch(1)
        self.start.clicked.connect(self.teach)
        self.cancel.clicked.connect(self._cancel)
        self.card.use.clicked.connect(lambda: self._answer(use=True))
        self.card.keep.clicked.connect(lambda: self._answer(use=False))
        self.compare.clicked.connect(self.show_comparison)
        self.adapter.activated.connect(self._choose_adapter)
        forgets = (
            studio.jobs_changed.connect(self._jobs_changed),
            studio.teach_offered.connect(self.offer),
            studio.models_changed.connect(lambda _models: self.refresh()),
            studio.document.changed.connect(self._changed),
            view.changed.connect(self._looked),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self._jobs_changed(studio.jobs())
        self.refresh()

    @property
    def plot(self) -> TeachPlot | None:
        """The curves, once there is a curve."""
        return self._plot

    @property
    def offered(self) -> TeachResult | None:
        """The lesson that waits for an answer."""
        return self._offer

    def layer(self) -> Layer | None:
        """The chosen layer."""
        chosen = self._view.look.layer_id
        return self._studio.document.shot.find(chosen)

    def teach(self) -> None:
        """Start a lesson with the corrections of the chosen layer."""
        layer = self.layer()
        if layer is not None and not self._job:
            self._studio.teach(layer.id, self._knobs.values() if self._knobs is not None else None)

    def offer(self, result: TeachResult) -> None:
        """Show what was taught, and ask."""
        self._offer = result
        self.card.show_result(result)
        self.card.show()
        self.ensureWidgetVisible(self.card)

    def show_comparison(self) -> None:
        """Newest take on the left of a wipe, the mattes of now on the right."""
        layer = self.layer()
        takes = self._studio.takes(layer.id) if layer is not None else ()
        if takes:
            self._view.set(a=Source(SourceKind.TAKE, takes[-1].id), b=Source(SourceKind.MATTE), compare=Compare.WIPE)

    def refresh(self) -> None:
        """Everything but the curve anew."""
        layer = self.layer()
        key_frames = len(layer.frames_by_hand) if layer is not None else 0
        self.start.setEnabled(key_frames > 0 and not self._job)
        self.cancel.setEnabled(bool(self._job))
        self.adapter.setEnabled(layer is not None)
        self.compare.setEnabled(layer is not None and bool(self._studio.takes(layer.id)))
        if layer is None:
            self.explain.setText("Choose a layer to teach.")
        elif not key_frames:
            self.explain.setText(f"Click or paint on a frame of {layer.name} first; corrections are what is taught.")
        else:
            frames = f"{key_frames} key frame{'s' if key_frames != 1 else ''}"
            more = " With two or more, some are held out to measure." if key_frames == 1 else ""
            self.explain.setText(f"Learn {layer.name} from {frames}.{more}")
        with QSignalBlocker(self.adapter):
            self.adapter.clear()
            self.adapter.addItem(AS_IT_CAME)
            for adapter in layer.adapters if layer is not None else ():
                self.adapter.addItem(f"{adapter.name}  ({percent(adapter.held_out_after)})")
            assets = [adapter.asset for adapter in layer.adapters] if layer is not None else []
            in_use = layer.adapter if layer is not None else ""
            self.adapter.setCurrentIndex(assets.index(in_use) + 1 if in_use in assets else 0)
        self._show_knobs()

    # --- listening ----------------------------------------------------------------------------------------------

    def _show_knobs(self) -> None:
        models = self._studio.models("teach")
        model = models[0] if models else None
        layer = self.layer()
        if layer is not None:
            model = next((known for known in models if known.id == layer.propagate.name), model)
        wanted = f"{model.id} {model.version}" if model is not None else ""
        if wanted == self._knobs_of:
            return
        self._knobs_of = wanted
        if self._knobs is not None:
            self.lines.removeWidget(self._knobs)
            self._knobs.deleteLater()
            self._knobs = None
        if model is not None and "teach" in model.tasks and "propagate" not in model.tasks:
            self._knobs = Knobs(model.options_schema)
            self._knobs.refused.connect(lambda why: self._studio.message.emit(Message(Severity.WARNING, why)))
            self.lines.insertWidget(3, self._knobs)

    def _jobs_changed(self, statuses: tuple[JobStatus, ...]) -> None:
        lessons = [status for status in statuses if status.kind == "teach"]
        newest = lessons[-1] if lessons else None
        running = newest is not None and not newest.state.ended
        was, self._job = self._job, newest.id if newest is not None and running else ""
        self.bar.setVisible(running)
        self.explain.setVisible(not running)
        self.said.setVisible(newest is not None)
        if newest is not None:
            self.bar.setValue(round((newest.progress if newest.progress == newest.progress else 0.0) * 1000))
            self.said.setText(self._words(newest))
            self._show_curve(newest)
        if was != self._job:
            self.refresh()

    def _words(self, status: JobStatus) -> str:
        said = [status.message or status.state.value.capitalize()]
        metrics: Mapping[str, Any] = status.metrics
        if "step" in metrics:
            said.append(f"step {int(metrics['step'])}")
        if "seconds" in metrics:
            said.append(f"{metrics['seconds']:.0f} s")
        if "held_out_error" in metrics:
            said.append(f"held-out error {percent(metrics['held_out_error'])}")
        return ", ".join(said)

    def _show_curve(self, status: JobStatus) -> None:
        curve = self._studio.teach_curve(status.id)
        if not curve:
            return
        if self._plot is None:
            from widgets.panels.teach_plot import TeachPlot  # costs 0.25 s: only when there is a curve

            self._plot = TeachPlot()
            self.lines.insertWidget(self.lines.indexOf(self.card) + 1, self._plot)
        self._plot.show_curve(curve)

    def _cancel(self) -> None:
        if self._job:
            self._studio.cancel(self._job)

    def _answer(self, *, use: bool) -> None:
        if self._offer is not None:
            answered, self._offer = self._offer, None
            self.card.hide()
            self._studio.answer_teach(answered, use)
            self.refresh()

    def _choose_adapter(self, place: int) -> None:
        layer = self.layer()
        if layer is not None:
            adapter = layer.adapters[place - 1] if place > 0 else None
            if (adapter.asset if adapter is not None else "") != layer.adapter:
                self._studio.document.do(UseAdapter(layer.id, adapter))

    def _changed(self, change: Change) -> None:
        del change
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].layer_id != change[1].layer_id:
            self.refresh()
