"""A show's models on disk: published whole or not at all, killed at every step, without room, by two at once."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.corrections.store import CorrectionStore
from core.corrections.upkeep import verify
from core.disk import TEMPORARY
from core.errors import ProjectError
from core.show_models import CARD, NUMBERS, ShowModel, ShowModels, models_of
from tests.core.corrected import corrected

ROOT = Path(__file__).resolve().parents[2]

KILLED = """
import os, signal, sys
from pathlib import Path
from core.show_models import ShowModels
from tests.core.test_show_models import model

def publish_and_die(path, call, number):
    original, count = getattr(os, call), 0
    def dying(*arguments, **named):
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)
    setattr(os, call, dying)
    ShowModels(path).publish(model("new"), b"newer numbers", use=True)
    os._exit(0)

for call in ("rename", "replace", "fsync", "mkdir"):
    for number in range(1, 100):
        path = Path(sys.argv[1]) / f"{call}-{number}"
        ShowModels(path).publish(model("old"), b"older numbers", use=True)
        child = os.fork()
        if child == 0:
            publish_and_die(path, call, number)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
    print(call, number - 1, flush=True)
"""

RACING = """
import sys
from pathlib import Path
from core.errors import ProjectError
from core.show_models import ShowModels
from tests.core.test_show_models import model

