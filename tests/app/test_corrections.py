"""The room of the corrections: what the artist painted is remembered by itself, once, off the interface's thread, and
what is taken back, excluded or deleted is not learnt from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import app.corrections
from app.background import Background
from app.remembering import FOLDER, keep, shot_name
from core.arrays import UInt8
from core.commands import AddCorrection, AddPrompt, RemoveLayer
from core.corrections.record import PairRecord
from core.corrections.store import CorrectionStore, is_store
from core.corrections.upkeep import verify
from core.frames import FrameNumber
from core.painting import StrokePainter
from core.project_file import Project
from core.prompts import Click, Stroke
from core.review import ReviewStatus
from core.review_commands import SetReviewStatus
from tests.app.conftest import WINDOW, Desk
from widgets.studio import Message, Severity


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.disk.os.fsync", lambda _handle: None)


def stroke(x: float = 40.0, *, adds: bool = True) -> Stroke:
    painter = StrokePainter(WINDOW, 5, adds=adds)
    painter.move(x, 20)
    return painter.stroke()


def paint(desk: Desk, frame: FrameNumber = 1001, x: float = 40.0) -> None:
    """A click that the model answers with a disc, and a stroke over it."""
    studio, settled = desk.studio, desk.studio.document.shot.layer("hero").key_frame(frame)
    if not settled.prompts:
        studio.document.do(AddPrompt("hero", frame, Click(20.0, 24.0), studio.shown_key("hero", frame)))
        desk.settle()
    studio.document.do(AddCorrection("hero", frame, stroke(x), studio.shown_key("hero", frame)))
    desk.settle()


def idle(desk: Desk) -> None:
    desk.until(lambda: not desk.studio.corrections.busy)


def saved(desk: Desk) -> CorrectionStore:
    """Save, wait for the worker, and open the project's store anew."""
    desk.studio.saving.save()
    idle(desk)
    return CorrectionStore.open(desk.folder / "work.penumbra" / FOLDER)


def test_a_save_remembers_what_was_painted(desk: Desk) -> None:
    """The model's disc, the artist's stroke over it, where it is solid, the click, and who made what."""
    paint(desk)

    store = saved(desk)

    (entry,) = store.entries()
    about = entry.record.about
    assert (about.shot, about.layer, about.frame, about.plate_name) == ("work", "Hero", 1001, "plate")
    assert (about.prompts, about.strokes) == (1, 1)
    pair = store.pair(entry.record.id)
    layer, studio = desk.studio.document.shot.layer("hero"), desk.studio
    base, current = studio.bench.mattes.base(layer, 1001), studio.bench.mattes.current(layer, 1001)
    assert base is not None
    assert current is not None
    made = base.provenance
    assert (about.made_by, about.model, about.model_version) == ("segment", made.model, "1")
    assert np.array_equal(pair.pixels.before, base.over(about.window))
    assert np.array_equal(pair.pixels.after, current.over(about.window))
    assert pair.pixels.decided[20, 40] == 1
    assert pair.pixels.decided[24, 20] == 0
    assert [prompt["kind"] for prompt in pair.pixels.authored["prompts"]] == ["Click"]
    picture = studio.bench.loader
    assert picture is not None
    assert np.allclose(pair.rgb(), picture.read(1001).rgb_over(about.window), rtol=4e-3, atol=1e-4)


def test_nothing_is_kept_twice_and_a_second_stroke_is_a_second_version(desk: Desk) -> None:
    paint(desk)
    first = saved(desk).records

    assert saved(desk).records == first
    paint(desk, x=50.0)
    store = saved(desk)

    (entry,) = store.entries()
    assert len(entry.versions) == 2
    assert store.pair(entry.versions[0]).pixels.after[20, 50] == 0
    assert store.pair(entry.versions[1]).pixels.after[20, 50] == 1


def test_what_is_undone_is_withdrawn_and_what_is_redone_comes_back(desk: Desk) -> None:
    paint(desk)
    saved(desk)
    desk.studio.document.undo()
    assert saved(desk).entries() == ()

    desk.studio.document.redo()

    assert len(list(saved(desk).pairs())) == 1


