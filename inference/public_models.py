"""The public models Penumbra knows by name, and any folder of weights of their families as a model.

Reads JSON only: no network is imported, and nothing is fetched. What is on disk is in `pulled_folder()/NAME`, or in a
folder the artist names; a folder is taken for a model when its `config.json` is of a known family.
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

TABLE = Path(__file__).parent / "models" / "promptable" / "families.json"
ADAPTER = "promptable"
"""The embedded package that runs all of these families."""
RECORD = "pulled.json"
"""What `penumbra models pull` writes into a model's folder: where it is from, and the SHA-256 of its files."""
FOLLOWING = ("sam2_video", "edgetam_video", "sam3_video", "sam3_tracker_video")
ANSWERING = ("sam2", "edgetam", "sam3_tracker", *FOLLOWING)


@dataclass(frozen=True, slots=True)
class PublicModel:
    """A model that can be pulled. `bytes` is about what it takes; `gated`: its owner asks who you are."""

    id: str
    label: str
    repo: str
    license: str
    description: str
    bytes: int
    gated: bool = False

    @property
    def page(self) -> str:
        """Where its licence can be read."""
        return f"https://huggingface.co/{self.repo}"

    @property
    def tasks(self) -> tuple[str, ...]:
        return ("segment", "propagate", "teach")


def pulled_folder() -> Path:
    """Where pulled models lie, one folder each."""
    return platformdirs.user_data_path("penumbra") / "models"


@cache
def _table() -> Mapping[str, Any]:
    return dict(json.loads(TABLE.read_text(encoding="utf-8")))


def public_models() -> tuple[PublicModel, ...]:
    """All that can be pulled by name."""
    families = {family["id"]: family for family in _table()["families"]}
    return tuple(
        PublicModel(
            id=row["id"],
            label=row["label"],
            repo=row["repo"],
            license=families[row["family"]]["license"],
            description=families[row["family"]]["description"],
            bytes=row["megabytes"] * 1_000_000,
            gated=row.get("gated", False),
        )
        for row in _table()["public"]
    )


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """What a model's manifest would say of a folder of weights; None where it holds none of a known family.

    Raises OSError or ValueError where its files cannot be read.
    """
    config = folder / "config.json"
    if not config.is_file():
        return None
    told = json.loads(config.read_text(encoding="utf-8"))
    kind = str(told.get("model_type", "")) if isinstance(told, dict) else ""
    if kind not in ANSWERING:
        return None
    family = next(each for each in _table()["families"] if kind.startswith(each["id"]))
    weights = sorted(path.name for path in folder.glob("*.safetensors"))
    if not weights:
        raise ValueError("it has a config.json but no .safetensors")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._") or family["id"]
    known = next((each for each in public_models() if each.id == name), None)
    return {
        "id": name[:64],
        "version": _table()["version"],
        "label": known.label if known else f"{family['label']} ({folder.name})",
        "description": family["description"],
        "tasks": ["segment", "propagate", "teach"] if kind in FOLLOWING else ["segment"],
        "license": family["license"],
        "encoding": _table()["encoding"],
        "encode_options": _table()["encode_options"],
        "weights": weights,
        "options": _table()["options"],
    }


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
