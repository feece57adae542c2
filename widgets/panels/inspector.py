"""The inspector: what was authored on this frame, the layer's models with their knobs, and how the plate is read.

Knobs are built from each model's own schema. Every change is one `ChooseModels` or `ChangePlate` command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.commands import ChangePlate, ChooseModels, ClearKeyFrame, RemovePrompt
from core.errors import OptionError
from core.layer import KeyFrame, Layer, ModelChoice
from core.model_info import ModelInfo
from core.plate import Plate
from core.shot import Change
from widgets.chooser import Chooser, QuietWheel
from widgets.knobs import Knobs
from widgets.panels.scrolling import ScrollingPanel
from widgets.studio import Message, Severity, Studio
from widgets.theme import icon
from widgets.view_state import Look, ViewState

UNNAMED = "(unnamed)"
NO_REFINE = "Leave the edge as it is"
RATES = (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001))
"""Rates that a decimal field cannot say exactly."""


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def narrow(box: QComboBox, name: str) -> QComboBox:
    """A combo box that may be narrower than its longest entry."""
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def authored_text(frame: int, key_frame: KeyFrame) -> str:
    """`Frame 1003: 2 clicks, 1 box, 3 strokes painted`."""
    if key_frame.empty:
        return f"Frame {frame}: nothing authored"
    kinds = Counter(type(prompt).__name__.lower() for prompt in key_frame.prompts)
    plurals = {"click": "clicks", "box": "boxes", "stroke": "prompt strokes"}
    said = [f"{count} {kind if count == 1 else plurals[kind]}" for kind, count in kinds.items()]
    strokes = len(key_frame.correction.strokes)
    if key_frame.correction.painted:
        said.append("a painted matte")
    if strokes:
        said.append(f"{strokes} correction{'s' if strokes != 1 else ''}")
    if key_frame.frozen:
        said.append("on a matte put back from a take" if said else "a matte put back from a take")
    return f"Frame {frame}: " + ", ".join(said)


def nearest_rate(fps: float) -> Fraction:
    """23.976 means 24000/1001; anything else is taken to a thousandth."""
    for rate in RATES:
        if abs(float(rate) - fps) < 0.002:
            return rate
    return Fraction(fps).limit_denominator(1000)


class ModelSection(QWidget):
    """One task of the layer: which model, and its knobs."""

    def __init__(self, title: str, task: str, studio: Studio, chosen: Callable[[ModelChoice | None], None]) -> None:
        super().__init__()
        self._title, self._task, self._studio, self._chosen = title, task, studio, chosen
        self._models: tuple[ModelInfo, ...] = ()
        self._optional = task == "refine"
        self.knobs: Knobs | None = None
        self._shown: tuple[Any, ...] = ()
        self.model = narrow(Chooser(), f"{title} model")
        self.model.activated.connect(self._picked)
        self._licence = QLabel()
        self._licence.setProperty("dim", True)
        self._licence.setWordWrap(True)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 4, 0, 4)
        self._lines.setSpacing(4)
        top = QHBoxLayout()
        label = heading(title)
        label.setMinimumWidth(92)
        top.addWidget(label)
        top.addWidget(self.model, 1)
        self._lines.addLayout(top)
        self._lines.addWidget(self._licence)

    def show_choice(self, choice: ModelChoice | None) -> None:
        """Show this model and these options."""
        self._models = self._studio.models(self._task)
        names = [NO_REFINE] if self._optional else []
        names += [model.label for model in self._models]
        found = next((model for model in self._models if choice is not None and model.id == choice.name), None)
        if choice is not None and found is None:
            names.append(f"{choice.name} (not loaded)")
        with QSignalBlocker(self.model):
            self.model.clear()
            self.model.addItems(names)
            place = len(names) - 1 if found is None else self._models.index(found) + (1 if self._optional else 0)
            self.model.setCurrentIndex(0 if choice is None else place)
        self._licence.setText(f"Licence {found.license}" if found and found.license else "")
        self._licence.setVisible(bool(self._licence.text()))
        self._show_knobs(found, choice)

    def _show_knobs(self, model: ModelInfo | None, choice: ModelChoice | None) -> None:
        wanted = (model.id, model.version, repr(model.options_schema)) if model else ()
        if wanted != self._shown:
            self._shown = wanted
            if self.knobs is not None:
                self._lines.removeWidget(self.knobs)
                self.knobs.deleteLater()
                self.knobs = None
            if model is not None and model.options_schema.get("properties"):
                self.knobs = Knobs(model.options_schema)
                self.knobs.committed.connect(self._turned)
                self.knobs.refused.connect(lambda why: self._studio.message.emit(Message(Severity.WARNING, why)))
                self._lines.insertWidget(1, self.knobs)
        if self.knobs is not None and model is not None and choice is not None:
            try:
                self.knobs.set_values({**model.defaults(), **choice.options})
            except OptionError as error:
                self._studio.message.emit(Message(Severity.WARNING, error.sentence))

    def _picked(self, place: int) -> None:
        if self._optional and place == 0:
            self._chosen(None)
            return
        place -= 1 if self._optional else 0
        if place < len(self._models):
            model = self._models[place]
            self._chosen(ModelChoice(model.id, model.defaults(), model.version))

    def _turned(self, values: Mapping[str, Any]) -> None:
        place = self.model.currentIndex() - (1 if self._optional else 0)
        if 0 <= place < len(self._models):
            model = self._models[place]
            self._chosen(ModelChoice(model.id, dict(values), model.version))


class PlateSection(QWidget):
    """How the plate is read."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.facts = QLabel()
        self.facts.setProperty("dim", True)
        self.facts.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.space = narrow(Chooser(), "Color space")
        self.space.activated.connect(lambda _place: self._change_space(self.space.currentText()))
        self.as_file_says = QToolButton()
        self.as_file_says.setIcon(icon("undo"))
        self.as_file_says.setAccessibleName("Color space as the file says")
        self.as_file_says.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.as_file_says.clicked.connect(lambda: self._change_space(self._studio.colors.suggested))
        spaces = QWidget()
        side_by_side = QHBoxLayout(spaces)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(4)
        side_by_side.addWidget(self.space, 1)
        side_by_side.addWidget(self.as_file_says)
        self.why = QLabel()
        self.why.setAccessibleName("Why this color space")
        self.why.setProperty("dim", True)
        self.why.setWordWrap(True)
        self.rate = QDoubleSpinBox()
        QuietWheel(self.rate)
        self.rate.setAccessibleName("Frames per second")
        self.rate.setRange(1, 240)
        self.rate.setDecimals(3)
        self.rate.setKeyboardTracking(False)
        self.rate.valueChanged.connect(self._change_rate)
        self.part, self.layer, self.view = (narrow(Chooser(), name) for name in ("Part", "Layer of the plate", "View"))
        self.part.activated.connect(lambda place: self._read_as("part", place))
        self.layer.activated.connect(lambda place: self._read_as("layer", place))
        self.view.activated.connect(lambda place: self._read_as("view", place))
        self.form = form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        rows = (("Part", self.part), ("Layer", self.layer), ("View", self.view))
        for text, widget in (*rows, ("Color space", spaces), ("Rate", self.rate)):
            label = QLabel(text)
            label.setMinimumSize(92, 26)
            form.addRow(label, widget)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(4)
        lines.addWidget(heading("Plate"))
        lines.addWidget(self.facts)
        lines.addWidget(self.why)
        lines.addLayout(form)

    def refresh(self) -> None:
        """The plate as it is now."""
        plate = self._studio.document.shot.plate
        self.setVisible(plate is not None)
        if plate is None:
            return
        display, data = plate.format.display, plate.data_window
        facts = [f"{plate.path.name}, {plate.frames}", f"{display.width} × {display.height}"]
        if plate.format.pixel_aspect != 1:
            facts[-1] += f", pixel aspect {plate.format.pixel_aspect:g}"
        if data != display:
            facts.append(f"data window {data.x0}, {data.y0} to {data.x1}, {data.y1}")
        missing = len(self._studio.missing_frames())
        if missing:
            facts.append(f"{missing} frame{'s' if missing != 1 else ''} missing")
        self.facts.setText("\n".join(facts))
        self.facts.setToolTip(str(plate.path))
        spaces = tuple(dict.fromkeys((*self._studio.color.spaces, plate.color_space)))
        with QSignalBlocker(self.space), QSignalBlocker(self.rate):
            if tuple(self.space.itemText(place) for place in range(self.space.count())) != spaces:
                self.space.clear()
                self.space.addItems(spaces)
            self.space.setCurrentIndex(self.space.findText(plate.color_space))
            self.rate.setValue(float(plate.rate))
        self.show_reason()
        self._show_choices(plate)

    def show_reason(self) -> None:
        """Why the plate is read in its color space, and the way back to what its files say."""
        plate, colors = self._studio.document.shot.plate, self._studio.colors
        self.why.setText(f"Read as {plate.color_space}. {colors.reason}" if plate is not None else "")
        self.why.setVisible(bool(colors.reason))
        chosen = plate is not None and colors.suggested not in ("", plate.color_space)
        self.as_file_says.setVisible(chosen)
        self.as_file_says.setToolTip(f"Back to {colors.suggested}, as the file says")

    def _show_choices(self, plate: Plate) -> None:
        """Part, layer and view, each only where there is more than one."""
        choices = self._studio.plate_choices()
        shown = choices.shown(plate)
        parts = tuple(part.name for part in choices.parts)
        for box, names, current in (
            (self.part, parts, shown.part),
            (self.layer, choices.layers(plate), shown.layer),
            (self.view, choices.views, shown.view),
        ):
            with QSignalBlocker(box):
                box.clear()
                for name in names:
                    box.addItem(name or UNNAMED, name)
                box.setCurrentIndex(box.findData(current))
            self.form.setRowVisible(box, len(names) > 1)

    def _read_as(self, which: str, place: int) -> None:
        """Ask for another part, layer or view; the choosers stay with what is shown until it is there."""
        plate, choices = self._studio.document.shot.plate, self._studio.plate_choices()
        if plate is None:
            return
        box, choose = {
            "part": (self.part, choices.with_part),
            "layer": (self.layer, choices.with_layer),
            "view": (self.view, choices.with_view),
        }[which]
        name = box.itemData(place)
        if name != getattr(choices.shown(plate), which):
            self._studio.read_plate_as(*choose(plate, name))
        self.refresh()

    def _change_space(self, space: str) -> None:
        plate = self._studio.document.shot.plate
        if plate is not None and space != plate.color_space:
            self._studio.document.do(ChangePlate(replace(plate, color_space=space)))

    def _change_rate(self, fps: float) -> None:
        plate = self._studio.document.shot.plate
        if plate is not None and nearest_rate(fps) != plate.rate:
            self._studio.document.do(ChangePlate(replace(plate, rate=nearest_rate(fps))))


