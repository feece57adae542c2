"""`penumbra bench show`: do corrections of some shots lower the number of corrections that others need?

Leave-shots-out. Each sequence is corrected once by the simulated artist (`loop_artist.py`) over what flow carries, as
it is quick, and what was corrected lies in a store. Per split, some sequences are tested and all others are learnt from
(`inference/teach_show.py`, nothing but their corrections). Each tested one is then played as in `bench loop`, taught
for the same seconds, twice: `teach` begins as it came, `teach_show` with the model learnt from the others.

Sequences are tested in turn, the next ones in each split. A row of kind "needed" says how many corrected frames it took
until the mean IoU over the frames never corrected reached a mark; null where it did not within the rounds. In means
such a one counts as one more than there were rounds.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.bench.click_rows import keep
from app.bench.loop import Play, played
from app.bench.loop_methods import SHOW, Key, Known, Teaching
from app.bench.loop_rows import Row, kept_rows
from app.bench.propagate import Given, TrueSequence, given_for, sequences
from app.bench.truth import Pair
from core.arrays import Float32
from core.color import ColorConfig
from core.corrections.cutting import cut
from core.corrections.exchange import bring
from core.corrections.record import About, split_of
from core.corrections.store import CorrectionStore
from core.errors import OptionError
from core.frames import FrameNumber
from core.geometry import Format, Window
from core.layer import SEGMENTER, Correction, KeyFrame
from core.matte import Matte
from core.picture import Picture
from core.project_values import ValueReader
from core.show_models import ShowModels
from inference.registry import InstalledModel, Registry
from inference.teach_show import Wish, teach_show

METHODS: Final = ("teach", SHOW)
CORRECTED: Final = "flow"
"""The method whose mattes are corrected to be learnt from."""
MARKS: Final = (0.80, 0.85, 0.90, 0.93)
SHOWN: Final = (0, 1, 3, 5)


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--splits", type=int, default=3, metavar="N", help="(3)")
    parser.add_argument("--tested", type=int, default=3, metavar="N", help="sequences that are left out in each (3)")
    parser.add_argument("--learn", type=float, default=180.0, metavar="S", help="seconds of learning in each (180)")
    parser.add_argument("--lesson", type=float, default=5.0, metavar="S", help="of one lesson (5)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of teaching in each round (10)")
    parser.add_argument("--budget", choices=("wall", "cpu"), default="wall", help="what they are counted of (wall)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="frames that are corrected (5)")
    parser.add_argument("--every", type=int, default=10, metavar="N", help="work on every Nth frame with truth (10)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the hand, teaching and learning (0)")
    parser.add_argument("--model", default="propagate", metavar="NAME", help="what propagates and is taught")
    parser.add_argument("--segment", default=SEGMENTER, metavar="NAME", help="what is clicked (%(default)s)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep the rows here, and measure none of them again")
    parser.add_argument("--table", action="store_true", help="the rows as markdown tables")


@dataclass(frozen=True, slots=True)
class Splits:
    """How often, how many sequences are tested each time, and how the others are learnt from."""

    count: int
    tested: int
    wish: Wish

    def tests(self, split: int, names: Sequence[str]) -> tuple[str, ...]:
        """The sequences that split leaves out: in turn, so that all are tested before one is tested again."""
        first = split * self.tested
        return tuple(sorted({names[(first + place) % len(names)] for place in range(self.tested)}))


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    wish = Wish(
        "show",
        "bench show",
        arguments.learn,
        arguments.lesson,
        measured_s=1.0,
        clock=arguments.budget,
        seed=arguments.seed,
    )
    teaching = Teaching(arguments.seconds, arguments.budget, arguments.seed)
    return run(
        arguments.pair,
        Known.found(arguments.model, teaching),
        Play(arguments.rounds, max(1, arguments.every)),
        Splits(arguments.splits, arguments.tested, wish),
        Registry().find(arguments.segment, "segment"),
        arguments.out,
    )


def run(
    pairs: Sequence[Pair],
    known: Known,
    play: Play,
    splits: Splits,
    clicker: InstalledModel | None,
    kept_in: Path | None = None,
) -> Iterator[Row]:
    """Rows of rounds as `bench loop`'s, with `split`; then of kind "needed", and their means (case "mean").

    Raises OptionError where a split would leave nothing to test or to learn from.
    """
    shots = Shots(pairs, known, play, clicker)
    names = shots.names
    if not 0 < splits.tested < len(names) or splits.count < 1:
        raise OptionError("--tested", f"leaves nothing to learn from {len(names)} sequences", "Leave out fewer.")
    kept = kept_rows(kept_in, "show") if kept_in is not None and kept_in.exists() else []
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="penumbra-show-") as folder:
        for split in range(splits.count):
            tests = splits.tests(split, names)
            learnt = _Learnt(shots, [name for name in names if name not in tests], splits, Path(folder) / str(split))
            for case in tests:
                for method in METHODS:
                    about = _about(case, method, known, play, learnt if method == SHOW else None)
                    found = [row for row in (*kept, *rows) if about.items() <= row.items()]
                    if len({row["round"] for row in found}) <= play.rounds:
                        begun = dataclasses.replace(known, show=learnt() if method == SHOW else b"")
                        found = [{**about, **row} for row in shots.played(case, method, begun)]
                        if kept_in is not None:
                            for row in found:
                                keep(row, kept_in)
                    found = [{**row, "split": split} for row in found]
                    rows += found
                    yield from found
                    rows.append(needed(found))
                    yield rows[-1]
    yield from means([row for row in rows if row["kind"] == "needed"])


class Shots:
    """The sequences, opened anew for each use: pictures of all of them at once would be too many.

    What is the same for every split is remembered: the first click, and what was corrected.
    """

    def __init__(self, pairs: Sequence[Pair], known: Known, play: Play, clicker: InstalledModel | None) -> None:
        self._known, self._play, self._clicker = known, play, clicker
        self._color = ColorConfig.load()
        self._places: dict[str, tuple[Pair, int]] = {}
        for pair in pairs:
            for place, sequence in enumerate(sequences(pair, self._color)):
                self._places[sequence.name] = (pair, place)
        self._given: dict[str, Given] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._places)

    def played(
        self,
        name: str,
        method: str,
        known: Known,
        on_correction: Callable[[TrueSequence, FrameNumber, Float32, Key], None] | None = None,
    ) -> list[dict[str, Any]]:
        """One sequence's rounds; `on_correction` is called with the sequence and each frame that was corrected."""
        pair, place = self._places[name]
        sequence = sequences(pair, self._color)[place]
        if name not in self._given:
            self._given[name] = given_for(sequence, self._clicker)

        def corrected(frame: FrameNumber, before: Float32, key: Key) -> None:
            if on_correction is not None:
                on_correction(sequence, frame, before, key)

        return list(played(sequence, self._given[name], method, known, self._play, corrected))

    def correct(self, name: str, folder: Path) -> CorrectionStore:
        """A store of its corrections, made at the first call.

        Its shot has a name that is not held out for measuring: which sequences are, the split decides here.
        """
        if not folder.exists():
            store = CorrectionStore.open(folder, make=True)
            shot = next(word for number in range(100) if split_of(word := f"{name} {number}") == "train")

            def put(sequence: TrueSequence, frame: FrameNumber, before: Float32, key: Key) -> None:
                if key.strokes:  # where nothing was wrong, there is nothing to keep
                    store.put(*_pair(sequence, shot, frame, before, key))

            self.played(name, CORRECTED, self._known, put)
        return CorrectionStore.open(folder)


