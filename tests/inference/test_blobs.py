"""Content-addressed bytes: resumed, verified, refused, kept apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import EngineError
from inference.blobs import BlobKey, BlobStore
from inference.contract import penumbra_pb2 as pb

DATA = bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", max_blob_bytes=100_000, quota_bytes=150_000)


def send(store: BlobStore, data: bytes, key: BlobKey, owner: str = "anna", offset: int = 0) -> None:
    upload = store.upload(owner, key, offset)
    try:
        upload.write(data)
        upload.finish()
    finally:
        upload.close()


def test_upload_goes_on_where_it_was(store: BlobStore, tmp_path: Path) -> None:
    """What arrived before a crash is not sent again; another store on the same folder finds it."""
    key = BlobKey.of(DATA)
    upload = store.upload("anna", key, 0)
    upload.write(DATA[:1000])
    upload.close()

    again = BlobStore(tmp_path / "blobs", max_blob_bytes=100_000, quota_bytes=150_000)

    assert again.received("anna", key) == 1000
    send(again, DATA[1000:], key, offset=1000)
    assert again.read("anna", key) == DATA
    assert list(again.chunks("anna", key, len(DATA) - 2)) == [DATA[-2:]]


def test_wrong_bytes_are_thrown_away(store: BlobStore) -> None:
    """A blob that exists is what its name says."""
    key = BlobKey.of(DATA)

    with pytest.raises(EngineError, match="SHA-256"):
        send(store, DATA[::-1], key)

    assert not store.has("anna", key)
    assert store.received("anna", key) == 0
    assert store.used("anna") == 0


def test_owners_are_apart(store: BlobStore) -> None:
    """Knowing a hash is no licence to read another's blob."""
    key = store.put("anna", DATA)

    assert store.has("anna", key)
    assert not store.has("bert", key)
    with pytest.raises(EngineError):
        store.read("bert", key)


def test_more_than_announced_is_refused(store: BlobStore) -> None:
    """The announced size is the limit; a short blob is not accepted either."""
    key = BlobKey.of(DATA)
    with pytest.raises(EngineError, match="longer"):
        send(store, DATA + b"x", key)
    with pytest.raises(EngineError, match="ended after"):
        send(store, DATA[:5], key)


def test_sizes_and_quota_are_checked_before_reading(store: BlobStore) -> None:
    """A terabyte is refused by its announcement, and so is what does not fit into the quota."""
    with pytest.raises(EngineError, match="allowed") as giant:
        store.upload("anna", BlobKey(bytes(32), 2**40), 0)
    store.put("anna", os.urandom(90_000))
    with pytest.raises(EngineError) as full:
        store.put("anna", os.urandom(70_000))

    assert (giant.value.reason, full.value.reason) == ("LIMIT", "QUOTA")
    store.put("bert", os.urandom(70_000))


def test_offset_beyond_what_is_here_is_refused(store: BlobStore) -> None:
    """No holes."""
    with pytest.raises(EngineError, match="byte 5"):
        store.upload("anna", BlobKey.of(DATA), 5)


@pytest.mark.parametrize("owner", ["../../etc", "a/b", "", "x" * 300, ".."])
def test_owners_cannot_leave_the_store(store: BlobStore, owner: str) -> None:
    """Whatever a token file calls someone, the blob lies below the folder."""
    key = store.put(owner, DATA)

    assert store.path(owner, key).resolve().is_relative_to(store.folder.resolve())


def test_names_are_hashes() -> None:
    """Nothing else is a name."""
    with pytest.raises(EngineError):
        BlobKey.from_id(pb.BlobId(sha256=b"../../../../etc/passwd", size=3))


def test_sweep_keeps_what_is_in_use(store: BlobStore) -> None:
    """Old blobs go, except those that are named."""
    kept, gone = store.put("anna", b"kept"), store.put("anna", b"gone")

    assert store.sweep(-1.0, keep=lambda name: name == kept.hex) == 1
    assert store.has("anna", kept)
    assert not store.has("anna", gone)