models = ShowModels(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
won = 0
for number in range(20):
    try:
        models.publish(model(f"m{number}", by=sys.argv[2]), sys.argv[2].encode() * 1000, use=True)
        won += 1
    except ProjectError as error:
        assert "of that name already" in error.sentence, error.sentence
print(won)
"""


def model(name: str, made: str = "2026-01-01T00:00:00.000000+00:00", **said: object) -> ShowModel:
    known = {"by": "ann", "store": "/show/corrections", "learnt_from": ("a" * 32,), "shots": ("sh010",)}
    return ShowModel(name=name, made=made, **(known | said))  # type: ignore[arg-type]


def python(program: str, *arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def leftovers(path: Path) -> list[Path]:
    return list(path.rglob(f"{TEMPORARY}*"))


def test_published_listed_used_and_rolled_back_by_name(tmp_path: Path) -> None:
    """The newest is current until an older one is asked for; its numbers come back bit for bit; the card says all."""
    models = ShowModels(tmp_path / "models")
    first = models.publish(model(models.free_name(), before=0.08, after=0.05, measured_on=3), b"one", use=True)
    second = models.publish(model(models.free_name(), "2026-01-02", before=0.05, after=0.07), b"two", use=False)

    assert [each.name for each in models.all()] == ["show-001", "show-002"]
    assert (first.helps, second.helps, models.current) == (True, False, first)
    assert models.use("show-002", "bob", "2026-01-03") == models.current == second
    assert models.use("show-001", "bob", "2026-01-04") == models.current
    assert models.numbers("show-001") == b"one"
    told = (models.path / "show-001" / CARD).read_text()
    for words in ("1: sh010", "8.00 %", "5.00 %", "by ann", first.sha256, "/show/corrections"):
        assert words in told
    assert "does worse" in (models.path / "show-002" / CARD).read_text()


def test_nothing_is_ever_replaced_and_what_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    models = ShowModels(tmp_path / "models")
    models.publish(model("hero"), b"one", use=True)

    with pytest.raises(ProjectError, match="of that name already"):
        models.publish(model("hero"), b"two", use=True)
    for name in ("current", "training", "../hero", ".hero", ""):
        with pytest.raises(ProjectError, match="cannot be a model's name"):
            models.publish(model(name), b"two", use=True)
    with pytest.raises(ProjectError, match=r"no model villain\. There are: hero\."):
        models.use("villain", "bob", "")
    (models.path / "hero" / NUMBERS).write_bytes(b"on")
    with pytest.raises(ProjectError, match="not those it was published with"):
        models.numbers("hero")
    with pytest.raises(ProjectError, match="not those it was published with"):
        models.use("hero", "bob", "")


def test_killed_at_any_step_of_publishing_a_model_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """kill -9 before every rename, wait for the disk and folder: the older model is whole and current, or the newer
    one is whole; and publishing goes on afterwards."""
    killer = python(KILLED, str(tmp_path))
    said, complaint = killer.communicate(timeout=100)
    assert killer.returncode == 0, complaint
    points = {call: int(count) for call, count in (line.split() for line in said.splitlines())}
    assert points["rename"] == 1
    assert points["replace"] == 4  # numbers, record, card; then which is current
    assert points["fsync"] >= 8

    seen = set()
    for path in sorted(tmp_path.iterdir()):
        models = ShowModels(path)
        names = tuple(each.name for each in models.all())
        assert names in (("old",), ("new", "old"))
        for name, numbers in (("old", b"older numbers"), ("new", b"newer numbers")):
            if name in names:
                assert models.numbers(name) == numbers
                assert (path / name / CARD).read_text().startswith(f"# {name}\n")
        assert models.current is not None
        seen.add((names, models.current.name))
        for left in leftovers(path):
            os.utime(left, (0, time.time() - 7200))
        models.publish(model("next"), b"next numbers", use=True)
        assert models.current.name == "next"
        assert [left for left in leftovers(path) if left.is_dir()] == []

    assert seen == {(("old",), "old"), (("new", "old"), "old"), (("new", "old"), "new")}


def test_a_full_disk_publishes_nothing_and_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for any one of the files: a sentence, no trace of the model, the current one stays; later it goes on."""
    models = ShowModels(tmp_path / "models")
    models.publish(model("old"), b"one", use=True)
    original, room = Path.replace, [0]

    def replace(self: Path, target: Path) -> Path:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        room[0] -= 1
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    for files in range(3):
        room[0] = files
        with pytest.raises(ProjectError, match="the model was not published, the disk is full"):
            models.publish(model("new"), b"two", use=True)
        assert ([each.name for each in models.all()], leftovers(models.path)) == (["old"], [])
    room[0] = 3
    with pytest.raises(ProjectError, match=r"not made the current model, the disk is full\. The one before stays"):
        models.publish(model("new"), b"two", use=True)
    assert models.numbers("new") == b"two"
    assert models.current is not None
    assert models.current.name == "old"
    room[0] = 1
    models.use("new", "ann", "")
    assert models.current.name == "new"


def test_two_programs_publish_at_once(tmp_path: Path) -> None:
    """The same names by two: each name belongs to one of them, whole, and the current model is one of these."""
    path = tmp_path / "models"
    racers = [python(RACING, str(path), by) for by in ("ann", "bob")]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = []
    for racer in racers:
        out, complaint = racer.communicate(timeout=60)
        assert racer.returncode == 0, complaint
        won.append(int(out))

    models = ShowModels(path)
    assert (sum(won), len(models.all()), leftovers(path)) == (20, 20, [])
    for each in models.all():
        assert models.numbers(each.name) == each.by.encode() * 1000
    assert models.current is not None


def test_models_of_a_newer_program_and_torn_ones_are_left_alone(tmp_path: Path) -> None:
    models = ShowModels(tmp_path / "models")
    for name in ("good", "torn", "newer"):
        models.publish(model(name), b"one", use=True)
    (models.path / "torn" / "model.json").write_bytes(b'{"version": 1, "mod')
    newer = models.path / "newer" / "model.json"
    newer.write_text(newer.read_text().replace('"version": 1', '"version": 2'))

    assert [each.name for each in models.all()] == ["good"]
    assert models.current is None  # it was the newer one: nobody guesses another
    assert models.use("good", "ann", "") == models.current


def test_models_inside_a_store_disturb_it_not(tmp_path: Path) -> None:
    store = CorrectionStore.open(tmp_path / "corrections", make=True)
    store.put(*corrected(1001))
    models_of(store.path).publish(model("hero"), b"one", use=True)

    assert verify(CorrectionStore.open(store.path)).wrong == ()
    assert models_of(store.path).path == store.path / "models"
    assert models_of(tmp_path / "elsewhere").path == tmp_path / "elsewhere"
