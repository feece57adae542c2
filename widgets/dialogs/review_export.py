"""The review's export dialog: a list, a movie, pictures, a contact sheet; what stands before and after; checked while
it is typed. The rules are `core.review_plan`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
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
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import ExportError, PenumbraError
from core.layer import LayerId
from core.review_list import ReviewFilter, rows_of
from core.review_plan import PLATE, ReviewPlan, check, frames_of, marked_frames
from core.shot import Shot
from widgets.dialogs.export import chooser
from widgets.view_state import Look

KINDS: tuple[tuple[str, str, str], ...] = (
    ("csv", "List (CSV)", "{name}_review.csv"),
    ("movie", "Movie (H.264)", "{name}_review.mp4"),
    ("sheet", "Contact sheet", "{name}_review.png"),
    ("pictures", "Pictures", "{name}_review/{name}.####.jpg"),
)
AFTERS = (("overlay", "Matte over the plate"), ("matte", "Matte alone"), ("comp", "Comp over the comp color"))
LAYOUTS = (("side by side", "Side by side"), ("stacked", "Before above after"), ("after only", "After only"))
FRAMES = ((False, "Every frame of the range"), (True, "Only frames with marks, held"))
LIST_HEIGHT_PX = 74


class ReviewExportDialog(QDialog):
    """Accepted only with a plan that can be carried out; `plan` is it.

    Args:
        wanted: the filter of the panel; it can be left out here.
        takes: (id, name) of what may stand before.
    """

    def __init__(
        self,
        shot: Shot,
        look: Look,
        wanted: ReviewFilter,
        takes: Sequence[tuple[str, str]],
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shot, self._look, self._wanted = shot, look, wanted
        self.plan: ReviewPlan | None = None
        self.setWindowTitle("Export review")
        self.setMinimumWidth(640)
        name = shot.plate.name if shot.plate is not None else "review"
        self.files: dict[str, tuple[QCheckBox, QLineEdit]] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for kind, text, pattern in KINDS:
            box, field = QCheckBox(text), QLineEdit(str(folder / pattern.format(name=_file_name(name))))
            box.setChecked(kind in ("csv", "movie"))
            field.setAccessibleName(f"File of the {text.lower()}")
            field.setEnabled(box.isChecked())
            box.toggled.connect(field.setEnabled)
            box.toggled.connect(lambda _on: self.check())
            field.textChanged.connect(lambda _text: self.check())
            self.files[kind] = (box, field)
            form.addRow(box, field)
        self.files["pictures"][1].setToolTip("#### is the frame number; PNG or JPEG.")
        self.files["movie"][1].setToolTip("MP4 or MOV, at the plate's rate.")
        browse = QPushButton("Choose folder…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        form.addRow("", browse)
        browse.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.layers = QListWidget()
        self.layers.setAccessibleName("Layers shown")
        self.layers.setFixedHeight(LIST_HEIGHT_PX)
        for layer in shot.layers:
            item = QListWidgetItem(layer.name)
            item.setData(Qt.ItemDataRole.UserRole, layer.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            shown = layer.id == look.layer_id if look.layer_id else layer.visible
            item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
            self.layers.addItem(item)
        self.layers.itemChanged.connect(lambda _item: self.check())
        self.before = chooser("Before", ((PLATE, "The plate"), *takes))
        self.after = chooser("After", AFTERS)
        self.layout_ = chooser("Layout", LAYOUTS)
        self.frames = chooser("Frames", ())
        for marked, text in FRAMES:
            self.frames.addItem(text, marked)
        self.hold = QSpinBox()
        self.hold.setAccessibleName("Hold each frame")
        self.hold.setRange(1, 240)
        self.hold.setSuffix(" frames each")
        self.hold.setValue(round(float(shot.plate.rate)) if shot.plate is not None else 24)
        frames = QHBoxLayout()
        frames.setSpacing(8)
        frames.addWidget(self.frames, 1)
        frames.addWidget(self.hold)
        self.filtered = QCheckBox("Only the marks that pass the panel's filter")
        self.filtered.setChecked(wanted != ReviewFilter())
        self.filtered.setEnabled(wanted != ReviewFilter())
        self.filtered.toggled.connect(lambda _on: self.check())
        self.overwrite = QCheckBox("Replace files of these names")
        self.overwrite.toggled.connect(lambda _on: self.check())
        for choice in (self.before, self.after, self.layout_, self.frames):
            choice.currentIndexChanged.connect(lambda _place: self.check())
        self.makes, self.problem = QLabel(), QLabel()
        self.makes.setProperty("dim", True)
        self.makes.setWordWrap(True)
        self.problem.setProperty("severity", "warning")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form.addRow("Layers shown", self.layers)
        form.addRow("Before", self.before)
        form.addRow("After", self.after)
        form.addRow("Layout", self.layout_)
        form.addRow("Frames", frames)
        form.addRow("", self.filtered)
        form.addRow("", self.overwrite)
        form.addRow("", self.makes)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 14)
        lines.setSpacing(12)
        lines.addLayout(form)
        lines.addWidget(self.problem)
        lines.addWidget(self.buttons)
        self.check()

    def chosen_layers(self) -> tuple[LayerId, ...]:
        """Ids of the ticked layers, in the shot's order."""
        items = (self.layers.item(place) for place in range(self.layers.count()))
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def proposed(self) -> ReviewPlan:
        """The plan as the fields say it. Raises ExportError where a field cannot be read."""
        look = self._look
        plan = ReviewPlan(
            csv=self._path("csv"),
            movie=self._path("movie"),
            sheet=self._path("sheet"),
            pictures=self._path("pictures"),
            wanted=self._wanted if self.filtered.isChecked() else ReviewFilter(),
            marked_only=bool(self.frames.currentData()),
            hold=self.hold.value(),
            layers=self.chosen_layers(),
            before=str(self.before.currentData()),
            after=str(self.after.currentData()),
            layout=str(self.layout_.currentData()),
            display=look.display,
            view=look.view,
            look=look.ocio_look,
            exposure_stops=look.exposure_stops,
            gamma=look.gamma,
            comp_color=look.comp_color,
            opacity=look.overlay_opacity,
            overwrite=self.overwrite.isChecked(),
        )
        if self._shot.layers and not plan.layers:
            raise ExportError("Layers shown", why="none is ticked", hint="Tick at least one.")
        check(plan, self._shot)
        return plan

    def check(self) -> ReviewPlan | None:
        """The plan, or None after saying in one sentence why there is none."""
        self.hold.setEnabled(bool(self.frames.currentData()))
        try:
            plan = self.proposed()
        except PenumbraError as error:
            self.problem.setText(error.sentence)
            self.problem.show()
            self.makes.setText("")
            self.export.setEnabled(False)
            return None
        self.problem.hide()
        self.export.setEnabled(True)
        self.makes.setText(self._promise(plan))
        return plan

    def accept(self) -> None:
        """Close with the plan; stay with a sentence when it would be refused."""
        plan = self.check()
        if plan is not None:
            self.plan = plan
            super().accept()

    def _promise(self, plan: ReviewPlan) -> str:
        rows, frames = rows_of(self._shot, plan.wanted), frames_of(plan, self._shot)
        said = []
        if plan.csv is not None:
            said.append(f"{len(rows)} mark{'' if len(rows) == 1 else 's'} in the list")
        if plan.movie is not None or plan.pictures is not None:
            said.append(f"{len(frames)} frame{'' if len(frames) == 1 else 's'} of the shot")
        if plan.sheet is not None:
            marked = marked_frames(plan, self._shot)
            said.append(f"{len(marked)} frames on the sheet" if marked else "a few frames of the range on the sheet")
        return ", ".join(said) + ". Exposure, gamma and view are the viewer's."

    def _path(self, kind: str) -> Path | None:
        box, field = self.files[kind]
        if not box.isChecked():
            return None
        path = Path(field.text().strip()).expanduser()
        if not path.is_absolute() or not path.name:
            raise ExportError(field.text() or "The file's name", why="is not a whole path", hint="Begin with / or ~.")
        return path

    def _browse(self) -> None:
        start = str(Path(self.files["csv"][1].text()).parent)
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the review", start)
        if chosen:
            name = _file_name(self._shot.plate.name if self._shot.plate is not None else "review")
            for kind, _text, pattern in KINDS:
                self.files[kind][1].setText(str(Path(chosen) / pattern.format(name=name)))


def _file_name(name: str) -> str:
    """A plate's name as a file may be called."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).strip("._") or "review"
