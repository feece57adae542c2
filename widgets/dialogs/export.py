"""The export dialog: what is written, where, and every name it will make, checked while it is typed.

The rules are `core.delivery`'s; this dialog shows its sentences and never a plan it would refuse.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.delivery import KINDS, PRESETS, Delivery, Preset, check_frames, deliveries, next_version, preset
from core.errors import ExportError, PenumbraError
from core.frames import FrameRange
from core.layer import LayerId
from core.nuke_nodes import nuke_nodes
from core.shot import Shot
from widgets.chooser import Chooser
from widgets.studio import ExportPlan

PIXEL_TYPES = (("half", "Half, 16 bit"), ("float", "Float, 32 bit"))
COMPRESSIONS = (("zip", "ZIP, 16 lines"), ("zips", "ZIPS, 1 line"), ("piz", "PIZ, wavelet"), ("none", "None"))
DATA_WINDOWS = (("plate", "The plate's"), ("matte", "The matte's bounds"))
REFUSE, VERSION_UP, RESUME, REPLACE = "refuse", "version up", "resume", "replace"
EXISTING = (
    (REFUSE, "Do not touch them"),
    (VERSION_UP, "Write the next free version"),
    (RESUME, "Write only what changed or is missing"),
    (REPLACE, "Replace them"),
)
TOKENS = "Filled in: {shot} {layer} {set} {version}; #### is the number of the frame."
PREVIEWED = 3
"""How many sequences' names are spelled out."""
WIDTH_PX, PRESETS_PX, LAYERS_PX = 820, 184, 84
Choices = tuple[tuple[str, str], ...]


def chooser(name: str, choices: Choices) -> QComboBox:
    box = Chooser()
    box.setAccessibleName(name)
    for value, text in choices:
        box.addItem(text, value)
    return box


