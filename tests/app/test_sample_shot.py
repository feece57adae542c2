"""The sample shot: the same for the same seed, HDR, soft exact mattes, attributes, whole or not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from app.sample_shot import SampleShot, ensure_sample_shot
from app.sample_shot.camera import Camera
from app.sample_shot.film import grain
from app.sample_shot.render import Shoot
from app.sample_shot.shot import timecode
from core.errors import ProjectError
from core.exr import read_channels, read_header
from core.frames import FrameRange
from core.noise import generator
from core.sequence import find_sequence

SIZE = (320, 180)
COUNT = 3


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> SampleShot:
    return ensure_sample_shot(tmp_path_factory.mktemp("sample") / "shot", size=SIZE, count=COUNT)


def test_frames_and_names(shot: SampleShot) -> None:
    """Plate and matte are sequences of the same frames, from 1001."""
    assert shot.frames == FrameRange(1001, 1003)
    for pattern in (shot.plate_pattern, shot.matte_pattern):
        assert find_sequence(pattern).frames == (1001, 1002, 1003)


def test_plate_is_half_float_and_far_above_one(shot: SampleShot) -> None:
    """The sun and the lamps are brighter than white by more than four stops; nothing is NaN; shadows are near black."""
    channels = read_channels(shot.plate(1002))
    assert sorted(channels) == ["B", "G", "R"]
    picture = np.stack([channels[name] for name in "RGB"], axis=-1)
    assert picture.dtype == np.float16
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    values = picture.astype(np.float32)
    assert np.isfinite(values).all()
    assert values.max() > 20.0
    assert 0.05 < float(np.median(values)) < 1.0
    assert np.percentile(values, 2) < 0.03


def test_matte_is_soft_coverage(shot: SampleShot) -> None:
    """0 outside, 1 inside, and everything between along the fur."""
    matte = read_channels(shot.matte(1002))["A"].astype(np.float32)
    assert matte.min() == 0.0
    assert matte.max() == 1.0
    soft = float(((matte > 0.02) & (matte < 0.98)).mean())
    assert 0.005 < soft < 0.1
    assert 0.03 < float(matte.mean()) < 0.2


def test_truth_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the fox a moment looks the same wherever the matte is 0 (above its shadow), and nowhere it is 1."""
    camera = Camera(*SIZE, frames=36, seed=1)
    shoot = Shoot(camera)
    back = np.full((SIZE[1], SIZE[0], 3), 0.3, np.float32)
    picture, coverage = shoot.moment(20.0, back, [])
    drawn, window = shoot.subject(20.0)
    monkeypatch.setattr(shoot, "subject", lambda time: (np.zeros_like(drawn), window))
    empty, nothing = shoot.moment(20.0, back, [])
    assert nothing.max() == 0.0
    above_shadow = slice(0, int(camera.ground - 40 * camera.scale))
    changed = np.abs(picture - empty).max(axis=2)[above_shadow]
    assert changed[coverage[above_shadow] == 0.0].max() == 0.0
    assert (changed[coverage[above_shadow] == 1.0] > 1e-4).mean() > 0.99


def test_stems_before_the_fox_are_taken_out_of_the_matte() -> None:
    """At a moment when a stem crosses the body, coverage falls below one inside the silhouette."""
    shoot = Shoot(Camera(*SIZE, frames=36, seed=1))
    back = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    _, coverage = shoot.moment(26.0, back, [])
    drawn, (x0, y0, x1, y1) = shoot.subject(26.0)
    hidden = (drawn[..., 3] == 1.0) & (coverage[y0:y1, x0:x1] < 0.3)
    assert hidden.sum() > 20


def test_grain_is_new_every_frame_and_grows_with_light() -> None:
    """On flat gray its spread is what the film says: 0.010 * sqrt(light) + 0.0012 in green."""
    gray = np.full((200, 300, 3), 0.18, np.float32)
    one, other = (grain(gray, 1.0, generator(1, 41, position)) for position in (0, 1))
    assert not np.array_equal(one, other)
    assert one[..., 1].std() == pytest.approx(0.010 * 0.18**0.5 + 0.0012, rel=0.05)
    assert grain(gray * 16, 1.0, generator(1, 41, 0))[..., 1].std() > 2.5 * one[..., 1].std()


def test_header_carries_camera_and_timecode(shot: SampleShot) -> None:
    """Timecode runs with the frames; color, rate and lens are said."""
    first, second = (read_header(shot.plate(frame)).parts[0].attributes for frame in (1001, 1002))
    assert first["timeCode"] != second["timeCode"]
    assert first["colorInteropID"] == "lin_ap1_scene"
    assert first["framesPerSecond"] == 24
    assert first["nominalFocalLength"] == 85.0
    assert first["cameraOffset"][0] < second["cameraOffset"][0]


def test_timecode_counts_24_frames_a_second() -> None:
    """One frame before the full minute, and the minute."""
    before, after = timecode(24 * 60 - 1), timecode(24 * 60)
    assert (before.minutes, before.seconds, before.frame) == (0, 59, 23)
    assert (after.minutes, after.seconds, after.frame) == (1, 0, 0)


def test_same_seed_same_pixels_other_seed_other_pixels(shot: SampleShot, tmp_path: Path) -> None:
    """Deterministic by seed, whatever the order the frames were rendered in."""
    again = ensure_sample_shot(tmp_path / "again", size=SIZE, count=COUNT)
    other = ensure_sample_shot(tmp_path / "other", size=SIZE, count=1, seed=2)
    assert again.plate(1003).read_bytes() == shot.plate(1003).read_bytes()
    assert again.matte(1003).read_bytes() == shot.matte(1003).read_bytes()
    assert other.plate(1001).read_bytes() != shot.plate(1001).read_bytes()


def test_found_again_and_mended(shot: SampleShot, tmp_path: Path) -> None:
    """A whole shot is not made again; one that lacks a frame is."""
    folder = tmp_path / "copy"
    shutil.copytree(shot.plate_pattern.parent.parent, folder)
    stamp = (folder / "plate" / "sample.1001.exr").stat().st_mtime_ns
    told: list[float] = []
    ensure_sample_shot(folder, told.append, size=SIZE, count=COUNT)
    assert told == []
    assert (folder / "plate" / "sample.1001.exr").stat().st_mtime_ns == stamp
    (folder / "matte" / "sample_matte.1002.exr").unlink()
    mended = ensure_sample_shot(folder, told.append, size=SIZE, count=COUNT)
    assert mended.matte(1002).read_bytes() == shot.matte(1002).read_bytes()
    assert told[-1] == 1.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """Nothing of the artist's is ever replaced."""
    kept = tmp_path / "precious.txt"
    kept.write_text("mine")
    with pytest.raises(ProjectError, match="holds no sample shot"):
        ensure_sample_shot(tmp_path, size=SIZE, count=1)
    assert kept.read_text() == "mine"
