"""Faults of the storage: kill -9 at any moment, and a disk without room. Nothing finished is lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from core.commands import AddCorrection, AddLayer, SetRange
from core.document import Document
from core.errors import ProjectError
from core.frames import FrameRange
from core.geometry import Window
from core.layer import Layer
from core.matte import Matte
from core.matte_store import MatteStore
from core.project_file import Project
from core.prompts import Stroke, StrokePoint

ROOT = Path(__file__).resolve().parents[2]
LEAST_SAID = 5

ARTIST = """
import sys
from pathlib import Path
from core.commands import AddCorrection, AddLayer
from core.document import Document
from core.geometry import Window
from core.layer import Layer
from core.painting import StrokePainter
from core.project_file import Project

project, saves = Project.open(Path(sys.argv[1])), sys.argv[2] == "saving"
document = Document()
document.adopt(project.document())
document.edited.connect(project.record)
if not document.shot.layers:
    document.do(AddLayer(Layer("hero", "Hero")))
for number in range(100_000):
    painter = StrokePainter(Window.of_size(640, 360), 20)
    for step in range(30):
        painter.move(number % 600 + step, 100 + step, 0.5 + step / 100)
    document.do(AddCorrection("hero", 1001 + number % 5, painter.stroke(), "ground"))
    if number % 7 == 6:
        document.undo()
        document.redo()
    print(number + 1, flush=True)
    if saves and number % 2:
        project.save()
"""

PAINTER = """
import sys
from pathlib import Path
import numpy as np
from core.geometry import Window
from core.matte import Matte
from core.matte_store import MatteStore

store = MatteStore(Path(sys.argv[1]), budget_bytes=1 << 20)
window = Window.of_size(256, 256)
for number in range(100_000):
    coverage = np.random.default_rng(number).uniform(0, 1, window.shape).astype(np.float32)
    store.put(str(number), Matte(window, coverage))
    store.keep([str(number)])
    print(number + 1, flush=True)
