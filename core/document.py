"""The open project in memory: the shot and its history. One door in (`do`), one signal out (`changed`).

Lives on the interface's thread. Knows neither files nor the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.commands import Command
from core.shot import Change, Shot, Touched
from core.signal import Signal


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the history: a command and the shots on both sides of it."""

    command: Command
    before: Shot
    after: Shot
    change: Change


@dataclass(frozen=True, slots=True)
class Edit:
    """What the journal is told, before the world hears of it: `kind` is do, undo, redo or amend; `after` the shot to
    come."""

    kind: str
    command: Command
    after: Shot


class Document:
    """Shots and history. `edited` is emitted first (the journal writes), then `changed` (everyone redraws)."""

    def __init__(self, shot: Shot | None = None) -> None:
        self.shot = shot or Shot()
        self.changed: Signal[Change] = Signal()
        self.edited: Signal[Edit] = Signal()
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def do(self, command: Command) -> Change:
        """Apply a command, remember it, and say what changed. An exception leaves the document untouched."""
        after, change = command.apply(self.shot)
        self.edited.emit(Edit("do", command, after))
        self._done.append(Step(command, self.shot, after, change))
        self._undone.clear()
        self.shot = after
        self.changed.emit(change)
        return change

    def amend(self, command: Command) -> Change:
        """Apply what a machine made meanwhile: no step of the history. Undo takes back the artist's last step with it,
        redo brings both again; what was undone can still be redone."""
        after, change = command.apply(self.shot)
        if after is self.shot:
            return change
        self.edited.emit(Edit("amend", command, after))
        if self._done:
            self._done[-1] = replace(self._done[-1], after=after)
        self.shot = after
        self.changed.emit(change)
        return change

    def undo(self) -> Change | None:
        """Back to the shot before the last command; None when there is none."""
        if not self._done:
            return None
        step = self._done[-1]
        self.edited.emit(Edit("undo", step.command, step.before))
        self._undone.append(self._done.pop())
        self.shot = step.before
        self.changed.emit(step.change)
        return step.change

    def redo(self) -> Change | None:
        """Forward again; None when nothing was undone."""
        if not self._undone:
            return None
        step = self._undone[-1]
        self.edited.emit(Edit("redo", step.command, step.after))
        self._done.append(self._undone.pop())
        self.shot = step.after
        self.changed.emit(step.change)
        return step.change

    def adopt(self, other: Document) -> None:
        """Take over another document's shot and history: a project was opened in this window."""
        self.shot = other.shot
        self._done = list(other._done)
        self._undone = list(other._undone)
        self.changed.emit(Change(Touched.PLATE))

    @property
    def undo_label(self) -> str:
        """What Undo would take back; empty when there is nothing."""
        return self._done[-1].command.label if self._done else ""

    @property
    def redo_label(self) -> str:
        return self._undone[-1].command.label if self._undone else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What every step did, oldest first: the first `steps` are done, those after them can be done again."""
        return tuple(step.command.label for step in (*self._done, *reversed(self._undone)))

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        return len(self._done)

    def shots(self) -> tuple[Shot, ...]:
        """The shot and every one that undo and redo can bring back."""
        beside = [shot for step in (*self._done, *self._undone) for shot in (step.before, step.after)]
        return (self.shot, *beside)

    @property
    def undone_steps(self) -> int:
        """How many steps can be redone."""
        return len(self._undone)
