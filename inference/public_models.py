"""The public models Penumbra knows by name, and any folder of weights of their families as a model.

Each embedded package that runs public weights has a table of them beside it, `families.json`. Reads JSON only: no
network is imported, and nothing is fetched. What is on disk is in `pulled_folder()/NAME`, or in a folder the artist
names; a folder is taken for a model when its `config.json` is of a known family.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

TABLES = Path(__file__).parent / "models"
"""A table lies in `ADAPTER/families.json`."""
RECORD = "pulled.json"
"""What `penumbra models pull` writes into a model's folder: where it is from, and the SHA-256 of its files."""


@dataclass(frozen=True, slots=True)
class PublicModel:
    """A model that can be pulled. `bytes` is about what it takes; `gated`: its owner asks who you are.

    `revision`: where in the repository its safetensors are, if they are not in the main branch.
    """

    id: str
    label: str
    repo: str
    license: str
    description: str
    bytes: int
    tasks: tuple[str, ...]
    gated: bool = False
    revision: str = ""

    @property
    def page(self) -> str:
        """Where its licence can be read."""
        return f"https://huggingface.co/{self.repo}"


def pulled_folder() -> Path:
    """Where pulled models lie, one folder each."""
    return platformdirs.user_data_path("penumbra") / "models"


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    """By the adapter's name."""
    paths = sorted(TABLES.glob("*/families.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def public_models() -> tuple[PublicModel, ...]:
    """All that can be pulled by name."""
    found = []
    for table in _tables().values():
        families = {family["id"]: family for family in table["families"]}
        for row in table["public"]:
            family = families[row["family"]]
            found.append(
                PublicModel(
                    id=row["id"],
                    label=row["label"],
                    repo=row["repo"],
                    license=family["license"],
                    description=family["description"],
                    bytes=row["megabytes"] * 1_000_000,
                    tasks=max((tuple(tasks) for tasks in family["kinds"].values()), key=len),
                    gated=row.get("gated", False),
                    revision=row.get("revision", ""),
                )
            )
    return tuple(found)


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """What a model's manifest would say of a folder of weights; None where it holds none of a known family.

    Raises OSError or ValueError where its files cannot be read.
    """
    config = folder / "config.json"
    if not config.is_file():
        return None
    told = json.loads(config.read_text(encoding="utf-8"))
    kind = str(told.get("model_type", "")) if isinstance(told, dict) else ""
    known = _family(kind)
    if known is None:
        return None
    adapter, table, family = known
    weights = sorted(path.name for path in folder.glob("*.safetensors"))
    if not weights:
        raise ValueError("it has a config.json but no .safetensors")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._") or family["id"]
    public = next((each for each in public_models() if each.id == name), None)
    return {
        "id": name[:64],
        "version": table["version"],
        "label": public.label if public else f"{family['label']} ({folder.name})",
        "description": family["description"],
        "tasks": family["kinds"][kind],
        "license": family["license"],
        "encoding": table["encoding"],
        "encode_options": table["encode_options"],
        "weights": weights,
        "options": table["options"],
        "adapter": adapter,
    }


def _family(kind: str) -> tuple[str, Mapping[str, Any], Mapping[str, Any]] | None:
    """The adapter, its table and the family of a `model_type`."""
    for adapter, table in _tables().items():
        for family in table["families"]:
            if kind in family["kinds"]:
                return adapter, table, family
    return None


def recorded_sha256(path: Path) -> str:
    """The SHA-256 that was verified when a file was pulled, while it is as it was then; else empty."""
    record = path.parent / RECORD
    if not record.is_file():
        return ""
    try:
        told = json.loads(record.read_text(encoding="utf-8"))["files"][path.name]
        state = path.stat()
        same = (told["bytes"], told["mtime_ns"]) == (state.st_size, state.st_mtime_ns)
        return str(told["sha256"]) if same else ""
    except (KeyError, TypeError, ValueError):
        return ""
