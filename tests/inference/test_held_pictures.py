"""Frames without a picture show their nearest neighbour's, and it is said which."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import FrameError
from core.exr_write import write_exr
from core.frames import FrameRange
from core.geometry import Format, Window
from core.plate import Plate
from inference import wire
from inference.blobs import BlobStore
from inference.contract import penumbra_pb2 as pb
from inference.frames import PictureLibrary, Roots
from inference.held_pictures import HeldPictures

WINDOW = Window.of_size(8, 6)


@pytest.fixture
def gappy(tmp_path: Path) -> Path:
    """Frames 1 to 6, each as bright as its number; 3 does not exist and 5 is cut short."""
    for frame in (1, 2, 4, 5, 6):
        path = tmp_path / f"gappy.{frame:04d}.exr"
        channels = {name: np.full(WINDOW.shape, frame, np.float16) for name in "RGB"}
        write_exr(path, channels, data_window=WINDOW, format=Format(WINDOW))
    broken = tmp_path / "gappy.0005.exr"
    broken.write_bytes(broken.read_bytes()[:200])
    return tmp_path / "gappy.####.exr"


def held(pattern: Path, plate: Plate, frames: range, folder: Path) -> HeldPictures:
    mine = replace(
        plate, path=pattern, frames=FrameRange(1, 6), format=Format(WINDOW), data_window=WINDOW, color_space="ACEScg"
    )
    library = PictureLibrary(
        Roots({"show": pattern.parent}),
        BlobStore(folder / "blobs", max_blob_bytes=10**6, quota_bytes=10**6),
        folder / "links",
    )
    refs = [pb.FrameRef(root_path=f"show:/{pattern.name}", frame=frame) for frame in frames]
    return HeldPictures(library.pictures("anna", wire.plate_to(mine, ""), refs), frames)


def test_nearest_frame_stands_in(gappy: Path, plate: Plate, tmp_path: Path) -> None:
    """A missing frame is known without reading, a broken one after; of two equally near the earlier one is shown."""
    pictures = held(gappy, plate, range(1, 7), tmp_path)
    assert pictures.note() == "Frame 3 has no readable picture: the nearest frame's is used."

    shown = [round(float(pictures.rgb(frame)[0, 0, 0])) for frame in range(1, 7)]

    assert shown == [1, 2, 2, 4, 4, 6]
    assert pictures.note() == "Frames 3, 5 have no readable picture: the nearest frame's is used."
    assert [pictures.readable(frame) for frame in range(1, 7)] == [True, True, False, True, False, True]


def test_without_any_picture_the_frame_itself_is_named(gappy: Path, plate: Plate, tmp_path: Path) -> None:
    """Nothing can stand in where nothing can be read."""
    with pytest.raises(FrameError, match=r"gappy\.0003"):
        held(gappy, plate, range(3, 4), tmp_path).rgb(3)
