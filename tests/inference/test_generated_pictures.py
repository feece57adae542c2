"""Generated pictures: the same from the same seed, their mattes exact, and what is not the thing not in its matte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import PenumbraError
from core.noise import generator
from inference.training.pictures.camera import Camera
from inference.training.pictures.grounds import GROUNDS
from inference.training.pictures.materials import KINDS, palette
from inference.training.pictures.outlines import Part, box
from inference.training.pictures.pool import PicturePool, contact_sheet
from inference.training.pictures.scene import Scene
from inference.training.pictures.silhouettes import SILHOUETTES
from inference.training.pictures.things import Course, Light, Thing

SIZE = (96, 80)


def test_a_seed_is_a_picture() -> None:
    one, again, other = Scene(7, SIZE).frame(), Scene(7, SIZE).frame(), Scene(8, SIZE).frame()

    np.testing.assert_array_equal(one.rgb, again.rgb)
    assert list(one.mattes) == list(again.mattes)
    assert not np.array_equal(one.rgb, other.rgb)


def test_frames_of_many_seeds_are_finite_and_their_mattes_are_coverage() -> None:
    subjects = 0
    for seed in range(12):
        frame = Scene(seed, SIZE).frame(1.5)
        assert frame.rgb.shape == (80, 96, 3)
        assert np.isfinite(frame.rgb).all()
        assert frame.rgb.mean() > 0
        for matte in frame.mattes.values():
            subjects += 1
            assert matte.shape == (80, 96)
            assert matte.min() >= 0
            assert matte.max() <= 1.0001
        if len(frame.mattes) > 1:  # what hides another takes away from it
            assert np.sum(list(frame.mattes.values()), axis=0).max() <= 1.001
    assert subjects >= 12


@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_coverage_is_the_area_of_the_outline(turn: float) -> None:
    """A box of 0.4 x 0.25 at 64 pixels a unit covers 409.6 pixels and an eighth of a pixel around, wherever it lies."""
    matrix = np.array([[64.0, 0, 0.37], [0, 64.0, 0.81]])
    coverage = Part((box((0.5, 0.5), 0.4, 0.25, 0.0, turn),)).coverage(66, matrix)

    area, rim = 0.4 * 0.25 * 64 * 64, (0.4 + 0.25) * 2 * 64 / 8
    assert area * 0.99 < coverage.sum() < area + rim * 1.1
    assert ((coverage > 0.02) & (coverage < 0.98)).any()


@pytest.mark.parametrize("kind", sorted(SILHOUETTES))
def test_every_kind_can_be_drawn_blurred_and_moving(kind: str) -> None:
    light = Light(0.7, 0.6, np.ones(3, np.float32))
    course = Course(x=48, y=40, size_px=70, speed_x=6.0)
    thing = Thing(3, course, light, kind, stride=0.5)
    sharp, moving = thing.drawn((80, 96), 0.0), thing.drawn((80, 96), 0.0, blur_px=1.0, shutter=0.8)

    assert sharp[..., 3].max() > 0.6  # a thin ribbon never fills a pixel
    assert moving[..., 3].max() <= 1.0001
    assert moving[..., 3].sum() == pytest.approx(sharp[..., 3].sum(), rel=0.1)
    assert not np.array_equal(thing.drawn((80, 96), 3.0), sharp)


def test_a_moving_thing_keeps_its_look() -> None:
    """Eight frames later it stands eight steps further right, the same pixels."""
    light = Light(0.7, 0.6, np.ones(3, np.float32))
    thing = Thing(5, Course(x=30, y=40, size_px=40, speed_x=2.0), light, "vehicle")
    first, later = thing.drawn((80, 96), 0.0), thing.drawn((80, 96), 8.0)

    np.testing.assert_allclose(later[:, 24:76], first[:, 8:60], atol=0.02)


@pytest.mark.parametrize("place", range(len(KINDS)))
def test_every_material_is_light(place: int) -> None:
    rng = generator(place, 1)
    values = KINDS[place]((48, 40), rng, palette(rng))
    assert values.shape == (48, 40, 3)
    assert np.isfinite(values).all()
    assert values.min() > -0.05


@pytest.mark.parametrize("place", range(len(GROUNDS)))
def test_every_ground_fills_the_picture(place: int) -> None:
    rng = generator(place, 2)
    values = GROUNDS[place][0]((72, 90), rng, palette(rng))
    assert values.shape == (72, 90, 3)
    assert np.isfinite(values).all()


def test_a_camera_without_habits_changes_nothing() -> None:
    light = np.random.default_rng(1).uniform(0, 3, (20, 30, 3)).astype(np.float32)
    np.testing.assert_array_equal(Camera().seen(light, generator(1)), light)
    assert np.abs(Camera(grain=0.1).seen(light, generator(1)) - light).mean() > 0.001
    assert Camera(quality=40).seen(light, generator(1)).max() <= 1.0


def test_a_pool_goes_on_where_it_was(tmp_path: Path) -> None:
    pool = PicturePool(tmp_path / "pool", side=48, per_shard=2)
    pool.fill(4, on_progress=lambda _done, _all: False)  # broken off after the first shard
    assert len(pool.shards) == 1
    written = pool.shards[0].stat().st_mtime_ns
    seen = []
    pool.fill(4, workers=2, on_progress=lambda done, all_: seen.append((done, all_)) or True)

    assert seen == [(4, 4)]
    assert len(pool.shards) == 2
    assert pool.shards[0].stat().st_mtime_ns == written
    scenes = [scene for shard in pool.shards for scene in pool.scenes(shard)]
    assert len(scenes) == 4
    frame = Scene(3, (48, 48)).frame()
    assert len(scenes[3].mattes) == len(frame.mattes)
    for kept, matte in zip(scenes[3].mattes, frame.mattes.values(), strict=True):
        np.testing.assert_allclose(kept / 255.0, matte, atol=0.003)


def test_a_broken_shard_is_named(tmp_path: Path) -> None:
    pool = PicturePool(tmp_path, side=48)
    broken = tmp_path / "scenes_48_00000.npz"
    broken.write_bytes(b"not a shard")
    with pytest.raises(PenumbraError, match=r"scenes_48_00000\.npz: is not a shard"):
        list(pool.scenes(broken))


def test_a_contact_sheet_shows_pictures_over_mattes() -> None:
    sheet = contact_sheet(0, columns=2, rows=1, side=48)
    assert sheet.shape == (96, 96, 3)
    assert sheet[:48].std() > 5
