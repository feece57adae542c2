"""The correction store: what goes in comes out, versions are kept, marks count, and only what may be is learnt from."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.corrections.blob import BlobDamaged, pack, unpack
from core.corrections.cutting import cut
from core.corrections.exchange import bring, export
from core.corrections.record import VERSION, MarkKind, file_id, split_of
from core.corrections.store import CorrectionStore
from core.corrections.upkeep import clean, verify
from core.encoding import decode
from core.errors import ProjectError
from core.geometry import Window
from core.matte import Matte
from tests.core.corrected import AUTHORED, CANVAS, about, corrected, disc, picture

TRAIN, VALIDATION = "sh010", "sh003"


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for the disk: what survives a crash is tested in `test_corrections_faults.py`."""
    monkeypatch.setattr("core.disk.os.fsync", lambda _handle: None)


@pytest.fixture
def store(tmp_path: Path) -> CorrectionStore:
    return CorrectionStore.open(tmp_path / "corrections", make=True)


def test_a_pair_comes_back_bit_for_bit(store: CorrectionStore) -> None:
    """Both mattes whole, the picture in the model's encoding with its highlights, and what was authored."""
    said, pixels = corrected()

    record = store.put(said, pixels)

    pair = CorrectionStore.open(store.path).pair(record.id)
    assert pair.record.about == said
    assert pair.pixels.authored == AUTHORED
    for name in ("picture", "before", "after", "decided"):
        assert np.array_equal(getattr(pair.pixels, name), getattr(pixels, name))
    whole = Matte(said.window, pair.pixels.after)
    assert np.array_equal(whole.over(CANVAS), disc(20).float32())
    row, column = 100 - said.window.y0, 250 - said.window.x0
    expected = np.linspace(-0.1, 12, 304)[250]
    assert pair.rgb()[row, min(column, said.window.width - 1), 1] == pytest.approx(0.18, rel=2e-3)
    assert np.max(pair.rgb()) == pytest.approx(float(np.max(picture().rgb_over(said.window))), rel=4e-3)
    assert expected > 1  # the ramp is a highlight there: nothing was clipped


def test_the_cut_holds_the_subject_and_its_surroundings_and_no_more() -> None:
    """A quarter of the subject's size around it, at least 64 px, never beyond the canvas; nothing: all of it."""
    said, _pixels = corrected(radius_px=20)
    nothing, _pixels = cut(about(), picture(), Matte.empty(CANVAS), Matte.empty(CANVAS), None, {})

    reach = disc(20).bounds().grow(64)
    assert said.window == reach.intersect(CANVAS)
    assert nothing.window == CANVAS


def test_no_value_of_a_float_plate_becomes_infinite(store: CorrectionStore) -> None:
    """A linear encoding of a 32-bit plate: what a half cannot hold is the most it can."""
    bright = replace(picture(), rgba=np.full((200, 304, 4), 1e6, np.float32))
    said, pixels = cut(about(encoding="linear"), bright, disc(16), disc(20), None, {})

    assert np.isfinite(pixels.picture).all()
    assert decode(said.encoding, pixels.picture).max() == 65504.0


def test_the_same_pair_is_kept_once_and_a_new_one_is_a_new_version(store: CorrectionStore) -> None:
    """Original and final stay; pixels that both versions share lie there once."""
    first = store.put(*corrected(radius_px=20))
    files = len(store.blobs.all())
    again = store.put(*corrected(radius_px=20))
    second = store.put(*corrected(radius_px=24))
    back = store.put(*corrected(radius_px=20))

    assert again.id == first.id
    assert len({first.id, second.id, back.id}) == 3
    (entry,) = store.entries()
    assert entry.record.id == back.id
    assert entry.versions == (first.id, second.id, back.id)
    # other radius, other window: five of the six blobs are new (what was authored is the same), none for going back
    assert len(store.blobs.all()) == files + 5
    assert np.array_equal(store.pair(first.id).pixels.after, corrected(radius_px=20)[1].after)


def test_a_clock_that_is_behind_does_not_make_an_old_version_the_newest(store: CorrectionStore) -> None:
    """The other machine's clock was a year ahead; what is stored after it is still newer."""
    old = store.put(*corrected(radius_px=20))
    ahead = replace(old, made="2099-01-01T00:00:00.000000+00:00", blobs=dict(old.blobs))
    pair_id, data = ahead.as_file()
    store.take_files({pair_id: data}, {})

    new = store.put(*corrected(radius_px=24))

    assert store.entries()[0].record.id == new.id


