"""What the Look menu does: the next frame worth a look, the one before, the frame to correct next, the worst of them on
a sheet, the heat map. Says what a correction took away of the expected error.

Remembers which frames were offered with which matte, so that none is offered twice until its matte has changed.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.review import ReviewStatus
from widgets.actions import Actions
from widgets.dialogs.worst_frames import WorstFramesDialog
from widgets.studio import Message, Severity, Studio
from widgets.view_state import Look, ViewState


class LookActions:
    """Binds the actions of Look.

    Args:
        window: the sheet's parent.
        say: shows where the artist was brought and why, quietly.
        stop: ends playback.
    """

    def __init__(
        self,
        window: QWidget,
        studio: Studio,
        view: ViewState,
        actions: Actions,
        say: Callable[[str], None],
        stop: Callable[[], None],
    ) -> None:
        self._window, self._studio, self._view, self._actions = window, studio, view, actions
        self._say, self._stop = say, stop
        self._offered: dict[LayerId, list[tuple[FrameNumber, MatteKey]]] = {}
        self._waiting: Callable[[], None] | None = None
        self._moving = False
        self._said = ""
        """What a correction took away, as it was said last."""
        self.sheet: WorstFramesDialog | None = None
        actions.bind(
            {
                "look.next": self.next,
                "look.previous": self.previous,
                "look.correct_next": self.correct_next,
                "look.sheet": self.show_sheet,
                "view.chatter": self._toggle_chatter,
            }
        )
        self._forget = (view.changed.connect(self._looked), studio.judging.changed.connect(self._judged))
        window.destroyed.connect(lambda _gone=None, forget=self._forget: [call() for call in forget])
        actions["view.chatter"].setChecked(view.look.chatter)

    # --- next and previous --------------------------------------------------------------------------------------

    def next(self) -> None:
        """Go to the frame most worth a look that was not offered yet with this matte."""
        layer, judging = self._judged_layer(), self._studio.judging
        if layer is None:
            return
        queue = judging.queue(layer.id)
        measured, known = judging.progress(layer.id)
        if not queue and not known:
            self._waiting = self.next
            self._say(f"Judging {layer.name}…")
            return
        wanted = (
            look
            for look in queue
            if not self._was_offered(layer.id, look.frame) and not self._approved(layer.id, look.frame)
        )
        chosen = next(wanted, None)
        if chosen is None:
            self._offered.pop(layer.id, None)
            self._say("Every frame was offered; the next one begins again." if queue else "No frame is worth a look.")
            return
        self._offered.setdefault(layer.id, []).append(self._place(layer.id, chosen.frame))
        self._go_to(chosen.frame)
        so_far = f"  ({measured} of {known} frames judged)" if measured < known else ""
        self._say(f"Frame {chosen.frame}: {chosen.reason}{so_far}")

    def correct_next(self) -> None:
        """Go to the frame whose correction is likely to take most of the expected error away."""
        layer = self._judged_layer()
        if layer is None:
            return
        suggested = self._studio.judging.suggestions(layer.id)
        measured, known = self._studio.judging.progress(layer.id)
        if not suggested and (not known or measured < known):
            self._waiting = self.correct_next
            self._say(f"Judging {layer.name}…")
        elif not suggested:
            self._say("There is no frame left to correct.")
        else:
            self._go_to(suggested[0].frame)
            so_far = f"  ({measured} of {known} frames judged)" if measured < known else ""
            self._say(f"Correct frame {suggested[0].frame}: {suggested[0].reason}{so_far}")

    def _judged_layer(self) -> Layer | None:
        """The chosen layer, judged from now on; None, and said why, where there is nothing to judge."""
        layer = self._layer()
        if layer is None:
            self._tell("Choose a layer first: frames are judged layer by layer.")
        elif not layer.key_frames:
            self._tell(f"{layer.name} has no key frame yet: there is nothing to judge.")
        else:
            self._studio.judging.judge(layer.id, self._view.look.frame)
            return layer
        return None

    def previous(self) -> None:
        """Back to the frame that was offered before this one."""
        layer = self._layer()
        offered = self._offered.get(layer.id, []) if layer else []
        if layer is None or not offered:
            self._say("No frame was offered before this one.")
            return
        if offered[-1][0] == self._view.look.frame:
            offered.pop()
        if not offered:
            self._say("This was the first frame that was offered.")
            return
        frame = offered[-1][0]
        look = next((look for look in self._studio.judging.queue(layer.id) if look.frame == frame), None)
        self._go_to(frame)
        self._say(f"Frame {frame}: {look.reason}" if look else f"Frame {frame}")

    def _go_to(self, frame: FrameNumber) -> None:
        self._stop()
        self._moving = True
        self._view.set(frame=frame)
        self._moving = False

    def _place(self, layer_id: LayerId, frame: FrameNumber) -> tuple[FrameNumber, MatteKey]:
        return frame, self._studio.shown_key(layer_id, frame)

    def _was_offered(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        offered = [place for place in self._offered.get(layer_id, []) if place[0] == frame]
        return bool(offered) and self._place(layer_id, frame) in offered

    def _approved(self, layer_id: LayerId, frame: FrameNumber) -> bool:
        """Whether the review says that what stands here is good."""
        marks = self._studio.document.shot.review
        mark = next((mark for mark in marks if mark.layer_id == layer_id and mark.frame == frame), None)
        if mark is None or mark.status is not ReviewStatus.APPROVED:
            return False
        return mark.approved_key == self._studio.reviewing.seen(layer_id, frame)[0]

    # --- sheet and heat -----------------------------------------------------------------------------------------

    def show_sheet(self) -> None:
        """The worst frames, in a window of their own that stays open beside the work."""
        layer = self._layer()
        if layer is None:
            self._tell("Choose a layer first: frames are judged layer by layer.")
            return
        if self.sheet is None:
            self.sheet = WorstFramesDialog(self._studio, self._view, self._window)
        self.sheet.show_layer(layer)
        self.sheet.show()
        self.sheet.raise_()

    def _toggle_chatter(self) -> None:
        self._view.set(chatter=not self._view.look.chatter)

    # --- what is heard ------------------------------------------------------------------------------------------

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.chatter != after.chatter:
            self._actions["view.chatter"].setChecked(after.chatter)
        if before.frame != after.frame and not self._moving:
            self._say("")

    def _judged(self, layer_id: LayerId) -> None:
        if layer_id != self._view.look.layer_id:
            return
        if self._waiting is not None and self._studio.judging.progress(layer_id)[1]:
            waiting, self._waiting = self._waiting, None
            waiting()
            return
        removed = self._studio.judging.removed(layer_id)
        said = removed.sentence if removed is not None else ""
        if said and said != self._said:
            self._said = said
            self._say(said)

    def _layer(self) -> Layer | None:
        chosen = self._view.look.layer_id
        return self._studio.document.shot.find(chosen)

    def _tell(self, text: str) -> None:
        self._studio.message.emit(Message(Severity.INFO, text))
