"""The learned edge: its pieces joined, the generated edges it learns from, and a short training, gone on with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from core.arrays import Bool, Float32
from core.errors import Cancelled, EngineError, PenumbraError
from inference.models.refine import learned as edge
from inference.models.refine.edge_network import PLANES, planes
from inference.tiles import in_tiles
from inference.training.clicks.examples import Source
from inference.training.edge.examples import Edges, blurred, trimap
from inference.training.edge.learner import CHECKPOINT, Learner, Recipe, Told
from inference.training.pictures.pool import PicturePool
from inference.training.stages import Stage


def never() -> bool:
    return False


# --- pieces -----------------------------------------------------------------------------------------------------------


def test_pieces_join_without_a_seam_and_only_where_something_is_wanted() -> None:
    """Each piece answers with the picture's own pixels: joined, they are the picture; far away nothing was asked."""
    picture = np.random.default_rng(0).random((130, 210)).astype(np.float32)
    wanted = np.zeros(picture.shape, bool)
    wanted[20:90, 100:200] = True
    asked: list[tuple[slice, slice]] = []

    def look(place: tuple[slice, slice]) -> Float32:
        asked.append(place)
        return picture[place]

    joined = in_tiles(wanted, 48, 12, look, never)

    assert np.allclose(joined[wanted], picture[wanted], atol=1e-6)
    assert not joined[:, :40].any()
    assert len(asked) >= 6
    assert all(rows.stop - rows.start <= 48 and columns.stop - columns.start <= 48 for rows, columns in asked)


def test_pieces_that_disagree_are_blended() -> None:
    """One says 0, the next 1: between them it goes up a little at a time."""
    wanted = np.ones((8, 80), bool)
    joined = in_tiles(wanted, 48, 16, lambda place: np.full((8, 48), float(place[1].start > 0), np.float32), never)

    assert joined[4, 0] == 0.0
    assert joined[4, -1] == 1.0
    assert np.abs(np.diff(joined[4])).max() < 0.2


def test_pieces_are_cancelled_between() -> None:
    with pytest.raises(Cancelled):
        in_tiles(np.ones((8, 8), bool), 8, 2, lambda _place: np.zeros((8, 8), np.float32), lambda: True)


# --- what is learnt from ----------------------------------------------------------------------------------------------


def test_generated_edges_are_what_they_say(small_pool: PicturePool) -> None:
    """Exact coverage with soft pixels; solid ones lie outside of the unknown part where the trimap was drawn around."""
    edges = iter(Edges(small_pool, 48, np.random.default_rng(4)))
    found = [next(edges) for _ in range(12)]

    assert all(each.rgb.shape == (48, 48, 3) and np.isfinite(each.rgb).all() for each in found)
    assert all(each.coverage.min() >= 0.0 and each.coverage.max() <= 1.0 for each in found)
    assert sum(bool(((each.coverage > 0.1) & (each.coverage < 0.9)).any()) for each in found) > 9


def test_a_blurred_edge_keeps_its_area() -> None:
    """The mean over a shutter or an aperture: what is taken here is given there."""
    square = np.zeros((96, 96), np.float32)
    square[40:56, 40:56] = 1.0

    for seed in range(6):
        soft = blurred(square, np.random.default_rng(seed))
        assert float(soft.sum()) == pytest.approx(float(square.sum()), rel=1e-3)
        assert -1e-6 <= soft.min() <= soft.max() <= 1.0 + 1e-5


def test_a_trimap_around_a_soft_edge_holds_all_of_it() -> None:
    ramp = np.tile(np.clip((np.arange(64) - 24) / 16.0, 0, 1).astype(np.float32), (64, 1))
    found = [trimap(ramp, np.random.default_rng(seed)) for seed in range(12)]

    whole = [unknown for unknown, given in found if given is ramp]
    assert len(whole) > 4
    assert all(unknown[(ramp > 0.01) & (ramp < 0.99)].all() for unknown in whole)
    assert not any(unknown.all() for unknown in whole)


