"""Full disks, vanishing plates and damaged projects under a whole session with a real engine: a sentence, no loss."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.sample_shot import SampleShot
from core.commands import ChooseModels
from core.delivery import ExportPlan
from core.disk import TEMPORARY
from core.exr import read_channels, read_header
from core.jobs import JobState
from core.layer import ModelChoice
from core.project_file import Project
from inference.client import EngineClient
from tests.app.fake_engine import FakeEngine
from tests.walks.fault_desk import LAYER, FaultDesk, desk_on, own_copy

pytestmark = pytest.mark.timeout(60)
SMALL_BYTES = 6 << 20


@contextmanager
def session(project: Project, folder: Path, real: bool = True) -> Iterator[FaultDesk]:
    engine = EngineClient.local(folder / "engine") if real else FakeEngine()
    desk = desk_on(engine, project, folder, cache_bytes=1)
    try:
        yield desk
    finally:
        desk.studio.close()


def truly_delivered(desk: FaultDesk, path: Path, frame: int) -> None:
    """The file holds the project's matte in the plate's format."""
    plate = desk.studio.document.shot.plate
    assert plate is not None
    matte, fresh = desk.studio.matte(LAYER, frame)
    assert matte is not None
    assert fresh
    part = read_header(path).parts[0]
    assert (part.format, part.data_window) == (plate.format, plate.data_window)
    np.testing.assert_array_equal(read_channels(path)["A"], matte.half().over(plate.data_window))


# --- a full disk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Use up the disk to the last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 4096, 1):
            with suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return filler


def test_a_disk_that_fills_up_during_autosave_and_export(small_disk: Path, tmp_path: Path, sample: SampleShot) -> None:
    """Work goes on in memory, each refusal is a sentence, nothing is half-written; with room again all is saved."""
    first, frames = sample.frames.first, sample.frames
    out = small_disk / "out" / "fox.####.exr"
    with session(Project.create(small_disk / "work"), tmp_path) as desk:
        studio, project = desk.studio, desk.studio.saving.path
        assert project is not None
        desk.open(sample.plate_pattern)
        desk.click_fox(sample, first)
        plan = ExportPlan(str(out), (LAYER,), frames, pixel_type="float", compression="none")

        filler = fill(small_disk)
        for number in range(20):
            desk.paint(first, number)
        desk.propagate()
        desk.until(lambda: len(desk.troubles) >= 2, "Saying that the disk is full")
        assert any("edit could not be written" in text and "full" in text for text in desk.troubles)
        assert any("mattes cannot be written" in text and "full" in text for text in desk.troubles)
        assert len(studio.document.shot.layer(LAYER).key_frame(first).correction.strokes) == 20
        assert desk.fresh == set(frames)

        assert desk.export(plan) is None
        assert "full" in desk.troubles[-1]
        studio.saving.save()
        assert "full" in desk.troubles[-1]
        assert studio.saving.unsaved
        studio.document.undo()
        studio.document.redo()

        # A little room, some of which what waited takes: some files are written whole, then the disk is full again.
        with filler.open("rb+") as file:
            file.truncate(filler.stat().st_size - 2_000_000)
        said = len(desk.troubles)
        assert desk.export(replace(plan, resume=True)) is None
        assert "full" in desk.troubles[said]
        present = sorted(out.parent.glob("*.exr"))
        assert 0 < len(present) < len(frames)
        for path in present:
            truly_delivered(desk, path, int(path.name.split(".")[1]))
        assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]

        filler.unlink()
        said = len(desk.troubles)
        studio.saving.save()
        assert not studio.saving.unsaved
        shutil.rmtree(out.parent)
        report = desk.export(replace(plan, pixel_type="half", compression="zip"))
        assert report is not None
        assert report.written == len(frames)
        assert desk.troubles[said:] == []
        mattes = {frame: studio.matte(LAYER, frame)[0] for frame in frames}

    with session(Project.open(project), tmp_path, real=False) as again:
        assert len(again.studio.document.shot.layer(LAYER).key_frame(first).correction.strokes) == 20
        for frame, matte in mattes.items():
            kept, fresh = again.studio.matte(LAYER, frame)
            assert kept is not None
            assert matte is not None
            assert fresh
            np.testing.assert_array_equal(kept.float32(), matte.float32())
    assert not list(project.rglob(f"{TEMPORARY}*"))


# --- a plate with gaps ----------------------------------------------------------------------------------------------


def test_frames_that_vanish_while_the_plate_is_open(tmp_path: Path, sample: SampleShot) -> None:
    """One deleted before it was read, one broken, one deleted before the export: every frame has a matte and a file."""
    pattern = own_copy(sample, tmp_path / "plate")
    first, frames = sample.frames.first, sample.frames
    plates = {frame: pattern.with_name(sample.plate(frame).name) for frame in frames}
    with session(Project.create(tmp_path / "work"), tmp_path) as desk:
        studio = desk.studio
        desk.open(pattern)
        plates[first + 5].unlink()
        plates[first + 7].write_bytes(plates[first + 7].read_bytes()[:2000])
        for frame in (first + 5, first + 7):
            studio.look_at(frame)
            desk.until(lambda frame=frame: studio.picture_error(frame), "Saying why there is no picture")
            assert str(frame) in studio.picture_error(frame)
        assert studio.missing_frames() == {first + 5}

        studio.document.do(ChooseModels(LAYER, ModelChoice("segment"), ModelChoice("propagate"), ModelChoice("refine")))
        desk.click_fox(sample, first)
        desk.propagate()
        assert desk.fresh == set(frames)
        job = next(job for job in studio.jobs() if job.kind == "propagate")
        assert job.state is JobState.DONE
        assert f"Frames {first + 5}, {first + 7} have no readable picture" in job.message
        assert all(job.state is JobState.DONE for job in studio.jobs() if job.kind == "refine")
        held, _ = studio.matte(LAYER, first + 5)
        assert held is not None
        assert held.float32().max() > 0.9

        plates[first + 2].unlink()
        report = desk.export(ExportPlan(str(tmp_path / "out" / "fox.####.exr"), (LAYER,), frames))
        assert report is not None
        assert report.without_plate == (first + 2, first + 5, first + 7)
        assert report.written == len(frames)
        assert "3 frames without a plate picture" in report.sentence
        for frame in frames:
            truly_delivered(desk, tmp_path / "out" / f"fox.{frame}.exr", frame)

        shutil.copyfile(sample.plate(first + 5), plates[first + 5])
        studio.look_at(first + 5)
        desk.until(lambda: not studio.picture_error(first + 5), "Seeing that the frame is back")
        assert desk.troubles == []


def test_a_plate_with_a_gap_from_the_start(tmp_path: Path, sample: SampleShot) -> None:
    """A frame that never existed is said at opening and delivered with the others; a click there is a sentence."""
    pattern = own_copy(sample, tmp_path / "plate")
    gap = sample.frames.first + 3
    pattern.with_name(sample.plate(gap).name).unlink()
    with session(Project.create(tmp_path / "work"), tmp_path) as desk:
        desk.open(pattern)
        assert [text for text in desk.troubles if str(gap) in text]
        desk.said.clear()
        desk.click(gap, 240.0, 135.0)
        assert [text for text in desk.troubles if str(gap) in text]
        desk.studio.document.undo()
        desk.said.clear()

        desk.click_fox(sample, sample.frames.first)
        desk.propagate()
        assert desk.fresh == set(sample.frames)
        report = desk.export(ExportPlan(str(tmp_path / "out" / "fox.####.exr"), (LAYER,), sample.frames))
        assert report is not None
        assert report.without_plate == (gap,)
        for frame in sample.frames:
            truly_delivered(desk, tmp_path / "out" / f"fox.{frame}.exr", frame)
        assert desk.troubles == []


def test_teaching_leaves_out_a_corrected_frame_whose_picture_is_gone(tmp_path: Path, sample: SampleShot) -> None:
    """It learns from the others and says which it could not look at; without any picture it says that."""
    pattern = own_copy(sample, tmp_path / "plate")
    first, gone = sample.frames.first, sample.frames.first + 4
    with session(Project.create(tmp_path / "work"), tmp_path) as desk:
        studio, offers = desk.studio, []
        studio.teach_offered.connect(offers.append)
        desk.open(pattern)
        desk.click_fox(sample, first)
        desk.click_fox(sample, gone)
        pattern.with_name(sample.plate(gone).name).unlink()
        studio.teach(LAYER, {"seconds": 1.0})
        desk.settle()
        job = next(job for job in studio.jobs() if job.kind == "teach")
        assert job.state is JobState.DONE
        assert job.message == f"Frame {gone} has no readable picture: nothing is learned there."
        assert len(offers) == 1
        assert desk.troubles == []

        pattern.with_name(sample.plate(first).name).unlink()
        studio.teach(LAYER, {"seconds": 1.0})
        desk.settle()
        assert studio.jobs()[-1].state is JobState.FAILED
        assert any(str(frame) in desk.troubles[-1] for frame in (first, gone))


# --- opening --------------------------------------------------------------------------------------------------------


def worked_on(folder: Path, plate: Path) -> Path:
    """A saved project with a click and three strokes, the last after the save."""
    with session(Project.create(folder / "work"), folder, real=False) as desk:
        desk.open(plate)
        desk.click(1001, 100.0, 100.0)
        desk.paint(1001, 1)
        desk.paint(1001, 2)
        desk.studio.saving.save()
        desk.paint(1001, 3)
        project = desk.studio.saving.path
    assert project is not None
    return project


def strokes(desk: FaultDesk) -> int:
    return len(desk.studio.document.shot.layer(LAYER).key_frame(1001).correction.strokes)


def test_a_torn_project_file_is_a_sentence_and_nothing_is_touched(tmp_path: Path, sample: SampleShot) -> None:
    """What is open stays open and can be worked on; with the file restored the project is whole."""
    project = worked_on(tmp_path, sample.plate_pattern)
    snapshot = (project / "project.json").read_bytes()
    (project / "project.json").write_bytes(snapshot[: len(snapshot) // 2])
    files = {path: path.stat().st_size for path in project.rglob("*") if path.name != "lock"}
    with session(Project.scratch(tmp_path / "autosave"), tmp_path, real=False) as desk:
        desk.open(sample.plate_pattern)
        desk.studio.open(project)
        desk.until(lambda: desk.troubles, "Saying that the project is damaged")
        assert "project.json" in desk.troubles[0]
        assert "backup" in desk.troubles[0]
        assert files == {path: path.stat().st_size for path in project.rglob("*") if path.name != "lock"}
        desk.paint(1001, 1)
        assert strokes(desk) == 1

        (project / "project.json").write_bytes(snapshot)
        desk.studio.open(project)
        desk.until(lambda: desk.studio.saving.path == project, "Opening the project")
        assert strokes(desk) == 3


def test_garbage_in_the_journal_costs_only_what_it_overwrote(tmp_path: Path, sample: SampleShot) -> None:
    """The whole lines before it are replayed, the rest is kept beside, and it is said."""
    project = worked_on(tmp_path, sample.plate_pattern)
    journal = next(project.glob("journal-*.jsonl"))
    whole = journal.read_bytes()
    journal.write_bytes(whole + b"\x00\xff garbage\n\n{}" * 50 + b"\n")
    with session(Project.scratch(tmp_path / "autosave"), tmp_path, real=False) as desk:
        desk.studio.open(project)
        desk.until(lambda: desk.studio.saving.path == project and desk.troubles, "Opening the project")
        assert "journal is damaged" in desk.troubles[0]
        assert strokes(desk) == 3
        assert list(project.glob("*.damaged"))
        desk.paint(1001, 4)
        desk.studio.saving.save()
        assert not desk.studio.saving.unsaved
    with session(Project.open(project), tmp_path, real=False) as again:
        assert strokes(again) == 4


def test_a_plate_that_is_away_when_its_project_is_opened(tmp_path: Path, sample: SampleShot) -> None:
    """It is said, the work is there and can be edited and exported; when the plate is back, its frames are shown."""
    pattern = own_copy(sample, tmp_path / "plate")
    project = worked_on(tmp_path, pattern)
    away = (tmp_path / "plate").rename(tmp_path / "elsewhere")
    with session(Project.scratch(tmp_path / "autosave"), tmp_path, real=False) as desk:
        studio = desk.studio
        studio.open(project)
        desk.until(lambda: studio.saving.path == project and desk.troubles, "Opening the project")
        assert str(pattern) in desk.troubles[0]
        assert "not there" in desk.troubles[0]
        assert strokes(desk) == 3
        studio.look_at(1001)
        desk.until(lambda: studio.picture_error(1001), "Saying why there is no picture")
        assert studio.missing_frames() == set(sample.frames)
        desk.paint(1001, 4)
        matte, fresh = studio.matte(LAYER, 1001)
        assert matte is not None
        assert fresh
        report = desk.export(
            ExportPlan(str(tmp_path / "out" / "fox.####.exr"), (LAYER,), replace(sample.frames, last=1001))
        )
        assert report is not None
        assert report.without_plate == (1001,)
        truly_delivered(desk, tmp_path / "out" / "fox.1001.exr", 1001)

        away.rename(tmp_path / "plate")
        studio.look_at(1001)
        desk.until(lambda: not studio.picture_error(1001) and not studio.missing_frames(), "Seeing the plate again")
        assert strokes(desk) == 4
        studio.saving.save()
        assert not studio.saving.unsaved


def test_a_color_config_that_is_gone_leaves_the_open_work_alone(tmp_path: Path, sample: SampleShot) -> None:
    """The project is refused with a sentence that names the config, and can be opened when it is back."""
    project = worked_on(tmp_path, sample.plate_pattern)
    raw = json.loads((project / "project.json").read_bytes())
    whole = json.dumps(raw).encode()
    raw["shot"]["color_config"] = str(tmp_path / "gone.ocio")
    (project / "project.json").write_bytes(json.dumps(raw).encode())
    with session(Project.scratch(tmp_path / "autosave"), tmp_path, real=False) as desk:
        desk.open(sample.plate_pattern)
        desk.studio.open(project)
        desk.until(lambda: desk.troubles, "Saying that the config is gone")
        assert "gone.ocio" in desk.troubles[0]
        desk.paint(1001, 1)
        assert strokes(desk) == 1
        (project / "project.json").write_bytes(whole)
        desk.studio.open(project)
        desk.until(lambda: desk.studio.saving.path == project, "Opening the project")
        assert strokes(desk) == 3
