"""One job a layer on the engine, and how its end is told."""

from __future__ import annotations

from core.commands import AddPrompt
from core.errors import ProjectError
from core.prompts import Click
from tests.app.conftest import Desk


def test_no_room_for_what_was_taught_is_a_sentence_and_the_desk_is_free(desk: Desk) -> None:
    """The end is told though the adapter could not be kept: nothing waits for it, and it can be taught again."""
    said: list[str] = []
    desk.studio.message.connect(lambda message: said.append(message.text))
    desk.studio.document.do(AddPrompt(desk.layer, 1001, Click(20, 20), ""))
    desk.settle()

    def refuse(_data: bytes) -> str:
        raise ProjectError("assets", why="the disk is full", hint="Make room on the disk and try again.")

    keeps, desk.studio.bench.teaching._put_asset = desk.studio.bench.teaching._put_asset, refuse
    desk.studio.teach(desk.layer)
    desk.settle()
    assert said == ["assets: the disk is full. Make room on the disk and try again."]

    desk.studio.bench.teaching._put_asset = keeps
    offers: list[object] = []
    desk.studio.teach_offered.connect(offers.append)
    desk.studio.teach(desk.layer)
    desk.settle()
    assert len(offers) == 1
