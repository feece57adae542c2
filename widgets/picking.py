"""Which layer, view or channel of the plate's files is looked at: stepping through them, and matting what is looked at.

Reads and sets the look; asks the studio. Knows no widget. Looking is not editing: only `matte_this` is.
"""

from __future__ import annotations

from core.plate_choices import PlateChoices
from core.plate_layers import AS_MATTED, PlateLayer
from core.shot import Change, Touched
from widgets.studio import Studio
from widgets.view_state import Look, ViewState


class Picking:
    """What the layer picker does, whichever way it is asked."""

    def __init__(self, studio: Studio, view: ViewState) -> None:
        self._studio, self._view = studio, view
        plate = studio.document.shot.plate
        self._path = str(plate.path) if plate is not None else ""
        self._listening = (
            studio.document.changed.connect(self._edited),
            studio.plate_choices_changed.connect(lambda _choices: self._settle()),
            view.changed.connect(self._looked),
        )

    def close(self) -> None:
        """Stop listening."""
        for forget in self._listening:
            forget()

    @property
    def choices(self) -> PlateChoices:
        return self._studio.plate_choices()

    @property
    def line(self) -> PlateLayer | None:
        """The line that is looked at; None while the files are not known."""
        plate = self._studio.document.shot.plate
        return self.choices.line(plate, self._view.look.shown) if plate is not None else None

    @property
    def matted(self) -> PlateLayer | None:
        """The line that is matted."""
        plate = self._studio.document.shot.plate
        return self.choices.line(plate, AS_MATTED) if plate is not None else None

    def look_at(self, line: PlateLayer, channel: str = "") -> None:
        """Look at a line, or at one channel of it alone."""
        plate = self._studio.document.shot.plate
        if plate is not None:
            self._view.set(shown=self.choices.look_at(plate, line, channel))

    def step(self, lines: int) -> None:
        """The next or previous line that can be read, round at the ends."""
        able = [line for line in self.choices.lines if not line.why_not]
        if len(able) > 1:
            now = self.line
            place = able.index(now) if now in able else 0
            self.look_at(able[(place + lines) % len(able)])

    def next_view(self) -> None:
        """The same thing seen by the next eye; nothing where there is one eye only."""
        plate, views, line = self._studio.document.shot.plate, self.choices.views, self.line
        if plate is None or len(views) < 2:
            return
        seen = line.view if line is not None and line.view in views else views[-1]
        wanted = views[(views.index(seen) + 1) % len(views)]
        self._view.set(shown=self.choices.in_view(plate, self._view.look.shown, wanted))

    def matte_this(self) -> None:
        """Matte the layer that is looked at: one undoable command. A channel alone is looked at, never matted."""
        plate, line = self._studio.document.shot.plate, self.line
        if plate is not None and line is not None and self._view.look.shown != AS_MATTED:
            self._studio.read_plate_as(*self.choices.reading_of(plate, line))

    def _edited(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self._settle()

    def _settle(self) -> None:
        """Another plate was opened, or what is looked at is what is matted now."""
        plate, shown = self._studio.document.shot.plate, self._view.look.shown
        path = str(plate.path) if plate is not None else ""
        if path != self._path:
            self._path = path
            self._view.set(shown=AS_MATTED)
        elif plate is not None and shown != AS_MATTED and self.choices.matted(plate) == shown:
            self._view.set(shown=AS_MATTED)

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.shown != after.shown and after.shown == AS_MATTED:
            self._studio.looking.stop()
