"""`penumbra bench table FILE …`: what `bench clicks` wrote, as the table that is published, with its verdict."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.bench.click_rows import means, read_rows
from app.bench.click_table import markdown as markdown
from core.errors import OptionError


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON lines of bench clicks")
    parser.set_defaults(table=True)


def measure(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The means of all rows together; of a row measured twice (case and method) the last one.

    Raises:
        OptionError: a file cannot be read, or holds no row of `bench clicks`.
    """
    rows = {}
    for path in arguments.files:
        found = read_rows(path)
        if not found:
            raise OptionError(str(path), "holds no row of bench clicks", "Give what `bench clicks --json` wrote.")
        rows.update({(row["set"], row["case"], row["method"]): row for row in found})
    yield from means(list(rows.values()))
