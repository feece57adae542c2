"""`penumbra bench clicks`: how many clicks a matte takes, beside what clicks could always do, in the same run.

The protocol is `protocol.py`'s, the classical methods are `baselines.py`'s, the table is `click_table.py`'s. Rows are
written as they come; with `--out` a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app.bench.baselines import BASELINES
from app.bench.click_page import draw_page
from app.bench.click_rows import Row, keep, key, means, read_rows
from app.bench.click_sheet import draw_sheets
from app.bench.click_table import markdown as markdown
from app.bench.generated import generated_pair
from app.bench.methods import Method, methods_named
from app.bench.protocol import MOST_CLICKS, Answer, click_until_done
from app.bench.truth import Case, fitted, given_sets, paired, read_masks, read_rgb
from core.arrays import Bool, Float32
from core.color import ColorConfig
from core.errors import OptionError
from core.layer import SEGMENTER
from inference.registry import Registry


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture of each folder (1)")
    parser.add_argument("--min-px", type=int, default=1024, metavar="N", help="leave out smaller things (1024)")
    parser.add_argument(
        "--given", type=Path, metavar="FOLDER", help="the four sets this bench is judged by, as they lie in FOLDER"
    )
    parser.add_argument(
        "--generated", type=int, default=0, metavar="N", help="so many generated pictures that were never trained on"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a model to measure; again for more ({SEGMENTER})",
    )
    parser.add_argument(
        "--methods",
        type=_names,
        default=(),
        metavar="A,B",
        help=f"beside which baselines ({','.join(BASELINES)}); without --model, all that is measured",
    )
    parser.add_argument("--models", action="append", default=[], type=Path, metavar="FOLDER", help="more models")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep the rows here, and measure none of them again")
    parser.add_argument("--table", action="store_true", help="the means as a markdown table, with a verdict")
    sheet = parser.add_argument_group("pictures instead of figures, of the first model")
    sheet.add_argument("--sheet", type=Path, metavar="FOLDER", help="write a JPEG for each of some cases there")
    sheet.add_argument(
        "--page",
        type=Path,
        metavar="RECIPE",
        help="write the page that RECIPE describes (docs/selection.json), beside it",
    )
    sheet.add_argument("--counts", type=_counts, default=(1, 2, 3, 5), metavar="N,N", help="after so many (1,2,3,5)")
    sheet.add_argument("--case", action="append", default=[], metavar="NAME", help="this case; again for more")
    sheet.add_argument("--cases", type=int, default=10, metavar="N", help="so many, evenly from worst to best (10)")


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    if arguments.page is not None:
        if arguments.given is None:
            raise OptionError("--page", "its pictures are not there", "Say where they lie: --given FOLDER.")
        method = methods_named(arguments.model[:1] or [SEGMENTER], Registry(arguments.models))[0]
        yield from draw_page(arguments.page, arguments.given, method, arguments.counts)
        return
    with TemporaryDirectory(prefix="penumbra-bench-") as folder:
        cases = cases_of(arguments)
        if arguments.generated:
            cases += paired([generated_pair(Path(folder), arguments.generated)])
        yield from _measured(arguments, cases)


def _measured(arguments: argparse.Namespace, cases: Sequence[Case]) -> Iterator[Row]:
    beside = arguments.methods or tuple(BASELINES)
    models = arguments.model or ([] if arguments.methods else [SEGMENTER])
    methods = methods_named([*models, *beside], Registry(arguments.models))
    if arguments.sheet is not None:
        what = arguments.counts, arguments.case, arguments.cases, arguments.min_px, arguments.out
        return draw_sheets(arguments.sheet, cases, methods[0], *what)
    return run(cases, methods, arguments.min_px, arguments.out)


def cases_of(arguments: argparse.Namespace) -> list[Case]:
    """The cases of the command line: its pairs, then the given sets. Raises PlateError."""
    cases = paired(arguments.pair, arguments.every) if arguments.pair else []
    if arguments.given is not None:
        for pair, every in given_sets(arguments.given):
            cases += paired([pair], every)
    return cases


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
    kept = {key(row): row for row in read_rows(kept_in)} if kept_in is not None and kept_in.exists() else {}
    color = ColorConfig.load()
    for case in cases:
        picture = _Opened(case, color)
        for name, truth, counted in read_masks(case, min_px):
            for method in methods:
                about = {"bench": "clicks", "set": case.set_name, "case": name, "method": method.name}
                about["fingerprint"] = method.fingerprint
                row = kept.get(key(about))
                if row is None:
                    row = {**about, **picture.measure(method, truth, counted)}
                    if kept_in is not None:
                        keep(row, kept_in)
                rows.append(row)
                yield row
    yield from means(rows)


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


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _counts(text: str) -> tuple[int, ...]:
    """Rising numbers of clicks."""
    try:
        counts = tuple(sorted({int(part) for part in _names(text)}))
    except ValueError:
        counts = ()
    if not counts or counts[0] < 1 or counts[-1] > MOST_CLICKS:
        raise argparse.ArgumentTypeError(f"{text} is not a list of numbers from 1 to {MOST_CLICKS}, such as 1,2,3,5")
    return counts