class _Learnt:
    """The numbers learnt from some sequences, when they are asked for."""

    def __init__(self, shots: Shots, names: Sequence[str], splits: Splits, folder: Path) -> None:
        self.names, self.wish = tuple(names), splits.wish
        self._shots, self._folder = shots, folder

    def __call__(self) -> bytes:
        models = ShowModels(self._folder / "models")
        if not models.all():
            store = CorrectionStore.open(self._folder / "store", make=True)
            for name in self.names:
                bring(store, self._shots.correct(name, self._folder.parent / "corrected" / name.replace("/", "_")).path)
            teach_show(store, models, self.wish)
        return models.numbers(self.wish.name)


def _pair(sequence: TrueSequence, shot: str, frame: FrameNumber, before: Float32, key: Key) -> Any:
    """What the store keeps of a corrected frame, cut as the program cuts it."""
    height, width = sequence.shape()
    canvas = Window.of_size(width, height)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = sequence.rgb(frame)
    about = About(
        shot=shot,
        plate=sequence.name,
        layer_id="subject",
        frame=frame,
        window=canvas,
        canvas=canvas,
        plate_name=sequence.name,
        layer="Subject",
        artist="simulated",
        made_by=CORRECTED,
        strokes=len(key.strokes),
    )
    authored = ValueReader(Path()).write_key_frame(KeyFrame(key.clicks, Correction(key.strokes)))
    decided = None if key.decided is None else Matte(canvas, key.decided)
    picture = Picture(rgba, canvas, Format(canvas))
    return cut(about, picture, Matte(canvas, before), Matte(canvas, key.coverage), decided, authored)


