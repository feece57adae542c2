"""What `penumbra info` says of a store of corrections: pairs, the show's models, and a server that learns by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.corrections.store import CorrectionStore
from core.show_models import SCHEDULE, models_of


def describe_store(path: Path) -> dict[str, Any]:
    """Everything known about a store's learning, as JSON can say it. Raises ProjectError where there is none.

    Returns:
        `path`, `kind` ("corrections"), `usable`, `pairs` (what may be learnt from), `held_out` (only measured on),
        `shots`, `models` (as their cards say), `current` (a name or empty), `schedule` (of a server: `every_h`,
        `tried`, `said`; empty where none learns by itself).
    """
    store, models = CorrectionStore.open(path), models_of(path)
    train, held_out = store.teaching("train"), store.teaching("validation")
    current = models.current
    return {
        "path": str(path),
        "kind": "corrections",
        "usable": True,
        "pairs": len(train),
        "held_out": len(held_out),
        "shots": sorted({record.about.shot for record in (*train, *held_out)}),
        "models": [asdict(model) | {"verdict": model.verdict} for model in models.all()],
        "current": current.name if current is not None else "",
        "schedule": _schedule(models.path / SCHEDULE),
    }


def readable(found: Mapping[str, Any]) -> str:
    """The same for a person."""
    lines = [
        found["path"],
        f"  corrections  {found['pairs']} to learn from, {found['held_out']} held out to measure",
        f"  shots        {', '.join(found['shots']) or 'none'}",
    ]
    for model in found["models"]:
        mark = ", current" if model["name"] == found["current"] else ""
        lines.append(f"  model        {model['name']}{mark}: {model['verdict']}")
    if found["schedule"]:
        said = found["schedule"]
        lines.append(f"  learning     by a server every {said['every_h']:g} hours; {said['tried']}: {said['said']}")
    return "\n".join(lines)


def _schedule(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
        return {"every_h": float(said["every_h"]), "tried": str(said["tried"]), "said": str(said["said"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