class ExportDialog(QDialog):
    """Accepted only with a plan that can be carried out; `plan` is it.

    Args:
        kind: the id of the preset that is chosen at first.
        display, view: of the viewer, for movies.
    """

    def __init__(
        self,
        shot: Shot,
        folder: Path,
        layer_id: LayerId,
        parent: QWidget | None = None,
        *,
        kind: str = "matte",
        display: str = "",
        view: str = "",
    ) -> None:
        super().__init__(parent)
        self._shot, self._display, self._view = shot, display, view
        self._named = False
        self._reading: QLineEdit | None = None
        self.plan: ExportPlan | None = None
        self.setWindowTitle("Export")
        self.setMinimumWidth(WIDTH_PX)
        self._build_presets(kind)
        self._build_fields(folder, layer_id)
        self._lay_out()
        self._listen()
        self._follow_preset()
        self.check()

    # --- what it is made of -------------------------------------------------------------------------------------

    def _build_presets(self, kind: str) -> None:
        self.presets = QListWidget()
        self.presets.setAccessibleName("Preset")
        self.presets.setFixedWidth(PRESETS_PX)
        for each in PRESETS:
            item = QListWidgetItem(each.text)
            item.setData(Qt.ItemDataRole.UserRole, each.id)
            item.setToolTip(each.tip)
            self.presets.addItem(item)
        self.presets.setCurrentRow([each.id for each in PRESETS].index(kind))
        self.tip = QLabel()
        self.tip.setProperty("dim", True)
        self.tip.setWordWrap(True)

    def _build_fields(self, folder: Path, layer_id: LayerId) -> None:
        shot = self._shot
        self.layers = QListWidget()
        self.layers.setAccessibleName("Layers to export")
        self.layers.setFixedHeight(LAYERS_PX)
        for layer in shot.layers:
            item = QListWidgetItem(layer.name)
            item.setData(Qt.ItemDataRole.UserRole, layer.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if layer.id == layer_id else Qt.CheckState.Unchecked)
            self.layers.addItem(item)
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName("Folder")
        self.browse = _button("Choose…", "")
        self.name = QLineEdit(self.preset.name)
        self.name.setAccessibleName("File name")
        self.name.setToolTip(TOKENS)
        self.version = _button("Next version", "v001 becomes v002")
        self.makes = QLabel()
        self.makes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.makes.setWordWrap(True)
        self.frames = QLineEdit(str(shot.range) if shot.range is not None else "")
        self.frames.setAccessibleName("Frames")
        self.frames.setToolTip("1001-1048, or one number")
        self.pixel_type = chooser("Pixel type", PIXEL_TYPES)
        self.compression = chooser("Compression", COMPRESSIONS)
        self.compression.setToolTip("Lossless only: DWAA and DWAB change mattes.")
        self.data_window = chooser("Data window", DATA_WINDOWS)
        self.data_window.setToolTip("Where the file has pixels; the display window is always the plate's.")
        self.existing = chooser("Files that exist", EXISTING)
        self.core_and_edge = QCheckBox("Core and edge as channels of their own")
        self.core_and_edge.setToolTip("What is solid and what is soft; together they are the matte.")
        self.foreground = QCheckBox("Foreground as a layer of its own")
        self.foreground.setToolTip(
            "The subject's own color as the layer's foreground says, or estimated; not yet multiplied by the matte."
        )
        self.use_alpha = QCheckBox("A fourth layer as A")
        self.sidecar = QCheckBox("Names in a file beside the frames")
        self.sidecar.setToolTip("Instead of in the header of every frame.")
        self.report = QCheckBox("Look everything over afterwards, with a QC report beside the files")
        self.problem = QLabel()
        self.problem.setProperty("severity", "warning")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.nuke = _button("Copy as Nuke nodes", "Plate, matte and the copy between them, to be pasted into Nuke.")
        self.export = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export.setDefault(True)

    def _lay_out(self) -> None:
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(14)
        self.form.setVerticalSpacing(8)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.tokens = QLabel(TOKENS)
        self.tokens.setProperty("dim", True)
        self.form.addRow("Layers", self.layers)
        self.form.addRow("Folder", _beside(self.folder, self.browse))
        self.form.addRow("Name", _beside(self.name, self.version))
        self.form.addRow("", self.tokens)
        self.form.addRow("Writes", self.makes)
        self.form.addRow("Frames", self.frames)
        self.form.addRow("Pixels", self.pixel_type)
        self.form.addRow("Compression", self.compression)
        self.form.addRow("Data window", self.data_window)
        for box in (self.core_and_edge, self.foreground, self.use_alpha, self.sidecar):
            self.form.addRow("", box)
        self.form.addRow("Files that exist", self.existing)
        self.form.addRow("", self.report)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.presets, 1)
        left.addWidget(self.tip)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addLayout(left)
        right = QVBoxLayout()
        right.addLayout(self.form)
        right.addStretch(1)  # else rows that are hidden leave their room between the others
        columns.addLayout(right, 1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 14)
        lines.setSpacing(12)
        lines.addLayout(columns, 1)
        lines.addWidget(self.problem)
        last = QHBoxLayout()
        last.addWidget(self.nuke)
        last.addWidget(self.buttons, 1)
        lines.addLayout(last)
        self.tip.setFixedWidth(PRESETS_PX)

    def _listen(self) -> None:
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.browse.clicked.connect(self._browse)
        self.version.clicked.connect(lambda: self.name.setText(next_version(self.name.text())))
        self.nuke.clicked.connect(self.copy_nuke)
        self.name.textEdited.connect(self._name_edited)
        for field in (self.folder, self.name, self.frames):
            field.textChanged.connect(lambda _text: self.check())
        for box in (self.pixel_type, self.compression, self.data_window, self.existing):
            box.currentIndexChanged.connect(lambda _place: self.check())
        for tick in (self.core_and_edge, self.foreground, self.use_alpha, self.sidecar):
            tick.toggled.connect(lambda _on: self.check())
        self.presets.currentRowChanged.connect(lambda _row: self._preset_chosen())
        self.layers.itemChanged.connect(lambda _item: self.check())

    # --- what it says -------------------------------------------------------------------------------------------

    @property
    def preset(self) -> Preset:
        return preset(str(self.presets.currentItem().data(Qt.ItemDataRole.UserRole)))

    def chosen_layers(self) -> tuple[LayerId, ...]:
        """Ids of the ticked layers, in the shot's order."""
        items = (self.layers.item(place) for place in range(self.layers.count()))
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def proposed(self) -> ExportPlan:
        """The plan as the fields say it; PenumbraError with a sentence where a field cannot be read."""
        folder, name = self.folder.text().strip(), self.name.text().strip()
        self._reading = self.folder
        if not folder:
            raise ExportError("Folder", why="is empty", hint="Choose where the files go.")
        if not folder.startswith(("/", "~")):
            raise ExportError(folder, why="is not a whole path", hint="Begin with / or ~.")
        self._reading = self.frames
        if not self.frames.text().strip():
            raise ExportError("Frames", why="are empty", hint="Write 1001-1048, or one number.")
        frames = FrameRange.parse(self.frames.text())
        if self._shot.plate is not None:
            check_frames(frames, self._shot.plate)
        self._reading = self.name
        if not name or "/" in name:
            raise ExportError(name or "Name", why="is not a file name", hint="Write name.####.exr.")
        if not self.chosen_layers():
            self._reading = None
        exr, kind, existing = name.lower().endswith(".exr"), self.preset.kind, str(self.existing.currentData())
        return ExportPlan(
            path=f"{folder.rstrip('/')}/{name}",
            layers=self.chosen_layers(),
            frames=frames,
            kind=kind,
            pixel_type=str(self.pixel_type.currentData()) if exr else "half",
            compression=str(self.compression.currentData()) if exr else "zip",
            data_window=str(self.data_window.currentData()) if exr else "plate",
            overwrite=existing == REPLACE,
            resume=existing == RESUME,
            version_up=existing == VERSION_UP,
            core_and_edge=exr and kind in ("matte", "layers") and self.core_and_edge.isChecked(),
            foreground=exr and kind in ("matte", "layers") and self.foreground.isChecked(),
            use_alpha=kind == "rgb" and self.use_alpha.isChecked(),
            sidecar=kind == "cryptomatte" and self.sidecar.isChecked(),
            display=self._display,
            view=self._view,
            report=self.report.isChecked(),
        )

    def check(self) -> ExportPlan | None:
        """The plan, or None after saying in one sentence why there is none."""
        self._show_what_applies()
        try:
            plan = self.proposed()
            made = deliveries(plan, self._shot)
        except PenumbraError as error:
            self._refuse(error.sentence)
            return None
        self.makes.setText(_promise(plan, made))
        self.problem.hide()
        self._make_room()
        self._mark(None)
        self.export.setEnabled(True)
        self.nuke.setEnabled(True)
        return plan

    def accept(self) -> None:
        """Close with the plan; stay with a sentence when it would be refused."""
        plan = self.check()
        if plan is not None:
            self.plan = replace(plan, path=str(Path(plan.path).expanduser()))
            super().accept()

    def copy_nuke(self) -> None:
        """The files this plan makes as Nuke nodes, on the clipboard."""
        plan, plate = self.check(), self._shot.plate
        if plan is not None and plate is not None:
            QGuiApplication.clipboard().setText(nuke_nodes(plan, deliveries(plan, self._shot), plate))
            self.nuke.setText("Copied: paste it in Nuke")

    def _refuse(self, sentence: str) -> None:
        self.makes.setText("")
        self.problem.setText(sentence)
        self.problem.show()
        self._make_room()
        self._mark(self._reading)
        self.export.setEnabled(False)
        self.nuke.setEnabled(False)

    def _make_room(self) -> None:
        """Qt lets words that are broken into lines push other fields over each other."""
        layout = self.layout()
        if self.isVisible() and layout is not None:
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _mark(self, wrong: QLineEdit | None) -> None:
        """Only the field that the sentence is about."""
        for field in (self.folder, self.name, self.frames):
            if bool(field.property("wrong")) != (field is wrong):
                field.setProperty("wrong", field is wrong)
                field.style().unpolish(field)
                field.style().polish(field)

    def _name_edited(self, _text: str) -> None:
        self._named = True

    def _preset_chosen(self) -> None:
        chosen = self.preset
        if not self._named or Path(self.name.text()).suffix.lower() not in KINDS[chosen.kind]:
            self.name.setText(chosen.name)
        if chosen.kind not in ("matte", "prores", "h264"):
            for place in range(self.layers.count()):
                self.layers.item(place).setCheckState(Qt.CheckState.Checked)
        self._follow_preset()
        self.check()

    def _follow_preset(self) -> None:
        chosen = self.preset
        movie = chosen.kind in ("prores", "h264")
        shown = f" Colors as in the viewer: {self._display}, {self._view}." if movie and self._display else ""
        self.tip.setText(chosen.tip + shown)
        self.tokens.setText(TOKENS.partition(";")[0] if movie else TOKENS)
        self.pixel_type.setCurrentIndex(self.pixel_type.findData(chosen.pixel_type))
        self.foreground.setChecked(chosen.foreground)
        self.nuke.setText("Copy as Nuke nodes")

    def _show_what_applies(self) -> None:
        """Only fields that mean something for this file."""
        exr, kind = self.name.text().strip().lower().endswith(".exr"), self.preset.kind
        for field, applies in (
            (self.pixel_type, exr),
            (self.compression, exr),
            (self.data_window, exr),
            (self.core_and_edge, exr and kind in ("matte", "layers")),
            (self.foreground, exr and kind in ("matte", "layers")),
            (self.use_alpha, kind == "rgb"),
            (self.sidecar, kind == "cryptomatte"),
        ):
            self.form.setRowVisible(field, applies)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the export", self.folder.text())
        if chosen:
            self.folder.setText(chosen)


def _promise(plan: ExportPlan, made: tuple[Delivery, ...]) -> str:
    """The names it will make, spelled out."""
    first = [delivery.path(plan.frames.first).name for delivery in made]
    text = "\n".join(first[:PREVIEWED])
    if len(first) > PREVIEWED:
        text += f"\nand {len(first) - PREVIEWED} more"
    frames = f"{len(plan.frames)} frame{'s' if len(plan.frames) != 1 else ''}"
    return f"{text}\n{frames}" + (" each" if len(first) > 1 else "")


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(tip)
    return button


def _beside(field: QWidget, button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(field, 1)
    row.addWidget(button)
    return row
