"""Display pictures as files: what was written is what another reader sees, and a refusal is a sentence."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from app.picture_file import write_picture
from core.errors import ExportError


def test_png_reads_back_equal(tmp_path: Path) -> None:
    """Another reader sees the same pixels in the same channel order."""
    picture = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    path = tmp_path / "new" / "sheet.png"
    write_picture(path, picture)
    with av.open(str(path)) as container:
        back = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(picture, back)
    assert [file.name for file in path.parent.iterdir()] == ["sheet.png"]


def test_png_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A file where a folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be written"):
        write_picture(tmp_path / "file" / "sheet.png", np.zeros((4, 4, 3), np.uint8))
