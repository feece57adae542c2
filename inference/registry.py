"""The models there are: folders with a manifest and one Python file, found again at every scan.

Reads manifests without running anything; a model's Python is imported when it is first used. A folder that cannot be
used is one sentence in `problems`, and no one else's trouble. `docs/models.md` is the guide for those who write one.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match

from core.errors import EngineError, OptionError
from core.model_info import ModelInfo
from inference import public_models
from inference.device import accelerator

EMBEDDED = Path(__file__).parent / "models"
TASKS = ("segment", "propagate", "teach", "refine", "process")
METHODS = {"segment": ("encode", "segment"), "process": ()}
MANIFEST_SCHEMA = {
    "type": "object",
    "required": ["id", "version", "label", "tasks", "license"],
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
        "version": {"type": "string", "minLength": 1},
        "label": {"type": "string", "minLength": 1},
        "tasks": {"type": "array", "minItems": 1, "items": {"enum": list(TASKS)}},
        "license": {"type": "string"},
        "description": {"type": "string"},
        "entry": {"type": "string", "pattern": "^[A-Za-z0-9_]+\\.py$"},
        "encoding": {"type": "string"},
        "weights": {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9._/-]+\\.safetensors$"}},
        "trainable": {"type": "boolean"},
        "parent_id": {"type": "string"},
        "options": {"type": "object"},
        "encode_options": {"type": "array", "items": {"type": "string"}},
        "weights_folder": {"type": "string", "minLength": 1},
    },
}


class InstalledModel:
    """One folder that can be used. The object is made at first use and called by one thread at a time."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], fingerprint: str, weights_sha256: str) -> None:
        """`folder` holds the weights, and the Python unless the manifest names an `adapter` of our own."""
        self.folder = folder
        self.fingerprint = fingerprint
        self.entry = str(manifest.get("entry", "model.py"))
        self.adapter = str(manifest.get("adapter", ""))
        self._encode_options = manifest.get("encode_options")
        schema = dict(manifest.get("options", {"type": "object", "properties": {}}))
        self.info = ModelInfo(
            id=manifest["id"],
            version=manifest["version"],
            label=manifest["label"],
            tasks=tuple(manifest["tasks"]),
            options_schema=schema,
            encoding=manifest.get("encoding", "linear"),
            weights_sha256=weights_sha256,
            license=manifest["license"],
            trainable=bool(manifest.get("trainable", False)),
            parent_id=manifest.get("parent_id", ""),
            description=manifest.get("description", ""),
            device=accelerator() if self.adapter else "cpu" if folder.parent == EMBEDDED else "",
            weights_bytes=sum((folder / name).stat().st_size for name in manifest.get("weights", ())),
        )
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._object: Any = None

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for the model's object."""
        return self._waiting > 0

    @contextmanager
    def use(self) -> Iterator[Any]:
        """The model's object, to oneself. Raises whatever its Python raises while it is first imported."""
        with self._had():
            if self._object is None:
                self._object = _import(self).create(self.folder)
                for task in self.info.tasks:
                    for method in METHODS.get(task, (task,)):
                        if not callable(getattr(self._object, method, None)):
                            why = f"says it can {task} but has no method {method}()"
                            raise EngineError(f"The model {self.info.id}", why, reason="MODEL_BROKEN")
            yield self._object

    @contextmanager
    def _had(self) -> Iterator[None]:
        if not self._lock.acquire(blocking=False):
            with self._counting:
                self._waiting += 1
            self._lock.acquire()
            with self._counting:
                self._waiting -= 1
        try:
            yield
        finally:
            self._lock.release()

    def encode_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of `options` that an encoding depends on, as the manifest says; all where it says nothing."""
        if self._encode_options is None:
            return dict(options)
        return {name: options[name] for name in self._encode_options if name in options}

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """`given` with defaults filled in, checked. Raises OptionError with the schema's own words."""
        filled = {**self.info.defaults(), **given}
        unknown = set(given) - set(self.info.options_schema.get("properties", {}))
        if unknown:
            known = ", ".join(sorted(self.info.options_schema.get("properties", {}))) or "none"
            raise OptionError(f"{self.info.id} option {min(unknown)}", "does not exist", f"It has: {known}.")
        error = best_match(Draft202012Validator(self.info.options_schema).iter_errors(filled))
        if isinstance(error, ValidationError):
            name = ".".join(str(step) for step in error.absolute_path) or "options"
            raise OptionError(f"{self.info.id} option {name}", error.message, "Choose a value inside its range.")
        return filled


