"""An ordered list of steps as a panel shows it: rows that are switched, turned, moved and removed, and a menu to add.

Knows neither what a step does nor where it is kept: it is given steps, and says which list the hand wants instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from widgets.panels.fields import heading
from widgets.panels.step_row import StepKind, StepRow
from widgets.theme import icon

Step = TypeVar("Step")


class StepList(QWidget, Generic[Step]):
    """Args:
    kinds: what can be in the list, in the order of the menu.
    schema: the knobs of a step as it can be turned now.
    commit: told the list that is wanted.
    try_on: told the list as it would be, while a knob is dragged.
    """

    def __init__(
        self,
        title: str,
        note: str,
        kinds: Mapping[type[Any], StepKind],
        schema: Callable[[Step], dict[str, Any]],
        commit: Callable[[tuple[Step, ...]], None],
        try_on: Callable[[tuple[Step, ...]], None],
    ) -> None:
        super().__init__()
        self._kinds, self._schema, self._commit, self._try_on = kinds, schema, commit, try_on
        self._steps: tuple[Step, ...] = ()
        self.rows: list[StepRow] = []
        self.add = QToolButton()
        self.add.setText("Add step")
        self.add.setIcon(icon("plus"))
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setAccessibleName(f"Add a step to the {title.lower()}")
        self.add.setToolTip("Add a step at the end of the list; it can be moved, switched off and removed")
        self.add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self.add)
        menu.setToolTipsVisible(True)
        for kind in kinds.values():
            entry = menu.addAction(kind.name, partial(self._added, kind.begins))
            entry.setToolTip(kind.tip)
        self.add.setMenu(menu)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(heading(title), 1)
        top.addWidget(self.add)
        self.note = QLabel(note)
        self.note.setProperty("dim", True)
        self.note.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        lines.addLayout(top)
        lines.addWidget(self.note)
        lines.addLayout(self._list)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Rows that fit stay: a slider that is being dragged must not go from under the hand."""
        self._steps = tuple(steps)
        schemas = [self._schema(step) for step in self._steps]
        pairs = zip(self.rows, self._steps, schemas, strict=False)
        fitting = len(self.rows) == len(self._steps) and all(row.fits(step, schema) for row, step, schema in pairs)
        if not fitting:
            for row in self.rows:
                self._list.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [self._row(place, step, schemas[place]) for place, step in enumerate(self._steps)]
        last = len(self.rows) - 1
        for place, (row, step) in enumerate(zip(self.rows, self._steps, strict=True)):
            row.show_step(step, first=place == 0, last=place == last)

    def _row(self, place: int, step: Step, schema: dict[str, Any]) -> StepRow:
        row = StepRow(step, self._kinds[type(step)], schema)
        row.changed.connect(lambda changed: self._commit(self._with(place, changed)))
        row.turning.connect(lambda tried: self._try_on(self._with(place, tried)))
        row.moved.connect(lambda by: self._commit(self._moved(place, place + by)))
        row.removed.connect(lambda: self._commit(self._with(place, None)))
        self._list.addWidget(row)
        return row

    def _with(self, place: int, step: Step | None) -> tuple[Step, ...]:
        return (*self._steps[:place], *(() if step is None else (step,)), *self._steps[place + 1 :])

    def _moved(self, place: int, to: int) -> tuple[Step, ...]:
        others = list(self._steps)
        others.insert(to, others.pop(place))
        return tuple(others)

    def _added(self, step: Step) -> None:
        self._commit((*self._steps, step))
