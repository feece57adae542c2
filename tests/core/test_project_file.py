"""A project: what was saved and journaled is there again, and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import core.adapter_commands
import core.commands
import core.disk
import core.finish_commands
import core.foreground.commands
import core.piece_commands
import core.project_file
import core.review_commands
import core.roto.commands
import core.trimap_commands
from core.adapter_commands import KeepAdapter, RemoveAdapter, RenameAdapter, RenewLive, TeachLive
from core.commands import (
    AddCorrection,
    AddLayer,
    AddPlate,
    AddPrompt,
    ChangePlate,
    ChooseModels,
    ClearKeyFrame,
    Command,
    MoveLayer,
    PutBack,
    RemoveLayer,
    RemovePlate,
    RemovePrompt,
    ReplacePrompt,
    SetColorConfig,
    SetPaintedMatte,
    SetRange,
    SetReach,
    StyleLayer,
    UseAdapter,
)
from core.document import Document
from core.errors import ProjectError
from core.finish import Finish
from core.finish_commands import FinishFrame, SetFinish
from core.finish_steps import Blur, Combine, Feather, Levels
from core.foreground.commands import SetForeground
from core.foreground.steps import Despill, Estimate, ExtendEdge, Foreground
from core.frames import FrameRange
from core.geometry import Format, Window
from core.layer import Adapter, Layer, ModelChoice
from core.matte import Matte
from core.matte_store import MatteStore
from core.piece_commands import JoinLayers, SplitLayer
from core.plate import Plate
from core.project_file import Project, abandoned, is_project
from core.project_values import COMMANDS, ValueReader
from core.prompts import Box, Click, Stroke, StrokePoint
from core.review import DrawnLine, ReviewStatus
from core.review_commands import (
    AddReviewStroke,
    ClearReviewDrawing,
    EraseReviewStrokes,
    RemoveReviewMark,
    SetReviewNote,
    SetReviewStatus,
)
from core.roto.commands import AddShape, AddShapes, ChangeShape, RemoveShape
from core.roto.shape import Role, RotoShape, ShapePoint
from core.shot import Shot
from core.snapshot import migrate
from core.take import Take, TakeKind
from core.trimap_commands import ClearTrimap, PaintTrimap
from core.trimap_mark import Mark, TrimapStroke

HERO = "hero"


def plate(path: Path) -> Plate:
    return Plate(
        "p1",
        "plate",
        path,
        FrameRange(1001, 1010),
        Format(Window(0, 0, 64, 32), 2.0),
        Window(-4, -4, 70, 40),
        "ACES - ACEScg",
        part="beauty",
        rate=Fraction(24000, 1001),
    )


def dab(seed: int) -> Stroke:
    points = np.random.default_rng(seed).uniform(0, 60, (4, 2))
    return Stroke(tuple(StrokePoint(float(x), float(y), 0.1 * seed) for x, y in points), 5.5 + seed, bool(seed % 2))


LAYER = Layer(
    HERO,
    "Héro/1",
    shapes=(RotoShape("s", {1001: (ShapePoint(1.0, 2.0, 0.5),)}, feather_px=2.0, id="1"),),
    propagate=ModelChoice("propagate", {"radius": 3, "mode": "fast", "list": [1, 2.5], "on": True, "none": None}, "2"),
)
EVERY_COMMAND: tuple[Command, ...] = (
    SetColorConfig("ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"),
    AddPlate(plate(Path("/show/a/plate.####.exr"))),
    ChangePlate(plate(Path("/show/b/plate.####.exr"))),
    AddPlate(replace(plate(Path("/show/a/clean.####.exr")), id="p2")),
    AddPlate(replace(plate(Path("/show/a/older.####.exr")), id="p3")),
    RemovePlate("p2"),
    SetRange(FrameRange(1002, 1009)),
    SetRange(None),
    AddLayer(LAYER),
    AddLayer(Layer("second", "Second")),
    MoveLayer("second", 0),
    StyleLayer("second", "Other", (0.1, 0.2, 0.3), visible=False, locked=True),
    RemoveLayer("second"),
    AddPrompt(HERO, 1003, Click(1.25, 7, adds=False), "empty"),
    AddPrompt(HERO, 1003, Box(1, 2, 3.5, 4), "empty"),
    AddPrompt(HERO, 1003, dab(1), "empty"),
    ReplacePrompt(HERO, 1003, 0, Click(2.0, 3.0)),
    RemovePrompt(HERO, 1003, 1),
    SetReach(HERO, 1003, None),
    SetReach(HERO, 1003, 0.25),
    AddCorrection(HERO, 1005, dab(2), "ground"),
    AddCorrection(HERO, 1006, dab(3), "ground"),
    FinishFrame(HERO, 1006, Finish.of(holes_px2=30, grow_px=-0.25), "ground"),
    SetFinish(HERO, Finish.of(40, 60, 1 / 3, inverted=True, frames=FrameRange(1002, 1005))),
    SetFinish(HERO, Finish((Feather(4.5, "in"), Blur(1 / 3, on=False), Combine("dog", "hold out"), Levels(0.1)))),
    SetForeground(HERO, Foreground((Estimate(0.5), Despill("blue", keep_light=1 / 3), ExtendEdge(4.5, on=False)))),
    AddShape(HERO, RotoShape("t", {1001: (ShapePoint(1 / 3, 2.0),)}, Role.CORE, closed=False, id="2")),
    AddShapes(HERO, (RotoShape("u", {1001: (ShapePoint(4.0, 2.0),)}, id="4"),), "Import 1 shape"),
    ChangeShape(HERO, RotoShape("t", {1001: (ShapePoint(1, 2),), 1004: (ShapePoint(3, 4),)}, id="2"), "Move points"),
    RemoveShape(HERO, "2"),
    PaintTrimap(HERO, 1007, TrimapStroke(dab(4), Mark.UNKNOWN)),
    ClearTrimap(HERO, 1007),
    SetPaintedMatte(HERO, 1007, "c" * 64),
    ClearKeyFrame(HERO, 1006),
    ChooseModels(HERO, ModelChoice("segment"), ModelChoice("flow"), ModelChoice("refine", {"band_px": 12.5})),
    UseAdapter(HERO, Adapter("d" * 64, "Hero teach 1", "propagate", 0.031, taught_on=(1003, 1005))),
    UseAdapter(HERO, None),
    TeachLive(HERO, live=True),
    RenewLive(
        HERO, Adapter("f" * 64, "Hero live", "propagate", 0.2, 0.1, (1003,), (1005,), (1002,), 0.0, 0.01, 6.5, 40)
    ),
    KeepAdapter(HERO, Adapter("e" * 64, "Hero teach 2", "propagate", 0.1)),
    RenameAdapter(HERO, "e" * 64, "Better"),
    RemoveAdapter(HERO, "d" * 64),
    AddLayer(Layer("third", "Third")),
    SplitLayer((replace(LAYER, id="third"), Layer("fourth", "Third piece 2"))),
    JoinLayers(Layer("third", "Third", finish=Finish.of(3)), ("fourth",)),
    PutBack("third", replace(LAYER, id="other").frozen_at({1001: "kept", 1002: "also"}), "imported hero_v002"),
    SetReviewStatus(1003, HERO, ReviewStatus.APPROVED, "seen", "ana", "2026-01-01T10:00:00+00:00"),
    SetReviewNote(1004, "", "the ear"),
    AddReviewStroke(1003, HERO, DrawnLine(((1 / 3, 2.0), (4.5, -1.0)), (0.1, 0.2, 0.3), 2.5)),
    AddReviewStroke(1003, HERO, DrawnLine(((5.0, 6.0),), (1.0, 0.2, 0.3), 2.5)),
    EraseReviewStrokes(1003, ((HERO, 0),)),
    ClearReviewDrawing(1003, HERO),
    RemoveReviewMark(1004, ""),
)


def connected(project: Project) -> Document:
    """The document as a window holds it."""
    document = Document()
    document.adopt(project.document())
    document.edited.connect(project.record)
    return document


def crash(project: Project) -> None:
    """The process is gone: nothing is flushed, synced or released but what the system does by itself."""
    project._lock.release()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project.create(tmp_path / "shot")
    yield project
    project.close()


def test_a_project_of_before_keeps_the_model_it_names(tmp_path: Path) -> None:
    """Written when new layers were still given `segment`: its mattes are found by the keys they had."""
    written = """{"id": "hero", "name": "Hero", "color": [0.94, 0.35, 0.3], "visible": true, "locked": false,
        "key_frames": {"1001": {"prompts": [{"x": 1.0, "y": 2.5, "adds": true, "kind": "Click"}],
        "correction": {"strokes": [], "painted": ""}, "base": "empty", "frozen": false, "reach": null}}, "shapes": [],
        "segment": {"name": "segment", "options": {}, "version": ""},
        "propagate": {"name": "propagate", "options": {}, "version": ""}, "refine": null, "adapters": [], "adapter": "",
        "finish": {"holes_px2": 0, "specks_px2": 0, "grow_px": 0.0, "inverted": false, "frames": null}}"""

    layer = ValueReader(tmp_path).read_layer(json.loads(written))

    assert layer.segment == ModelChoice("segment")
    assert layer.matte_key("plate", 1001) == "1659acd529dcd65003186ca680fb7058"
    assert layer.propagate_key("plate", 1002) == "7aa8d53ceb229bd45513ef348d9078d0"
    assert Layer("new", "New").segment == ModelChoice("select")


def test_every_command_survives_the_journal_line_by_line(project: Project) -> None:
    """After each of all the kinds of commands, reopening gives an equal shot, history and labels."""
    modules = (
        core.adapter_commands,
        core.commands,
        core.finish_commands,
        core.foreground.commands,
        core.piece_commands,
        core.review_commands,
        core.roto.commands,
        core.trimap_commands,
    )
    kinds = [kind for module in modules for kind in vars(module).values()]
    written = {kind for kind in kinds if hasattr(kind, "apply") and kind is not Command}
    assert {type(command) for command in EVERY_COMMAND} == set(COMMANDS) == written
    document = connected(project)
    for command in EVERY_COMMAND:
        document.do(command)
    crash(project)

    again = Project.open(project.path)
    recovered = again.document()
    assert recovered.shot == document.shot == again.shot
    assert again.recovered == len(EVERY_COMMAND)
    while document.steps:
        assert recovered.undo_label == document.undo_label
        document.undo()
        recovered.undo()
        assert recovered.shot == document.shot
    again.close()


def test_a_saved_shot_is_equal_and_has_equal_keys(project: Project) -> None:
    """Matte keys are hashes of values: what JSON did to them must not show."""
    document = connected(project)
    for command in EVERY_COMMAND[:-2]:
        document.do(command)
    project.save()
    project.close()

    shot = Project.open(project.path).shot
    assert shot == document.shot
    layer, old = shot.layers[0], document.shot.layers[0]
    assert [layer.delivered_key("p", frame) for frame in range(1001, 1011)] == [
        old.delivered_key("p", frame) for frame in range(1001, 1011)
    ]
    with pytest.raises(TypeError):
        layer.key_frames[1] = layer.key_frame(1003)  # type: ignore[index]


@pytest.mark.parametrize("seed", range(8))
def test_any_walk_through_the_history_is_recovered(project: Project, seed: int) -> None:
    """Do, undo, redo and save in any order, past the last save too: the shot after a crash is the one on screen."""
    rng = np.random.default_rng(seed)
    document = connected(project)
    for number in range(60):
        match int(rng.integers(7)):
            case 0 | 1 | 2:
                document.do(AddLayer(Layer(f"layer {number}", "x")))
            case 3 | 4:
                document.undo()
            case 5:
                document.redo()
            case 6 if number % 3 == 0:
                project.save()
    crash(project)

    again = Project.open(project.path)
    assert again.document().shot == document.shot
    again.close()


def test_undo_after_saving_is_recovered(project: Project) -> None:
    """The history before the save is not in the journal; where the artist went is."""
    document = connected(project)
    for name in "abc":
        document.do(AddLayer(Layer(name, name)))
    project.save()
    document.undo()
    document.undo()
    document.do(AddLayer(Layer("d", "d")))
    crash(project)

    again = Project.open(project.path)
    assert [layer.name for layer in again.shot.layers] == ["a", "d"]
    assert again.document().undo() is not None
    assert [layer.name for layer in again.document().shot.layers] == ["a"]
    again.close()


@pytest.mark.parametrize("forward", [1, 2])
def test_redo_after_undo_past_the_save_is_recovered(project: Project, forward: int) -> None:
    """Back beyond the save and forward again: the replay ends where the artist did."""
    document = connected(project)
    document.do(AddLayer(Layer("a", "a")))
    project.save()
    document.do(AddLayer(Layer("b", "b")))
    for _ in range(2):
        document.undo()
    for _ in range(forward):
        document.redo()
    crash(project)

    again = Project.open(project.path)
    assert [layer.name for layer in again.shot.layers] == ["a", "b"][:forward]
    again.close()


def test_saving_empties_the_journal(project: Project) -> None:
    """One journal per snapshot; nothing to recover after a save."""
    document = connected(project)
    document.do(AddLayer(LAYER))
    assert project.unsaved
    project.save()

    assert not project.unsaved
    project.close()
    again = Project.open(project.path)
    assert (again.recovered, again.shot) == (0, document.shot)
    assert len(list(project.path.glob("journal-*"))) == 1
    again.close()


class PowerCut(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", range(6))
def test_a_crash_at_any_step_of_a_save_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Before and after every write and rename: the shot comes back, replayed once and not twice."""
    document = connected(project)
    for name in "abc":
        document.do(AddLayer(Layer(name, name)))
    calls = 0
    real = core.disk.write_whole

    def cut(path: Path, data: bytes, *, sync: bool = True) -> None:
        nonlocal calls
        for what in ("before", "after"):
            if calls == step:
                raise PowerCut
            calls += 1
            if what == "before":
                real(path, data, sync=sync)

    monkeypatch.setattr("core.journal.write_whole", cut)
    monkeypatch.setattr("core.snapshot.write_whole", cut)
    ended = False
    try:
        project.save()
    except PowerCut:
        ended = True
    assert ended == (step < 4)
    monkeypatch.undo()
    crash(project)

    again = Project.open(project.path)
    assert again.document().shot == document.shot
    later = connected(again)
    later.do(AddLayer(Layer("d", "d")))
    crash(again)
    assert [layer.name for layer in Project.open(project.path).shot.layers] == ["a", "b", "c", "d"]