def test_excluding_is_undone_and_stays_with_newer_versions(store: CorrectionStore) -> None:
    """What the artist excluded is not trained on, though the frame is painted again; included, it is."""
    first = store.put(*corrected())
    store.put(*corrected(1002))

    store.mark([first.id], MarkKind.EXCLUDED, "ann")
    assert [pair.record.about.frame for pair in store.pairs()] == [1002]
    newer = store.put(*corrected(radius_px=24))
    assert [pair.record.about.frame for pair in store.pairs()] == [1002]
    assert [entry.excluded for entry in store.entries()] == [True, False]

    store.mark([newer.id], MarkKind.INCLUDED, "ann")
    assert next(store.pairs()).record.id == newer.id
    assert len(list(store.pairs())) == 2


def test_deleting_takes_every_version_and_their_pixels_when_they_are_old_enough(store: CorrectionStore) -> None:
    """A deleted pair is gone for good, is not stored again by itself, and its pixels are removed a day later."""
    store.put(*corrected(radius_px=20))
    newest = store.put(*corrected(radius_px=24))
    other = store.put(*corrected(1002, radius_px=20))

    store.mark([newest.id], MarkKind.DELETED, "ann")
    again = store.put(*corrected(radius_px=24))

    assert again.id == newest.id
    assert [entry.record.id for entry in store.entries()] == [other.id]
    assert len(store.entries(everything=True)) == 2
    assert clean(store) == (0, 0)
    files, freed = clean(store, kept_for_s=-1)
    assert files == 5  # of radius 24; what was authored and all of radius 20 belong to the other frame as well
    assert freed > 0
    assert verify(store).wrong == ()
    with pytest.raises(ProjectError, match="missing"):
        store.pair(newest.id)


def test_a_correction_that_was_taken_back_teaches_nothing_until_it_is_painted_again(store: CorrectionStore) -> None:
    """Undo of a correction withdraws its pair; redo stores it anew."""
    record = store.put(*corrected())
    store.mark([record.id], MarkKind.WITHDRAWN)
    assert list(store.pairs()) == []

    again = store.put(*corrected())

    assert again.id != record.id
    assert [pair.record.id for pair in store.pairs()] == [again.id]


def test_shots_are_held_out_by_name_for_ever(store: CorrectionStore) -> None:
    """The split is a hash of the shot's name; a held-out plate is not trained on under another shot's name."""
    assert (split_of(TRAIN), split_of(VALIDATION)) == ("train", "validation")
    parts = [split_of(f"sh{number:04d}") for number in range(2000)]
    assert 0.17 < parts.count("validation") / 2000 < 0.23
    store.put(*corrected(1001, shot=TRAIN))
    store.put(*corrected(1002, shot=VALIDATION))
    store.put(*corrected(1003, shot=TRAIN, plate=f"plate of {VALIDATION}", layer_id="cape"))

    assert [pair.record.about.frame for pair in store.pairs("train")] == [1001]
    assert [pair.record.about.frame for pair in store.pairs("validation")] == [1002]
    assert len(list(store.pairs())) == 3


def test_two_programs_see_what_the_other_wrote(store: CorrectionStore) -> None:
    """After `refresh`; the same frame corrected in both is one pair in two versions."""
    other = CorrectionStore.open(store.path)
    store.put(*corrected(radius_px=20, artist="ann"))
    other.put(*corrected(radius_px=24, artist="bob"))
    store.refresh()

    (entry,) = store.entries()
    assert entry.record.about.artist == "bob"
    assert len(entry.versions) == 2


