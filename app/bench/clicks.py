"""`penumbra bench clicks`: how many clicks a matte takes, beside what clicks could always do, in the same run.

The protocol is `protocol.py`'s, the classical methods are `baselines.py`'s, the table is `click_table.py`'s. Rows are
written as they come; with `--out` a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from app.bench.baselines import BASELINES
from app.bench.click_table import markdown as markdown
from app.bench.protocol import Answer, click_until_done
from app.bench.truth import Case, given_sets, paired, read_masks, read_rgb
from app.console import finite
from core.arrays import Bool, Float32, UInt8
from core.color import ColorConfig
from core.disk import cause
from core.errors import OptionError
from core.layer import Layer, LayerId
from core.prompts import Click
from inference.model import SegmentModel
from inference.registry import InstalledModel, Registry

DEFAULT_MODEL = Layer(LayerId(""), "").segment.name
NOT_FIGURES = ("bench", "set", "case", "method", "fingerprint", "cases")
Row = dict[str, Any]


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture of each folder (1)")
    parser.add_argument("--min-px", type=int, default=1024, metavar="N", help="leave out smaller things (1024)")
    parser.add_argument(
        "--given", type=Path, metavar="FOLDER", help="the four sets this bench is judged by, as they lie in FOLDER"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a model to measure; again for more ({DEFAULT_MODEL})",
    )
    parser.add_argument(
        "--methods", type=_names, default=(), metavar="A,B", help=f"beside which, or only which ({','.join(BASELINES)})"
    )
    parser.add_argument("--models", action="append", default=[], type=Path, metavar="FOLDER", help="more models")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep the rows here, and measure none of them again")
    parser.add_argument("--table", action="store_true", help="the means as a markdown table, with a verdict")


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    cases = cases_of(arguments)
    beside = arguments.methods or tuple(BASELINES)
    models = arguments.model or ([] if arguments.methods else [DEFAULT_MODEL])
    methods = methods_named([*models, *beside], Registry(arguments.models))
    return run(cases, methods, arguments.min_px, arguments.out)


def cases_of(arguments: argparse.Namespace) -> list[Case]:
    """The cases of the command line: its pairs, then the given sets. Raises PlateError."""
    cases = paired(arguments.pair, arguments.every) if arguments.pair else []
    if arguments.given is not None:
        for pair, every in given_sets(arguments.given):
            cases += paired([pair], every)
    return cases


@dataclass(slots=True)
class Method:
    """Something that answers clicks.

    Args:
        fingerprint: what a row's figures depend on besides the picture; other than a row's, the row is not kept.
        ready: (H, W, 3) scene-linear → answers to clicks on it.
    """

    name: str
    fingerprint: str
    ready: Callable[[Float32], Answer]


def methods_named(names: Sequence[str], registry: Registry) -> list[Method]:
    """Baselines and models by name, each once. Raises EngineError for a model that is not there."""
    methods = []
    for name in dict.fromkeys(names):
        if name in BASELINES:
            methods.append(Method(name, "", _baseline(name)))
        else:
            methods.append(_model(registry.find(name, "segment")))
    return methods


def _baseline(name: str) -> Callable[[Float32], Answer]:
    return lambda rgb: BASELINES[name](display_bytes(rgb))


def _model(installed: InstalledModel) -> Method:
    options = installed.options({})

    def ready(rgb: Float32) -> Answer:
        with installed.use() as network:
            encoded = cast(SegmentModel, network).encode(rgb, options)

        def answer(clicks: Sequence[Click]) -> Bool:
            with installed.use() as network:
                coverage, _ = cast(SegmentModel, network).segment(encoded, clicks, None, options, lambda: False)
            return np.asarray(coverage >= 0.5)

        return answer

    return Method(installed.info.id, installed.fingerprint[:12], ready)


def run(
    cases: Sequence[Case], methods: Sequence[Method], min_px: int = 1024, kept_in: Path | None = None
) -> Iterator[Row]:
    """One row per case and method, then the means: of each set and method, and of all cases of each method.

    Args:
        min_px: things with fewer pixels are left out.
        kept_in: JSON lines; what is found there is not measured again, what is measured is added at once.

    Yields:
        `bench`, `set`, `case`, `method`, `fingerprint` (of a model) and the figures of `protocol.click_until_done`;
        `ms_first` is the first answer with all that is done once for a picture. Means have the case "mean" and
        `cases`, how many they are of; those over everything have the set "all".
    """
    rows: list[Row] = []
    kept = {_key(row): row for row in read_rows(kept_in)} if kept_in is not None and kept_in.exists() else {}
    color = ColorConfig.load()
    for case in cases:
        picture = _Opened(case, color)
        for name, truth, counted in read_masks(case, min_px):
            for method in methods:
                about = {"bench": "clicks", "set": case.set_name, "case": name, "method": method.name}
                about["fingerprint"] = method.fingerprint
                row = kept.get(_key(about))
                if row is None:
                    row = {**about, **picture.measure(method, truth, counted)}
                    _keep(row, kept_in)
                rows.append(row)
                yield row
    yield from means(rows)


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


@dataclass(slots=True)
class _Opened:
    """A case's picture and the methods that are ready for it: each thing is done once, when it is first wanted."""

    case: Case
    color: ColorConfig
    rgb: Float32 | None = None
    ready: dict[str, tuple[Answer, float]] = field(default_factory=dict)

    def measure(self, method: Method, truth: Bool, counted: Bool | None) -> dict[str, float]:
        if self.rgb is None:
            self.rgb = read_rgb(self.case, self.color)
        if method.name not in self.ready:
            start = time.perf_counter()
            answer = method.ready(self.rgb)
            self.ready[method.name] = answer, (time.perf_counter() - start) * 1e3
        answer, ready_ms = self.ready[method.name]
        shape = self.rgb.shape[:2]
        figures = click_until_done(fitted(truth, shape), answer, None if counted is None else fitted(counted, shape))
        figures["ms_first"] += ready_ms
        return figures


def fitted(mask: Bool, shape: tuple[int, ...]) -> Bool:
    """`mask` at the picture's size, (H, W)."""
    if mask.shape == shape:
        return mask
    return cv2.resize(mask.astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST).astype(bool)


def display_bytes(rgb: Float32) -> UInt8:
    """(H, W, 3) 8-bit with a display's curve: what the baselines were made for."""
    return (np.clip(rgb, 0.0, 1.0) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


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


def _keep(row: Row, path: Path | None) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n" + json.dumps(finite(row), ensure_ascii=False))  # whole again after a line that was cut off


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name, "")) for name in ("set", "case", "method", "fingerprint"))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
