"""The Teach panel: start, watch, pause, judge, and what was taught before. What was taught is used only when the artist
says so, once for a lesson or by the switch for live teaching; it is offered as the default only when it got better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QPushButton

from core.jobs import JobState, JobStatus
from core.layer import AssetId, Layer, LayerId
from core.shot import Change
from core.take import TakeId
from widgets.dialogs.teach_sheet import TeachSheetDialog
from widgets.knobs import Knobs
from widgets.panels.fields import heading
from widgets.panels.scrolling import ScrollingPanel
from widgets.panels.teach_models import TaughtList
from widgets.panels.teach_offer import OfferCard
from widgets.panels.teach_preview import TeachPreview
from widgets.panels.teach_start import StartChooser
from widgets.panels.teach_words import AS_IT_CAME, job_words, live_words
from widgets.studio import Message, Severity, Studio, TeachResult
from widgets.teaching import SheetOf
from widgets.view_state import Compare, Look, Source, SourceKind, ViewState

if TYPE_CHECKING:
    from widgets.panels.teach_plot import TeachPlot

LIVE_TIP = "Teaching goes on by itself after each correction, and its mattes are used while they do no worse (Alt+T)"


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
        self._sheet: TeachSheetDialog | None = None
        self.explain = _dim()
        self.start = QPushButton("Teach")
        self.pause = QPushButton("Pause")
        self.pause.setToolTip("Stop within a step, and go on from there (Alt+Shift+T)")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End this lesson; nothing of it is kept")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of Teach")
        self.said = _dim()
        self.live = QCheckBox("Live, after each correction")
        self.live.setToolTip(LIVE_TIP)
        self.live_said = _dim()
        self.preview = TeachPreview()
        self.card = OfferCard()
        self.card.hide()
        self.models = TaughtList(studio.document)
        self._models_head = heading("Taught models")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.start, 1)
        buttons.addWidget(self.pause, 1)
        buttons.addWidget(self.cancel, 1)
        self.lines.setSpacing(6)
        self.lines.addWidget(self.explain)
        self.begins = StartChooser(studio.starts)
        self.lines.addWidget(self.begins)
        self.lines.addLayout(buttons)
        self.lines.addWidget(self.bar)
        for widget in (self.said, self.preview, self.card, self.live, self.live_said, self._models_head, self.models):
            self.lines.addWidget(widget)
        self.lines.addStretch(1)
        self.start.clicked.connect(self.teach)
        self.pause.clicked.connect(self.toggle_pause)
        self.cancel.clicked.connect(self._cancel)
        self.live.clicked.connect(lambda _on: self.toggle_live())
        self.card.use.clicked.connect(lambda: self._answer(use=True))
        self.card.keep.clicked.connect(lambda: self._answer(use=False))
        self.card.sheet.clicked.connect(self.show_sheet)
        self.models.compare_wanted.connect(self.compare)
        self.models.sheet_wanted.connect(self.show_sheet_of)
        forgets = (
            studio.jobs_changed.connect(self._jobs_changed),
            studio.teach_offered.connect(self.offer),
            studio.models_changed.connect(lambda _models: self.refresh()),
            studio.document.changed.connect(self._changed),
            studio.teaching.live_changed.connect(lambda _layer_id: self._show_live()),
            studio.teaching.preview_changed.connect(self._show_preview),
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

    @property
    def running(self) -> JobStatus | None:
        """The lesson that runs."""
        return next((status for status in self._studio.jobs() if status.id == self._job), None)

    def layer(self) -> Layer | None:
        """The chosen layer."""
        chosen = self._view.look.layer_id
        return self._studio.document.shot.find(chosen)

    # --- what is done ---------------------------------------------------------------------------------------------

    def teach(self) -> None:
        """Start a lesson with the corrections of the chosen layer."""
        layer = self.layer()
        if layer is not None and not self._job:
            self._studio.teach(layer.id, self._knobs.values() if self._knobs is not None else None)

    def toggle_pause(self) -> None:
        """Hold the lesson that runs, or let it go on."""
        running = self.running
        if running is not None:
            self._studio.teaching.pause(running.id, paused=not running.paused)

    def toggle_live(self) -> None:
        """The switch of the chosen layer: one undoable command."""
        layer = self.layer()
        if layer is not None:
            self._studio.teaching.set_live(layer.id, live=not layer.live)
        self._show_live()

    def offer(self, result: TeachResult) -> None:
        """Show what was taught, and ask."""
        self._offer = result
        self.card.show_result(result)
        self.card.show()
        self.ensureWidgetVisible(self.card)

    def compare(self, asset: AssetId) -> None:
        """A taught model (empty: the model as it came) on A, what is in use on B."""
        layer = self.layer()
        if layer is None:
            return

        def found(take_id: TakeId) -> None:
            now = self._view.look.compare
            how = now if now.two_panes else Compare.SIDE_BY_SIDE
            self._view.set(a=Source(SourceKind.TAKE, take_id), b=Source(SourceKind.MATTE), compare=how)

        self._studio.teaching.compare(layer.id, asset, self._view.look.frame, found)

    def show_sheet(self) -> None:
        """The sheet of the offer; else of what is in use beside the model as it came."""
        layer, offer = self.layer(), self._offer
        if layer is None:
            return
        if offer is not None and offer.layer_id == layer.id:
            names = f"Now: {_name(layer, layer.adapter)}", f"With {offer.name}"
            self._show_sheet(layer, SheetOf(layer.id, (layer.adapter, offer.asset), names, offer.held_out))
        else:
            self.show_sheet_of(layer.adapter)

    def show_sheet_of(self, asset: AssetId) -> None:
        """The sheet of one taught model, beside what is in use, or beside the model as it came."""
        layer = self.layer()
        if layer is None:
            return
        beside = layer.adapter if asset != layer.adapter else ""
        held_out = tuple({frame for kept in layer.adapters if kept.asset == asset for frame in kept.held_out})
        assets = (beside, asset) if asset != beside else (asset,)
        names = tuple(_name(layer, each) for each in assets)
        self._show_sheet(layer, SheetOf(layer.id, assets, names, held_out))

    def _show_sheet(self, layer: Layer, of: SheetOf) -> None:
        if self._sheet is None:
            self._sheet = TeachSheetDialog(self._studio, self._view, self.window())
        self._sheet.show_sheet(layer, of)
        self._sheet.show()
        self._sheet.raise_()

    def _cancel(self) -> None:
        if self._job:
            self._studio.cancel(self._job)

    def _answer(self, *, use: bool) -> None:
        if self._offer is not None:
            answered, self._offer = self._offer, None
            self.card.hide()
            self._studio.answer_teach(answered, use)
            self.refresh()

    # --- drawing --------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Everything but the curve anew."""
        layer = self.layer()
        key_frames = len(layer.frames_by_hand) if layer is not None else 0
        self.start.setVisible(not self._job)
        self.start.setEnabled(key_frames > 0)
        for button in (self.pause, self.cancel):
            button.setVisible(bool(self._job))
        if layer is None:
            self.explain.setText("Choose a layer to teach.")
        elif not key_frames:
            self.explain.setText(f"Click or paint on a frame of {layer.name} first; corrections are what is taught.")
        else:
            frames = f"{key_frames} key frame{'s' if key_frames != 1 else ''}"
            more = " With six or more, one is held out to measure." if key_frames < 6 else ""
            self.explain.setText(f"Learn {layer.name} from {frames}.{more}")
        self.models.show_layer(layer)
        self._models_head.setVisible(not self.models.isHidden())
        self._show_live()
        self._show_knobs()

    def _show_live(self) -> None:
        layer = self.layer()
        with QSignalBlocker(self.live):
            self.live.setEnabled(layer is not None)
            self.live.setChecked(layer is not None and layer.live)
        self.live_said.setVisible(layer is not None and layer.live)
        if layer is not None:
            self.live_said.setText(live_words(layer, self._studio.teaching.live(layer.id)))

    def _show_preview(self, layer_id: LayerId) -> None:
        layer, plate = self.layer(), self._studio.document.shot.plate
        if layer is None or plate is None or layer.id != layer_id:
            return
        tried = self._studio.teaching.preview(layer_id)
        if tried is None:
            self.preview.clear()
            return
        frame, matte = tried
        self.preview.show_frame(frame, self._studio.matte(layer_id, frame)[0], matte, plate.format.pixel_aspect)

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
            self.lines.insertWidget(1, self._knobs)

    # --- listening ------------------------------------------------------------------------------------------------

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
            self.pause.setText("Go on" if newest.paused else "Pause")
            self.pause.setEnabled(newest.can_pause and newest.state is JobState.RUNNING)
            self.said.setText(job_words(newest))
            self._show_curve(newest)
        if was != self._job:
            self.refresh()

    def _show_curve(self, status: JobStatus) -> None:
        curve = self._studio.teach_curve(status.id)
        if not curve:
            return
        if self._plot is None:
            from widgets.panels.teach_plot import TeachPlot  # costs 0.25 s: only when there is a curve

            self._plot = TeachPlot()
            self.lines.insertWidget(self.lines.indexOf(self.card) + 1, self._plot)
        self._plot.show_curve(curve)

    def _changed(self, change: Change) -> None:
        del change
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        if change[0].layer_id != change[1].layer_id:
            self.preview.clear()
            self.refresh()
            self._show_preview(change[1].layer_id)


def _dim() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("dim", True)
    return label


def _name(layer: Layer, asset: AssetId) -> str:
    return next((kept.name for kept in layer.adapters if kept.asset == asset), AS_IT_CAME)
