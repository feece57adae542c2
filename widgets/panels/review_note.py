"""The note of one frame and layer: a field that keeps what was typed, always with the frame it was begun on.

Kept when the artist leaves the field, rests, saves, or goes to another frame. One command each time.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from core.frames import FrameNumber
from core.layer import LayerId
from core.review import mark_at
from core.review_commands import SetReviewNote
from widgets.review import now
from widgets.studio import Studio

RESTED_MS = 2500
"""A note that is not typed on for so long is kept."""
HEIGHT_PX = 62


class ReviewNote(QPlainTextEdit):
    """Escape keeps the note and calls `leave`: the picture has the keyboard again."""

    def __init__(self, studio: Studio, subject: Callable[[], tuple[FrameNumber, LayerId]], leave: Callable[[], None]):
        super().__init__()
        self._studio, self._subject, self._leave = studio, subject, leave
        self._begun: tuple[FrameNumber, LayerId] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(RESTED_MS)
        self._rest.timeout.connect(self.keep)
        self.setAccessibleName("Note")
        self.setTabChangesFocus(True)
        self.setFixedHeight(HEIGHT_PX)
        self.textChanged.connect(self._typed)

    def show_note(self, text: str, about: str) -> None:
        """Show what stands in the record, unless something else is being typed."""
        self.setPlaceholderText(f"Note on {about}")
        if self._begun is None and self.toPlainText().strip() != text:
            with QSignalBlocker(self):
                self.setPlainText(text)

    def keep(self) -> None:
        """What was typed becomes a command, if it is another text than before."""
        self._rest.stop()
        begun, self._begun = self._begun, None
        document = self._studio.document
        if begun is None or document.shot.plate is None:
            return
        text = self.toPlainText().strip()
        if text != mark_at(document.shot.review, *begun).note:
            document.do(SetReviewNote(*begun, text, self._studio.reviewing.author, now()))

    def drop(self) -> None:
        """Forget what was typed and not yet kept."""
        self._rest.stop()
        self._begun = None

    def toggle(self) -> None:
        """Take the keyboard; once more, give it back to the picture."""
        if self.hasFocus():
            self.leave()
        else:
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Keep the note and give the keyboard back."""
        self.keep()
        self._leave()

    def _typed(self) -> None:
        if self._begun is None:
            self._begun = self._subject()
        self._rest.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.keep()
        return super().event(event)