def test_a_thumbnail_is_small_and_is_made_where_there_is_none(store: CorrectionStore) -> None:
    """Picture, before and after, 0-255; from the pixels for a pair that was stored without."""
    said, pixels = corrected()
    with_one = store.put(said, pixels)
    without = store.put(*corrected(1002)[:1], replace(pixels, thumbnail=None))

    small = store.thumbnail(with_one.id)
    assert small.dtype == np.uint8
    assert max(small.shape[:2]) <= 112
    middle = (100 - said.window.y0) * small.shape[0] // said.window.height
    assert small[middle, small.shape[1] // 2, 3:].tolist() == [255, 255]
    assert np.abs(store.thumbnail(without.id).astype(int) - small).max() <= 2


def test_an_export_is_one_file_that_another_store_takes_in_once(store: CorrectionStore, tmp_path: Path) -> None:
    """All versions, what was said of them, and no deleted ones; bringing it in twice adds nothing."""
    first = store.put(*corrected(radius_px=20))
    second = store.put(*corrected(radius_px=24))
    gone = store.put(*corrected(1002))
    store.put(*corrected(1003, shot="sh020"))
    store.mark([second.id], MarkKind.EXCLUDED, "ann")
    store.mark([gone.id], MarkKind.DELETED, "ann")

    out = export(store, tmp_path / "pairs.zip", lambda record: record.about.shot == "sh010")
    other = CorrectionStore.open(tmp_path / "show", make=True)
    came, again = bring(other, tmp_path / "pairs.zip"), bring(other, tmp_path / "pairs.zip")

    assert (out.pairs, came.pairs, came.known) == (2, 2, 0)
    assert (again.pairs, again.known, again.marks) == (0, 2, 0)
    (entry,) = other.entries()
    assert (entry.versions, entry.excluded) == ((first.id, second.id), True)
    assert np.array_equal(other.pair(first.id).pixels.before, store.pair(first.id).pixels.before)
    assert verify(other).wrong == ()
    assert json.loads(zipfile.ZipFile(tmp_path / "pairs.zip").read("store.json"))["version"] == VERSION


def test_a_folder_is_brought_in_like_an_export(store: CorrectionStore, tmp_path: Path) -> None:
    """A project's store into the show's, again and again; a deletion travels along."""
    record = store.put(*corrected())
    other = CorrectionStore.open(tmp_path / "show", make=True)
    assert bring(other, store.path).pairs == 1
    store.put(*corrected(1002))
    store.mark([record.id], MarkKind.DELETED)

    came = bring(other, store.path)

    assert (came.pairs, came.known, came.marks) == (1, 1, 1)
    assert [entry.record.about.frame for entry in other.entries()] == [1002]


def test_what_is_no_store_and_no_export_is_refused_in_a_sentence(store: CorrectionStore, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("readme.txt", "holiday pictures")
    for path, why in (
        (tmp_path / "nowhere", "no such file"),
        (tmp_path / "text.zip", "no whole export"),
        (tmp_path / "other.zip", "no export"),
        (tmp_path, "holds no corrections"),
    ):
        with pytest.raises(ProjectError, match=why):
            bring(store, path)
    with pytest.raises(ProjectError, match="holds no corrections"):
        CorrectionStore.open(tmp_path)


# --- versions of the format ---------------------------------------------------------------------------------------


def as_version_1(store: CorrectionStore, frame: int = 1001) -> str:
    """Write a pair as the draft of the format did; returns its id."""
    said, pixels = corrected(frame)
    arrays = {"picture": pixels.picture, "before": pixels.before, "after": pixels.after, "decided": pixels.decided}
    blobs = {name: store.blobs.put(array) for name, array in arrays.items()}
    blobs["authored"] = store.blobs.put(np.frombuffer(json.dumps(AUTHORED).encode(), np.uint8))
    window = [said.window.x0, said.window.y0, said.window.x1, said.window.y1]
    raw = {
        "version": 1,
        "time": 1_700_000_000.5,
        "about": {
            "shot": "sh010",
            "plate": said.plate,
            "layer_id": "hero",
            "name": "Hero",
            "frame": frame,
            "artist": "ann",
            "window": window,
            "encoding": "log",
            "model": "propagate",
        },
        "blobs": blobs,
    }
    data = json.dumps(raw).encode()
    (store.path / "pairs" / f"{file_id(data)}.json").write_bytes(data)
    (store.path / "store.json").write_text(json.dumps({"format": "penumbra corrections", "version": 1}))
    return file_id(data)


def test_a_store_of_the_older_version_is_read_and_written_to_without_losing_anything(store: CorrectionStore) -> None:
    """Its pairs and its list of excluded ones count; the first new pair tells older programs to keep away."""
    kept, excluded = as_version_1(store, 1001), as_version_1(store, 1002)
    (store.path / "excluded.json").write_text(json.dumps([excluded]))
    before = (store.path / "pairs" / f"{kept}.json").read_bytes()

    old = CorrectionStore.open(store.path)
    assert [pair.record.about.frame for pair in old.pairs()] == [1001]
    pair = old.pair(kept)
    assert pair.record.made == "2023-11-14T22:13:20.500000+00:00"
    assert (pair.record.about.layer, pair.record.about.weights_sha256) == ("Hero", "")
    assert np.array_equal(pair.pixels.after, corrected()[1].after)
    assert old.thumbnail(kept).shape[2] == 5
    assert json.loads((store.path / "store.json").read_text())["version"] == 1

    old.put(*corrected(1003))
    old.mark([excluded], MarkKind.INCLUDED, "ann")

    again = CorrectionStore.open(store.path)
    assert [pair.record.about.frame for pair in again.pairs()] == [1001, 1002, 1003]
    assert json.loads((store.path / "store.json").read_text())["version"] == VERSION
    assert (store.path / "pairs" / f"{kept}.json").read_bytes() == before
    assert verify(again).wrong == ()


def test_an_older_store_is_brought_into_a_new_one_with_what_was_excluded(
    store: CorrectionStore, tmp_path: Path
) -> None:
    excluded = as_version_1(store)
    (store.path / "excluded.json").write_text(json.dumps([excluded]))
    other = CorrectionStore.open(tmp_path / "show", make=True)

    bring(other, store.path)

    assert [entry.excluded for entry in other.entries()] == [True]


@pytest.mark.parametrize("where", ["store", "record"])
def test_a_newer_store_is_refused_in_a_sentence_and_left_alone(store: CorrectionStore, where: str) -> None:
    """Whether the store says so, or only one record that somebody copied into it."""
    store.put(*corrected())
    if where == "store":
        (store.path / "store.json").write_text(json.dumps({"format": "penumbra corrections", "version": VERSION + 1}))
    else:
        data = json.dumps({"version": VERSION + 1, "anything": True}).encode()
        (store.path / "pairs" / f"{file_id(data)}.json").write_bytes(data)
    files = {path: path.read_bytes() for path in store.path.rglob("*") if path.is_file()}

    with pytest.raises(ProjectError, match=r"a newer Penumbra wrote these corrections.*Update this Penumbra"):
        CorrectionStore.open(store.path)

    assert {path: path.read_bytes() for path in store.path.rglob("*") if path.is_file()} == files


# --- blobs and the copy of the catalog ----------------------------------------------------------------------------


def test_a_blob_is_checked_before_memory_is_taken_for_it() -> None:
    """Every byte of a blob's file matters, and a header that promises another size is refused."""
    key, data = pack(np.arange(600, dtype=np.float32).reshape(20, 30))
    assert np.array_equal(unpack(key, data), np.arange(600, dtype=np.float32).reshape(20, 30))
    for place in range(0, len(data), 7):
        broken = bytearray(data)
        broken[place] ^= 0x10
        with pytest.raises(BlobDamaged):
            unpack(key, bytes(broken))
    for length in (0, 5, 20, len(data) // 2, len(data) - 1):
        with pytest.raises(BlobDamaged):
            unpack(key, data[:length])
    with pytest.raises(BlobDamaged):
        unpack(key, data.replace(b"[20,30]", b"[99,99]"))
    with pytest.raises(BlobDamaged):
        unpack("0" * 64, data)


def test_the_copy_of_a_long_catalog_is_only_a_copy(store: CorrectionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened from the copy, from a torn copy and without one, a store is the same; what is gone is not brought back."""
    monkeypatch.setattr("core.corrections.catalog.WORTH_COPYING", 3)
    for frame in range(1001, 1006):
        store.put(*corrected(frame))
    CorrectionStore.open(store.path)
    copy = store.path / "pairs.copy"
    assert copy.exists()
    frames = [entry.record.about.frame for entry in store.entries()]

    read: list[Path] = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or original(path))
    assert [entry.record.about.frame for entry in CorrectionStore.open(store.path).entries()] == frames
    assert [path for path in read if path.parent.name == "pairs"] == []
    copy.write_bytes(copy.read_bytes()[:-20])
    assert [entry.record.about.frame for entry in CorrectionStore.open(store.path).entries()] == frames
    store.refresh()
    (store.path / "pairs" / f"{store.entries()[0].record.id}.json").unlink()
    assert [entry.record.about.frame for entry in CorrectionStore.open(store.path).entries()] == frames[1:]


def test_an_empty_window_is_no_pair_of_another_size(store: CorrectionStore) -> None:
    """A record whose pixels have another size than it says is a sentence, not a wrong picture."""
    said, pixels = corrected()
    record = store.put(replace(said, window=Window(0, 0, 10, 10)), pixels)

    with pytest.raises(ProjectError, match="do not have the size"):
        store.pair(record.id)
