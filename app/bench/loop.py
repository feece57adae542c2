"""`penumbra bench loop`: correct the suggested frame, again and again; how right is the rest of the shot?

A simulated artist clicks one frame (the middle one of those with truth, as in `bench propagate`). Then, round after
round, the artist corrects the frame that the program itself suggests next, with some strokes of a brush that is not
exact (`loop_artist.py`). After each round the frames never corrected are scored against their truth. Corrected frames
are what the hand left them, not the truth. Each method (`loop_methods.py`) is led by its own suggestions.

Rows of a curve (`--curve`) teach once more from the key frames of the last round, each from nothing, for other times.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.bench.click_rows import keep
from app.bench.judge import Judge
from app.bench.loop_artist import MOST_STROKES, corrected
from app.bench.loop_methods import METHODS, PLAIN, SHOW, Answer, Key, Known, Method, Teaching
from app.bench.loop_next import RULES, SUGGESTED, frame_next
from app.bench.loop_rows import Row, kept_rows, means
from app.bench.loop_rows import markdown as markdown
from app.bench.loop_scores import rank_correlation, scores
from app.bench.propagate import Given, TrueSequence, given_for, iou, sequences
from app.bench.truth import Pair
from app.measuring import Judged
from core.arrays import Float32
from core.color import ColorConfig
from core.errors import OptionError, ProjectError
from core.expected_error import expected_error
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import SEGMENTER, Correction
from core.matte import Matte
from core.painting import solid_mask
from core.show_models import NUMBERS, ShowModels, models_of
from inference.registry import InstalledModel, Registry


def describe(parser: argparse.ArgumentParser) -> None:
    known = (*METHODS, SHOW)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="frames that are corrected (5)")
    parser.add_argument("--method", action="append", metavar="NAME", help=f"{', '.join(known)}; again for more")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="of teaching in each round (60)")
    parser.add_argument("--budget", choices=("wall", "cpu"), default="wall", help="what they are counted of (wall)")
    parser.add_argument("--resume", action="store_true", help="teaching goes on from the round before")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="work on every Nth frame with truth (1)")
    parser.add_argument("--strokes", type=int, default=MOST_STROKES, metavar="N", help="on a frame (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the hand and of teaching (0)")
    parser.add_argument("--curve", type=_seconds, default=(), metavar="S,S", help="teach for these times as well")
    parser.add_argument("--curve-at", type=_rounds, default=(), metavar="N,N", help="after these rounds (the last)")
    parser.add_argument("--exact", action="store_true", help="corrected frames are the truth, not what a hand leaves")
    parser.add_argument("--model", default="propagate", metavar="NAME", help="what propagates and is taught")
    parser.add_argument("--segment", default=SEGMENTER, metavar="NAME", help="what is clicked (%(default)s)")
    parser.add_argument(
        "--show", type=Path, metavar="STORE", help="teach_show begins with its current model, or a file"
    )
    parser.add_argument("--suggest", choices=RULES, default=SUGGESTED, help="which frame is corrected (%(default)s)")
    parser.add_argument("--true-click", action="store_true", help="give the truth on the clicked frame")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep the rows here, and measure none of them again")
    parser.add_argument("--table", action="store_true", help="the rows as markdown tables")


OnCorrection = Callable[[FrameNumber, Float32, Key], None]


@dataclass(frozen=True, slots=True)
class Play:
    """How the loop is played.

    Args:
        curve: other teaching times, seconds, measured after the rounds `curve_at`; after the last where that is empty.
        suggest: which frame is corrected, one of `loop_next.RULES`.
        exact: corrected to the truth, without a hand.
    """

    rounds: int = 5
    every: int = 1
    strokes: int = MOST_STROKES
    curve: tuple[float, ...] = ()
    curve_at: tuple[int, ...] = ()
    suggest: str = SUGGESTED
    exact: bool = False


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    registry = Registry()
    teaching = Teaching(arguments.seconds, arguments.budget, arguments.seed, arguments.resume)
    return run(
        arguments.pair,
        arguments.method or METHODS,
        Known.found(arguments.model, teaching, show=_show(arguments.show)),
        Play(
            arguments.rounds,
            max(1, arguments.every),
            arguments.strokes,
            arguments.curve,
            arguments.curve_at,
            arguments.suggest,
            arguments.exact,
        ),
        None if arguments.true_click else registry.find(arguments.segment, "segment"),
        arguments.out,
    )


def run(
    pairs: Sequence[Pair],
    methods: Sequence[str],
    known: Known,
    play: Play,
    clicker: InstalledModel | None,
    kept_in: Path | None = None,
) -> Iterator[Row]:
    """Rows per sequence (and id), method and round, then means over the sequences.

    Args:
        clicker: the model that is clicked on the first frame, or None to give the truth there.
        kept_in: JSON lines; a method that has all its rounds there is not measured again, and each row is added.

    Yields:
        `bench`, `kind` ("round" or "curve"), `case`, `method`, `round` (frames corrected so far), `iou`,
        `j_and_f`, `f`, `mae`, `worst_iou` over the `frames` never corrected; `given_iou` of the key frames;
        effort since the beginning: `clicks`, `strokes`, `painted_px`; `seconds` and `cpu_seconds` of this
        round's teaching and propagating, of teaching alone as `teach_seconds`, `teach_cpu_seconds`, `steps`;
        `confidence_rank` and `expected_rank`: Spearman's correlation of what the model doubts, and of what the
        program expects to be wrong, with the true error; `suggested`: the frame to correct next. A curve has
        `taught`, the seconds it was given.

    Raises OptionError for an unknown method, PlateError where nothing is paired.
    """
    for method in methods:
        known.begun(method)
    if play.rounds < 0 or play.strokes < 1:
        raise OptionError("--rounds or --strokes", "is too small", "Correct at least one frame with one stroke.")
    cv2.setNumThreads(min(2, os.cpu_count() or 1))
    color = ColorConfig.load()
    kept = kept_rows(kept_in) if kept_in is not None and kept_in.exists() else []
    rows: list[Row] = []
    for pair in pairs:
        for sequence in sequences(pair, color):
            given: Given | None = None
            for method in dict.fromkeys(methods):
                about = _about(sequence, method, known, play, clicker)
                found = [row for row in kept if about.items() <= row.items()]
                if len({row["round"] for row in found if row["kind"] == "round"}) <= play.rounds:
                    given = given or given_for(sequence, clicker)
                    found = []
                    for figures in played(sequence, given, method, known, play):
                        found.append({**about, **figures})
                        if kept_in is not None:
                            keep(found[-1], kept_in)
                        yield found[-1]
                else:
                    yield from found
                rows += found
    yield from means(rows)


def _about(
    sequence: TrueSequence, method: str, known: Known, play: Play, clicker: InstalledModel | None
) -> dict[str, Any]:
    """What a row is of: rows with the same have the same figures, but for the times."""
    settings = (
        play.every,
        "exact" if play.exact else play.strokes,
        play.suggest,
        known.teaching.seed,
        clicker.fingerprint[:12] if clicker else "truth",
    )
    fingerprint = f"{known.fingerprint(method)} {' '.join(map(str, settings))}".strip()
    return {"bench": "loop", "case": sequence.name, "method": method, "fingerprint": fingerprint}


def played(
    sequence: TrueSequence,
    given: Given,
    method: str,
    known: Known,
    play: Play,
    on_correction: OnCorrection | None = None,
) -> Iterator[dict[str, Any]]:
    """One method's rounds on one sequence, then its curve.

    Args:
        on_correction: called with each corrected frame: which, the matte before, and what the hand made of it.
    """
    answers, judge = known.begun(method), Judge(sequence)
    wanted = sorted({*sorted(sequence.truth)[:: play.every], given.clicked})
    keys = {given.clicked: Key(given.keys[given.clicked])}
    effort = {"clicks": given.clicks, "strokes": 0, "painted_px": 0}
    for number in range(play.rounds + 1):
        answer, judged, figures = _answered(sequence, keys, wanted, answers, judge)
        others = [frame for frame in wanted if frame not in keys]
        suggested = frame_next(play.suggest, judged, keys, others, known.teaching.seed) if len(others) > 1 else None
        yield {"kind": "round", "round": number, **figures, **effort, "suggested": suggested}
        if number in (play.curve_at or (play.rounds,)) and method not in PLAIN:
            yield from _curve(sequence, keys, wanted, method, known, play, judge, effort)
        if suggested is None or number == play.rounds:
            break
        before = answer.mattes.get(suggested, np.zeros(sequence.shape(), np.float32))
        keys = {**keys, suggested: _corrected(sequence, suggested, before, known.teaching.seed, play)}
        if on_correction is not None:
            on_correction(suggested, before, keys[suggested])
        effort["strokes"] += len(keys[suggested].strokes)
        effort["painted_px"] += keys[suggested].painted_px


def _curve(
    sequence: TrueSequence,
    keys: Mapping[FrameNumber, Key],
    wanted: Sequence[FrameNumber],
    method: str,
    known: Known,
    play: Play,
    judge: Judge,
    effort: Mapping[str, float],
) -> Iterator[dict[str, Any]]:
    """The same key frames, taught from nothing for other times."""
    for seconds in play.curve:
        again = replace(known, teaching=replace(known.teaching, seconds=seconds, resume=False)).begun(method)
        _, _, figures = _answered(sequence, keys, wanted, again, judge)
        yield {"kind": "curve", "round": len(keys) - 1, "taught": seconds, **figures, **effort}


def _corrected(sequence: TrueSequence, frame: FrameNumber, before: Float32, seed: int, play: Play) -> Key:
    truth = sequence.truth[frame]
    if play.exact:
        wrong = int(np.count_nonzero((before > 0.5) != truth))
        return Key(truth.astype(np.float32), decided=np.ones(truth.shape, np.float32), painted_px=wrong)
    hand = corrected(truth, before, seed * 100_003 + frame, play.strokes)
    window = Window.of_size(before.shape[1], before.shape[0])
    decided = solid_mask(Correction(hand.strokes), window, ground=Matte(window, before))
    return Key(hand.coverage, (), hand.strokes, decided, hand.painted_px)


def _answered(
    sequence: TrueSequence,
    keys: Mapping[FrameNumber, Key],
    wanted: Sequence[FrameNumber],
    method: Method,
    judge: Judge,
) -> tuple[Answer, Judged, dict[str, Any]]:
    """A method's mattes of all frames that are not key frames, what the window would know of them, and the figures."""
    others = [frame for frame in wanted if frame not in keys]
    answer = method(sequence, keys, others)
    mattes = {**answer.mattes, **{frame: key.coverage for frame, key in keys.items()}}
    known = judge.judged(mattes, keys.keys(), answer.confidence)
    truth = {frame: sequence.truth[frame] for frame in others}
    there = [frame for frame in others if frame in answer.mattes]
    errors = [1.0 - iou(answer.mattes[frame], truth[frame]) for frame in there]
    expected = [expected_error(known.facts[frame]) for frame in there]
    doubts = [1.0 - answer.confidence[frame] for frame in there if frame in answer.confidence]
    figures = {
        **scores(answer.mattes, truth),
        "given_iou": float(np.mean([iou(key.coverage, sequence.truth[frame]) for frame, key in keys.items()])),
        **answer.figures,
        "confidence_rank": rank_correlation(doubts, errors) if len(doubts) == len(errors) else math.nan,
        "expected_rank": rank_correlation(expected, errors),
    }
    return answer, known, figures


def _show(path: Path | None) -> bytes:
    """The numbers of a store's current model, or of the folder of one. Raises ProjectError."""
    if path is None:
        return b""
    if (path / NUMBERS).is_file():
        return ShowModels(path.parent).numbers(path.name)
    models = models_of(path)
    if models.current is None:
        raise ProjectError(path, why="it has no current model", hint="Learn one: penumbra teach-show STORE.")
    return models.numbers(models.current.name)


def _rounds(text: str) -> tuple[int, ...]:
    if not all(part.isdecimal() for part in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text} is not a list of rounds, such as 1,3,5")
    return tuple(int(part) for part in text.split(","))


def _seconds(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) <= 0.0:
        raise argparse.ArgumentTypeError(f"{text} is not a list of seconds, such as 5,10,20,60")
    return found
