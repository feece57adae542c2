"""The way into the interface's thread, and what an unexpected error becomes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import PlateError
from tests.widgets.fake_studio import FakeStudio
from widgets import application
from widgets.application import describe, make_application, post, unexpected
from widgets.studio import Message, Severity


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    yield make_application()
    qapp.setStyleSheet("")


def test_there_is_one_application(app: QApplication) -> None:
    assert make_application() is app
    assert app.applicationName() == "Penumbra"


def test_posted_calls_run_on_the_interfaces_thread_in_order(qtbot: QtBot, app: QApplication) -> None:
    """From several threads at once; each thread's calls keep their order."""
    ran: list[tuple[int, int, bool]] = []

    def work(worker: int) -> None:
        for number in range(50):
            post(lambda number=number: ran.append((worker, number, QThread.currentThread() is app.thread())))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    before = len(ran)
    qtbot.waitUntil(lambda: len(ran) == 200, timeout=5000)

    assert before == 0
    assert all(on_thread for _worker, _number, on_thread in ran)
    assert [number for worker, number, _on in ran if worker == 2] == list(range(50))


def test_an_error_with_a_sentence_keeps_it(app: QApplication) -> None:
    message = describe(PlateError("plate.####.exr", why="no frame was found", hint="Look at the path."))

    assert message.severity is Severity.ERROR
    assert message.text == "plate.####.exr: no frame was found. Look at the path."
    assert "PlateError" in message.details


def test_any_other_error_says_that_the_work_is_kept(app: QApplication) -> None:
    message = describe(ZeroDivisionError("division by zero"))

    assert message.text.startswith("Something went wrong inside Penumbra: ZeroDivisionError")
    assert message.text.endswith("What you painted is kept.")


def test_an_exception_nobody_caught_becomes_a_message(qtbot: QtBot, app: QApplication) -> None:
    heard: list[Message] = []
    forget = unexpected.connect(heard.append)
    error = KeyError("lost")
    application._on_exception(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: len(heard) == 1, timeout=2000)
    forget()

    assert "KeyError" in heard[0].text


def test_the_window_runs_until_it_is_closed_and_hooks_go_back(
    app: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = sys.excepthook, threading.excepthook
    shown: list[bool] = []

    def run() -> int:
        shown.extend(widget.isVisible() for widget in QApplication.topLevelWidgets() if widget.objectName() == "main")
        return 0

    monkeypatch.setattr(application, "QSettings", lambda *_names: None)
    monkeypatch.setattr(QApplication, "exec", staticmethod(run))

    assert application.run_window(FakeStudio()) == 0
    assert shown == [True]
    assert (sys.excepthook, threading.excepthook) == hooks
