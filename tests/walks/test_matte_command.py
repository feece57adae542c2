"""`penumbra matte` on real plates, and a second EXR reader that opens what it wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO
import pytest

from tests.walks.plates import centre_of, davis_as_exr, davis_truth

CARRIED = ("smpte:TimeCode", "reelName", "camera/lens", "framesPerSecond", "PixelAspectRatio")


def penumbra(*words: str, cwd: Path, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def opened(path: Path) -> tuple[np.ndarray, Any, Mapping[str, Any]]:
    """Pixels, spec and attributes as OpenImageIO sees them."""
    picture = OpenImageIO.ImageBuf(str(path))
    assert not picture.has_error, picture.geterror()
    spec = picture.spec()
    return (
        picture.get_pixels(OpenImageIO.FLOAT),
        spec,
        {attribute.name: attribute.value for attribute in spec.extra_attribs},
    )


def assert_same_frame(matte: Path, plate: Path) -> np.ndarray:
    """The matte's windows and attributes are the plate's; returns its coverage."""
    pixels, spec, attributes = opened(matte)
    _, plate_spec, plate_attributes = opened(plate)
    assert list(spec.channelnames) == ["A"]
    assert str(spec.format) == "half"
    for name in ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height"):
        assert getattr(spec, name) == getattr(plate_spec, name), name
    for name in CARRIED:
        assert attributes.get(name) == plate_attributes.get(name), name
    assert any(name.lower().startswith("penumbra") for name in attributes)
    assert np.isfinite(pixels).all()
    assert pixels.min() >= 0.0
    assert pixels.max() <= 1.0
    return pixels[..., 0]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_beachball_multi_part_with_moving_data_windows(shared_data: Path, tmp_path: Path) -> None:
    """A part is chosen by name; each frame's matte has that frame's windows, numbers and padding."""
    source = shared_data / "exr/openexr-images/Beachball"
    out = tmp_path / "ball.####.exr"
    # The ball's middle in frame 1, read off the picture.
    words = ["matte", str(source / "multipart.####.exr"), "-o", str(out), "--part", "rgba_right"]
    done = penumbra(*words, "--click", "1:1090,690", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.glob("ball.*.exr")) == [f"ball.{n:04d}.exr" for n in (1, 2, 3, 4)]
    pixels, spec, _ = opened(tmp_path / "ball.0001.exr")
    assert list(spec.channelnames) == ["A"]
    assert (spec.full_width, spec.full_height) == (2048, 1556)
    assert pixels.max() == 1.0


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("sequence", ["blackswan", "dog"])
def test_davis_as_exr(shared_data: Path, tmp_path: Path, sequence: str) -> None:
    """Clicked on one frame, propagated, refined, written: the frames of the plate, and the animal inside the matte."""
    frames = 4
    plate = davis_as_exr(shared_data, sequence, tmp_path / "plate", frames)
    truth = davis_truth(shared_data, sequence, 0)
    x, y = centre_of(truth)
    out = tmp_path / "out" / f"{sequence}_matte.####.exr"

    done = penumbra("matte", str(plate), "-o", str(out), "--click", f"1001:{x},{y}", "--refine", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    for position in range(frames):
        name = f"{1001 + position}.exr"
        coverage = assert_same_frame(out.parent / f"{sequence}_matte.{name}", plate.parent / f"{sequence}.{name}")
        inside = davis_truth(shared_data, sequence, position)
        assert coverage[inside].mean() > coverage[~inside].mean()


def test_a_click_beside_the_plate_is_a_sentence(tmp_path: Path) -> None:
    from tests.app.conftest import write_plate

    plate = write_plate(tmp_path / "plate")
    done = penumbra("matte", str(plate), "-o", str(tmp_path / "m.####.exr"), "--click", "1001:900,5", cwd=tmp_path)

    assert done.returncode == 1
    assert "lies outside the picture" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("m.*"))


def test_a_command_line_that_makes_no_sense_exits_with_2(tmp_path: Path) -> None:
    done = penumbra("matte", "plate.####.exr", cwd=tmp_path)

    assert done.returncode == 2
    assert "-o" in done.stderr
