"""16-bit PNG and TIFF: every level, texts, and nothing half-written."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest

import core.still_write
from core.errors import ExportError
from core.still_write import read_levels, write_still

LEVELS = np.arange(65536, dtype=np.uint16).reshape(256, 256)


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_level_comes_back(tmp_path: Path, ending: str, channels: int) -> None:
    """All 65536, in each channel; the same bytes when written again."""
    path = tmp_path / f"a.{ending}"
    levels = LEVELS if channels == 1 else np.stack([LEVELS, LEVELS[::-1], LEVELS.T], axis=-1)
    write_still(path, levels, texts={"made by": "Bäll"}, pixel_aspect=2.0)
    first = path.read_bytes()
    write_still(path, levels, texts={"made by": "Bäll"}, pixel_aspect=2.0)

    assert np.array_equal(read_levels(path, levels.shape), levels)
    if ending == "png":
        assert b"pHYs" + struct.pack(">IIB", 1000, 2000, 0) in first
    assert path.read_bytes() == first
    with av.open(str(path)) as container:
        if ending == "tif":  # of a PNG it takes pixels per metre for the width of a pixel
            assert container.streams.video[0].sample_aspect_ratio == 2
        wanted = {1: "gray16", 3: "rgb48"}[channels]
        assert (container.streams.video[0].codec_context.pix_fmt or "").startswith(wanted)


def test_what_came_back_different_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of before stays; no temporary one does."""
    path = tmp_path / "a.png"
    write_still(path, LEVELS, texts={})
    before = path.read_bytes()
    monkeypatch.setattr(core.still_write, "read_levels", lambda *_: LEVELS[::-1])

    with pytest.raises(ExportError, match="came back different"):
        write_still(path, LEVELS, texts={})
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]
    assert path.read_bytes() == before


def test_no_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"a\.tif: no such file"):
        write_still(tmp_path / "gone" / "a.tif", LEVELS, texts={})
