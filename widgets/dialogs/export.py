"""The export dialog: what is written, where, and every name it will make, checked while it is typed.

The rules are `core.delivery`'s; this dialog shows its sentences and never a plan it would refuse.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
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
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core.delivery import deliveries, next_version
from core.errors import ExportError, PenumbraError
from core.frames import FrameRange
from core.layer import LayerId
from core.shot import Shot
from widgets.chooser import Chooser
from widgets.studio import ExportPlan

KINDS = (
    ("matte", "Matte: one layer as channel A"),
    ("layers", "Layers: <layer>.A, all in one file"),
    ("comp", "Comp: premultiplied RGBA"),
)
PIXEL_TYPES = (("half", "Half (16 bit)"), ("float", "Float (32 bit)"))
COMPRESSIONS = (
    ("zip", "ZIP, 16 lines"),
    ("zips", "ZIPS, 1 line"),
    ("piz", "PIZ, wavelet"),
    ("none", "None"),
)
DATA_WINDOWS = (("plate", "The plate's"), ("matte", "The matte's bounds"))
NAME = {
    "matte": "{shot}_{layer}_v001.####.exr",
    "layers": "{shot}_mattes_v001.####.exr",
    "comp": "{shot}_comp_v001.####.exr",
}
PREVIEWED = 4
"""How many sequences' names are spelled out."""


def chooser(name: str, choices: tuple[tuple[str, str], ...]) -> QComboBox:
    box = Chooser()
    box.setAccessibleName(name)
    for value, text in choices:
        box.addItem(text, value)
    return box


