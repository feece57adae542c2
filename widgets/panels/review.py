"""The Review panel: the status, note and drawing of this frame, and all marks to filter and step through.

Every edit is a command; everything shown is drawn from the shot and the look.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton

from core.frames import FrameNumber
from core.layer import LayerId
from core.review import WHOLE_PICTURE, ReviewStatus, mark_at
from core.review_commands import ClearReviewDrawing, RemoveReviewMark, SetReviewStatus
from core.review_list import CHANGED_SINCE, PICTURE, ReviewRow, counts, neighbour
from core.shot import Change, Touched
from widgets.actions import Actions
from widgets.panels.fields import action_button
from widgets.panels.pen import PenRow
from widgets.panels.review_note import ReviewNote
from widgets.panels.review_table import ReviewTable
from widgets.panels.scrolling import ScrollingPanel
from widgets.review import now, subject
from widgets.studio import Message, Severity, Studio
from widgets.view_state import Look, ViewState

STATUSES = (
    ("review.todo", ReviewStatus.TO_DO),
    ("review.fix", ReviewStatus.FIX),
    ("review.approved", ReviewStatus.APPROVED),
)
LONGEST_NAME_PX = 96


class ReviewPanel(ScrollingPanel):
    """Args: `leave` gives the keyboard back to the picture."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions, leave: Callable[[], None]) -> None:
        super().__init__("Review")
        self._studio, self._view, self._actions = studio, view, actions
        self._about = ""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.refresh)
        self._stepped = QTimer(self)
        self._stepped.setSingleShot(True)
        self._stepped.setInterval(0)
        self._stepped.timeout.connect(self._show_here)
        self.note = ReviewNote(studio, self.subject, leave)
        self.pen = PenRow(view, actions, self.clear_drawing)
        self.table = ReviewTable(
            lambda: studio.document.shot, self._show, self._remove, lambda: self._later.start(), leave
        )
        lines = self.lines
        lines.setSpacing(5)
        lines.addLayout(self._build_about())
        lines.addLayout(self._build_statuses())
        lines.addWidget(self.note)
        lines.addWidget(self.pen)
        lines.addWidget(self.table, 1)
        lines.addWidget(self.count)
        lines.addLayout(self._build_foot())
        forgets = (
            studio.document.changed.connect(self._changed),
            view.changed.connect(self._looked),
            studio.saving.changed.connect(lambda state: self.note.keep() if state == "saving" else None),
        )
        self.destroyed.connect(lambda _gone=None: [forget() for forget in forgets])
        self.refresh()

    # --- building -----------------------------------------------------------------------------------------------

    def _build_about(self) -> QHBoxLayout:
        """Whom it is about, and how far the review is."""
        self.layer, self.whole = QToolButton(), QToolButton()
        about = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        for button, text, tip, whole in (
            (self.layer, "This layer", "Status, note and drawing are about the chosen layer's matte.", False),
            (self.whole, "Whole frame", "Status, note and drawing are about the picture.", True),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _on=False, whole=whole: self._view.set(review_whole=whole))
            about.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.count = QLabel()
        self.count.setProperty("dim", True)
        self.count.setWordWrap(True)
        self.count.setAccessibleName("How far the review is")
        return row

    def _build_statuses(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for action_id, _status in STATUSES:
            button = action_button(self._actions, action_id)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        return row

    def _build_foot(self) -> QHBoxLayout:
        self.place = QLabel()
        self.place.setProperty("dim", True)
        self.place.setAccessibleName("Place in the list")
        export = action_button(self._actions, "file.export_review")
        export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(action_button(self._actions, "review.previous"))
        row.addWidget(action_button(self._actions, "review.next"))
        row.addWidget(self.place)
        row.addStretch(1)
        row.addWidget(export)
        return row

    # --- what the artist does -----------------------------------------------------------------------------------

    def subject(self) -> tuple[FrameNumber, LayerId]:
        """The frame and layer (or `WHOLE_PICTURE`) that is spoken of now."""
        return self._view.look.frame, subject(self._view.look, self._studio.document.shot)

    def set_status(self, status: ReviewStatus) -> None:
        """Give this frame and layer a status; the same again takes it away. Approving anew renews an approval."""
        document, room = self._studio.document, self._studio.reviewing
        if document.shot.plate is None:
            return
        self.note.keep()
        frame, layer_id = self.subject()
        mark = mark_at(document.shot.review, frame, layer_id)
        seen, fresh = room.seen(layer_id, frame)
        again = mark.status is status and (status is not ReviewStatus.APPROVED or mark.approved_key == seen)
        given = ReviewStatus.NONE if again else status
        sealed = room.sealable(layer_id, frame) if given is ReviewStatus.APPROVED else ()
        document.do(SetReviewStatus(frame, layer_id, given, seen, room.author, now(), sealed))
        if given is ReviewStatus.APPROVED and not fresh:
            self._say(
                f"Frame {frame}: the matte on screen is an older one, so the record says “{CHANGED_SINCE}”. "
                "Approve the new one when it is there.",
                Severity.WARNING,
            )
        self._show_status()

    def clear_drawing(self) -> None:
        """Take the lines of this frame and layer away."""
        frame, layer_id = self.subject()
        if mark_at(self._studio.document.shot.review, frame, layer_id).drawing:
            self._studio.document.do(ClearReviewDrawing(frame, layer_id, self._studio.reviewing.author, now()))

    def step(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) mark that passes the filter."""
        self.table.refresh()
        row = neighbour(self.table.rows, *self.subject(), direction)
        if row is not None:
            self._show(row)
        elif self.table.rows:
            self._say(f"This is the {'last' if direction > 0 else 'first'} mark of the list.")
        else:
            self._say("There is no mark that passes the filter.")

    def _show(self, row: ReviewRow) -> None:
        mark = row.mark
        if mark.layer_id == WHOLE_PICTURE:
            self._view.set(frame=mark.frame, review_whole=True)
        else:
            self._view.set(frame=mark.frame, layer_id=mark.layer_id, review_whole=False)

    def _remove(self, row: ReviewRow) -> None:
        self.note.drop()
        self._studio.document.do(RemoveReviewMark(row.mark.frame, row.mark.layer_id))

    def _say(self, text: str, severity: Severity = Severity.INFO) -> None:
        self._studio.message.emit(Message(severity, text))

    # --- what changed -------------------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self.note.drop()
        self._later.start()

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if (before.layer_id, before.review_whole) != (after.layer_id, after.review_whole):
            self.note.keep()
            self._later.start()
        elif before.frame != after.frame:
            self.note.keep()
            self._stepped.start()

    def refresh(self) -> None:
        """Everything as the shot and the look are."""
        shot = self._studio.document.shot
        _frame, layer_id = self.subject()
        self.table.refresh()
        name = next((layer.name for layer in shot.layers if layer.id == self._view.look.layer_id), "")
        self.layer.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, LONGEST_NAME_PX) or "Layer")
        self.layer.setEnabled(bool(name))
        (self.whole if layer_id == WHOLE_PICTURE else self.layer).setChecked(True)
        self._about = PICTURE if layer_id == WHOLE_PICTURE else name
        self.count.setText(counts(shot, layer_id).sentence if shot.range is not None else "")
        self.count.setToolTip(f"Frames of the range: {self._about}")
        self._show_here()

    def _show_here(self) -> None:
        """What depends on the frame alone: cheap enough for every frame of play."""
        shot = self._studio.document.shot
        frame, layer_id = here = self.subject()
        mark = mark_at(shot.review, frame, layer_id)
        self.note.show_note(mark.note, f"frame {frame}, {self._about}" if shot.plate is not None else "a frame")
        self.note.setEnabled(shot.plate is not None)
        self.pen.clear.setEnabled(bool(mark.drawing))
        self._show_status()
        place, total = self.table.show_place(here), len(self.table.rows)
        self.place.setText(f"{place} of {total}" if place else f"{total} mark{'' if total == 1 else 's'}")

    def _show_status(self) -> None:
        status = mark_at(self._studio.document.shot.review, *self.subject()).status
        for action_id, shown in STATUSES:
            self._actions[action_id].setChecked(status is shown)
