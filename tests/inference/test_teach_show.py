"""Show learning: what it learns from, that it goes on after a kill as if nothing had been, and what it measures."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="learning needs torch", exc_type=ImportError)

from core.corrections.record import MarkKind
from core.corrections.store import CorrectionStore
from core.errors import Cancelled, EngineError, PenumbraError, ProjectError
from core.show_models import ShowModels, models_of
from inference.data_lock import DataLock
from inference.model import TeachStep
from inference.models.propagate.model import Propagate
from inference.teach_show import main, teach_show
from inference.training import fine_tune as teaching
from inference.training.adapter import unpacked
from inference.training.network import FINE, WIDTHS
from inference.training.show import checkpoint
from inference.training.show.learn import Course, Extent, learn
from inference.training.show.start import is_start, moved
from inference.training.show.subjects import opened, subjects
from inference.training.threads import Threads
from tests.core.corrected import corrected
from tests.inference.moving_disc import MovingDisc
from tests.inference.show_lessons import (
    HELD_OUT,
    SIX,
    SMALL,
    TRAIN,
    discs,
    knowing_nothing,
    quick,
    store_of,
    taught_by_adding,
)

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import sys
from pathlib import Path
from tests.inference.moving_disc import MovingDisc
from tests.inference.show_lessons import killed_at
killed_at(Path(sys.argv[1]), 3)
"""


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)


def teaches_nothing(_error: ProjectError) -> None:
    raise AssertionError


@pytest.mark.usefixtures("quickly")
def test_learnt_measured_and_published_with_what_it_came_from(tmp_path: Path) -> None:
    """Six lessons from the two shots that may be learnt from; the third is only measured on."""
    store = store_of(tmp_path / "store")
    taken_back = store.entries()[0].record
    store.mark([taken_back.id], MarkKind.EXCLUDED, "ann")

    model = teach_show(store, models_of(store.path), SIX)

    assert (model.name, model.by, model.rounds, model.shots, model.artists) == ("show-001", "ann", 6, TRAIN, ("ann",))
    assert taken_back.about.shot in TRAIN
    assert set(model.learnt_from) == {record.id for record in store.teaching("train")}
    assert len(model.learnt_from) == 5
    assert (model.before, model.after, model.measured_on) == (0.08, 0.04, 1)
    assert models_of(store.path).current == model
    assert is_start(models_of(store.path).numbers("show-001"))
    assert HELD_OUT[0] not in model.shots
    assert [file.name for file in (store.path / "models" / "training").iterdir()] == ["lock"]