class ExportDialog(QDialog):
    """Accepted only with a plan that can be carried out; `plan` is it."""

    def __init__(
        self, shot: Shot, folder: Path, layer_id: LayerId, parent: QWidget | None = None, *, kind: str = "matte"
    ) -> None:
        super().__init__(parent)
        self._shot = shot
        self._named = False
        self.plan: ExportPlan | None = None
        self.setWindowTitle("Export")
        self.setMinimumWidth(620)
        self.kinds = QButtonGroup(self)
        kinds = QVBoxLayout()
        kinds.setSpacing(4)
        for place, (value, text) in enumerate(KINDS):
            button = QRadioButton(text)
            button.setChecked(value == kind)
            self.kinds.addButton(button, place)
            kinds.addWidget(button)
        self.layers = QListWidget()
        self.layers.setAccessibleName("Layers to export")
        self.layers.setFixedHeight(96)
        for layer in shot.layers:
            item = QListWidgetItem(layer.name)
            item.setData(Qt.ItemDataRole.UserRole, layer.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if layer.id == layer_id else Qt.CheckState.Unchecked)
            self.layers.addItem(item)
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName("Folder")
        browse = QPushButton("Choose…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        where = QHBoxLayout()
        where.setSpacing(6)
        where.addWidget(self.folder, 1)
        where.addWidget(browse)
        self.name = QLineEdit(NAME[kind])
        self.name.setAccessibleName("File name")
        self.name.setToolTip("{shot} and {layer} are filled in; #### is the frame number as on disk.")
        version = QPushButton("Next version")
        version.setAutoDefault(False)
        version.setToolTip("v001 becomes v002")
        version.clicked.connect(lambda: self.name.setText(next_version(self.name.text())))
        name = QHBoxLayout()
        name.setSpacing(6)
        name.addWidget(self.name, 1)
        name.addWidget(version)
        self.frames = QLineEdit(str(shot.range) if shot.range is not None else "")
        self.frames.setAccessibleName("Frames")
        self.frames.setToolTip("1001-1048, or one number")
        self.pixel_type = chooser("Pixel type", PIXEL_TYPES)
        self.compression = chooser("Compression", COMPRESSIONS)
        self.compression.setToolTip("Lossless only: DWAA and DWAB change mattes.")
        self.data_window = chooser("Data window", DATA_WINDOWS)
        self.resume = QCheckBox("Keep frames of an earlier export that are still true")
        self.overwrite = QCheckBox("Replace files of these names")
        self.makes = QLabel()
        self.makes.setProperty("dim", True)
        self.makes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.makes.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setProperty("severity", "warning")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export.setDefault(True)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        form.addRow("Write", kinds)
        form.addRow("Layers", self.layers)
        form.addRow("Folder", where)
        form.addRow("Name", name)
        form.addRow("", self.makes)
        form.addRow("Frames", self.frames)
        form.addRow("Pixels", self.pixel_type)
        form.addRow("Compression", self.compression)
        form.addRow("Data window", self.data_window)
        form.addRow("", self.resume)
        form.addRow("", self.overwrite)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 14)
        lines.setSpacing(12)
        lines.addLayout(form)
        lines.addWidget(self.problem)
        lines.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.name.textEdited.connect(self._name_edited)
        for field in (self.folder, self.name, self.frames):
            field.textChanged.connect(lambda _text: self.check())
        self.kinds.idClicked.connect(self._kind_chosen)
        self.layers.itemChanged.connect(lambda _item: self.check())
        self.check()

    @property
    def kind(self) -> str:
        return KINDS[self.kinds.checkedId()][0]

    def chosen_layers(self) -> tuple[LayerId, ...]:
        """Ids of the ticked layers, in the shot's order."""
        items = (self.layers.item(place) for place in range(self.layers.count()))
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def proposed(self) -> ExportPlan:
        """The plan as the fields say it; PenumbraError with a sentence where a field cannot be read."""
        folder, name = self.folder.text().strip(), self.name.text().strip()
        if not folder:
            raise ExportError("Folder", why="is empty", hint="Choose where the files go.")
        if not name or "/" in name:
            raise ExportError(name or "Name", why="is not a file name", hint="Write name.####.exr.")
        if not Path(folder).expanduser().is_absolute():
            raise ExportError(folder, why="is not a whole path", hint="Begin with / or ~.")
        frames = FrameRange.parse(self.frames.text())
        plate = self._shot.plate
        if plate is not None and (frames.first not in plate.frames or frames.last not in plate.frames):
            raise ExportError(f"Frames {frames}", why=f"lie outside the plate ({plate.frames})")
        return ExportPlan(
            path=f"{folder.rstrip('/')}/{name}",
            layers=self.chosen_layers(),
            frames=frames,
            kind=self.kind,
            pixel_type=str(self.pixel_type.currentData()),
            compression=str(self.compression.currentData()),
            data_window=str(self.data_window.currentData()),
            overwrite=self.overwrite.isChecked(),
            resume=self.resume.isChecked(),
        )

    def check(self) -> ExportPlan | None:
        """The plan, or None after saying in one sentence why there is none."""
        try:
            plan = self.proposed()
            made = deliveries(plan, self._shot)
        except PenumbraError as error:
            self._refuse(error.sentence)
            return None
        first = [str(delivery.path(plan.frames.first).name) for delivery in made]
        text = "\n".join(first[:PREVIEWED])
        if len(first) > PREVIEWED:
            text += f"\nand {len(first) - PREVIEWED} more"
        self.makes.setText(text + f"\n{len(plan.frames)} frame{'s' if len(plan.frames) != 1 else ''} each")
        self.problem.hide()
        self._mark(wrong=False)
        self.export.setEnabled(True)
        return plan

    def accept(self) -> None:
        """Close with the plan; stay with a sentence when it would be refused."""
        plan = self.check()
        if plan is not None:
            self.plan = replace(plan, path=str(Path(plan.path).expanduser()))
            super().accept()

    def _refuse(self, sentence: str) -> None:
        self.makes.setText("")
        self.problem.setText(sentence)
        self.problem.show()
        self._mark(wrong=True)
        self.export.setEnabled(False)

    def _mark(self, *, wrong: bool) -> None:
        if self.name.property("wrong") != wrong:
            self.name.setProperty("wrong", wrong)
            self.name.style().unpolish(self.name)
            self.name.style().polish(self.name)

    def _name_edited(self, _text: str) -> None:
        self._named = True

    def _kind_chosen(self, _place: int) -> None:
        if not self._named:
            self.name.setText(NAME[self.kind])
        if self.kind == "layers":
            for place in range(self.layers.count()):
                self.layers.item(place).setCheckState(Qt.CheckState.Checked)
        self.check()

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the export", self.folder.text())
        if chosen:
            self.folder.setText(chosen)
