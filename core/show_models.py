"""A show's models on disk: published whole under a name, never changed again, and one of them current.

A model is a folder (numbers, what it says of itself, a card to read) that is written beside its place and renamed into
it; which one is current is a small file that is replaced. So whoever reads sees a whole model or none, and rolling
back is one rename. Knows files; the numbers are bytes to it. Knows neither torch nor the store's inside.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from core.disk import TEMPORARY, cause, sync_folder, write_whole
from core.errors import ProjectError
from core.words import counted

FOLDER: Final = "models"
"""Where a store's models lie inside the store."""
NUMBERS: Final = "start.safetensors"
ABOUT: Final = "model.json"
CARD: Final = "MODEL_CARD.md"
SCHEDULE: Final = "schedule"
"""What a server that learns by itself says of its last attempt."""
VERSION: Final = 1
LEFT_FOR_S: Final = 3600.0
"""What a crash left half-written is removed by the next one that publishes, once it is so old."""
_CURRENT: Final = "current"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED: Final = (_CURRENT, SCHEDULE, "training")


@dataclass(frozen=True, slots=True)
class ShowModel:
    """What a published model says of itself.

    Args:
        made: ISO 8601, UTC.
        by: who had it trained.
        store: the folder of the corrections, as it was named.
        learnt_from: ids of the pairs it learnt from.
        shots, layers, artists: of these, by name.
        seconds, rounds: of learning; `rounds` counts the layers it was taught, each time anew.
        before, after: error, 0-1, on the shots that are never learnt from, after a short teaching: begun as it came,
            and begun with this model. None where there was nothing to measure on.
        measured_on: how many layers that was.
        measured_s: how long each was taught.
        began_with: SHA-256 of the numbers learning itself began with.
        sha256: of the numbers; put in when it is published.
    """

    name: str
    made: str
    by: str
    store: str
    learnt_from: tuple[str, ...] = ()
    shots: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()
    seconds: float = 0.0
    rounds: int = 0
    before: float | None = None
    after: float | None = None
    measured_on: int = 0
    measured_s: float = 0.0
    began_with: str = ""
    sha256: str = ""

    @property
    def helps(self) -> bool:
        """Whether nothing speaks against it: not worse on what it never saw, or nothing could be measured."""
        return self.before is None or self.after is None or self.after <= self.before

    @property
    def verdict(self) -> str:
        """What was measured, in words; nothing is claimed that was not."""
        if self.before is None or self.after is None:
            return "not measured: no shot of the store is held out"
        layers = f"{counted(self.measured_on, 'layer')} of held-out shots"
        change = f"error {self.before * 100:.2f} % before, {self.after * 100:.2f} % after"
        return f"{change}, {layers} taught for {self.measured_s:g} s"


