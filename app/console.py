"""Words, tables, JSON and progress on a terminal. The only place that writes to standard output."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tqdm import tqdm

from core.jobs import JobStatus


def say(text: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"penumbra: {text}\n")
    sys.stderr.flush()


def say_json(value: Any, *, indent: int | None = None) -> None:
    """A value as JSON; numbers that JSON cannot say become null."""
    say(json.dumps(finite(value), indent=indent, ensure_ascii=False, default=str))


def finite(value: Any) -> Any:
    """`value` with null for each number that JSON cannot say."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Rows as aligned columns; numbers to the right with a sensible number of digits."""
    rows = list(rows)
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) if cells else len(name) for i, name in enumerate(names)]
    numeric = [all(isinstance(row.get(name), int | float | None) for row in rows) and bool(rows) for name in names]

    def line(texts: Sequence[str]) -> str:
        parts = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(texts, widths, numeric, strict=True)
        ]
        return "  ".join(parts).rstrip()

    return "\n".join([line(names), *(line(texts) for texts in cells)])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.1f}" if abs(value) >= 100 else f"{value:.4g}"
    return str(value)


class Progress:
    """A bar a job on standard error; silent when standard error is not a terminal and `quiet` is set."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: dict[str, tqdm[Any]] = {}

    def show(self, jobs: Iterable[JobStatus]) -> None:
        """Bring the bars to where the jobs are."""
        if self._quiet:
            return
        for job in jobs:
            bar = self._bars.get(job.id)
            if bar is None:
                if job.state.ended:
                    continue
                bar = tqdm(
                    total=100,
                    desc=job.title,
                    file=sys.stderr,
                    bar_format="{desc}: {percentage:3.0f}%|{bar:24}| {elapsed} {postfix}",
                )
                self._bars[job.id] = bar
            if not math.isnan(job.progress):
                bar.n = round(100 * job.progress)
            bar.set_postfix_str(job.message[:60], refresh=True)
            if job.state.ended:
                bar.close()

    def close(self) -> None:
        for bar in self._bars.values():
            bar.close()
