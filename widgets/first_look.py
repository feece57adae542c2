"""Where the window looks first, when somebody followed a link to a frame."""

from __future__ import annotations

from dataclasses import dataclass

from core.document import Document
from core.frames import FrameNumber
from core.shot import Change
from widgets.view_state import ViewState


@dataclass(frozen=True, slots=True)
class FirstLook:
    """A frame, or None for where the shot begins; a layer's name, or empty for the one that is chosen anyway."""

    frame: FrameNumber | None = None
    layer: str = ""

    def when_opened(self, document: Document, view: ViewState) -> None:
        """Go there, once, as soon as a plate is there."""

        def opened(_: Change) -> None:
            shot = document.shot
            if shot.range is None:
                return
            forget()
            chosen = next((layer.id for layer in shot.layers if layer.name == self.layer), view.look.layer_id)
            frame = view.look.frame if self.frame is None else shot.range.clamp(self.frame)
            view.set(frame=frame, layer_id=chosen)

        forget = document.changed.connect(opened)