def test_a_torn_last_line_is_dropped_and_the_journal_goes_on(project: Project) -> None:
    """Cut anywhere in its last line, the journal holds everything before it, and can be continued."""
    document = connected(project)
    for name in "ab":
        document.do(AddLayer(Layer(name, name)))
    crash(project)
    journal = next(project.path.glob("journal-*.jsonl"))
    whole = journal.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])

    for cut in (1, 2, last // 2, last - 1):
        journal.write_bytes(whole[:-cut])
        again = Project.open(project.path)
        assert [layer.name for layer in again.shot.layers] == ["a"]
        assert again.damage is None
        connected(again).do(AddLayer(Layer("c", "c")))
        crash(again)
        third = Project.open(project.path)
        assert [layer.name for layer in third.shot.layers] == ["a", "c"]
        crash(third)


def test_a_damaged_journal_is_kept_beside(project: Project) -> None:
    """What could not be replayed is not destroyed."""
    document = connected(project)
    for name in "abc":
        document.do(AddLayer(Layer(name, name)))
    crash(project)
    journal = next(project.path.glob("journal-*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"b"', b'"x"')
    journal.write_bytes(b"".join(lines))

    again = Project.open(project.path)
    assert [layer.name for layer in again.shot.layers] == ["a"]
    assert journal.with_suffix(".damaged").read_bytes() == b"".join(lines)
    assert again.damage is not None
    assert "damaged after line 2" in again.damage.sentence
    again.close()


def test_a_command_of_an_unknown_kind_ends_the_replay(project: Project) -> None:
    """A line that is whole but cannot be applied is damage too, not a crash."""
    document = connected(project)
    document.do(AddLayer(Layer("a", "a")))
    document.do(MoveLayer("a", 0))
    crash(project)
    journal = next(project.path.glob("journal-*.jsonl"))
    from core.journal import _line

    bad = _line({"edit": "do", "command": {"command": "FlyToTheMoon"}}) + _line({"edit": "dance"})
    journal.write_bytes(journal.read_bytes() + bad)

    again = Project.open(project.path)
    assert again.recovered == 2
    again.close()


def test_only_one_window_has_a_project_open(project: Project) -> None:
    """The second is told who has it; when that one is gone, the lock is free."""
    with pytest.raises(ProjectError, match=rf"open in another window \(process {os.getpid()} on"):
        Project.open(project.path)

    crash(project)
    Project.open(project.path).close()


def test_the_lock_of_a_dead_process_is_taken_over(project: Project) -> None:
    """A lock file that nobody holds means nothing."""
    project.close()
    (project.path / "lock").write_text('{"pid": 1, "host": "elsewhere", "since": "yesterday"}')

    Project.open(project.path).close()


def test_plates_beside_the_project_travel_with_it(tmp_path: Path) -> None:
    """A folder with project and plates can be moved; plates elsewhere keep their place."""
    project = Project.create(tmp_path / "job" / "shot")
    document = connected(project)
    document.do(AddPlate(plate(tmp_path / "job" / "plates" / "plate.####.exr")))
    document.do(AddPlate(plate(Path("/elsewhere/plate.%04d.exr"))))
    project.save()
    document.do(ChangePlate(plate(tmp_path / "job" / "other" / "plate.####.exr")))
    project.close()

    (tmp_path / "job").rename(tmp_path / "moved")
    again = Project.open(tmp_path / "moved" / "shot.penumbra")
    assert again.shot.plates[0].path == tmp_path / "moved" / "other" / "plate.####.exr"
    assert json.loads((again.path / "project.json").read_text())["shot"]["plates"][1]["path"].startswith("/elsewhere")
    again.close()


def test_assets_are_kept_once_and_checked(project: Project) -> None:
    """Named by their content; a damaged one is refused, not used."""
    asset = project.assets.put(b"numbers")
    assert project.assets.put(b"numbers") == asset
    assert project.assets.get(asset) == b"numbers"

    (project.path / "assets" / asset).write_bytes(b"nombers")
    with pytest.raises(ProjectError, match="damaged"):
        project.assets.get(asset)
    with pytest.raises(ProjectError, match="missing"):
        project.assets.get("0" * 64)


def test_takes_are_kept_whatever_is_undone(project: Project) -> None:
    """They are there after a crash, and their mattes are not collected."""
    document = connected(project)
    document.do(AddLayer(LAYER))
    project.store.put("key", Matte.empty(Window.of_size(4, 4)))
    take = Take("t1", HERO, "before", {1001: "key"})
    project.keep_take(take)
    document.undo()
    assert project.collect(document) == 0
    crash(project)

    again = Project.open(project.path)
    assert again.takes == (take,)
    assert again.collect(again.document()) == 0
    again.drop_take("t1")
    assert again.takes == ()
    again.close()


@pytest.mark.parametrize(("kind", "waited"), [(TakeKind.KEPT, True), (TakeKind.CORRECTION, False)])
def test_only_a_take_that_was_asked_for_is_waited_for(
    project: Project, monkeypatch: pytest.MonkeyPatch, kind: TakeKind, waited: bool
) -> None:
    monkeypatch.setattr(MatteStore, "_write_behind", lambda _store: None)
    project.store.put("key", Matte.empty(Window.of_size(4, 4)))

    project.keep_take(Take("t1", HERO, "before", {1001: "key"}, kind))

    assert (project.path / "mattes" / "key.matte").exists() == waited
    project.store._waiting.clear()


def test_collecting_keeps_what_undo_and_the_shot_can_reach(project: Project) -> None:
    """Mattes of the current shot, of undone shots and frozen grounds stay; the rest goes."""
    document = connected(project)
    document.do(AddPlate(plate(Path("/show/plate.####.exr"))))
    document.do(AddLayer(LAYER))
    identity = document.shot.plates[0].identity
    document.do(AddPrompt(HERO, 1003, Click(1, 1), "empty"))
    first = document.shot.layer(HERO).delivered_key(identity, 1005)
    document.do(AddPrompt(HERO, 1003, Click(2, 2), "empty"))
    second = document.shot.layer(HERO).delivered_key(identity, 1005)
    document.do(AddCorrection(HERO, 1008, dab(1), "ground"))
    document.undo()
    for key in (first, second, "ground", "nobody"):
        project.store.put(key, Matte.empty(Window.of_size(4, 4)))
    project.store.flush()

    assert project.collect(document) == 1
    assert project.store.keys() == {first, second, "ground"}


def test_the_ground_of_a_key_frame_is_on_disk_before_the_edit(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frozen base is authored: a crash right after the stroke must not lose it."""
    monkeypatch.setattr("core.matte_store.MatteStore._write_behind", lambda self: None)
    document = connected(project)
    document.do(AddLayer(LAYER))
    project.store.put("ground", Matte.empty(Window.of_size(4, 4)))
    document.do(AddCorrection(HERO, 1005, dab(1), "ground"))
    crash(project)
    project.store._waiting.clear()

    again = Project.open(project.path)
    assert again.store.get("ground") is not None
    again.close()


def test_a_session_without_a_name_is_found_again(tmp_path: Path) -> None:
    """After a crash the unsaved session is offered; while its window lives it is not."""
    project = Project.scratch(tmp_path)
    connected(project).do(AddLayer(LAYER))
    assert project.is_scratch
    assert abandoned(tmp_path) == ()
    crash(project)

    assert abandoned(tmp_path) == (project.path,)
    again = Project.open(project.path)
    assert again.is_scratch
    assert again.shot.layers == (LAYER,)
    again.close(discard=True)
    assert abandoned(tmp_path) == ()
    assert not again.path.exists()


def test_a_session_in_which_nothing_was_done_leaves_nothing(tmp_path: Path) -> None:
    """Opening and closing the window does not fill the disk, and after a crash there is nothing to offer."""
    project = Project.scratch(tmp_path)
    crash(project)
    assert abandoned(tmp_path) == ()

    again = Project.open(project.path)
    again.close()
    assert list(tmp_path.iterdir()) == []


def test_save_as_moves_a_session_and_copies_a_project(tmp_path: Path) -> None:
    """Mattes, assets and takes come along; the session's folder goes, a named project stays."""
    project = Project.scratch(tmp_path / "auto")
    document = connected(project)
    document.do(AddLayer(LAYER))
    asset = project.assets.put(b"numbers")
    project.store.put("key", Matte.empty(Window.of_size(4, 4)))
    project.keep_take(Take("t1", HERO, "before", {1001: "key"}), LAYER)
    session = project.path

    project.save_as(tmp_path / "named")
    assert not session.exists()
    assert not project.is_scratch
    document.do(AddLayer(Layer("second", "Second")))
    project.save_as(tmp_path / "copy.penumbra")
    document.do(RemoveLayer("second"))
    crash(project)

    copy, named = Project.open(tmp_path / "copy.penumbra"), Project.open(tmp_path / "named.penumbra")
    for opened, layers in ((copy, 1), (named, 2)):
        assert len(opened.document().shot.layers) == layers
        assert opened.assets.get(asset) == b"numbers"
        assert opened.store.get("key") is not None
        assert [take.name for take in opened.takes] == ["before"]
        assert opened.take_layer("t1") == LAYER
        opened.close()


def test_save_as_over_something_is_refused_and_changes_nothing(project: Project, tmp_path: Path) -> None:
    """Nothing is overwritten silently."""
    (tmp_path / "taken.penumbra").mkdir()
    before = project.path

    with pytest.raises(ProjectError, match="already"):
        project.save_as(tmp_path / "taken")
    with pytest.raises(ProjectError, match="already"):
        Project.create(tmp_path / "taken")
    assert project.path == before
    connected(project).do(AddLayer(LAYER))


def test_saving_says_when_mattes_could_not_be_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shot is saved all the same, and the next save catches up."""

    def full(path: Path, data: bytes, *, sync: bool = True) -> None:
        raise OSError(28, "No space left on device")

    document = connected(project)
    document.do(AddLayer(LAYER))
    monkeypatch.setattr("core.matte_store.write_whole", full)
    project.store.put("key", Matte.empty(Window.of_size(4, 4)))
    with pytest.raises(ProjectError, match="the shot is saved, but some mattes"):
        project.save()
    assert not project.unsaved

    monkeypatch.undo()
    project.save()
    assert (project.path / "mattes" / "key.matte").exists()


def test_a_newer_schema_is_refused_with_a_sentence(project: Project) -> None:
    """And the project is not touched."""
    project.close()
    file = project.path / "project.json"
    raw = json.loads(file.read_text()) | {"schema": 99}
    file.write_text(json.dumps(raw))

    with pytest.raises(ProjectError, match=r"newer Penumbra \(schema 99"):
        Project.open(project.path)
    assert json.loads(file.read_text()) == raw


def test_an_older_schema_climbs_the_migrations() -> None:
    """Step by step, each from n to n + 1; a missing step is a sentence."""
    steps = {
        1: lambda raw: raw | {"shot": raw["clip"]},
        2: lambda raw: raw | {"shot": raw["shot"] + " twice"},
    }

    assert migrate({"schema": 1, "clip": "moved"}, Path("p"), 3, steps)["shot"] == "moved twice"
    assert migrate({"schema": 2, "shot": "moved"}, Path("p"), 3, steps) == {"schema": 3, "shot": "moved twice"}
    with pytest.raises(ProjectError, match="schema 0 is unknown"):
        migrate({"schema": 0}, Path("p"), 3, steps)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"schema": 1}', '{"schema": 1, "generation": 1, "shot": {"layers": 3}}']
)
def test_a_broken_snapshot_is_a_sentence(project: Project, content: str) -> None:
    """Never a traceback, and the lock is free again."""
    project.close()
    (project.path / "project.json").write_text(content)

    for _ in range(2):
        with pytest.raises(ProjectError, match="backup"):
            Project.open(project.path)


def test_what_is_no_project_is_said_so(tmp_path: Path) -> None:
    """A folder of pictures is none."""
    assert not is_project(tmp_path)
    with pytest.raises(ProjectError, match="not a Penumbra project"):
        Project.open(tmp_path)


def test_the_snapshot_can_be_read_by_people(project: Project) -> None:
    """Names, numbers, and one line per stroke."""
    document = connected(project)
    for command in EVERY_COMMAND[:-2]:
        document.do(command)
    project.save()

    text = (project.path / "project.json").read_text()
    assert '"name": "Héro/1"' in text
    assert '"path": "/show/b/plate.####.exr"' in text
    points = " ".join(f"{point.x},{point.y},{point.pressure}" for point in dab(2).points)
    assert f'"points": "{points}"' in text


def test_values_keep_infinity_and_read_only_mappings() -> None:
    """JSON has no infinity; the adapter without a score has one."""
    values = ValueReader(Path("/show"))
    shot = Shot(layers=(replace(LAYER, adapters=(Adapter("a", "n", "m"),)),))

    assert values.read_shot(json.loads(json.dumps(values.write_shot(shot), allow_nan=False))) == shot