class InspectorPanel(ScrollingPanel):
    """Frame, models, plate."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        super().__init__("Inspector")
        self._studio, self._view = studio, view
        self.layer_name = heading("")
        self.authored = QLabel()
        self.authored.setWordWrap(True)
        self.remove_prompt = QPushButton("Remove last prompt")
        self.clear_key = QPushButton("Clear key frame")
        self.remove_prompt.clicked.connect(self._remove_prompt)
        self.clear_key.clicked.connect(self.clear_key_frame)
        buttons = QHBoxLayout()
        buttons.addWidget(self.remove_prompt)
        buttons.addWidget(self.clear_key)
        self.sections = {
            "segment": ModelSection("Segment", "segment", studio, lambda choice: self._choose(segment=choice)),
            "propagate": ModelSection("Propagate", "propagate", studio, lambda choice: self._choose(propagate=choice)),
            "refine": ModelSection("Refine", "refine", studio, lambda choice: self._choose(refine=choice)),
        }
        self.plate = PlateSection(studio)
        self.hint = QLabel("Choose or add a layer to see its models.")
        self.hint.setProperty("dim", True)
        self.hint.setWordWrap(True)
        self._of_layer = QWidget()
        of_layer = QVBoxLayout(self._of_layer)
        of_layer.setContentsMargins(0, 0, 0, 0)
        of_layer.addWidget(self.layer_name)
        of_layer.addWidget(self.authored)
        of_layer.addLayout(buttons)
        for section in self.sections.values():
            of_layer.addWidget(section)
        self.lines.addWidget(self.hint)
        self.lines.addWidget(self._of_layer)
        self.lines.addWidget(self.plate)
        self.lines.addStretch(1)
        forgets = (
            studio.document.changed.connect(self._changed),
            studio.models_changed.connect(lambda _models: self.refresh()),
            studio.plate_choices_changed.connect(lambda _choices: self.plate.refresh()),
            studio.colors.reason_changed.connect(lambda _reason: self.plate.show_reason()),
            studio.colors.changed.connect(lambda _color: self.plate.refresh()),
            view.changed.connect(self._looked),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    def layer(self) -> Layer | None:
        """The chosen layer."""
        chosen = self._view.look.layer_id
        return next((layer for layer in self._studio.document.shot.layers if layer.id == chosen), None)

    def refresh(self) -> None:
        """Everything anew."""
        layer = self.layer()
        self._of_layer.setVisible(layer is not None)
        self.hint.setVisible(layer is None and self._studio.document.shot.plate is not None)
        if layer is not None:
            self.layer_name.setText(layer.name)
            self.sections["segment"].show_choice(layer.segment)
            self.sections["propagate"].show_choice(layer.propagate)
            self.sections["refine"].show_choice(layer.refine)
        self.plate.refresh()
        self._show_frame()

    def clear_key_frame(self) -> None:
        """Forget what was authored for the chosen layer on this frame."""
        layer, frame = self.layer(), self._view.look.frame
        if layer is not None and not layer.key_frame(frame).empty:
            self._studio.document.do(ClearKeyFrame(layer.id, frame))

    def _show_frame(self) -> None:
        layer = self.layer()
        if layer is None:
            return
        key_frame = layer.key_frame(self._view.look.frame)
        self.authored.setText(authored_text(self._view.look.frame, key_frame))
        self.remove_prompt.setEnabled(bool(key_frame.prompts))
        self.clear_key.setEnabled(not key_frame.empty)

    def _remove_prompt(self) -> None:
        layer, frame = self.layer(), self._view.look.frame
        if layer is not None and layer.key_frame(frame).prompts:
            place = len(layer.key_frame(frame).prompts) - 1
            self._studio.document.do(RemovePrompt(layer.id, frame, place))

    def _choose(self, **choices: ModelChoice | None) -> None:
        layer = self.layer()
        if layer is None:
            return
        segment = choices.get("segment") or layer.segment
        propagate = choices.get("propagate") or layer.propagate
        refine = choices.get("refine", layer.refine) if "refine" in choices else layer.refine
        if (segment, propagate, refine) != (layer.segment, layer.propagate, layer.refine):
            self._studio.document.do(ChooseModels(layer.id, segment, propagate, refine))

    def _changed(self, change: Change) -> None:
        del change
        self.refresh()

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.layer_id != after.layer_id:
            self.refresh()
        elif before.frame != after.frame:
            self._show_frame()
