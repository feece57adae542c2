"""Where Teach may begin: what is offered, what is chosen, and what a teaching is then begun with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.starts import Starts
from core.errors import PenumbraError, ProjectError
from core.show_models import NUMBERS, ShowModel, ShowModels
from tests.app.fake_hall import at_once, fake_hall


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    """A project's store with one model, a show's with two, of which the older is current."""
    project, show = tmp_path / "project", tmp_path / "show"
    for store in (project, show):
        (store / "pairs").mkdir(parents=True)
    ours = ShowModel("show-001", "2026-01-02", "ann", str(project))
    ShowModels(project / "models").publish(ours, b"ours", use=False)
    for day, name in (("03", "hero"), ("04", "worse")):
        model = replace(ours, name=name, made=f"2026-01-{day}")
        ShowModels(show / "models").publish(model, name.encode(), use=name == "hero")
    return project, show


def test_offered_chosen_and_never_by_itself(stores: tuple[Path, Path]) -> None:
    """The current one first, then the newest; nothing is chosen until the artist does; and back again."""
    starts = Starts(fake_hall(), lambda: stores)
    starts.refresh()

    assert [(start.model.name, start.current) for start in starts.offered] == [
        ("hero", True),
        ("worse", False),
        ("show-001", False),
    ]
    assert (starts.chosen, starts.numbers) == ("", b"")
    starts.choose(starts.offered[0].id)
    assert starts.numbers == b"hero"
    starts.choose("")
    assert starts.numbers == b""


def test_what_is_gone_or_torn_is_not_begun_with(stores: tuple[Path, Path]) -> None:
    """Another project is open: its models are not there any more. Torn numbers are said, and nothing is begun with."""
    open_now, said = [stores], list[PenumbraError]()
    starts = Starts(fake_hall(report=said.append), lambda: open_now[0])
    starts.refresh()
    starts.choose(starts.offered[2].id)
    assert starts.numbers == b"ours"

    open_now[0] = stores[1:]
    starts.refresh()

    assert (starts.chosen, starts.numbers, len(starts.offered), said) == ("", b"", 2, [])
    (stores[1] / "models" / "hero" / NUMBERS).write_bytes(b"her")
    starts.choose(starts.offered[0].id)
    assert (starts.chosen, starts.numbers) == ("", b"")
    assert isinstance(said[0], ProjectError)
    assert "not those it was published with" in said[0].sentence


def test_an_answer_that_comes_too_late_is_not_taken(stores: tuple[Path, Path]) -> None:
    """The artist chose another while the first was read."""
    waiting: list[Callable[[], None]] = []
    starts = Starts(fake_hall(run=lambda *asked: waiting.append(lambda: at_once(*asked))), lambda: stores)
    starts.refresh()
    waiting.pop()()
    for start in starts.offered[:2]:
        starts.choose(start.id)

    for answer in reversed(waiting):
        answer()

    assert starts.numbers == b"worse"
