"""Rows of `bench clicks`: kept as JSON lines, read again, and their means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.console import finite
from core.disk import cause
from core.errors import OptionError

NOT_FIGURES = ("bench", "set", "case", "method", "fingerprint", "cases")
Row = dict[str, Any]


def means(rows: Sequence[Row]) -> Iterator[Row]:
    """The means of rows of cases; rows that are means are passed over."""
    rows = [row for row in rows if row["case"] != "mean"]
    sets = list(dict.fromkeys(row["set"] for row in rows))
    for name in [*sets, "all"]:
        inside = [row for row in rows if name in (row["set"], "all")]
        for method in dict.fromkeys(row["method"] for row in inside):
            mine = [row for row in inside if row["method"] == method]
            figures = [key for key in mine[0] if key not in NOT_FIGURES]
            yield {
                "bench": "clicks",
                "set": name,
                "case": "mean",
                "method": method,
                **{key: float(np.mean([row[key] for row in mine])) for key in figures},
                "cases": len(mine),
            }


def read_rows(path: Path) -> list[Row]:
    """Rows of cases from JSON lines; what is no such row, as a line that was cut off, is left out.

    Raises:
        OptionError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = cause(error) if isinstance(error, OSError) else "it is not text"
        raise OptionError(str(path), f"cannot be read, {why}", "Give a file that this bench wrote.") from error
    found = [row for line in lines if (row := _row(line)) is not None]
    return [row for row in found if row.get("bench") == "clicks" and row.get("case") != "mean"]


def _row(line: str) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def keep(row: Row, path: Path) -> None:
    """Add a row to JSON lines; the file and its folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n" + json.dumps(finite(row), ensure_ascii=False))  # whole again after a line that was cut off


def key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row is of: rows with the same key have the same figures, but for the times."""
    return tuple(str(row.get(name, "")) for name in ("set", "case", "method", "fingerprint"))
