"""ViTMatte: the arithmetic around the network, the pieces it looks at, and what stays as it was."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from core.arrays import Float32
from core.encoding import decode
from core.errors import Cancelled, EngineError, FrameError
from inference.model import Options
from inference.models.vitmatte.model import VitMatte, create, trimap_of
from inference.models.vitmatte.network import Network
from inference.public_models import public_models
from inference.registry import Registry
from inference.steadying import Steadying
from tests.inference.tiny_public import tiny_vitmatte

HEIGHT, WIDTH = 50, 70


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return tiny_vitmatte(tmp_path_factory.mktemp("public") / "tiny-vitmatte")


@pytest.fixture
def options(folder: Path) -> Options:
    return Registry([folder], embedded=None).find("tiny-vitmatte", "refine").options({"auto_exposure": False})


def picture(height: int = HEIGHT, width: int = WIDTH) -> tuple[Float32, Float32]:
    """Noise, whose bytes are whole numbers in display light, and a soft disc."""
    seen = np.random.default_rng(4).integers(0, 256, (height, width, 3)).astype(np.float32) / 255.0
    y, x = np.mgrid[:height, :width]
    apart = np.hypot(y - height / 2, x - width / 2)
    return decode("srgb", seen), np.clip((height / 3 - apart) / 3 + 0.5, 0, 1).astype(np.float32)


def test_the_network_is_given_what_its_processor_gives_it(folder: Path) -> None:
    """Bytes to 0-1, minus a half by a half, the trimap as it is, and zeros to the next multiple of 32."""
    transformers = pytest.importorskip("transformers")
    rgb, coverage = picture()
    seen = np.round(np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055) * 255).astype(np.uint8)
    bytes_ = np.where(coverage == 0.5, 128, np.round(coverage * 255)).astype(np.uint8)
    processor = transformers.models.vitmatte.image_processing_pil_vitmatte.VitMatteImageProcessorPil()
    theirs = processor(images=seen, trimaps=bytes_, return_tensors="pt")["pixel_values"]

    ours = Network(folder).pixels(rgb, bytes_.astype(np.float32) / 255, 1.0)

    assert ours.shape == theirs.shape == (1, 4, 64, 96)
    assert float((ours - theirs).abs().max()) < 1e-5


def test_a_picture_of_one_piece_is_answered_as_by_the_bare_network(folder: Path, options: Options) -> None:
    """In the band its alphas, elsewhere the matte as it came, bit for bit."""
    transformers = pytest.importorskip("transformers")
    rgb, coverage = picture()
    network = transformers.VitMatteForImageMatting.from_pretrained(folder)
    band = np.asarray((coverage > 0.02) & (coverage < 0.98))
    with torch.inference_mode():
        told = network(pixel_values=Network(folder).pixels(rgb, trimap_of(coverage, band), 1.0)).alphas[0, 0]
    marked = np.where(band, 0.5, 1.0).astype(np.float32)

    found = create(folder).refine(rgb, coverage, marked, options, never)

    assert np.allclose(found[band], told.numpy()[:HEIGHT, :WIDTH][band], atol=1e-5)
    assert float(np.ptp(found[band])) > 0.2, "the tiny network says something"
    assert np.array_equal(found[~band], coverage[~band])


def test_what_the_artist_decided_stays_and_what_is_marked_is_found(folder: Path, options: Options) -> None:
    rgb, coverage = picture()
    fixed = np.zeros((HEIGHT, WIDTH), np.float32)
    fixed[:, :35] = 1.0
    fixed[2:6, 60:66] = 0.5

    found = create(folder).refine(rgb, coverage, fixed, options, never)

    assert np.array_equal(found[:, :35], coverage[:, :35])
    assert not np.array_equal(found[:, 35:60], coverage[:, 35:60])
    assert (found[2:6, 60:66] != coverage[2:6, 60:66]).all()


def test_what_stays_soft_is_unknown_to_the_network() -> None:
    coverage = np.array([[0.0, 0.4, 1.0, 1.0]], np.float32)
    band = np.array([[False, False, False, True]])

    assert trimap_of(coverage, band).tolist() == [[0.0, 0.5, 1.0, 0.5]]


class Local(Network):
    """Answers each pixel by itself, and notes the sizes of what it was shown."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.seen: list[tuple[int, ...]] = []

    def alpha(self, rgb: Float32, trimap: Float32, gain: float) -> Float32:
        self.seen.append(trimap.shape)
        return np.where(trimap == 0.5, rgb[..., 0], trimap).astype(np.float32)