def test_a_removed_layer_keeps_its_pairs(desk: Desk) -> None:
    """What was painted in it was right, though nobody wants the matte any more."""
    paint(desk)
    saved(desk)

    desk.studio.document.do(RemoveLayer("hero"))

    assert len(list(saved(desk).pairs())) == 1


def test_clicks_alone_are_no_correction(desk: Desk) -> None:
    desk.studio.document.do(AddPrompt("hero", 1001, Click(20.0, 24.0), desk.studio.shown_key("hero", 1001)))
    desk.settle()
    desk.studio.saving.save()
    idle(desk)

    assert not is_store(desk.folder / "work.penumbra" / FOLDER)


@pytest.mark.parametrize("how", ["propagate", "teach", "approve"])
def test_propagating_teaching_and_approving_remember_as_well(desk: Desk, how: str) -> None:
    paint(desk)
    studio = desk.studio
    if how == "propagate":
        studio.propagate("hero")
    elif how == "teach":
        studio.teach("hero")
    else:
        key = studio.shown_key("hero", 1001)
        studio.document.do(SetReviewStatus(1001, "hero", ReviewStatus.APPROVED, key))
    idle(desk)
    desk.settle()

    assert len(list(CorrectionStore.open(desk.folder / "work.penumbra" / FOLDER).pairs())) == 1


def test_the_interface_never_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that touches a store is done on a worker."""
    paint(desk)
    threads = set()

    def watched(*arguments: object) -> int:
        threads.add(threading.current_thread())
        return keep(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(app.corrections, "keep", watched)
    desk.studio.saving.save()
    idle(desk)

    assert threads
    assert threading.main_thread() not in threads


def test_switched_off_nothing_is_remembered(desk: Desk) -> None:
    desk.studio.corrections.switch(on=False)
    paint(desk)
    desk.studio.saving.save()
    idle(desk)
    assert not is_store(desk.folder / "work.penumbra" / FOLDER)
    assert desk.studio.corrections.sentence == "Corrections are not remembered."

    desk.studio.corrections.switch(on=True)
    idle(desk)

    assert len(desk.studio.corrections.entries()) == 1


def test_excluding_undoing_it_and_deleting(desk: Desk) -> None:
    """The list follows, and so does what may be learnt from."""
    paint(desk, 1001)
    paint(desk, 1003)
    store, room = saved(desk), desk.studio.corrections
    first = room.entries()[0].record.id

    room.exclude([first])
    idle(desk)
    assert [entry.excluded for entry in room.entries()] == [True, False]
    assert room.sentence.startswith("2 pairs, 1 excluded")
    room.exclude([first], excluded=False)
    idle(desk)
    assert [entry.excluded for entry in room.entries()] == [False, False]
    room.delete([first])
    idle(desk)

    assert [entry.record.about.frame for entry in room.entries()] == [1003]
    store.refresh()
    assert [pair.record.about.frame for pair in store.pairs()] == [1003]
    assert [pair.record.about.frame for pair in saved(desk).pairs()] == [1003]  # and it is not remembered again


def test_pictures_come_later(desk: Desk) -> None:
    paint(desk)
    saved(desk)
    room = desk.studio.corrections
    pair_id, came, seen = room.entries()[0].record.id, [], list[tuple[PairRecord, UInt8]]()
    room.thumbnail_ready.connect(came.append)

    assert room.thumbnail(pair_id) is None
    room.look(pair_id, lambda record, picture: seen.append((record, picture)))
    desk.until(lambda: bool(came and seen))

    small = room.thumbnail(pair_id)
    assert small is not None
    assert small.shape[2] == 5
    assert seen[0][0].id == pair_id
    assert seen[0][1].shape[2] == 6


def test_a_session_without_a_name_is_remembered_where_it_is_saved(desk: Desk, tmp_path: Path) -> None:
    """Under another name the pairs go along, linked or copied, and the older store is as it was."""
    paint(desk)
    saved(desk)
    desk.studio.saving.save_as(tmp_path / "sh010_v02.penumbra")
    idle(desk)
    paint(desk, 1002)
    desk.studio.saving.save()
    idle(desk)

    store = CorrectionStore.open(tmp_path / "sh010_v02.penumbra" / FOLDER)
    assert verify(store).wrong == ()
    assert [(entry.record.about.shot, entry.record.about.frame) for entry in store.entries()] == [
        ("sh010", 1002),
        ("work", 1001),
    ]
    assert len(CorrectionStore.open(tmp_path / "work.penumbra" / FOLDER).entries()) == 1


def test_versions_of_a_project_are_one_shot_and_a_session_gets_its_name(desk: Desk, tmp_path: Path) -> None:
    """Whether a shot is held out must not change with its version; what was kept before there was a name follows."""
    names = ("sh010.penumbra", "sh010_v02.penumbra", "sh010.V3.penumbra", "v7.penumbra", "river2.penumbra")
    assert [shot_name(Path(name)) for name in names] == ["sh010", "sh010", "sh010", "v7", "river2"]
    paint(desk)
    store = saved(desk)
    known = store.entries()[0].record
    store.put(replace(known.about, shot="plate"), store.pair(known.id).pixels)

    store = saved(desk)

    (entry,) = store.entries()
    assert (entry.record.about.shot, len(entry.versions)) == ("work", 3)


def test_the_show_gets_every_pair_and_every_mark(desk: Desk, tmp_path: Path) -> None:
    show, room = tmp_path / "show" / "corrections", desk.studio.corrections
    paint(desk, 1001)
    saved(desk)
    room.use_show(show)
    idle(desk)
    assert len(CorrectionStore.open(show).entries()) == 1

    paint(desk, 1003)
    saved(desk)
    room.exclude([room.entries()[0].record.id])
    idle(desk)
    room.list_show(of_show=True)
    idle(desk)

    assert [entry.excluded for entry in room.entries()] == [True, False]
    assert [entry.excluded for entry in CorrectionStore.open(show).entries()] == [True, False]


def test_a_show_that_is_away_costs_nothing_and_is_said_once(desk: Desk, tmp_path: Path) -> None:
    """The project's own store has everything; when the share is back it gets what it missed."""
    said: list[Message] = []
    desk.studio.message.connect(said.append)
    share = tmp_path / "share"
    share.write_text("not a folder")
    desk.studio.corrections.use_show(share / "corrections")
    paint(desk, 1001)
    assert len(saved(desk).entries()) == 1
    paint(desk, 1002)
    assert len(saved(desk).entries()) == 2
    assert len([message for message in said if message.severity is Severity.ERROR]) == 1

    share.unlink()
    saved(desk)

    assert len(CorrectionStore.open(share / "corrections").entries()) == 2


