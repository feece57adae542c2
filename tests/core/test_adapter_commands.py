"""What a layer was taught: live teaching, keeping, renaming, removing adapters; what undo takes back, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.adapter_commands import KeepAdapter, RemoveAdapter, RenameAdapter, RenewLive, TeachLive
from core.commands import AddLayer, AddPrompt, PutBack, StyleLayer, UseAdapter
from core.document import Document
from core.layer import Adapter, Layer
from core.project_file import Project
from core.prompts import Click

HERO = "hero"
ONE = Adapter("a" * 64, "Hero teach 1", "propagate", 0.2, 0.1, (1001,), (1004,))
TWO = Adapter("b" * 64, "Hero teach 2", "propagate", 0.1, 0.05, (1001, 1004), ())


def rounds(number: int) -> Adapter:
    return Adapter(str(number) * 64, "Hero live", "propagate", 0.2, 0.1)


@pytest.fixture
def document() -> Document:
    document = Document()
    document.do(AddLayer(Layer(HERO, "Hero")))
    return document


def hero(document: Document) -> Layer:
    return document.shot.layer(HERO)


def click(frame: int) -> AddPrompt:
    return AddPrompt(HERO, frame, Click(20, 20), "")


def test_rounds_of_live_teaching_are_one_adapter_and_no_step(document: Document) -> None:
    """Each round takes the place of the one before; one undo of the switch goes back to what was used before it."""
    document.do(UseAdapter(HERO, ONE))
    document.do(TeachLive(HERO, live=True))
    for number in (1, 2, 3):
        document.amend(RenewLive(HERO, rounds(number)))
    used = [(kept.name, kept.live) for kept in hero(document).adapters], hero(document).adapter
    labels = document.labels
    document.undo()
    back = hero(document)
    document.redo()

    assert used == ([("Hero teach 1", False), ("Hero live", True)], "3" * 64)
    assert labels[-1] == "Teach live"
    assert (back.adapter, back.live) == (ONE.asset, False)
    assert (hero(document).adapter, hero(document).live) == ("3" * 64, True)


def test_undo_of_a_click_takes_back_what_was_learnt_from_it(document: Document) -> None:
    """What was undone stays redoable while rounds come, and each shot has the adapter of its own time."""
    document.do(TeachLive(HERO, live=True))
    document.amend(RenewLive(HERO, rounds(1)))
    document.do(click(1001))
    document.amend(RenewLive(HERO, rounds(2)))
    document.undo()
    undone = hero(document).adapter
    document.amend(RenewLive(HERO, rounds(3)))
    document.redo()

    assert undone == "1" * 64
    assert hero(document).adapter == "2" * 64
    assert 1001 in hero(document).key_frames


def test_a_round_that_comes_late_changes_nothing(document: Document) -> None:
    """The switch is off, the layer is gone, or it is locked."""
    before = document.shot
    document.amend(RenewLive(HERO, rounds(1)))
    document.amend(RenewLive("gone", rounds(1)))
    unchanged = document.shot is before
    document.do(TeachLive(HERO, live=True))
    document.do(StyleLayer(HERO, "Hero", (0.1, 0.2, 0.3), visible=True, locked=True))
    document.amend(RenewLive(HERO, rounds(1)))

    assert unchanged
    assert hero(document).adapter == ""


@pytest.mark.parametrize(
    ("chosen", "in_use"), [(ONE, ONE.asset), (None, "")], ids=["another adapter", "the model as it came"]
)
def test_who_chooses_by_hand_ends_live_teaching(document: Document, chosen: Adapter | None, in_use: str) -> None:
    document.do(TeachLive(HERO, live=True))
    document.amend(RenewLive(HERO, rounds(1)))
    document.do(UseAdapter(HERO, chosen))

    assert (hero(document).live, hero(document).adapter) == (False, in_use)


def test_putting_back_a_take_ends_live_teaching(document: Document) -> None:
    document.do(TeachLive(HERO, live=True))
    then = hero(document)
    document.do(PutBack(HERO, then, "Take 1"))

    assert not hero(document).live


def test_a_name_keeps_what_live_teaching_made(document: Document) -> None:
    """The next round makes another one beside it."""
    document.do(TeachLive(HERO, live=True))
    document.amend(RenewLive(HERO, rounds(1)))
    document.do(RenameAdapter(HERO, "1" * 64, "Good hair"))
    document.amend(RenewLive(HERO, rounds(2)))

    assert [(kept.name, kept.live) for kept in hero(document).adapters] == [("Good hair", False), ("Hero live", True)]


def test_keeping_renaming_and_removing_are_one_step_each(document: Document) -> None:
    """A rejected adapter is listed and not used; a removed one is in no list, and what it saw is not forgotten."""
    document.do(UseAdapter(HERO, ONE))
    document.do(KeepAdapter(HERO, TWO))
    kept = [each.name for each in hero(document).listed_adapters], hero(document).adapter
    document.do(RenameAdapter(HERO, TWO.asset, "Better"))
    document.do(RemoveAdapter(HERO, ONE.asset))
    removed = hero(document)
    document.undo()
    document.undo()

    assert kept == (["Hero teach 1", "Hero teach 2"], ONE.asset)
    assert [each.name for each in removed.listed_adapters] == ["Better"]
    assert removed.adapter == ""
    assert [each.held_out for each in removed.adapters] == [(1004,), ()]
    assert hero(document).adapter == ONE.asset
    assert [each.name for each in hero(document).listed_adapters] == ["Hero teach 1", "Hero teach 2"]


def test_using_an_older_one_again_leaves_the_order(document: Document) -> None:
    document.do(UseAdapter(HERO, ONE))
    document.do(UseAdapter(HERO, TWO))
    document.do(UseAdapter(HERO, ONE))

    assert [each.name for each in hero(document).adapters] == ["Hero teach 1", "Hero teach 2"]
    assert hero(document).adapter == ONE.asset


@pytest.mark.parametrize("save", [False, True], ids=["from the journal", "saved before"])
def test_live_rounds_are_in_the_journal(tmp_path: Path, *, save: bool) -> None:
    """What is read back is what was there, and undo goes on from it."""
    project = Project.create(tmp_path / "work.penumbra")
    document = Document(project.shot)
    document.edited.connect(project.record)
    document.do(AddLayer(Layer(HERO, "Hero")))
    document.do(TeachLive(HERO, live=True))
    if save:
        project.save(document.shot)
    document.amend(RenewLive(HERO, rounds(1)))
    document.do(StyleLayer(HERO, "Heroine", (0.1, 0.2, 0.3), visible=True, locked=False))
    document.amend(RenewLive(HERO, rounds(2)))
    project.close()
    again = Project.open(tmp_path / "work.penumbra")
    read = again.document()
    again.close()

    assert read.shot == document.shot
    read.undo()
    document.undo()
    assert read.shot == document.shot
