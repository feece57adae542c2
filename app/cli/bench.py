"""`penumbra bench NAME`: figures beside a baseline of the same run, as JSON lines or a table."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from app.console import complain, say, say_json, table
from core.errors import PenumbraError

BENCHES = {
    "latency": "click → matte, brush → pixel, frame change",
    "viewport": "looking: frame, exposure, wipe, overlay, brush, playback",
    "exr": "reading and writing frames",
    "propagate": "flow, propagate and teach on sequences with truth",
    "clicks": "how many clicks a matte takes",
    "table": "the table of what bench clicks wrote, with its verdict",
    "refine": "the edge against a true alpha",
    "matting": "alphas by the errors of the public benchmarks, beside closed-form matting",
    "shapes": "shapes fitted to masks, drawn again",
    "loop": "correct the suggested frame, again and again: how right the rest of the shot is",
    "show": "corrections of some shots: do others need fewer?",
    "look": "how soon the next frame to look at finds the errors",
}
WITH_PAIRS = ("propagate", "clicks", "refine", "loop", "show", "look")


def describe(parser: argparse.ArgumentParser) -> None:
    benches = parser.add_subparsers(dest="bench", metavar="NAME", required=True)
    for name, summary in BENCHES.items():
        bench = benches.add_parser(name, help=summary, description=summary)
        bench.add_argument("--json", action="store_true", help="one JSON object a line")
        if name in WITH_PAIRS:
            bench.add_argument(
                "--pair",
                action="append",
                default=[],
                type=_pair,
                metavar="PICTURES:MASKS",
                help="folders paired by file stem; may be given several times",
            )
        importlib.import_module(f"app.bench.{name}").describe(bench)


def run(arguments: argparse.Namespace) -> int:
    module = importlib.import_module(f"app.bench.{arguments.bench}")
    given = getattr(arguments, "given", None) is not None or getattr(arguments, "generated", 0) > 0
    if arguments.bench in WITH_PAIRS and not arguments.pair and not given:
        name = f"penumbra bench {arguments.bench}"
        raise PenumbraError(name, why="there is nothing to measure", hint="Give --pair PICTURES:MASKS.")
    rows = []
    for row in module.measure(arguments):
        rows.append(row)
        if arguments.json:
            say_json(row)
        elif row.get("case") != "mean":
            complain(f"{row.get('case')} {row.get('method')} done")
    if not arguments.json:
        say(module.markdown(rows) if getattr(arguments, "table", False) else table(rows))
    return 0


def _pair(text: str) -> tuple[Path, Path]:
    pictures, colon, masks = text.partition(":")
    if not colon or not pictures or not masks:
        raise argparse.ArgumentTypeError(f"{text} is not PICTURES:MASKS")
    return Path(pictures), Path(masks)