def test_a_broken_frame_does_not_keep_the_others_away(desk: Desk) -> None:
    """A frame whose picture is gone is said; the others are remembered."""
    paint(desk, 1001)
    paint(desk, 1003)
    desk.studio._cache.drop(desk.studio.document.shot.plate.identity)  # type: ignore[union-attr]
    (desk.folder / "plates" / "plate.1001.exr").unlink()
    said: list[Message] = []
    desk.studio.message.connect(said.append)

    store = saved(desk)

    assert 1003 in [entry.record.about.frame for entry in store.entries()]
    assert [message for message in said if "1001" in message.text]


def test_out_and_in_again(desk: Desk, tmp_path: Path) -> None:
    """An export of the list is one file; another project takes it in and lists it."""
    paint(desk)
    saved(desk)
    room = desk.studio.corrections
    room.export(tmp_path / "pairs.zip")
    idle(desk)
    room.delete([room.entries()[0].record.id])
    idle(desk)
    other = Project.create(tmp_path / "other.penumbra")
    other.close()
    desk.studio.open(tmp_path / "other.penumbra")
    desk.until(lambda: desk.studio.saving.path == tmp_path / "other.penumbra")

    room.bring(tmp_path / "pairs.zip")
    idle(desk)

    assert [entry.record.about.shot for entry in room.entries()] == ["work"]


@pytest.fixture
def worker() -> Iterator[Background]:
    worker = Background(lambda call: call(), lambda _error: None, workers=1)
    yield worker
    worker.close()


def test_waiting_for_the_worker_waits_for_what_was_asked_before(worker: Background) -> None:
    done: list[int] = []
    for number in range(5):
        worker.run(lambda number=number: number, done.append)  # type: ignore[misc]
    worker.wait()
    assert len(done) >= 4  # the last one's word may still be on its way
