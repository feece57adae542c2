"""The engine's side of a plate: which pictures it may read, and what models get of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ColorError, EngineError, FrameError
from core.plate import Plate
from inference import wire
from inference.blobs import BlobKey, BlobStore
from inference.contract import penumbra_pb2 as pb
from inference.faults import NeedBlobsError
from inference.frame_refs import FrameNamer, root_path
from inference.frames import PictureLibrary, Pictures, Roots


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", max_blob_bytes=10**9, quota_bytes=10**9)


@pytest.fixture
def library(tmp_path: Path, blobs: BlobStore, plate: Plate) -> PictureLibrary:
    return PictureLibrary(Roots({"show": plate.path.parent}), blobs, tmp_path / "links")


def by_path(library: PictureLibrary, plate: Plate, *frames: int) -> Pictures:
    refs = [pb.FrameRef(root_path="show:/plate.####.exr", frame=frame) for frame in frames]
    return library.pictures("anna", wire.plate_to(plate, ""), refs)


def test_path_under_a_root_is_read(library: PictureLibrary, plate: Plate) -> None:
    """(H, W, 3) float32 over the canvas, values as they are in the file."""
    rgb = by_path(library, plate, 1004).rgb(1004)

    assert rgb.shape == (40, 64, 3)
    assert rgb.dtype == np.float32
    assert rgb[0, 0, 0] == np.float16(1004 / 4000)


def test_canvas_is_padded_with_black(library: PictureLibrary, plate: Plate) -> None:
    """Where the data window does not reach, the picture is black."""
    wider = replace(plate, data_window=replace(plate.data_window, x1=70))

    assert by_path(library, wider, 1004).rgb(1004)[:, 64:].max() == 0.0


def test_reduced_pictures_are_averaged_and_kept(library: PictureLibrary, plate: Plate) -> None:
    """The longer edge fits; the second call gives the same array; nothing is enlarged."""
    pictures = by_path(library, plate, 1004)
    small = pictures.rgb(1004, 16)

    assert small.shape == (10, 16, 3)
    assert pictures.rgb(1004, 16) is small
    assert pictures.rgb(1004, 4000).shape == (40, 64, 3)
    assert small[5, 5, 0] == pytest.approx(1004 / 4000, rel=1e-3)


def test_budget_is_kept(tmp_path: Path, blobs: BlobStore, plate: Plate) -> None:
    """Old pictures go when new ones come."""
    library = PictureLibrary(Roots({"show": plate.path.parent}), blobs, tmp_path / "links", budget_bytes=50_000)
    pictures = by_path(library, plate, *range(1001, 1011))
    for frame in range(1001, 1011):
        pictures.rgb(frame)

    assert library._bytes <= 50_000


def test_missing_frame_is_only_in_the_way_of_who_looks(library: PictureLibrary, plate: Plate) -> None:
    """A request that names a missing frame can still look at the others."""
    pictures = by_path(library, plate, 1004, 1999)

    assert pictures.rgb(1004).shape == (40, 64, 3)
    with pytest.raises(FrameError, match="1999"):
        pictures.rgb(1999)
    with pytest.raises(FrameError):
        pictures.rgb(1005)


@pytest.mark.parametrize(
    "path",
    [
        "show:/../secret/plate.####.exr",
        "other:/plate.####.exr",
        "/etc/passwd",
        "local:/etc/passwd",
        "show:/..",
        "show:/\0",
    ],
)
def test_paths_outside_the_roots_are_denied(library: PictureLibrary, plate: Plate, path: str) -> None:
    """Whatever a request calls a path, it stays below a root."""
    with pytest.raises(EngineError) as refusal:
        library.pictures("anna", wire.plate_to(plate, ""), [pb.FrameRef(root_path=path, frame=1004)])

    assert refusal.value.reason == "PATH_DENIED"


def test_links_out_of_a_root_are_denied(tmp_path: Path, blobs: BlobStore, plate: Plate) -> None:
    """Neither a linked folder nor a linked file leads out; a pipe is no picture."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to(plate.path.parent)
    (root / "p.1004.exr").symlink_to(plate.path.parent / "plate.1004.exr")
    os.mkfifo(root / "q.1004.exr")
    library = PictureLibrary(Roots({"show": root}), blobs, tmp_path / "links")

    for path in ("show:/folder/plate.####.exr", "show:/p.####.exr", "show:/q.####.exr"):
        with pytest.raises(EngineError) as refusal:
            library.pictures("anna", wire.plate_to(plate, ""), [pb.FrameRef(root_path=path, frame=1004)])
        assert refusal.value.reason == "PATH_DENIED"