"""


def run_and_kill(program: str, arguments: tuple[str, ...], after_lines: int, more_s: float) -> int:
    """Start the program, wait until it has said so many lines and a little longer, kill -9; what it said last."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        last = 0
        for line in child.stdout:
            last = int(line)
            if last >= after_lines:
                break
        assert last >= after_lines, "the child ended by itself"
        time.sleep(more_s)
        os.kill(child.pid, signal.SIGKILL)
        rest = [line for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        child.wait()
    return int(rest[-1]) if rest else last


def strokes(project: Project) -> list[Stroke]:
    layer = project.shot.layer("hero")
    return [stroke for frame in sorted(layer.key_frames) for stroke in layer.key_frames[frame].correction.strokes]


@pytest.mark.parametrize("how", ["painting", "saving"])
def test_kill_9_while_painting_and_saving_keeps_every_finished_stroke(tmp_path: Path, how: str) -> None:
    """Killed four times, each time in the middle of a stroke or a save: whatever was said to be done is there."""
    new = Project.create(tmp_path / "shot")
    new.close()
    path = new.path
    done = 0
    for more_s in (0.0, 0.011, 0.037, 0.0713):
        said = run_and_kill(ARTIST, (str(path), how), LEAST_SAID, more_s)
        project = Project.open(path)
        kept = len(strokes(project))
        assert done + said <= kept <= done + said + 1
        assert all(len(stroke.points) == 30 for stroke in strokes(project))
        project.close()
        done = kept


def test_kill_9_while_mattes_are_written_leaves_no_wrong_matte(tmp_path: Path) -> None:
    """Every kept matte is whole; a half-written one is absent and its leftover is gone."""
    folder = tmp_path / "mattes"
    for more_s in (0.0, 0.013, 0.029):
        said = run_and_kill(PAINTER, (str(folder),), LEAST_SAID, more_s)
        store = MatteStore(folder)
        for number in range(said):
            matte = store.get(str(number))
            assert matte is not None
            expected = np.random.default_rng(number).uniform(0, 1, matte.window.shape).astype(np.float32)
            assert np.array_equal(matte.coverage, expected.astype(np.float16))
        assert not list(folder.glob(".partial-*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave_bytes: int = 0) -> Path:
    """Use up the disk but for `leave_bytes`."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        state = os.statvfs(folder)
        for size in (4096, 1):
            try:
                while state.f_bavail * state.f_frsize > leave_bytes:
                    file.write(b"x" * size)
                    state = os.statvfs(folder)
            except OSError:
                continue
    return filler


def dab(number: int) -> Stroke:
    return Stroke(tuple(StrokePoint(float(number), float(step), 0.5) for step in range(40)), 12.0)


def test_autosave_on_a_full_disk_is_said_once_and_caught_up_later(small_disk: Path) -> None:
    """The artist goes on painting; with room again, a crash afterwards loses nothing, in the right order."""
    project = Project.create(small_disk / "shot")
    document, heard = Document(), []
    document.edited.connect(project.record)
    project.trouble.connect(heard.append)
    document.do(AddLayer(Layer("hero", "Hero")))
    filler = fill(small_disk)
    for number in range(40):
        document.do(AddCorrection("hero", 1001, dab(number), "empty"))
    document.undo()

    assert len(document.shot.layer("hero").key_frame(1001).correction.strokes) == 39
    assert [error.why for error in heard] == ["the last edit could not be written, the disk is full"]
    halfway = read_beside(project)
    assert halfway < 39
    filler.unlink()
    document.do(SetRange(FrameRange(1, 2)))
    project._lock.release()

    again = Project.open(project.path)
    assert again.shot == document.shot
    again.close()


def read_beside(project: Project) -> int:
    """How many strokes a crash now would leave."""
    from core.journal import replay
    from core.shot import Shot

    document = replay(project._journal.path, Shot(), 1, project._values).document
    return len(document.shot.layer("hero").key_frame(1001).correction.strokes)


def test_saving_on_a_full_disk_is_a_sentence_and_changes_nothing(small_disk: Path) -> None:
    """The project on disk stays readable, the journal goes on, and a later save works."""
    project = Project.create(small_disk / "shot")
    document = Document()
    document.edited.connect(project.record)
    document.do(AddLayer(Layer("hero", "Hero")))
    for number in range(30):
        document.do(AddCorrection("hero", 1001, dab(number), "empty"))
    filler = fill(small_disk, leave_bytes=12 << 10)

    with pytest.raises(ProjectError, match="the disk is full"):
        project.save()
    document.do(SetRange(FrameRange(1, 2)))
    filler.unlink()
    document.do(SetRange(FrameRange(1, 3)))
    project._lock.release()

    again = Project.open(project.path)
    assert again.shot == document.shot
    again.save()
    again.close()
    assert Project.open(project.path).shot == document.shot


def test_mattes_on_a_full_disk_stay_in_memory_and_are_written_later(small_disk: Path) -> None:
    """One sentence, no loss, and the files are whole."""
    store = MatteStore(small_disk / "mattes", budget_bytes=1)
    heard: list[ProjectError] = []
    store.trouble.connect(heard.append)
    window = Window.of_size(128, 128)
    mattes = {
        str(seed): Matte(window, np.random.default_rng(seed).uniform(0, 1, window.shape).astype(np.float16))
        for seed in range(24)
    }
    filler = fill(small_disk, leave_bytes=100 << 10)
    for key, matte in mattes.items():
        store.put(key, matte)
    assert not store.flush(20)
    assert [error.why for error in heard] == ["mattes cannot be written, the disk is full"]
    assert all(np.array_equal(store.get(key).coverage, matte.coverage) for key, matte in mattes.items())  # type: ignore[union-attr]

    filler.unlink()
    store.flush(20)
    again = MatteStore(small_disk / "mattes")
    on_disk = [key for key in mattes if again.get(key) is not None]
    assert len(on_disk) > 8
    assert all(np.array_equal(again.get(key).coverage, mattes[key].coverage) for key in on_disk)  # type: ignore[union-attr]
    store.close()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Files of this process cannot grow beyond `size`: a full disk for those who may not mount one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_that_was_half_written_is_taken_back(tmp_path: Path) -> None:
    """A journal that may not grow keeps its whole lines; the rest follows when it may."""
    project = Project.create(tmp_path / "shot")
    document, heard = Document(), []
    document.edited.connect(project.record)
    project.trouble.connect(heard.append)
    document.do(AddLayer(Layer("hero", "Hero")))
    with largest_file(project._journal.path.stat().st_size + 500):
        for number in range(3):
            document.do(AddCorrection("hero", 1001, dab(number), "empty"))
        assert len(heard) == 1
        assert project._journal.path.read_bytes().endswith(b"\n")
        with pytest.raises(ProjectError, match="the disk is full"):
            project.save()
    document.do(AddCorrection("hero", 1001, dab(3), "empty"))
    project._lock.release()

    again = Project.open(project.path)
    assert again.shot == document.shot
    again.close()