def test_the_network_is_given_the_nearest_solid_colors() -> None:
    """Red inside, blue outside, an even mix between: the mix of both colors is a half there."""
    rgb = np.zeros((16, 30, 3), np.float32)
    rgb[:, :10, 0] = 0.5
    rgb[:, 20:, 2] = 0.5
    coverage = np.zeros((16, 30), np.float32)
    coverage[:, :10] = 1.0
    unknown: Bool = np.zeros((16, 30), bool)
    unknown[:, 10:20] = True
    graded = planes(rgb, coverage, unknown, 1.0)
    rgb[:, 10:20] = 0.0

    assert graded.shape == (PLANES, 16, 30)
    assert np.allclose(graded[3:6, 8, 14], graded[0:3, 8, 5], atol=1e-5)
    assert np.allclose(graded[6:9, 8, 14], graded[0:3, 8, 25], atol=1e-5)
    assert graded[12, 8, 10] > 0.9 > 0.1 > graded[12, 8, 19]
    assert graded[11, 8, 5] == pytest.approx(1.0, abs=0.02)


# --- learning ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(small_pool: PicturePool, tmp_path_factory: pytest.TempPathFactory) -> tuple[Learner, Path, list[Told]]:
    folder = tmp_path_factory.mktemp("edge")
    told: list[Told] = []

    def report(each: Told) -> bool:
        told.append(each)
        return True

    learner = Learner(Source(small_pool.folder, 64), folder, Recipe((Stage(20, 32, 4),), 1e-2, seed=2))
    learner.run(120.0, report, every=5)
    return learner, folder, told


def test_it_learns_and_can_be_gone_on_with(small_pool: PicturePool, trained: tuple[Learner, Path, list[Told]]) -> None:
    learner, folder, told = trained
    again = Learner(Source(small_pool.folder, 64), folder, Recipe((Stage(30, 32, 4),), 1e-2, seed=2))

    assert [each.step for each in told] == [5, 10, 15, 20]
    assert told[-1].loss < told[0].loss
    assert again.step == learner.step == 20
    assert again.weights() == learner.weights()


def test_its_weights_answer_where_the_edge_is_unknown(
    trained: tuple[Learner, Path, list[Told]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces as in one: 0-1 everywhere in the band, whatever the size of the picture."""
    learner, _, _ = trained
    (tmp_path / edge.FILE).write_bytes(learner.weights())
    monkeypatch.setattr(edge, "HOME", tmp_path)
    rgb = np.random.default_rng(1).random((70, 90, 3)).astype(np.float32)
    coverage = np.zeros((70, 90), np.float32)
    coverage[:, 45:] = 1.0
    band = np.zeros((70, 90), bool)
    band[:, 35:55] = True

    found = edge.learned(rgb, coverage, band, never)

    assert found.shape == (70, 90)
    assert 0.0 <= found[band].min() <= found[band].max() <= 1.0
    assert found[band].std() > 0.0


def test_broken_weights_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rgb, band = np.zeros((32, 32, 3), np.float32), np.ones((32, 32), bool)
    monkeypatch.setattr(edge, "HOME", tmp_path)
    with pytest.raises(EngineError, match="cannot be read"):
        edge.learned(rgb, rgb[..., 0], band, never)
    (tmp_path / "other").mkdir()
    monkeypatch.setattr(edge, "HOME", tmp_path / "other")
    (tmp_path / "other" / edge.FILE).write_bytes(b"no weights at all")
    with pytest.raises(EngineError, match="not a file of its weights"):
        edge.learned(rgb, rgb[..., 0], band, never)


def test_a_broken_checkpoint_is_a_sentence(small_pool: PicturePool, tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"not one")

    with pytest.raises(PenumbraError, match="checkpoint"):
        Learner(Source(small_pool.folder, 64), tmp_path)