def test_color_config_of_another_machine_is_denied(library: PictureLibrary, plate: Plate) -> None:
    """A path means nothing here, and could be any file."""
    refs = [pb.FrameRef(root_path="show:/plate.####.exr", frame=1004)]

    with pytest.raises(EngineError, match="color config"):
        library.pictures("anna", wire.plate_to(plate, "/etc/passwd"), refs)
    with pytest.raises(ColorError):
        library.pictures("anna", wire.plate_to(plate, "ocio://no-such-config"), refs)


def test_blobs_are_read_as_the_files_they_were(library: PictureLibrary, blobs: BlobStore, plate: Plate) -> None:
    """What is missing is named first; then the same pixels come out as by path."""
    named = FrameNamer().name(plate, "", (1004, 1999, 1005), [])
    assert [ref.frame for ref in named.refs] == [1004, 1005]
    with pytest.raises(NeedBlobsError) as needed:
        library.pictures("anna", named.plate, named.refs)
    assert len(needed.value.ids) == 2
    for file in named.files.values():
        assert isinstance(file, Path)
        blobs.put("anna", file.read_bytes())

    pictures = library.pictures("anna", named.plate, named.refs)

    np.testing.assert_array_equal(pictures.rgb(1005), by_path(library, plate, 1005).rgb(1005))


@pytest.mark.parametrize("suffix", [".py", "", "/../../x.exr", ".exr/../../y"])
def test_suffix_of_a_blob_is_one_of_a_picture(
    library: PictureLibrary, blobs: BlobStore, plate: Plate, suffix: str
) -> None:
    """It becomes part of a file name, so only known ones are taken."""
    key = blobs.put("anna", b"x")

    with pytest.raises(EngineError, match="suffix"):
        library.pictures("anna", wire.plate_to(plate, ""), [pb.FrameRef(blob=key.id, frame=1, suffix=suffix)])


def test_broken_picture_is_a_frame_error(library: PictureLibrary, blobs: BlobStore, plate: Plate) -> None:
    """Bytes that are no EXR are refused with a sentence."""
    key = blobs.put("anna", b"x" * 100)
    refs = [pb.FrameRef(blob=key.id, frame=1004, suffix=".exr")]

    with pytest.raises(FrameError):
        library.pictures("anna", wire.plate_to(plate, ""), refs).rgb(1004)


def test_root_is_chosen_by_folder() -> None:
    """A plate below an announced root is named by it; the whole of this machine keeps absolute paths."""
    roots = [pb.PathRoot(name="plates", folder="/mnt/plates"), pb.PathRoot(name="local", folder="/")]

    assert root_path(Path("/mnt/plates/a/b.####.exr"), roots) == "plates:/a/b.####.exr"
    assert root_path(Path("/home/b.exr"), roots) == "local:/home/b.exr"
    assert root_path(Path("/home/b.exr"), roots[:1]) == ""


def test_hash_is_computed_once_for_a_file(plate: Plate) -> None:
    """Unless it changes."""
    namer = FrameNamer()
    first = namer.one(plate, "", 1004, []).refs[0].blob
    with (plate.path.parent / "plate.1004.exr").open("rb") as stream:
        data = stream.read()

    assert BlobKey.from_id(first) == BlobKey.of(data)
    with pytest.raises(FrameError, match="1999"):
        namer.one(plate, "", 1999, [])