def _about(case: str, method: str, known: Known, play: Play, learnt: _Learnt | None) -> dict[str, Any]:
    """What a row is of: rows with the same have the same figures, but for the times."""
    settings = [known.fingerprint("teach"), str(play.every), str(play.strokes)]
    if learnt is not None:
        settings += [f"{learnt.wish.seconds:g}", f"{learnt.wish.lesson_s:g}", *learnt.names]
    return {"bench": "show", "case": case, "method": method, "fingerprint": " ".join(settings)}


def needed(rows: Sequence[Row]) -> Row:
    """How many corrected frames one played sequence took to each mark, and its IoU on the way."""
    by_round = {row["round"]: row["iou"] for row in rows if row["kind"] == "round"}
    figures: Row = {name: rows[0][name] for name in ("bench", "split", "case", "method")}
    figures |= {"kind": "needed", "rounds": max(by_round)}
    for mark in MARKS:
        reached = [number for number, overlap in sorted(by_round.items()) if overlap >= mark]
        figures[f"to_{mark:.2f}"] = reached[0] if reached else None
    return figures | {f"iou_{number}": by_round[number] for number in SHOWN if number in by_round}


def means(rows: Sequence[Row]) -> Iterator[Row]:
    """By split and method, then by method over all. `never_MARK` says in how many cases a mark was not reached."""
    for split in [*sorted({row["split"] for row in rows}), "all"]:
        for method in METHODS:
            mine = [row for row in rows if row["method"] == method and split in ("all", row["split"])]
            figures: Row = {}
            for mark in (f"to_{each:.2f}" for each in MARKS):
                counted = [row["rounds"] + 1 if row[mark] is None else row[mark] for row in mine]
                figures[mark] = float(np.mean(counted))
                figures[mark.replace("to", "never")] = sum(row[mark] is None for row in mine)
            for name in (f"iou_{number}" for number in SHOWN):
                known = [row[name] for row in mine if name in row and math.isfinite(row[name])]
                figures |= {name: float(np.mean(known))} if known else {}
            about = {"bench": "show", "kind": "needed", "split": split, "case": "mean", "method": method}
            yield {**about, **figures, "cases": len(mine)}


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    marks = ", ".join(f"{mark:.2f}".removeprefix("0") for mark in MARKS)
    lines = [
        f"| split | sequence | method | IoU after {', '.join(map(str, SHOWN))} corrections | corrections to {marks} |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if row["kind"] == "needed":
            overlaps = [f"{row[name]:.3f}".removeprefix("0") for number in SHOWN if (name := f"iou_{number}") in row]
            taken = [_taken(row.get(f"to_{mark:.2f}")) for mark in MARKS]
            cells = (str(row["split"]), row["case"], row["method"], " ".join(overlaps), " ".join(taken))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _taken(count: float | None) -> str:
    return "never" if count is None else f"{count:.1f}".removesuffix(".0")
