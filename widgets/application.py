"""The Qt application: its look, what happens to an unexpected error, and the way into its thread.

Knows Qt and the theme. Does not know what the window shows; `run_window` is handed a studio and nothing else.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from core import signal
from core.errors import PenumbraError
from widgets.first_look import FirstLook
from widgets.main_window import MainWindow
from widgets.studio import Message, Severity, Studio
from widgets.theme import apply_theme

log = logging.getLogger(__name__)

ORGANIZATION = "Penumbra"
APPLICATION = "Penumbra"

unexpected: signal.Signal[Message] = signal.Signal()
"""An exception nobody caught, as a message, on the interface's thread. The window shows it and stays."""


class _Mailbox(QObject):
    """Lives on the interface's thread; a queued signal carries calls into it."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _call(self, call: Callable[[], None]) -> None:
        call()


_mailboxes: list[_Mailbox] = []


def post(call: Callable[[], None]) -> None:
    """Run `call` on the interface's thread at its next turn, in the order posted. Safe from any thread.

    Quietly nothing when the application is gone: a late worker must not keep a closed window alive.
    """
    if _mailboxes and QCoreApplication.instance() is not None:
        _mailboxes[0].arrived.emit(call)


def make_application(argv: Sequence[str] = ()) -> QApplication:
    """The one `QApplication`, themed, with `post` ready and unexpected errors turned into messages.

    Call it on the main thread. Calling it again returns the same application.
    """
    running = QApplication.instance()
    if isinstance(running, QApplication):
        application = running
    else:
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        application = QApplication(["penumbra", *argv])
    application.setOrganizationName(ORGANIZATION)
    application.setApplicationName(APPLICATION)
    application.setApplicationDisplayName(APPLICATION)
    apply_theme(application)
    if not _mailboxes:
        mailbox = _Mailbox()
        mailbox.moveToThread(application.thread())
        _mailboxes.append(mailbox)
    return application


def describe(error: BaseException) -> Message:
    """An exception as a message: a sentence, and the whole trace under the fold."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, PenumbraError):
        return Message(Severity.ERROR, error.sentence, trace)
    text = f"Something went wrong inside Penumbra: {type(error).__name__}: {error}. What you painted is kept."
    return Message(Severity.ERROR, text, trace)


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.error("unexpected error", exc_info=(kind, error, trace))
    message = describe(error)
    post(lambda: unexpected.emit(message))


def _on_thread_exception(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        _on_exception(failed.exc_type, failed.exc_value, failed.exc_traceback)


def run_window(studio: Studio, draw_with: str = "", first: FirstLook | None = None) -> int:
    """Show the window until it is closed; returns the exit code. The caller closes the studio; only a session that
    the artist chose to throw away is closed here. `draw_with` is `auto`, `raster` or `gl` for this run; empty for
    what the artist chose. `first` says where to look when something was opened."""
    application = make_application()
    window = MainWindow(studio, QSettings(ORGANIZATION, APPLICATION), draw_with)
    if first is not None:
        first.when_opened(studio.document, window.view)
    forget = unexpected.connect(window.show_message)
    hooks = sys.excepthook, threading.excepthook
    sys.excepthook, threading.excepthook = _on_exception, _on_thread_exception
    try:
        window.show()
        code = application.exec()
        if window.files.discarded:
            studio.close(discard=True)
        return code
    finally:
        sys.excepthook, threading.excepthook = hooks
        forget()
