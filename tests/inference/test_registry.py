"""Models as folders: found without a restart, broken ones said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import EngineError, OptionError
from inference.registry import EMBEDDED, Registry, trained


def write(folder: Path, manifest: dict[str, object] | str, code: str = "def create(folder): return object()") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    (folder / "model.py").write_text(code)


def manifest(**fields: object) -> dict[str, object]:
    return {"id": "mine", "version": "1", "label": "Mine", "tasks": ["refine"], "license": "MIT", **fields}


GOOD = "class Model:\n    def refine(self, *args): return 'refined'\ndef create(folder): return Model()\n"


def test_embedded_models_are_sound() -> None:
    """Every model that comes with Penumbra can be used, and its defaults fit its own schema."""
    registry = Registry()

    assert registry.problems == []
    for info in registry.models():
        registry.find(info.id, info.tasks[0]).options({})
    folders = [path.parent for path in EMBEDDED.glob("*/manifest.json")]
    assert {folder.name for folder in folders if trained(folder)} == {info.id for info in registry.models()}


def test_new_folder_is_found_without_a_restart(tmp_path: Path) -> None:
    """A model added while the engine runs is there at the next look."""
    registry = Registry([tmp_path], embedded=None)
    assert registry.models() == []
    write(tmp_path / "mine", manifest(), GOOD)

    with registry.find("mine", "refine").use() as model:
        assert model.refine() == "refined"


def test_changed_code_is_used_and_unchanged_code_is_kept(tmp_path: Path) -> None:
    """A model is loaded again when its files change, and only then."""
    write(tmp_path / "mine", manifest(), GOOD)
    registry = Registry([tmp_path], embedded=None)
    first = registry.find("mine", "refine")
    registry.rescan()
    assert registry.find("mine", "refine") is first
    write(tmp_path / "mine", manifest(), GOOD.replace("'refined'", "'better'"))
    registry.rescan()

    with registry.find("mine", "refine").use() as model:
        assert model.refine() == "better"


def test_model_may_import_its_neighbours(tmp_path: Path) -> None:
    """`from . import network` works in a user's folder."""
    write(tmp_path / "mine", manifest(), "from . import network\ncreate = network.create\n")
    (tmp_path / "mine" / "network.py").write_text(GOOD)

    with Registry([tmp_path], embedded=None).find("mine", "refine").use() as model:
        assert model.refine() == "refined"


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("{", "cannot be used"),
        (manifest(id="../up"), "cannot be used"),
        ({"id": "mine"}, "version"),
        (manifest(tasks=["fly"]), "fly"),
        (manifest(entry="other.py"), "other.py"),
        (manifest(weights=["gone.safetensors"]), "gone.safetensors"),
        (manifest(weights=["../../x.safetensors"]), "outside"),
        (manifest(weights=["evil.pth"]), "evil.pth"),
        (manifest(options={"type": "nonsense"}), "nonsense"),
        (manifest(options={"properties": {"a": {"type": "integer", "default": "x"}}}), "'x'"),
    ],
)
def test_broken_folder_is_one_sentence(tmp_path: Path, broken: dict[str, object] | str, says: str) -> None:
    """It names the folder; every other model keeps working."""
    write(tmp_path / "bad", broken)
    write(tmp_path / "good", manifest(id="good"), GOOD)
    registry = Registry([tmp_path], embedded=None)

    assert [info.id for info in registry.models()] == ["good"]
    (problem,) = registry.problems
    assert str(tmp_path / "bad") in problem
    assert says in problem


def test_missing_method_is_said_at_first_use(tmp_path: Path) -> None:
    """A model that promises a task must have its methods."""
    write(tmp_path / "mine", manifest())

    with pytest.raises(EngineError, match="refine"), Registry([tmp_path], embedded=None).find("mine", "refine").use():
        pass


def test_weights_are_hashed(tmp_path: Path) -> None:
    """The hash goes into the provenance of every matte."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "w.safetensors").write_bytes(b"abc")
    write(folder, manifest(weights=["w.safetensors"]), GOOD)

    (info,) = Registry([tmp_path], embedded=None).models()
    assert info.weights_sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_user_model_wins_over_embedded(tmp_path: Path) -> None:
    """The same id in a user's folder replaces the one that came with Penumbra."""
    write(tmp_path / "a" / "mine", manifest(label="Embedded"), GOOD)
    write(tmp_path / "b" / "mine", manifest(label="User"), GOOD)

    (info,) = Registry([tmp_path / "b"], embedded=tmp_path / "a").models()
    assert info.label == "User"


def test_options_are_filled_and_checked(tmp_path: Path) -> None:
    """Defaults are filled in; a bad value or name is refused with what would be right."""
    knob = {"type": "number", "default": 1.5, "minimum": 0, "maximum": 2}
    write(tmp_path / "mine", manifest(options={"type": "object", "properties": {"soft": knob}}), GOOD)
    model = Registry([tmp_path], embedded=None).find("mine", "refine")

    assert model.options({}) == {"soft": 1.5}
    assert model.options({"soft": 1}) == {"soft": 1}
    with pytest.raises(OptionError, match="soft"):
        model.options({"soft": 3})
    with pytest.raises(OptionError, match="It has: soft"):
        model.options({"sift": 1})
