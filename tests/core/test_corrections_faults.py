"""Faults of the correction store: killed at every step, no room, two writers at once, torn files. Nothing is lost."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.corrections.exchange import bring, export
from core.corrections.store import CorrectionStore
from core.corrections.upkeep import clean, verify
from core.disk import TEMPORARY
from core.errors import ProjectError
from tests.core.corrected import corrected

ROOT = Path(__file__).resolve().parents[2]

KILLED = """
import os, signal, sys
from pathlib import Path
import core.disk
from core.corrections.store import CorrectionStore
from tests.core.corrected import corrected

folder, calls = Path(sys.argv[1]), sys.argv[2].split(",")
new = corrected(1002, 24.0)

def store_and_die(path, call, number):
    store = CorrectionStore.open(path)
    original, count = getattr(os, call), 0
    def dying(*arguments, **named):
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)
    setattr(os, call, dying)
    store.put(*new)
    os._exit(0)

for call in calls:
    for number in range(1, 100):
        path = folder / f"{call}-{number}"
        store = CorrectionStore.open(path, make=True)
        store.put(*corrected(1001, 20.0))
        child = os.fork()
        if child == 0:
            store_and_die(path, call, number)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
    print(call, number - 1, flush=True)
"""

WRITER = """
import sys
from pathlib import Path
from core.corrections.record import MarkKind
from core.corrections.store import CorrectionStore
from tests.core.corrected import corrected

store, artist = CorrectionStore.open(Path(sys.argv[1]), make=True), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(12):
    record = store.put(*corrected(1001 + number, 18.0 + number % 3, artist=artist))
    if number % 4 == 0:
        store.mark([record.id], MarkKind.EXCLUDED, artist)
    store.refresh()
    print(record.id, flush=True)
"""

FULL = """
import resource, signal, sys
from pathlib import Path
from core.corrections.store import CorrectionStore
from core.errors import ProjectError
from tests.core.corrected import corrected

store, most = CorrectionStore.open(Path(sys.argv[1])), int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    store.put(*corrected(1002, 24.0))
except ProjectError as error:
    print(error.sentence)
"""


def python(program: str, *arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def whole_frames(path: Path) -> list[int]:
    """The frames of a store whose every file is whole, read anew."""
    store = CorrectionStore.open(path)
    assert verify(store).wrong == ()
    pairs = list(store.pairs())
    for pair in pairs:
        radius = 20.0 if pair.record.about.frame == 1001 else 24.0
        assert np.array_equal(pair.pixels.after, corrected(pair.record.about.frame, radius)[1].after)
    return [pair.record.about.frame for pair in pairs]


def leftovers(path: Path) -> list[Path]:
    return list(path.rglob(f"{TEMPORARY}*"))


def test_killed_at_any_step_of_storing_a_pair_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """kill -9 before every rename and every wait for the disk: the earlier pair is whole, the new one is all or
    nothing, and storing it again goes well."""
    killer = python(KILLED, str(tmp_path), "replace,fsync")
    said, complaint = killer.communicate(timeout=100)
    assert killer.returncode == 0, complaint
    points = dict(line.split() for line in said.splitlines())
    assert int(points["replace"]) == 6  # five new blobs (what was authored is the same) and the record
    assert int(points["fsync"]) >= 8

    places = sorted(tmp_path.iterdir())
    found = [whole_frames(place) for place in places]

    assert all(frames in ([1001], [1001, 1002]) for frames in found)
    assert [1001] in found
    assert [1001, 1002] in found
    torn = [place for place in places if leftovers(place)]
    assert torn  # some were killed while a file was half written
    for place in (torn[0], torn[-1]):
        CorrectionStore.open(place).put(*corrected(1002, 24.0))
        assert whole_frames(place) == [1001, 1002]
        clean(CorrectionStore.open(place), kept_for_s=-1)
        assert leftovers(place) == []
        assert whole_frames(place) == [1001, 1002]


def test_two_programs_write_one_store_at_once(tmp_path: Path) -> None:
    """The same frames by two artists: every pair of both is there, whole, and the newer one of a frame counts."""
    path = tmp_path / "show"
    writers = {artist: python(WRITER, str(path), artist) for artist in ("ann", "bob")}
    for writer in writers.values():
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers.values():
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = {}
    for artist, writer in writers.items():
        out, complaint = writer.communicate(timeout=100)
        assert writer.returncode == 0, complaint
        said[artist] = out.split()

    store = CorrectionStore.open(path)

    assert verify(store).wrong == ()
    assert leftovers(path) == []
    assert len(set(said["ann"])) == len(set(said["bob"])) == 12
    assert set(said["ann"]) | set(said["bob"]) <= store.records.keys()
    entries = store.entries()
    assert [entry.record.about.frame for entry in entries] == list(range(1001, 1013))
    for entry in entries:
        assert entry.record.made == max(store.find(each).made for each in entry.versions)
        store.pair(entry.record.id)
    assert [entry.excluded for entry in entries] == [number % 4 == 0 for number in range(12)]


def test_a_full_disk_loses_nothing_and_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room at any step of storing: a sentence, the earlier pair whole, nothing half-stored, and later it goes on."""
    path = tmp_path / "corrections"
    store = CorrectionStore.open(path, make=True)
    store.put(*corrected(1001, 20.0))
    original, room = Path.replace, [0]

    def replace(self: Path, target: Path) -> Path:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        room[0] -= 1
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    for files in range(3):
        room[0] = files
        with pytest.raises(ProjectError, match=r"the disk is full\. Make room there"):
            CorrectionStore.open(path).put(*corrected(1002, 24.0))
        assert leftovers(path) == []
        assert whole_frames(path) == [1001]

    room[0] = 3  # the three new blobs that found room are there already: two and the record are left
    CorrectionStore.open(path).put(*corrected(1002, 24.0))
    assert whole_frames(path) == [1001, 1002]


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A file system of 512 KB: pairs until it is full, each of them whole; with room again it goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    try:
        (disk / "filler").write_bytes(bytes(250_000))
        path, stored = disk / "corrections", 0
        store = CorrectionStore.open(path, make=True)

        def fill() -> None:
            nonlocal stored
            for frame in range(1001, 1100):
                store.put(*corrected(frame, 10.0 + frame - 1000))
                stored += 1

        with pytest.raises(ProjectError, match="the disk is full"):
            fill()
        assert stored > 0
        assert leftovers(path) == []
        full = CorrectionStore.open(path)
        assert verify(full).wrong == ()
        assert len(list(full.pairs())) == stored

        (disk / "filler").unlink()
        store.put(*corrected(1001 + stored, 11.0 + stored))

        assert len(list(CorrectionStore.open(path).pairs())) == stored + 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("most_bytes", [300, 4000])
