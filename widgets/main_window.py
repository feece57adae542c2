"""The main window: panels, bars and the picture put together, and what happens when the shot changes.

Knows the studio and the widgets. Edits only through `document.do()`; touches no file, no model, no wire.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.geometry import Window
from core.layer import Layer
from core.model_info import ModelInfo
from core.shot import Change, Touched
from widgets.actions import Actions
from widgets.alternatives_strip import AlternativesStrip
from widgets.cache_choice import CacheChoice
from widgets.compare_actions import CompareActions
from widgets.compare_strip import CompareStrip
from widgets.dialogs.keys import KeysDialog
from widgets.display_strip import DisplayStrip
from widgets.docks import BOTTOM, Docks
from widgets.file_actions import FileActions
from widgets.key_map import KeyMap
from widgets.keyboard_pointer import KeyboardPointer
from widgets.look_actions import LookActions
from widgets.look_badge import LookBadge
from widgets.matte_actions import MatteActions
from widgets.menus import Menus
from widgets.message_bar import MessageBar
from widgets.palette_actions import PaletteActions
from widgets.panels.corrections import CorrectionsPanel
from widgets.panels.frames import FramesPanel
from widgets.panels.history import HistoryPanel
from widgets.panels.inspector import InspectorPanel
from widgets.panels.jobs import JobsPanel
from widgets.panels.layers import LayersPanel
from widgets.panels.review import ReviewPanel
from widgets.panels.scopes import ScopesPanel
from widgets.panels.takes import TakesPanel
from widgets.panels.teach import TeachPanel
from widgets.picking import Picking
from widgets.picture_actions import PictureActions
from widgets.picture_only import PictureOnly
from widgets.playback import Playback
from widgets.playback_actions import PlaybackActions
from widgets.read_ahead import ReadAhead
from widgets.reference_actions import ReferenceActions
from widgets.review_actions import ReviewActions
from widgets.start_page import StartPage
from widgets.status_bar import StatusBar
from widgets.studio import Message, Studio
from widgets.surface_choice import SurfaceChoice
from widgets.timeline.timeline import Timeline
from widgets.tool_bar import tool_bar
from widgets.transport import Transport, rate_text
from widgets.trimap_actions import TrimapActions
from widgets.typing_guard import TypingGuard
from widgets.view_actions import ViewActions
from widgets.view_state import Look, MissingFrame, ViewState
from widgets.viewport.pixel_panel import PixelPanel
from widgets.viewport.viewport import Viewport

ALWAYS = ("File", "Help", "Draw with")
"""Groups of actions that need no open plate."""
NEEDS_PLATE = ("file.add_reference", "file.save", "file.save_as", "file.export", "file.export_review")
SIDE_PX = 316
FRAMES_NEED_PX = 880
"""How high a window must be for the Frames panel to stand above the timeline."""
FIRST_SIZE = QSize(1600, 960)
"""Of the first window; smaller where the screen is."""


class MainWindow(QMainWindow):
    """Args: `settings` remembers layout and keys; None remembers nothing. `draw_with` is `auto`, `raster` or `gl`."""

    def __init__(self, studio: Studio, settings: QSettings | None = None, draw_with: str = "") -> None:
        super().__init__()
        self.studio = studio
        self.view = ViewState()
        self._settings = settings
        self._plate_id = ""
        self._engine_heard = False
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 680)
        self.docks = Docks(self)
        self.actions_table = Actions(self, KeyMap(settings))
        self.playback = Playback(
            self.view, lambda: studio.document.shot.range, self._can_show, self._passed, self._is_ready, parent=self
        )
        self._build_center()
        self._build_panels()
        self.files = FileActions(self, studio, self.view, self.actions_table)
        self.looks = ViewActions(self, self.view, self.viewport, self.actions_table)
        self.compares = CompareActions(studio, self.view, self.actions_table)
        self.steps = PlaybackActions(studio, self.view, self.playback, self.transport, self.actions_table)
        self.work = MatteActions(studio, self.view, self.actions_table, self.teach, self.steps, self.viewport)
        self.trimaps = TrimapActions(self, studio, self.view, self.actions_table)
        self.eyes = LookActions(self, studio, self.view, self.actions_table, self.look_badge.say, self.playback.stop)
        self.reviews = ReviewActions(
            self, studio, self.view, self.actions_table, self.review, lambda: self.docks.open("Review")
        )
        self._build_bars()
        self.memory = CacheChoice(self, studio, self.viewport, self.actions_table, settings)
        self.surfaces = SurfaceChoice(self, self.viewport, self.actions_table, self.status, settings, draw_with)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            TypingGuard(application, self, self.viewport)
        self._bind()
        self._listen()
        self.resize(self.screen().availableSize().boundedTo(FIRST_SIZE))
        if settings is not None:
            self.docks.restore(settings)
        self.start.show_recent(studio.saving.recent())
        self._models_came(studio.models("segment"))
        self._sync()

    # --- building -----------------------------------------------------------------------------------------------

    def _build_center(self) -> None:
        self.viewport = Viewport(self.studio, self.view)
        self.ahead = ReadAhead(
            self.studio, self.viewport, self.playback.upcoming, lambda: self.playback.playing, parent=self
        )
        self.compare = CompareStrip(self.studio, self.view, self.actions_table)
        self.values = PixelPanel(self.viewport, self.studio, self.view)
        self.viewport.sampled.connect(self.values.show_area)
        self.picking = Picking(self.studio, self.view)
        self.display = DisplayStrip(self.studio, self.view, self.picking)
        viewer = QWidget()
        lines = QVBoxLayout(viewer)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.compare)
        lines.addWidget(self.viewport, 1)
        lines.addWidget(self.display)
        self.start = StartPage(self.actions_table, self._open_path)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.pages.addWidget(viewer)
        self.setCentralWidget(self.pages)
        self.messages = MessageBar(self.pages, self._above_picture)
        self.look_badge = LookBadge(self.pages, self._above_picture)
        self.alternatives = AlternativesStrip(self.studio, self.view, self.actions_table, self.viewport, self.pages)

    def _build_panels(self) -> None:
        self.timeline = Timeline(self.studio, self.view)
        self.transport = Transport(
            self.actions_table, self.view, self.playback, lambda: self.studio.document.shot.range
        )
        below = QWidget()
        lines = QVBoxLayout(below)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.transport)
        lines.addWidget(self.timeline)
        below.setFixedHeight(self.transport.sizeHint().height() + self.timeline.height())
        self.layers = LayersPanel(self.studio, self.view, self.actions_table)
        self.inspector = InspectorPanel(self.studio, self.view)
        self.teach = TeachPanel(self.studio, self.view)
        self.jobs = JobsPanel(self.studio)
        self.docks.add("Layers", self.layers)
        self.docks.add("Inspector", self.inspector)
        self.docks.add("Teach", self.teach, beside="Inspector")
        self.review = ReviewPanel(self.studio, self.view, self.actions_table, self.viewport.setFocus)
        self.docks.add("Review", self.review, beside="Inspector")
        self.docks.add("Jobs", self.jobs)
        self.takes = TakesPanel(self.studio, self.view, self.actions_table)
        self.docks.add("Takes", self.takes, beside="Jobs")
        self.scopes = ScopesPanel(self.studio, self.view, self._seen_window, lambda: self.playback.playing)
        self.docks.add("Scopes", self.scopes, beside="Inspector", shown=False)
        self.docks.add("History", HistoryPanel(self.studio.document), beside="Jobs", shown=False)
        self.corrections = CorrectionsPanel(self.studio.corrections, self._settings)
        self.docks.add("Corrections", self.corrections, beside="Inspector", shown=False)
        self.frames = FramesPanel(self.studio, self.view, self.actions_table)
        self.docks.add("Frames", self.frames, BOTTOM, shown=False, roomy_px=FRAMES_NEED_PX)
        self.docks.add("Timeline", below, BOTTOM, under="Frames")
        self.docks.without_title("Timeline")
        self.docks.settle({"Layers": 150, "Inspector": 330, "Jobs": 170}, SIDE_PX, in_front=("Inspector", "Jobs"))

    def _build_bars(self) -> None:
        self.menus = Menus(self.menuBar(), self.actions_table)
        self.menus.fill_recent(self.studio.saving.recent, self._open_path)
        self.references = ReferenceActions(self, self.studio, self.actions_table, self.menus.references)
        self.docks.fill(self.menus["View"].addMenu("Panels"))
        menu = self.menus["Picture"]
        self.pictures = PictureActions(self, self.studio, self.view, self.picking, self.actions_table, menu)
        self.display.more.setMenu(menu)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, tool_bar(self.actions_table))
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        brush = self.viewport.brush
        self.status.show_brush(brush.radius_px, brush.hardness, brush.opacity)
        self.pointing = KeyboardPointer(self.viewport, self.actions_table)
        self.picture_only = PictureOnly(self, (self.compare, self.display), self.actions_table)
        self.palette_actions = PaletteActions(
            self, self.studio, self.view, self.actions_table, self.docks, self._open_path, self._settings
        )

    def _bind(self) -> None:
        undo, redo = self.studio.document.undo, self.studio.document.redo
        clear, keys = self.inspector.clear_key_frame, self.show_keys
        self.actions_table.bind({"edit.undo": undo, "edit.redo": redo, "layer.clear_key": clear, "help.keys": keys})

    def _listen(self) -> None:
        studio = self.studio
        self.viewport.probed.connect(self.status.show_probe)
        self.viewport.brush_changed.connect(self.status.show_brush)
        self.viewport.zoom_changed.connect(lambda _zoom: self.scopes.refresh())
        self.viewport.frame_step_requested.connect(self.steps.step)
        self.playback.changed.connect(self._played)
        self.viewport.painted.connect(self.playback.painted)
        self.ahead.changed.connect(lambda: self.timeline.show_ready(self.ahead.ready))
        self.actions_table["tool.roto"].triggered.connect(
            lambda _on=False: self.inspector.ensureWidgetVisible(self.inspector.shapes)
        )
        self.inspector.shapes.offer(self.actions_table)
        self.actions_table["matte.teach"].triggered.connect(lambda _on=False: self.docks.open("Teach"))
        self._forget = [
            studio.document.changed.connect(self._changed),
            self.view.changed.connect(self._looked),
            studio.message.connect(self.show_message),
            studio.engine_said.connect(self._engine_said),
            studio.models_changed.connect(self._models_came),
            studio.saving.changed.connect(self._saved),
            studio.takes_changed.connect(lambda _layer_id: self._takes_changed()),
            studio.teach_offered.connect(lambda _result: self.docks.open("Teach")),
        ]

    # --- what the window is asked -------------------------------------------------------------------------------

    def show_message(self, message: Message) -> None:
        """A sentence over the picture; never modal."""
        self.messages.show_message(message)

    def show_keys(self) -> None:
        """The key sheet."""
        dialog = KeysDialog(self.actions_table, self)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def layer(self) -> Layer | None:
        """The chosen layer."""
        return self.studio.document.shot.find(self.view.look.layer_id)

    def _open_path(self, path: Path) -> None:
        self.files.open_path(path)

    def _above_picture(self) -> int:
        return self.compare.height() if self.pages.currentIndex() == 1 else 0

    def _seen_window(self) -> Window | None:
        """The part of the plate that is on screen, in the first pane."""
        if self.studio.document.shot.plate is None:
            return None
        place = self.viewport.framing.places[0]
        return place.projection.window_under(place.rect)

    def _can_show(self, frame: int) -> bool:
        return self.studio.picture(frame) is not None or bool(self.studio.picture_error(frame))

    def _passed(self) -> frozenset[int]:
        skips = self.view.look.missing is MissingFrame.SKIP
        return self.studio.missing_frames() if skips else frozenset()

    def _is_ready(self, frame: int) -> bool:
        return self.ahead.is_ready(frame) or bool(self.studio.picture_error(frame))

    def _look_at(self) -> None:
        """Tell the studio where the playhead is, and which frames play would want next."""
        look = self.view.look
        self.studio.look_at(look.frame, self.playback.playing, self.playback.upcoming(), look.layer_id)

    def _changed(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self.playback.stop()
        self._sync()

    def _sync(self) -> None:
        """The look and the bars follow the shot: a plate that came, a layer that went."""
        shot, look = self.studio.document.shot, self.view.look
        plate = shot.plate
        if plate is not None:
            self.playback.rate = plate.rate
            if plate.id != self._plate_id:
                first = shot.range.first if shot.range is not None else plate.frames.first
                color = self.studio.color
                self.view.set(frame=first, display=color.default_display, view=color.default_view)
            elif look.frame not in plate.frames:
                self.view.set(frame=plate.frames.clamp(look.frame))
        opened = plate is not None and plate.id != self._plate_id
        self._plate_id = plate.id if plate is not None else ""
        if all(layer.id != look.layer_id for layer in shot.layers):
            self.view.set(layer_id=shot.layers[-1].id if shot.layers else "")
        self.pages.setCurrentIndex(0 if plate is None else 1)
        if plate is None:
            self.start.show_recent(self.studio.saving.recent())
        if opened:
            self._look_at()
            self.viewport.setFocus()
        self.transport.refresh()
        self._show_frame()
        self._enable()
        self._show_title()

    def _enable(self) -> None:
        opened = self.studio.document.shot.plate is not None
        document = self.studio.document
        self.actions_table.enable_groups(opened, ALWAYS, NEEDS_PLATE)
        self.layers.enable()
        self._enable_here()
        self.actions_table["file.export"].setEnabled(opened and bool(document.shot.layers))
        for action_id, word, label in (
            ("edit.undo", "Undo", document.undo_label),
            ("edit.redo", "Redo", document.redo_label),
        ):
            action = self.actions_table[action_id]
            action.setEnabled(bool(label))
            action.setText(f"{word} {label[0].lower()}{label[1:]}" if label else word)

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.frame != after.frame or before.layer_id != after.layer_id:
            self._look_at()
        if before.frame != after.frame:
            self._show_frame()
        if before.layer_id != after.layer_id or before.frame != after.frame:
            self._enable_here()

    def _enable_here(self) -> None:
        layer = self.layer()
        key_here = layer is not None and not layer.key_frame(self.view.look.frame).empty
        self.actions_table["layer.clear_key"].setEnabled(key_here)
        self.takes.enable()
        self.work.enable()

    def _played(self) -> None:
        self._show_frame()
        self.ahead.go_on()
        self.studio.judging.pause(paused=self.playback.playing)
        if not self.playback.playing and self.studio.document.shot.plate is not None:
            self._look_at()

    def _takes_changed(self) -> None:
        self.compare.refresh()
        self.teach.refresh()

    def _saved(self, state: str) -> None:
        self.status.show_saved(state)
        self._show_title()

    def _engine_said(self, said: tuple[bool, str]) -> None:
        self._engine_heard = True
        self.status.show_engine(ready=said[0], sentence=said[1])

    def _models_came(self, models: tuple[ModelInfo, ...]) -> None:
        """An engine that was ready before this window existed is known by its answer."""
        if models and not self._engine_heard:
            self.status.show_engine(ready=True, sentence="The engine answers.")

    def _show_frame(self) -> None:
        opened = self.studio.document.shot.plate is not None
        frame = self.view.look.frame if opened else None
        self.status.show_frame(frame, rate_text(self.playback.rate) if opened else "", self.playback.dropped)

    def _show_title(self) -> None:
        if self.studio.document.shot.plate is None:
            self.setWindowTitle("Penumbra")
        else:
            self.setWindowTitle(f"{self.files.name}[*] - Penumbra")
        self.setWindowModified(self.studio.saving.unsaved)

    # --- Qt's events --------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._open_path(paths[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape that nobody else took leads back to the whole window."""
        if event.key() != Qt.Key.Key_Escape or not self.picture_only.leave():
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.review.note.keep()
        if not self.files.may_close():
            event.ignore()
            return
        self.playback.stop()
        if self.picture_only.on:
            self.picture_only.toggle()
        if self._settings is not None:
            self.docks.store(self._settings)
        for forget in self._forget:
            forget()
        self.scopes.release()
        self.ahead.close()
        self.takes.release()
        self.corrections.release()
        self.picking.close()
        self.values.release()
        self.viewport.release()
        event.accept()