class ShowModels:
    """The models of one folder, which may not exist yet. Read by anyone at any time; `publish` and `use` write."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> tuple[ShowModel, ...]:
        """Every whole model, oldest first. One that cannot be read is left out. Raises OSError."""
        if not self.path.is_dir():
            return ()
        found = [self._read(folder) for folder in self.path.iterdir() if _NAME.fullmatch(folder.name)]
        return tuple(
            sorted((model for model in found if model is not None), key=lambda model: (model.made, model.name))
        )

    def find(self, name: str) -> ShowModel:
        """Raises ProjectError where there is no whole model of this name."""
        model = self._read(self.path / name) if _NAME.fullmatch(name) else None
        if model is None:
            there = ", ".join(each.name for each in self.all()) or "none"
            raise ProjectError(self.path, why=f"it has no model {name}", hint=f"There are: {there}.")
        return model

    @property
    def current(self) -> ShowModel | None:
        """The one that is offered first; None where there is none, or it cannot be read."""
        try:
            name = str(json.loads((self.path / _CURRENT).read_bytes())["name"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return self._read(self.path / name) if _NAME.fullmatch(name) else None

    def numbers(self, name: str) -> bytes:
        """The model's numbers, checked. Raises ProjectError."""
        model = self.find(name)
        try:
            data = (self.path / name / NUMBERS).read_bytes()
        except OSError as error:
            raise ProjectError(self.path / name, why=cause(error), hint="Choose another model.") from error
        if hashlib.sha256(data).hexdigest() != model.sha256:
            raise ProjectError(
                self.path / name, why="its numbers are not those it was published with", hint="Choose another model."
            )
        return data

    def free_name(self) -> str:
        """A name nobody has: `show-001`, `show-002`, and so on."""
        number = 1
        while (self.path / f"show-{number:03d}").exists():
            number += 1
        return f"show-{number:03d}"

    def check_free(self, name: str) -> None:
        """Raises ProjectError where a model cannot get this name."""
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise ProjectError(name, why="cannot be a model's name", hint="Use letters, digits, '.', '_' and '-'.")
        if (self.path / name).exists():
            raise ProjectError(
                self.path / name, why="there is a model of that name already", hint="Choose another: none is replaced."
            )

    def publish(self, model: ShowModel, numbers: bytes, *, use: bool) -> ShowModel:
        """Make a model known: all of it or nothing, and never in another's place.

        Args:
            use: make it the current one as well.

        Returns:
            The model as it was published.

        Raises:
            ProjectError: the name is taken or the disk refused; then nothing of it is there.
        """
        self.check_free(model.name)
        model = replace(model, sha256=hashlib.sha256(numbers).hexdigest())
        files = {NUMBERS: numbers, ABOUT: _as_file(model), CARD: card(model).encode()}
        beside = self.path / f"{TEMPORARY}{uuid.uuid4().hex[:12]}-{model.name}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers()
            try:
                beside.mkdir()
                for name, data in files.items():
                    write_whole(beside / name, data)
                beside.rename(self.path / model.name)
            except OSError:
                shutil.rmtree(beside, ignore_errors=True)
                if (self.path / model.name).exists():  # another was published under it meanwhile
                    self.check_free(model.name)
                raise
            sync_folder(self.path)
        except OSError as error:
            hint = "Make room there and publish it again; the models that are there are whole."
            raise ProjectError(self.path, why=f"the model was not published, {cause(error)}", hint=hint) from error
        if use:
            self.use(model.name, model.by, model.made)
        return model

    def use(self, name: str, by: str, made: str) -> ShowModel:
        """Make a published model the current one: also the way back to an older one. Raises ProjectError."""
        model = self.find(name)
        self.numbers(name)
        said = {"name": name, "by": by, "made": made}
        try:
            write_whole(self.path / _CURRENT, json.dumps(said, indent=1).encode() + b"\n")
        except OSError as error:
            why = f"{name} was not made the current model, {cause(error)}"
            raise ProjectError(self.path, why=why, hint="The one before stays.") from error
        return model

    def _read(self, folder: Path) -> ShowModel | None:
        try:
            raw: Any = json.loads((folder / ABOUT).read_bytes())
            if int(raw["version"]) > VERSION or raw["model"]["name"] != folder.name:
                return None
            return _from_file(raw["model"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _remove_leftovers(self) -> None:
        for folder in self.path.glob(f"{TEMPORARY}*"):
            with contextlib.suppress(OSError):
                if folder.is_dir() and folder.stat().st_mtime < time.time() - LEFT_FOR_S:
                    shutil.rmtree(folder, ignore_errors=True)


def models_of(path: Path) -> ShowModels:
    """The models at a path: a store's, or those of a folder that holds nothing else."""
    inside = path / FOLDER
    return ShowModels(inside if inside.is_dir() or (path / "pairs").is_dir() else path)


def card(model: ShowModel) -> str:
    """The model card, markdown, to be read by people."""
    listed = {"Shots": model.shots, "Layers": model.layers, "Artists": model.artists}
    rows = [f"| {what} | {len(names)}: {', '.join(names) or '–'} |" for what, names in listed.items()]
    measured = (
        "Nothing: no shot of the store is held out. Judge by what it does on a shot of yours."
        if model.before is None or model.after is None
        else f"{model.measured_on} layers of shots it never learnt from, each taught for {model.measured_s:g} seconds. "
        f"Mean absolute error of the coverage where nothing was taught: begun as it came "
        f"{model.before * 100:.2f} %, begun with this model {model.after * 100:.2f} %."
    )
    advice = "" if model.helps else "\nIt does worse on them, and was not made the current model.\n"
    return "\n".join(
        [
            f"# {model.name}",
            "",
            "What Teach may begin with in this show, instead of beginning as it came. It answers nothing by itself: a",
            "layer is taught its own corrected frames from here on.",
            "",
            "| | |",
            "|---|---|",
            f"| Made | {model.made} by {model.by or 'nobody named'} |",
            f"| Corrections | {len(model.learnt_from)}, of {model.store} |",
            *rows,
            f"| Learning | {model.seconds:.0f} seconds, {model.rounds} lessons |",
            f"| Began with | {model.began_with[:16] or '–'} (SHA-256 of the numbers as they came) |",
            f"| SHA-256 | {model.sha256} |",
            "",
            "## Measured",
            "",
            measured,
            advice,
            "## Whose it is",
            "",
            "It was learnt from the pictures and mattes of the shots above and may not be used further than these may.",
            "The ids of all corrections are in `model.json`. One that was excluded later is not unlearnt: train again.",
            "",
        ]
    )


def _as_file(model: ShowModel) -> bytes:
    return json.dumps({"version": VERSION, "model": asdict(model)}, indent=1, allow_nan=False).encode() + b"\n"


def _from_file(raw: Mapping[str, Any]) -> ShowModel:
    known = {each.name for each in fields(ShowModel)}
    said: dict[str, Any] = {}
    for name, value in raw.items():
        if name in known:
            said[name] = tuple(value) if isinstance(value, list) else value
    return ShowModel(**said)