def test_a_disk_that_refuses_in_the_middle_of_a_file(tmp_path: Path, most_bytes: int) -> None:
    """The system cuts a file short (a limit of this process); no torn file keeps its name."""
    path = tmp_path / "corrections"
    CorrectionStore.open(path, make=True).put(*corrected(1001, 20.0))

    program = python(FULL, str(path), str(most_bytes))
    said, complaint = program.communicate(timeout=60)

    assert program.returncode == 0, complaint
    assert "the correction was not stored, the disk is full" in said
    assert whole_frames(path) == [1001]
    assert leftovers(path) == []


def test_an_export_without_room_leaves_the_older_export_as_it_was(tmp_path: Path) -> None:
    store = CorrectionStore.open(tmp_path / "corrections", make=True)
    store.put(*corrected(1001, 20.0))
    file = tmp_path / "pairs.zip"
    export(store, file)
    before = file.read_bytes()
    store.put(*corrected(1002, 24.0))

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(ProjectError, match="the export was not written, the disk is full"):
            export(store, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, heard)

    assert file.read_bytes() == before
    assert leftovers(tmp_path) == []


def test_torn_files_cost_the_pairs_they_belong_to_and_no_other(tmp_path: Path) -> None:
    """Pixels cut short, a record cut short, and the store's own note overwritten: the other pairs are read, what is
    wrong is said by name, and painting the frame again heals it."""
    path = tmp_path / "corrections"
    store = CorrectionStore.open(path, make=True)
    records = {frame: store.put(*corrected(frame, 14.0 + frame - 1000)) for frame in (1001, 1002, 1003)}
    pixels = store.blobs.path(records[1001].blobs["after"])
    pixels.write_bytes(pixels.read_bytes()[:-9])
    record = path / "pairs" / f"{records[1002].id}.json"
    record.write_bytes(record.read_bytes()[:200])
    (path / "store.json").write_bytes(b'{"format": "penu')

    damaged: list[ProjectError] = []
    torn = CorrectionStore.open(path)
    read = list(torn.pairs(damaged=damaged.append))

    assert [pair.record.about.frame for pair in read] == [1003]
    assert len(damaged) == 1
    assert "sh010, Hero, frame 1001: its after cannot be read" in damaged[0].sentence
    with pytest.raises(ProjectError, match="frame 1001"):
        list(torn.pairs())
    wrong = verify(torn).wrong
    assert len(wrong) == 2
    assert any(str(record) in sentence for sentence in wrong)
    assert any(str(pixels) in sentence for sentence in wrong)
    left = export(torn, tmp_path / "rest.zip").left
    assert len(left) == 1

    for frame in (1001, 1002):
        torn.put(*corrected(frame, 14.0 + frame - 1000))

    healed = CorrectionStore.open(path)
    assert [pair.record.about.frame for pair in healed.pairs()] == [1001, 1002, 1003]
    assert [sentence for sentence in verify(healed).wrong if str(pixels) in sentence] == []


def test_a_torn_export_brings_in_nothing_wrong(tmp_path: Path) -> None:
    """Cut anywhere it is no export; with a byte changed, only the pair it belongs to stays behind."""
    store = CorrectionStore.open(tmp_path / "corrections", make=True)
    for frame in (1001, 1002):
        store.put(*corrected(frame, 14.0 + frame - 1000))
    file = tmp_path / "pairs.zip"
    export(store, file)
    data = file.read_bytes()
    other = CorrectionStore.open(tmp_path / "show", make=True)
    torn = tmp_path / "torn.zip"

    for length in (0, 40, len(data) // 2, len(data) - 1):
        torn.write_bytes(data[:length])
        with pytest.raises(ProjectError, match="no whole export"):
            bring(other, torn)
    broken = bytearray(data)
    broken[data.index(store.blobs.path(store.entries()[0].record.blobs["after"]).read_bytes()) + 60] ^= 0xFF
    torn.write_bytes(bytes(broken))
    came = bring(other, torn)

    assert (came.pairs, len(came.left)) == (1, 1)
    assert "pairs/" in came.left[0]
    assert verify(other).wrong == ()
    assert bring(other, file).pairs == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="writing there is not allowed"):
            CorrectionStore.open(tmp_path / "corrections", make=True)
    finally:
        tmp_path.chmod(0o700)