def test_killed_while_a_checkpoint_is_written_it_goes_on_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 with the third checkpoint written and not yet renamed: two lessons are there, and in the end the numbers
    are, bit for bit, those of a learning that was never broken off."""
    store = store_of(tmp_path / "store")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False, timeout=100)
    assert killed.returncode == -signal.SIGKILL
    models = ShowModels(tmp_path / "models")
    assert models.all() == ()
    kept = checkpoint.load(models.path / "training")
    assert kept is not None
    assert kept.rounds == 2

    quick(monkeypatch)
    resumed = teach_show(store, models, SIX)
    whole = teach_show(store, ShowModels(tmp_path / "unbroken"), SIX)

    assert (resumed.rounds, resumed.sha256) == (whole.rounds, whole.sha256)
    assert len(models.all()) == 1


@pytest.mark.usefixtures("quickly")
def test_cancelled_within_a_step_and_gone_on_with_unless_something_was_taken_back(tmp_path: Path) -> None:
    """What was broken off is gone on with, also where more was corrected meanwhile; but never where a correction that
    was learnt from is excluded since: then learning begins anew."""
    store, models = store_of(tmp_path / "store"), ShowModels(tmp_path / "models")
    polls: Iterator[int] = iter(range(1000))

    with pytest.raises(Cancelled):
        teach_show(store, models, SIX, cancelled=lambda: next(polls) == 4)

    kept = checkpoint.load(models.path / "training")
    assert kept is not None
    pairs = {record.id for record in store.teaching("train")}
    assert kept.rounds >= 2
    assert kept.suits(kept.settings, pairs | {"another"})
    store.mark([kept.learnt_from[0]], MarkKind.EXCLUDED)
    assert not kept.suits(kept.settings, {record.id for record in store.teaching("train")})
    assert not kept.suits({**kept.settings, "seed": 1}, pairs)
    assert len(teach_show(store, models, SIX).learnt_from) == 5


@pytest.mark.usefixtures("quickly")
def test_what_cannot_be_done_is_a_sentence(tmp_path: Path) -> None:
    store, models = store_of(tmp_path / "store"), ShowModels(tmp_path / "models")
    with pytest.raises(EngineError, match="none that may be learnt from"):
        teach_show(store_of(tmp_path / "held", HELD_OUT), ShowModels(tmp_path / "other"), SIX)
    with pytest.raises(PenumbraError, match="Give more than 0"):
        teach_show(store, models, replace(SIX, seconds=0.0))
    lock = DataLock.take(models.path / "training")
    assert lock is not None
    with pytest.raises(ProjectError, match="another process is learning there"):
        teach_show(store, models, SIX)
    lock.release()
    teach_show(store, models, replace(SIX, name="hero"))
    with pytest.raises(ProjectError, match="of that name already"):
        teach_show(store, models, replace(SIX, name="hero"))


@pytest.mark.usefixtures("quickly")
def test_a_damaged_pair_costs_its_own_lesson_only(tmp_path: Path) -> None:
    store, said = store_of(tmp_path / "store", frames=1), list[str]()
    torn = store.blobs.path(store.teaching("train")[0].blobs["after"])
    torn.write_bytes(torn.read_bytes()[:-4])
    other = store.put(*corrected(1001, 31.0, shot=TRAIN[1]))

    model = teach_show(store, ShowModels(tmp_path / "models"), SIX, lambda _progress, words: said.append(words))

    assert model.rounds >= 6
    assert other.id in model.learnt_from
    assert any("its after cannot be read" in words for words in said)


@pytest.mark.usefixtures("quickly")
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Learn, nothing new, learn again, list, roll back; in words and for programs."""
    store = store_of(tmp_path / "store")
    common = [str(store.path), "--by", "ann"]
    learning = ["--seconds", "2", "--lesson", "1", "--measured", "1", "--budget", "cpu"]

    assert main([*common, *learning]) == 0
    assert "error 8.00 % before, 4.00 % after, 1 layer of held-out shots taught for 1 s." in capsys.readouterr().out
    assert main([*common, *learning, "--only-new"]) == 0
    assert "Nothing was corrected since" in capsys.readouterr().out
    store.put(*corrected(1010, 25.0, shot=TRAIN[0]))
    assert main([*common, *learning, "--only-new", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "show-002"
    store.mark([store.teaching("train")[0].id], MarkKind.EXCLUDED)
    assert main([*common, "--list"]) == 0
    told = capsys.readouterr().out
    assert "  show-001" in told
    assert "* show-002" in told
    assert "7 corrections, 1 of them taken back since" in told
    assert main([*common, "--roll-back", "show-001"]) == 0
    assert "show-001 is the current model again" in capsys.readouterr().out
    assert main([*common, "--list", "--json"]) == 0
    assert [row["current"] for row in json.loads(capsys.readouterr().out)] == [True, False]


def test_pieces_are_as_large_as_they_are_in_the_plate(tmp_path: Path) -> None:
    """A piece of a 320 × 200 plate, asked for at 160 px, is half its size; its lesson keeps its own."""
    (subject,) = subjects(store_of(tmp_path / "store", TRAIN[:1]), "train")
    frames = opened(CorrectionStore.open(tmp_path / "store"), subject.records, teaches_nothing)
    assert frames is not None
    (first, second, third) = frames.lessons(held_out=(1002,))
    height, width = first.coverage.shape

    assert frames.shape() == (200, 320)
    assert frames.rgb(1001).shape == (height, width, 3)
    assert frames.rgb(1001, 160).shape[:2] == (round(height / 2), round(width / 2))
    assert [lesson.held_out for lesson in (first, second, third)] == [False, True, False]
    assert first.decided is not None
    assert first.decided.max() == 1.0


def test_numbers_move_a_part_of_the_way() -> None:
    plan = teaching.Plan(1.0, 3, 320, 96)
    lessons = ()
    (one,) = taught_by_adding(None, lessons, b"", plan, lambda: False)  # type: ignore[arg-type]
    (two,) = taught_by_adding(None, lessons, one.adapter, plan, lambda: False)  # type: ignore[arg-type]

    half, whole = (unpacked(moved(one.adapter, two.adapter, part))[0] for part in (0.5, 1.0))
    was, now = unpacked(one.adapter)[0], unpacked(two.adapter)[0]

    for first, middle, last, end in zip(*(each.parameters() for each in (was, half, now, whole)), strict=True):
        assert np.allclose((first + last).detach() / 2, middle.detach(), atol=1e-6)
        assert np.array_equal(last.detach(), end.detach())


def test_a_shows_model_is_no_answer_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error before is that of motion alone, as where nothing was taught: a show's model answers nothing itself."""
    shot, begun_with = MovingDisc(), list[bytes]()
    plan = teaching.Plan(1.0, 0, 240, 96)
    (made,) = taught_by_adding(shot, (), b"", plan, lambda: False)

    def at_once(_source: object, _lessons: object, resume_from: bytes, *_rest: object) -> Iterator[TeachStep]:
        begun_with.append(resume_from)
        yield TeachStep(1, 1.0, {}, made.adapter)

    monkeypatch.setattr(teaching, "fine_tune", at_once)
    options = {"motion_px": 160, "motion_weight": 0.5, "memory": False, "clock": "wall", "seconds": 1.0, "seed": 0}
    options |= {"taught_px": 240, "crop_px": 96}
    lessons = (shot.lesson(2), shot.lesson(8, held_out=True))
    before = []
    for start in (b"", knowing_nothing(*SMALL)):
        *_, last = Propagate().teach(shot, lessons, start, options, lambda: False)
        before.append(last.metrics["held_out_before"])

    assert before[0] == before[1]
    assert [is_start(begun) for begun in begun_with] == [False, True]


@pytest.mark.timeout(400)
def test_what_was_learnt_from_other_shots_makes_a_new_one_quicker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Really learnt, by steps that are counted, from numbers that know nothing: the same thing in another shot. Of
    five steps of teaching, those that begin with the show's model err less on a frame that was not taught."""
    as_it_came = knowing_nothing(WIDTHS, FINE)
    monkeypatch.setattr("inference.training.show.learn.shipped", lambda: as_it_came)
    monkeypatch.setattr("inference.training.show.learn.FIRST_PART", 0.9)  # one lesson has to do
    monkeypatch.setattr(teaching, "Threads", lambda: Threads(1))
    store = discs(tmp_path / "store", TRAIN)
    looks: Iterator[float] = iter(float(look) for look in range(1_000_000))
    course = Course(20.0, 30.0, 0, Extent(160, 64), lambda: next(looks), lambda: False, teaches_nothing)

    *_, state = learn(store, subjects(store, "train"), course)

    (unseen,) = subjects(discs(tmp_path / "other", HELD_OUT), "validation")
    frames = opened(CorrectionStore.open(tmp_path / "other"), unseen.records, teaches_nothing)
    assert frames is not None
    errors = []
    for start in (as_it_came, state.start):
        lessons = frames.lessons(held_out=(12,))
        *_, last = teaching.fine_tune(frames, lessons, start, course.extent.plan(5.0, 1), lambda: False, course.clock)
        errors.append(last.metrics["held_out_error"])
        assert unpacked(last.adapter)[1].steps == 5
        assert unpacked(last.adapter)[1].long_edge_px > 0
    assert errors[1] < 0.85 * errors[0]