class Registry:
    """All models of some folders of models. Thread-safe. Later folders win over earlier ones and over embedded."""

    def __init__(self, folders: Sequence[Path] = (), embedded: Path | None = EMBEDDED) -> None:
        self._folders = ([embedded] if embedded else []) + [Path(folder) for folder in folders]
        self._lock = threading.Lock()
        self._installed: dict[str, InstalledModel] = {}
        self._problems: list[str] = []
        self._hashes: dict[tuple[Path, int, int], str] = {}
        self.rescan()

    def rescan(self) -> None:
        """Look again. A model whose files did not change keeps its loaded object."""
        with self._lock:
            known = {model.fingerprint: model for model in self._installed.values()}
            installed: dict[str, InstalledModel] = {}
            problems: list[str] = []
            for folder in self._model_folders():
                try:
                    model = self._read(folder)
                except (OSError, ValueError, ValidationError, SchemaError) as error:
                    reason = error.message if isinstance(error, ValidationError | SchemaError) else str(error)
                    problems.append(f"{folder}: this model cannot be used: {reason.splitlines()[0].rstrip('.')}.")
                    continue
                installed[model.info.id] = known.get(model.fingerprint, model)
            self._installed, self._problems = installed, problems

    def models(self, task: str = "") -> list[ModelInfo]:
        """Those that can do `task`, or all, by name."""
        with self._lock:
            infos = sorted((model.info for model in self._installed.values()), key=lambda info: info.id)
        return [info for info in infos if not task or task in info.tasks]

    @property
    def problems(self) -> list[str]:
        """One sentence for each folder that cannot be used."""
        return list(self._problems)

    def find(self, name: str, task: str) -> InstalledModel:
        """The model of this name. Raises EngineError when there is none that can do `task`."""
        model = self._installed.get(name)
        if model is None:
            self.rescan()
            model = self._installed.get(name)
        if model is None or task not in model.info.tasks:
            able = ", ".join(info.id for info in self.models(task)) or "none"
            why = "is not installed" if model is None else f"cannot {task}"
            raise EngineError(f"The model {name!r}", why, f"Choose one that can {task}: {able}.", reason="NOT_FOUND")
        return model

    def _model_folders(self) -> list[Path]:
        found: list[Path] = []
        for parent in self._folders:
            if (parent / "manifest.json").is_file() or _is_public(parent):
                found.append(parent)
            elif parent.is_dir():
                # A folder with weights alone is a model where its family is known; any other config.json is not ours.
                weights = {path.parent for path in parent.glob("*/config.json") if _is_public(path.parent)}
                told = {path.parent for path in parent.glob("*/manifest.json")}
                if parent == EMBEDDED:
                    told = {folder for folder in told if trained(folder)}
                found += sorted(weights | told)
        return found

    def _read(self, folder: Path) -> InstalledModel:
        folder, text = _manifest(folder)
        manifest = json.loads(text)
        Draft202012Validator(MANIFEST_SCHEMA).validate(manifest)
        schema = manifest.get("options", {"type": "object", "properties": {}})
        Draft202012Validator.check_schema(schema)
        defaults = {name: knob.get("default") for name, knob in schema.get("properties", {}).items()}
        Draft202012Validator(schema).validate(defaults)
        if "adapter" not in manifest and not (folder / manifest.get("entry", "model.py")).is_file():
            raise ValueError(f"it has no {manifest.get('entry', 'model.py')}")
        weights_sha256 = self._hash_weights(folder, manifest.get("weights", []), links="adapter" in manifest)
        fingerprint = hashlib.sha256(text + weights_sha256.encode() + str(folder).encode())
        for source in sorted(folder.rglob("*.py")):
            fingerprint.update(source.read_bytes())
        return InstalledModel(folder, manifest, fingerprint.hexdigest(), weights_sha256)

    def _hash_weights(self, folder: Path, names: Sequence[str], *, links: bool) -> str:
        """One file: its SHA-256. Several: the SHA-256 of their SHA-256s. None: empty.

        `links`: the names were found in the folder, where a cache of weights keeps links to its files.
        """
        paths = [(folder / name).resolve() for name in names]
        for path in paths:
            if not links and not path.is_relative_to(folder.resolve()):
                raise ValueError(f"its weights {path.name} lie outside its folder")
        hashes = [self._hash(path) for path in paths]
        return hashlib.sha256("".join(hashes).encode()).hexdigest() if len(hashes) > 1 else "".join(hashes)

    def _hash(self, path: Path) -> str:
        state = path.stat()
        key = (path, state.st_mtime_ns, state.st_size)
        if key not in self._hashes and (known := public_models.recorded_sha256(path)):
            self._hashes[key] = known
        if key not in self._hashes:
            with path.open("rb") as stream:
                self._hashes[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._hashes[key]


def trained(folder: Path) -> bool:
    """Whether the weights a manifest names are there. A model of our own without them is no model and no problem."""
    return all((folder / name).is_file() for name in json.loads(_manifest(folder)[1]).get("weights", ()))


def _is_public(folder: Path) -> bool:
    try:
        return public_models.manifest_of(folder) is not None
    except (OSError, ValueError):
        return True  # `_read` says what is wrong with it


def _manifest(folder: Path) -> tuple[Path, bytes]:
    """A model's folder and its manifest: the one in it, over that of the public weights in it or that it points at."""
    own = folder / "manifest.json"
    said = json.loads(own.read_bytes()) if own.is_file() else {}
    if own.is_file() and not (isinstance(said, dict) and "weights_folder" in said):
        return folder, own.read_bytes()
    home = (folder / Path(said.get("weights_folder", ".")).expanduser()).resolve()
    public = public_models.manifest_of(home)
    if public is None:
        raise ValueError(f"{home} holds no weights of a family that is known")
    merged = {**public, **said, "weights": public["weights"], "adapter": public["adapter"]}
    return home, json.dumps(merged, sort_keys=True).encode()


def _import(model: InstalledModel) -> ModuleType:
    """The entry module, in a package of its own, so that `from . import network` works in it."""
    if model.adapter:
        return importlib.import_module(f"inference.models.{model.adapter}.model")
    stem = Path(model.entry).stem
    if model.folder.parent == EMBEDDED:
        return importlib.import_module(f"inference.models.{model.folder.name}.{stem}")
    package = f"penumbra_model_{model.fingerprint[:16]}"
    if package not in sys.modules:
        holder = ModuleType(package)
        holder.__path__ = [str(model.folder)]
        sys.modules[package] = holder
    return importlib.import_module(f"{package}.{stem}")
