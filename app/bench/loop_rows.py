"""Rows of `bench loop`: read again, their means, and the tables in markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.disk import cause
from core.errors import OptionError

Row = dict[str, Any]
NOT_FIGURES: Final = ("bench", "kind", "case", "method", "fingerprint", "round", "taught", "suggested", "cases")
SHOWN: Final = (0, 1, 3, 5)
"""Rounds that the table shows."""
LAST: Final = (
    "IoU of the key frames | MAE × 1000 | clicks, strokes | seconds, CPU | rank of confidence, of expected error"
)
"""Of the last round, but for the rank correlations with the true error, which are means of all."""


def kept_rows(path: Path, bench: str = "loop") -> list[Row]:
    """Rows of a bench's cases from JSON lines, of one measured twice the last; a line that was cut off is left out.

    Raises OptionError where the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = cause(error) if isinstance(error, OSError) else "it is not text"
        raise OptionError(str(path), f"cannot be read, {why}", "Give a file that this bench wrote.") from error
    found: dict[tuple[Any, ...], Row] = {}
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and row.get("bench") == bench and row.get("case") != "mean":
            found[tuple(row.get(name) for name in ("case", "method", "fingerprint", "kind", "round", "taught"))] = row
    return list(found.values())


def means(rows: Sequence[Row]) -> Iterator[Row]:
    """Over the sequences, by kind, method, round and teaching time. Figures that are not known are left out."""
    kinds = list(dict.fromkeys((row["kind"], row["method"], row["round"], row.get("taught")) for row in rows))
    for kind, method, number, taught in kinds:
        mine = [
            row
            for row in rows
            if (row["kind"], row["method"], row["round"], row.get("taught")) == (kind, method, number, taught)
        ]
        about = {"bench": "loop", "kind": kind, "case": "mean", "method": method, "round": number}
        figures = {name: _mean([row.get(name) for row in mine]) for name in mine[0] if name not in NOT_FIGURES}
        yield {**about, **({} if taught is None else {"taught": taught}), **figures, "cases": len(mine)}


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return float(np.mean(known)) if known else math.nan


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Two tables: after so many corrected frames, and over seconds of teaching where that was asked for."""
    rounds = [row for row in rows if row["kind"] == "round"]
    curve = [row for row in rows if row["kind"] == "curve"]
    return "\n".join(_rounds(rounds) + (["", *_curve(curve)] if curve else []))


def _rounds(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    shown = [number for number in SHOWN if any(row["round"] == number for row in rows)]
    after = ", ".join(map(str, shown))
    lines = [
        f"| sequence | method | IoU after {after} | J&F after {after} | {LAST} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for case, method in dict.fromkeys((row["case"], row["method"]) for row in rows):
        mine = [row for row in rows if (row["case"], row["method"]) == (case, method)]
        by_round = {row["round"]: row for row in mine}
        last = mine[-1]
        ranks = (_mean([row.get(name) for row in mine]) for name in ("confidence_rank", "expected_rank"))
        cells = (
            case,
            method,
            " ".join(_part(by_round[number]["iou"]) if number in by_round else "–" for number in shown),
            " ".join(_part(by_round[number]["j_and_f"]) if number in by_round else "–" for number in shown),
            _part(last.get("given_iou")),
            _number(last["mae"], 1000.0, 1),
            f"{last['clicks']:.0f}, {last['strokes']:.0f}",
            f"{last['seconds']:.0f}, {last['cpu_seconds']:.0f}",
            ", ".join(_number(rank, 1.0, 2) for rank in ranks),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _curve(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    times = sorted({row["taught"] for row in rows})
    lines = [
        f"| sequence | method | corrected | IoU after teaching for {', '.join(f'{time:g}' for time in times)} s |",
        "|---|---|---|---|",
    ]
    for about in dict.fromkeys((row["case"], row["method"], row["round"]) for row in rows):
        mine = [row for row in rows if (row["case"], row["method"], row["round"]) == about]
        by_time = {row["taught"]: row["iou"] for row in mine}
        overlaps = " ".join(_part(by_time[time]) if time in by_time else "–" for time in times)
        lines.append(f"| {' | '.join(map(str, about))} | {overlaps} |")
    return lines


def _part(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.3f}".removeprefix("0")


def _number(value: float | None, scale: float, digits: int) -> str:
    return "–" if value is None or math.isnan(value) else f"{scale * value:.{digits}f}"
