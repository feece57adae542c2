"""Public models as the artist has them: chosen in the inspector or on the command line, clicked, followed.

The networks are tiny and random: what is tested is the way, not the mattes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sample_shot import SampleShot
from inference.client import EngineClient
from tests.inference.tiny_public import tiny_edgetam, tiny_sam2
from tests.walks.conftest import Artist
from tests.walks.test_matte_command import opened, penumbra

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: the weights of two, as `penumbra models pull` leaves them."""
    folder = tmp_path_factory.mktemp("public")
    tiny_sam2(folder / "tiny-sam2")
    tiny_edgetam(folder / "tiny-edgetam")
    return folder


@pytest.fixture
def engine(tmp_path: Path, public: Path) -> Iterator[EngineClient]:
    client = EngineClient.local(tmp_path / "engine", [public])
    yield client
    client.close()


def choose(artist: Artist, task: str, label: str) -> None:
    """Pick a model in the inspector as the hand does."""
    chooser = artist.window.inspector.sections[task].model
    artist.until(lambda: chooser.findText(label) >= 0)
    chooser.setCurrentIndex(chooser.findText(label))
    chooser.activated.emit(chooser.currentIndex())


def test_a_public_model_in_the_window(artist: Artist, sample: SampleShot) -> None:
    """Choose SAM 2.1 for clicks and EdgeTAM to follow, click twice, propagate; then the other way round."""
    studio = artist.studio
    studio.open(sample.plate_pattern)
    artist.until(lambda: studio.document.shot.plate is not None)
    plate = studio.document.shot.plate
    assert plate is not None
    first = plate.frames.first
    artist.until(lambda: studio.picture(first) is not None)
    artist.act("layer.add")
    choose(artist, "segment", "SAM 2.1 (tiny-sam2)")
    choose(artist, "propagate", "EdgeTAM (tiny-edgetam)")

    artist.click(plate.canvas.width / 2, plate.canvas.height / 2)
    artist.settle()
    artist.click(plate.canvas.width / 3, plate.canvas.height / 3)
    artist.settle()
    clicked, _ = studio.matte(artist.layer_id, first)
    newest = studio.bench.segmenting.newest
    artist.act("matte.propagate")
    artist.settle()
    carried, _ = studio.matte(artist.layer_id, first + 2)
    choose(artist, "segment", "EdgeTAM (tiny-edgetam)")
    choose(artist, "propagate", "SAM 2.1 (tiny-sam2)")
    artist.settle()
    artist.act("matte.propagate")
    artist.settle()
    clicked_again, _ = studio.matte(artist.layer_id, first)
    carried_again, _ = studio.matte(artist.layer_id, first + 2)

    assert newest is not None
    assert newest.encoding_hit, "the second click found the first one's encoding"
    made_by = [matte and matte.provenance.model for matte in (clicked, carried, clicked_again, carried_again)]
    assert made_by == ["tiny-sam2", "tiny-edgetam", "tiny-edgetam", "tiny-sam2"]


def test_public_models_on_the_command_line(public: Path, sample: SampleShot, tmp_path: Path) -> None:
    """Two clicks by one and following by another, written as EXR; the second click says that the encoding was there."""
    out = tmp_path / "matte.####.exr"
    words = ["matte", str(sample.plate_pattern), "-o", str(out), "--model", "tiny-sam2"]
    words += [
        "--propagate-model",
        "tiny-edgetam",
        "--model-dir",
        str(public),
        "--click",
        "1001:240,135",
        "--click",
        "1001:30,30,-",
        "--frames",
        "1001-1003",
    ]

    done = penumbra(*words, "--json", "--quiet", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["answers"]
    assert [answer["encoding_found"] for answer in answers] == [False, True]
    assert answers[1]["ms"]["encode"] < answers[0]["ms"]["encode"]
    for frame, name in ((1001, "tiny-sam2"), (1002, "tiny-edgetam"), (1003, "tiny-edgetam")):
        pixels, _, attributes = opened(tmp_path / f"matte.{frame}.exr")
        assert pixels.max() > 0.0
        assert name in str(attributes)


def test_a_night_on_the_command_line(
    public: Path, sample: SampleShot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two frames are encoded, their size is said and lies on disk; what is there and what can be pulled is listed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    words = ["precompute", str(sample.plate_pattern), "--model", "tiny-edgetam", "--model-dir", str(public)]

    night = penumbra(*words, "--frames", "1001-1002", cwd=tmp_path)
    listed = penumbra("models", "list", "--json", "--model-dir", str(public), cwd=tmp_path)

    assert night.returncode == 0, night.stderr
    kept = list((tmp_path / "data" / "penumbra" / "encodings" / "tiny-edgetam").rglob("*.safetensors"))
    assert len(kept) == 2
    megabytes = sum(file.stat().st_size for file in kept) / 1e6
    assert night.stdout == f"2 frames encoded: {megabytes:.1f} MB on disk.\n"
    models = {model["id"]: model["pulled"] for model in json.loads(listed.stdout)}
    assert models["tiny-edgetam"] is True
    assert models["sam2.1-tiny"] is False
