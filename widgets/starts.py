"""What the window asks of the beginnings Teach may take: as it came, or a model of the show. Qt-free.

The real room is `app/starts.py`. Every call returns at once; what came of it is heard through `changed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.show_models import ShowModel
from core.signal import Signal


@dataclass(frozen=True, slots=True)
class Start:
    """A model of the show that is offered. `id` is its own; `current`: the one its store offers first."""

    id: str
    model: ShowModel
    current: bool = False


class StartRoom(Protocol):
    """Where a layer's first teaching begins. Nothing is chosen unless the artist chooses."""

    changed: Signal[None]
    """What is offered or chosen is another now."""

    @property
    def offered(self) -> tuple[Start, ...]:
        """The models of the project's store and of the show's, the current ones first, then the newest."""

    @property
    def chosen(self) -> str:
        """The id of the model that is begun with; empty for as it came."""

    def choose(self, start_id: str) -> None:
        """Begin with this model from now on, or as it came with an empty id."""

    def refresh(self) -> None:
        """Look again: one may have been published since."""
