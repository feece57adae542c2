"""The job list: what is being worked on, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from core.jobs import JobId, JobState, JobStatus
from widgets.panels.fields import OneLine
from widgets.panels.scrolling import ScrollingPanel
from widgets.studio import Studio
from widgets.theme import icon

STEPS = 1000
TWO_JOBS_PX = 128
"""What a job that runs and one that waits need."""
ICONS = {
    "propagate": "propagate",
    "teach": "teach",
    "refine": "refine",
    "export": "export",
    "load": "plate",
    "like": "like",
    "live": "teach-live",
    "sheet": "sheet",
    "shapes": "fit-shapes",
}
WORDS = {
    JobState.QUEUED: "Waiting",
    JobState.RUNNING: "Running",
    JobState.DONE: "Done",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Cancelled",
}


def breakable(text: str) -> str:
    """A path may be broken after each folder and word of a name; nothing is seen of it."""
    return text.replace("/", "/\u200b").replace("_", "_\u200b")


class JobRow(QWidget):
    """One job: title, progress, the last thing worth saying, cancel."""

    def __init__(self, studio: Studio, job_id: JobId) -> None:
        super().__init__()
        self._sign = QLabel()
        self._sign.setFixedWidth(20)
        self.title = OneLine()
        self.words = QLabel()
        self.words.setProperty("dim", True)
        self.words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setStyleSheet("QProgressBar, QProgressBar::chunk { min-height: 6px; max-height: 6px; }")
        self.cancel = QToolButton()
        self.cancel.setIcon(icon("cancel"))
        self.cancel.setToolTip("Cancel")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(lambda: studio.cancel(job_id))
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._sign)
        top.addWidget(self.title, 1)
        top.addWidget(self.cancel)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(4, 4, 4, 6)
        lines.setSpacing(3)
        lines.addLayout(top)
        lines.addWidget(self.bar)
        lines.addWidget(self.words)

    def show_status(self, status: JobStatus) -> None:
        """Draw the job as it is now."""
        self._sign.setPixmap(icon(ICONS.get(status.kind, "jobs")).pixmap(16, 16))
        self.title.setText(status.title)
        known = status.progress == status.progress
        self.bar.setVisible(not status.state.ended)
        if known or status.state is not JobState.RUNNING:
            self.bar.setRange(0, STEPS)
            self.bar.setValue(round((status.progress if known else 0.0) * STEPS))
        else:
            self.bar.setRange(0, 0)
        word = "Paused" if status.paused else WORDS[status.state]
        percent = f" {status.progress:.0%}" if status.state is JobState.RUNNING and known else ""
        self.words.setText(f"{word}{percent}" + (f" · {breakable(status.message)}" if status.message else ""))
        self.cancel.setVisible(not status.state.ended)
        self.cancel.setAccessibleName(f"Cancel {status.title}")
        self.bar.setAccessibleName(f"Progress of {status.title}")


class JobsPanel(QWidget):
    """All jobs, the running ones first, the newest of the ended ones after them."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._rows: dict[JobId, JobRow] = {}
        self._cleared: set[JobId] = set()
        self._statuses: tuple[JobStatus, ...] = ()
        self.setAccessibleName("Jobs")
        self.hint = QLabel("Nothing is running.")
        self.hint.setProperty("dim", True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        scroll = ScrollingPanel("Job list", margin_px=0)
        self._lines = scroll.lines
        self._lines.setSpacing(2)
        self._lines.addWidget(self.hint)
        self._lines.addStretch(1)
        self.clear = QToolButton()
        self.clear.setText("Clear finished")
        self.clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clear.clicked.connect(self._clear)
        self.setMinimumHeight(TWO_JOBS_PX)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(6, 6, 6, 6)
        lines.setSpacing(2)
        lines.addWidget(scroll, 1)
        lines.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignRight)
        forget = studio.jobs_changed.connect(self.show_jobs)
        self.destroyed.connect(lambda _gone=None: forget())
        self.show_jobs(studio.jobs())

    def row(self, job_id: JobId) -> JobRow:
        """The row of a job that is shown; KeyError otherwise."""
        return self._rows[job_id]

    def show_jobs(self, statuses: tuple[JobStatus, ...]) -> None:
        """Draw these jobs; rows are kept, so that nothing flickers under the pointer."""
        self._statuses = statuses
        shown = [status for status in statuses if status.id not in self._cleared]
        ordered = [s for s in shown if not s.state.ended] + [s for s in reversed(shown) if s.state.ended]
        for gone in set(self._rows) - {status.id for status in ordered}:
            row = self._rows.pop(gone)
            self._lines.removeWidget(row)
            row.deleteLater()
        for place, status in enumerate(ordered):
            if status.id not in self._rows:
                self._rows[status.id] = JobRow(self._studio, status.id)
            row = self._rows[status.id]
            if self._lines.indexOf(row) != place:
                self._lines.insertWidget(place, row)
            row.show_status(status)
        self.hint.setVisible(not ordered)
        self.clear.setVisible(any(status.state.ended for status in ordered))

    def _clear(self) -> None:
        self._cleared.update(status.id for status in self._statuses if status.state.ended)
        self.show_jobs(self._statuses)
