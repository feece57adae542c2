"""Keep what a layer looks like now, to compare it with what it becomes."""

from __future__ import annotations

from uuid import uuid4

from app.mattes import Mattes
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, LayerId, MatteKey
from core.matte import Matte
from core.project_file import Project
from core.take import Take, TakeId

BEFORE_CORRECTION = "before correction"


class Takes:
    """The takes of one project. They are kept beside the document, not undone with it."""

    def __init__(self, project: Project, mattes: Mattes) -> None:
        self._project = project
        self._mattes = mattes

    def of(self, layer_id: LayerId) -> tuple[Take, ...]:
        """Oldest first."""
        return tuple(take for take in self._project.takes if take.layer_id == layer_id)

    def keep(self, layer_id: LayerId, name: str) -> Take:
        """Remember every matte of the layer that can be shown now, by key."""
        mattes = {}
        for frame in self._mattes.document.shot.range or ():
            standing = self._mattes.standing(layer_id, frame)
            if standing.matte is not None and standing.key != EMPTY_MATTE:
                mattes[frame] = standing.key
        take = Take(uuid4().hex[:12], layer_id, self._unused(layer_id, name), mattes)
        self._project.keep_take(take)
        return take

    def keep_before_correction(self, layer_id: LayerId, frame: FrameNumber, ground: MatteKey) -> None:
        """Remember the layer as it was before the first stroke on a frame; one such take a layer, the newest.

        Args:
            ground: the matte under the stroke: what was on screen at `frame`.
        """
        for take in self.of(layer_id):
            if take.name.startswith(BEFORE_CORRECTION):
                self._project.drop_take(take.id)
        mattes = {**self._mattes.shown(layer_id), frame: ground}
        name = f"{BEFORE_CORRECTION} {frame}"
        kept = {number: key for number, key in mattes.items() if key != EMPTY_MATTE}
        self._project.keep_take(Take(uuid4().hex[:12], layer_id, name, kept))

    def _unused(self, layer_id: LayerId, name: str) -> str:
        taken = {take.name for take in self.of(layer_id)}
        if name not in taken:
            return name
        return next(f"{name} {number}" for number in range(2, 10_000) if f"{name} {number}" not in taken)

    def matte(self, take_id: TakeId, frame: FrameNumber) -> Matte | None:
        """The take's matte at a frame; None where it has none."""
        for take in self._project.takes:
            if take.id == take_id:
                key = take.mattes.get(frame)
                return self._mattes.known(key) if key else None
        return None
