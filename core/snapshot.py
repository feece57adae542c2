"""The snapshot of a project, `project.json`: written in one rename, read in any older schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.disk import cause, write_whole
from core.errors import ProjectError
from core.project_values import UNREADABLE, ValueReader, as_json
from core.shot import Shot

SNAPSHOT = "project.json"
SCHEMA = 1
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From schema n to n + 1; `project.json` as a dictionary in and out."""


def write_snapshot(path: Path, shot: Shot, generation: int, values: ValueReader, *, scratch: bool) -> None:
    """Replace the snapshot of the project folder `path` in one rename. Raises OSError; the old one stands then."""
    raw = {"schema": SCHEMA, "generation": generation, "scratch": scratch, "shot": values.write_shot(shot)}
    write_whole(path / SNAPSHOT, as_json(raw, indent=1))


def read_snapshot(path: Path) -> dict[str, Any]:
    """The snapshot of a project folder in today's schema. Raises ProjectError."""
    file = path / SNAPSHOT
    try:
        raw = json.loads(file.read_bytes())
    except OSError as error:
        raise ProjectError(file, why=cause(error), hint="Check the permissions of the project folder.") from error
    except ValueError as error:
        raise ProjectError(file, why="it is not readable as a project", hint="Restore it from a backup.") from error
    if (
        not isinstance(raw, dict)
        or not isinstance(raw.get("schema"), int)
        or not isinstance(raw.get("generation"), int)
    ):
        raise ProjectError(file, why="it is not a project file", hint="Restore it from a backup.")
    return migrate(raw, file)


def migrate(
    raw: dict[str, Any],
    file: Path,
    schema: int = SCHEMA,
    migrations: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MIGRATIONS,
) -> dict[str, Any]:
    """A snapshot of any older schema as one of `schema`. Raises ProjectError for a newer one."""
    if raw["schema"] > schema:
        raise ProjectError(
            file,
            why=f"it was written by a newer Penumbra (schema {raw['schema']}, this one reads up to {schema})",
            hint="Open it with that version.",
        )
    while raw["schema"] < schema:
        step = migrations.get(raw["schema"])
        if step is None:
            raise ProjectError(
                file, why=f"schema {raw['schema']} is unknown", hint="Open it with an older version first."
            )
        raw = {**step(raw), "schema": raw["schema"] + 1}
    return raw


def read_shot(path: Path, snapshot: dict[str, Any], values: ValueReader) -> Shot:
    """The shot of a snapshot. Raises ProjectError."""
    try:
        return values.read_shot(snapshot["shot"])
    except UNREADABLE as error:
        raise ProjectError(
            path / SNAPSHOT, why="the shot in it cannot be read", hint="Restore it from a backup."
        ) from error
