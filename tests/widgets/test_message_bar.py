"""Messages are seen, unfold, and go; none of them stops the artist."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from widgets import message_bar
from widgets.message_bar import MessageBar
from widgets.studio import Message, Severity

BROKEN = Message(Severity.ERROR, "plate.1012.exr: the file ends early. Copy it again.", "OSError: 12 of 68 tiles")


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(800, 500)
    host.show()
    return MessageBar(host, below=lambda: 30)


def test_an_error_stays_and_its_details_unfold(qtbot: QtBot, bar: MessageBar) -> None:
    bar.show_message(BROKEN)
    row = bar.rows[0]
    folded = row.details.isVisible()
    row.unfold.click()
    qtbot.waitUntil(lambda: bar.height() > 140)

    assert bar.isVisible()
    assert (folded, row.details.isVisible()) == (False, True)
    assert row.details.toPlainText() == "OSError: 12 of 68 tiles"
    assert bar.y() == 30


def test_copy_takes_the_sentence_and_the_details(bar: MessageBar) -> None:
    bar.show_message(BROKEN)
    bar.rows[0].copy.click()

    assert QGuiApplication.clipboard().text() == f"{BROKEN.text}\n\n{BROKEN.details}"


def test_dismissing_the_last_one_hides_the_bar(bar: MessageBar) -> None:
    bar.show_message(BROKEN)
    bar.rows[0].dismiss.click()

    assert (bar.messages, bar.isVisible()) == ((), False)


def test_the_same_sentence_is_shown_once_and_only_the_newest_few(bar: MessageBar) -> None:
    for text in ("one", "two", "two", "three", "four"):
        bar.show_message(Message(Severity.WARNING, text))

    assert [message.text for message in bar.messages] == ["two", "three", "four"]


def test_information_leaves_by_itself(qtbot: QtBot, bar: MessageBar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_bar, "STAYS_MS", 20)
    bar.show_message(Message(Severity.INFO, "Saved."))
    shown = bar.messages

    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=2000)

    assert [message.text for message in shown] == ["Saved."]