def test_pieces_are_joined_without_a_seam(options: Options) -> None:
    """A network that looks at nothing but the pixel answers the same in pieces as at once; where nothing is unknown no
    piece is looked at."""
    rgb, coverage = picture(700, 900)
    pieces, whole = Local(), Local()

    found = VitMatte(pieces).refine(rgb, coverage, None, {**options, "tile_px": 256}, never)

    expected = VitMatte(whole).refine(rgb, coverage, None, {**options, "tile_px": 1536}, never)
    assert np.allclose(found, expected, atol=1e-6)
    assert len(whole.seen) == 1
    assert 4 < len(pieces.seen) < 16
    assert set(pieces.seen) == {(256, 256)}


def test_a_matte_without_an_edge_asks_nothing(options: Options) -> None:
    rgb, _ = picture()
    network = Local()

    found = VitMatte(network).refine(rgb, np.ones((HEIGHT, WIDTH), np.float32), None, options, never)

    assert found.min() == 1.0
    assert not network.seen


def test_it_is_cancelled_between_pieces(options: Options) -> None:
    rgb, coverage = picture(700, 900)
    network = Local()

    with pytest.raises(Cancelled):
        VitMatte(network).refine(rgb, coverage, None, {**options, "tile_px": 256}, lambda: len(network.seen) == 2)

    assert len(network.seen) == 2


def test_weights_that_are_damaged_are_a_sentence(folder: Path, tmp_path: Path, options: Options) -> None:
    """Cut off in the middle, and of a network with other sizes."""
    rgb, coverage = picture()
    whole = (folder / "model.safetensors").read_bytes()
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(EngineError, match=r"cannot be read .*pull them again"):
        create(tmp_path).refine(rgb, coverage, None, options, never)

    (tmp_path / "model.safetensors").write_bytes(whole)
    (tmp_path / "config.json").write_text(
        (folder / "config.json").read_text().replace('"mlp_ratio": 4', '"mlp_ratio": 2')
    )
    with pytest.raises(EngineError, match="pull them again"):
        create(tmp_path).refine(rgb, coverage, None, options, never)


def test_without_the_package_it_says_what_to_type(
    folder: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.import_module

    def absent(name: str, *rest: Any) -> Any:
        if name == "transformers":
            raise ImportError(name)
        return there(name, *rest)

    monkeypatch.setattr(importlib, "import_module", absent)

    with pytest.raises(EngineError, match=r"penumbra\[hub\]"):
        create(folder).refine(*picture(), None, options, never)


def test_a_folder_of_its_weights_is_a_model_that_refines(folder: Path) -> None:
    info = Registry([folder], embedded=None).models("refine")[0]

    assert (info.id, info.tasks) == ("tiny-vitmatte", ("refine",))
    assert "non-commercial" in info.license
    assert set(info.defaults()) == {"band_px", "steady", "tile_px", "auto_exposure", "exposure_stops"}


def test_it_can_be_pulled_and_says_what_it_was_trained_on() -> None:
    models = [model for model in public_models() if model.tasks == ("refine",)]

    assert [model.repo for model in models] == [
        f"hustvl/vitmatte-{size}-{trained}"
        for trained in ("composition-1k", "distinctions-646")
        for size in ("small", "base")
    ]
    assert all("non-commercial" in model.license for model in models)


def test_its_edge_can_be_steadied_by_the_frames_beside_it(folder: Path, options: Options) -> None:
    rgb, coverage = picture()
    grain = np.random.default_rng(5).normal(1, 0.1, (3, *rgb.shape)).astype(np.float32)

    class Grainy:
        def rgb(self, frame: int, long_edge_px: int | None = None) -> Float32:
            del long_edge_px
            if not 0 <= frame < 3:
                raise FrameError(f"Frame {frame}", "is not there", "Choose another.")
            return np.asarray(rgb * grain[frame], np.float32)

        def shape(self) -> tuple[int, int]:
            return HEIGHT, WIDTH

    model = create(folder)

    def refined(steady: int) -> Float32:
        asked = {**options, "band_px": 6, "steady": steady}
        work = Steadying(Grainy(), asked, lambda rgb, c, fixed, chosen: model.refine(rgb, c, fixed, chosen, never))
        return work.refined(1, rgb * grain[1], coverage, None)

    alone, steady = refined(0), refined(1)
    changed = alone != coverage
    assert changed.any()
    assert not np.array_equal(steady[changed], alone[changed])
    assert np.array_equal(steady[~changed], alone[~changed])
