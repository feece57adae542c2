"""The inspector: what was authored on this frame, the layer's models with their knobs, and how the plate is read.

Knobs are built from each model's own schema. Every change is one `ChooseModels` or `ChangePlate` command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.commands import ChooseModels, ClearKeyFrame, RemovePrompt
from core.errors import OptionError
from core.finish import Finish
from core.layer import KeyFrame, Layer, LayerId, ModelChoice
from core.model_info import ModelInfo
from core.prompts import Stroke
from core.shot import Change
from core.words import counted
from widgets.chooser import Chooser
from widgets.knobs import Knobs
from widgets.panels.fields import OneLine, heading, narrow
from widgets.panels.finish_section import FinishSection
from widgets.panels.foreground_section import ForegroundSection
from widgets.panels.origin_line import OriginLine
from widgets.panels.plate_section import PlateSection
from widgets.panels.scrolling import ScrollingPanel
from widgets.panels.shapes_section import ShapesSection
from widgets.review import seal_words
from widgets.studio import Message, Severity, Studio
from widgets.view_state import Look, ViewState

NO_REFINE = "Leave the edge as it is"


def authored_text(frame: int, key_frame: KeyFrame, *, shaped: bool = False) -> str:
    """`Frame 1003: 2 clicks, 1 box, 3 strokes painted`; `1 click reaching less` where the frame has its own reach.

    Args:
        shaped: whether a roto shape has a key here.
    """
    if key_frame.empty:
        return f"Frame {frame}: {'a key of a shape' if shaped else 'nothing authored'}"
    kinds = Counter(type(prompt).__name__.lower() for prompt in key_frame.prompts)
    plurals = {"click": "clicks", "box": "boxes", "stroke": "prompt strokes"}
    said = [f"{count} {kind if count == 1 else plurals[kind]}" for kind, count in kinds.items()]
    if key_frame.reach is not None and said:
        said[-1] += " reaching less" if key_frame.reach < 1 else " reaching further"
    steps = key_frame.correction.strokes
    strokes = sum(isinstance(step, Stroke) for step in steps)
    if key_frame.correction.painted:
        said.append("a painted matte")
    if strokes:
        said.append(counted(strokes, "correction"))
    said += [step.words for step in steps if isinstance(step, Finish)]
    if key_frame.frozen:
        said.append("on a kept matte" if said else "a kept matte")
    said += ["a key of a shape"] if shaped else []
    return f"Frame {frame}: " + ", ".join(said)


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
                self.knobs.set_values({**model.settings(), **choice.options})
            except OptionError as error:
                self._studio.message.emit(Message(Severity.WARNING, error.sentence))

    def _picked(self, place: int) -> None:
        if self._optional and place == 0:
            self._chosen(None)
            return
        place -= 1 if self._optional else 0
        if place < len(self._models):
            model = self._models[place]
            self._chosen(ModelChoice(model.id, model.settings(), model.version))

    def _turned(self, values: Mapping[str, Any]) -> None:
        place = self.model.currentIndex() - (1 if self._optional else 0)
        if 0 <= place < len(self._models):
            model = self._models[place]
            self._chosen(ModelChoice(model.id, dict(values), model.version))


class InspectorPanel(ScrollingPanel):
    """Frame, models, plate."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        super().__init__("Inspector")
        self._studio, self._view = studio, view
        self._steps: dict[LayerId, tuple[bool, bool]] = {}
        self.layer_name = OneLine()
        self.layer_name.setProperty("heading", True)
        self.authored = QLabel()
        self.authored.setWordWrap(True)
        self.origin = OriginLine(studio)
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
        self.finish = FinishSection(studio)
        self.shapes = ShapesSection(studio, view)
        self.foreground = ForegroundSection(studio)
        self.plate = PlateSection(studio)
        self.hint = QLabel("Choose or add a layer to see its models.")
        self.hint.setProperty("dim", True)
        self.hint.setWordWrap(True)
        self._of_layer = QWidget()
        of_layer = QVBoxLayout(self._of_layer)
        of_layer.setContentsMargins(0, 0, 0, 0)
        of_layer.addWidget(self.layer_name)
        of_layer.addWidget(self.authored)
        of_layer.addWidget(self.origin)
        of_layer.addLayout(buttons)
        for section in self.sections.values():
            of_layer.addWidget(section)
        of_layer.addWidget(self.finish)
        of_layer.addWidget(self.shapes)
        of_layer.addWidget(self.foreground)
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
        return self._studio.document.shot.find(chosen)

    def refresh(self) -> None:
        """Everything anew."""
        layer = self.layer()
        self._bring_what_began(layer)
        self._of_layer.setVisible(layer is not None)
        self.hint.setVisible(layer is None and self._studio.document.shot.plate is not None)
        if layer is not None:
            self.layer_name.setText(layer.name)
            self.sections["segment"].show_choice(layer.segment)
            self.sections["propagate"].show_choice(layer.propagate)
            self.sections["refine"].show_choice(layer.refine)
            for section in self.sections.values():
                section.setEnabled(not layer.locked)
            self.finish.show_layer(layer)
            self.shapes.show_layer(layer)
            self.foreground.show_layer(layer)
        self.plate.refresh()
        self._show_frame()

    def _bring_what_began(self, layer: Layer | None) -> None:
        """A key or a menu gave the layer its first step of a kind: its knobs come into sight."""
        before, self._steps = self._steps, {}
        if layer is None:
            return
        self._steps = {layer.id: (bool(layer.finish.steps), bool(layer.foreground.steps))}
        had = before.get(layer.id, (True, True))
        for section, was, now in zip((self.finish, self.foreground), had, self._steps[layer.id], strict=True):
            if now and not was:
                self.bring(section)

    def clear_key_frame(self) -> None:
        """Forget what was authored for the chosen layer on this frame."""
        layer, frame = self.layer(), self._view.look.frame
        if layer is None or layer.key_frame(frame).empty:
            return
        why = f"{layer.name} is locked." if layer.locked else seal_words(self._studio.document.shot, layer.id, frame)
        if why:
            self._studio.message.emit(Message(Severity.INFO, why))
        else:
            self._studio.document.do(ClearKeyFrame(layer.id, frame))

    def _show_frame(self) -> None:
        layer = self.layer()
        if layer is None:
            return
        key_frame = layer.key_frame(self._view.look.frame)
        frame = self._view.look.frame
        self.authored.setText(authored_text(frame, key_frame, shaped=frame in layer.shape_keys))
        free = not layer.locked and (layer.id, frame) not in self._studio.document.shot.sealed
        self.remove_prompt.setEnabled(free and bool(key_frame.prompts))
        self.clear_key.setEnabled(free and not key_frame.empty)
        self.origin.look_at(layer.id, frame)

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
        layer = self.layer()
        seen = [(look.frame, look.shape_id, look.shape_role) for look in change]
        if layer is not None and seen[0] != seen[1]:
            self.shapes.show_layer(layer)
        if after.shape_id and not before.shape_id:
            self.bring(self.shapes)
