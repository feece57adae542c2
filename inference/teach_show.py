"""`penumbra teach-show`: from a store of corrections to a published model of the show, and back to an older one.

Also run by a server, in a process of its own (`inference/server/show_schedule.py`). Knows stores, models on disk and
the learning; torch is imported when learning begins.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from core.corrections.record import now
from core.corrections.store import CorrectionStore
from core.disk import cause
from core.errors import PenumbraError, ProjectError
from core.show_models import ShowModel, ShowModels, models_of
from inference.data_lock import DataLock
from inference.registry import Registry
from inference.training.clock import CLOCKS
from inference.training.show import checkpoint
from inference.training.show.checkpoint import Checkpoint
from inference.training.show.subjects import subjects

TRAINING: Final = "training"
"""Where a learning under way lies, beside the models."""
TAUGHT: Final = "propagate"
"""The model whose teaching is given a beginning."""
LOW_PRIORITY: Final = 15
Report = Callable[[float, str], None]
"""Told of the progress, 0-1, and what is done just now."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a show's model is to be learnt.

    Args:
        name: to publish under; empty for the next free one.
        seconds: of learning in all. `lesson_s`: of one lesson. `measured_s`: of each teaching that is measured.
        clock: what they are counted of, a name of `CLOCKS`.
        anew: forget what was broken off.
    """

    name: str = ""
    by: str = ""
    seconds: float = 900.0
    lesson_s: float = 5.0
    measured_s: float = 10.0
    clock: str = "patient"
    seed: int = 0
    anew: bool = False


def describe(parser: argparse.ArgumentParser) -> None:
    """The options of `penumbra teach-show`."""
    parser.add_argument("store", type=Path, help="a show's store of corrections, or a project that has one")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where models are published (STORE/models)")
    parser.add_argument("--name", default="", help="the model's name (show-001, show-002, ...)")
    parser.add_argument("--seconds", type=float, default=900.0, metavar="S", help="of learning (900)")
    parser.add_argument("--lesson", type=float, default=5.0, metavar="S", help="seconds of one lesson (5)")
    parser.add_argument("--measured", type=float, default=10.0, metavar="S", help="of each teaching measured (10)")
    parser.add_argument("--budget", choices=sorted(CLOCKS), default="patient", help="what seconds are (patient)")
    parser.add_argument("--seed", type=int, default=0, help="another order of lessons (0)")
    parser.add_argument("--anew", action="store_true", help="do not go on with what was broken off")
    parser.add_argument("--only-new", action="store_true", help="do nothing where nothing was corrected since")
    parser.add_argument("--low-priority", action="store_true", help="leave the processor to others")
    parser.add_argument("--by", default="", help="whose model it is (you)")
    parser.add_argument("--list", action="store_true", help="which models there are")
    parser.add_argument("--roll-back", metavar="NAME", default="", help="make an older model the current one again")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code; raises PenumbraError."""
    models = ShowModels(arguments.out) if arguments.out is not None else models_of(arguments.store)
    by = arguments.by or getpass.getuser()
    try:
        if arguments.list:
            _say_all(models, CorrectionStore.open(arguments.store), as_json=arguments.json)
            return 0
        if arguments.roll_back:
            model = models.use(arguments.roll_back, by, now())
            _say(asdict(model) if arguments.json else f"{model.name} is the current model again: {model.verdict}.")
            return 0
        store = CorrectionStore.open(arguments.store)
        if arguments.only_new and not something_new(store, models):
            _say({"published": None} if arguments.json else "Nothing was corrected since the current model.")
            return 0
        if arguments.low_priority:
            os.nice(LOW_PRIORITY)
        wish = Wish(
            arguments.name,
            by,
            arguments.seconds,
            arguments.lesson,
            arguments.measured,
            arguments.budget,
            arguments.seed,
            arguments.anew,
        )
        with _bar() as report:
            model = teach_show(store, models, wish, report)
    except OSError as error:
        raise ProjectError(arguments.store, why=cause(error), hint="Try again when the folder is there.") from error
    current = "" if model.helps else " It is worse, so it was not made the current one."
    _say(asdict(model) if arguments.json else f"{models.path / model.name}: {model.verdict}.{current}")
    return 0


def something_new(store: CorrectionStore, models: ShowModels) -> bool:
    """Whether what may be learnt from is not what the newest model learnt from."""
    there = models.all()
    return not there or set(there[-1].learnt_from) != {record.id for record in store.teaching("train")}


def teach_show(
    store: CorrectionStore,
    models: ShowModels,
    wish: Wish,
    report: Report = lambda _progress, _said: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ShowModel:
    """Learn, measure and publish. Broken off at any moment it is gone on with by the next call.

    Raises:
        ProjectError: another process is at it, the name is taken, or the disk refused.
        EngineError: there is nothing to learn from.
        Cancelled: within a step; what was learnt until the last lesson is kept.
    """
    if wish.name:
        models.check_free(wish.name)
    if min(wish.seconds, wish.lesson_s, wish.measured_s) <= 0.0:
        raise PenumbraError("The seconds", why="are none", hint="Give more than 0.")
    with _alone(models.path / TRAINING) as folder:
        learnt = _learnt(store, folder, wish, report, cancelled)
        model = _measured(store, learnt, wish, report, cancelled)
        model = _published(models, model, learnt.start)
        (folder / checkpoint.FILE).unlink(missing_ok=True)
    return model


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    lock = DataLock.take(folder)
    if lock is None:
        raise ProjectError(folder, why="another process is learning there", hint="Wait until it has ended.")
    try:
        yield folder
    finally:
        lock.release()


def _learnt(
    store: CorrectionStore, folder: Path, wish: Wish, report: Report, cancelled: Callable[[], bool]
) -> Checkpoint:
    from inference.training.show.learn import State, learn

    records = store.teaching("train")
    pairs = tuple(sorted(record.id for record in records))
    course = _course(wish, wish.seconds, wish.lesson_s, report, cancelled)
    settings = {"seed": wish.seed, "lesson_s": wish.lesson_s, **asdict(course.extent)}
    kept = None if wish.anew else checkpoint.load(folder)
    kept = kept if kept is not None and kept.suits(settings, pairs) else None
    begun = State(kept.start, kept.rounds, kept.seconds, kept.began_with) if kept is not None else None
    for state in learn(store, subjects(store, "train"), course, begun):
        kept = Checkpoint(state.start, state.rounds, state.seconds, state.began_with, settings, pairs)
        checkpoint.save(folder, kept)
        report(min(1.0, state.seconds / wish.seconds), f"lesson {state.rounds}, loss {state.loss:.3f}")
    if kept is None:
        raise PenumbraError("The show's corrections", why="were not learnt from", hint="Give more seconds.")
    return replace(kept, learnt_from=pairs)


def _measured(
    store: CorrectionStore, learnt: Checkpoint, wish: Wish, report: Report, cancelled: Callable[[], bool]
) -> ShowModel:
    from inference.training.show.measure import measure

    held_out = subjects(store, "validation")
    course = _course(wish, wish.measured_s, wish.measured_s, report, cancelled)
    found = []
    for measured in measure(store, held_out, learnt.start, course):
        found.append(measured)
        report(1.0, f"measured {len(found)} of {len(held_out)} held-out layers")
    from_layers = subjects(store, "train")
    return ShowModel(
        wish.name,
        now(),
        wish.by,
        str(store.path),
        learnt.learnt_from,
        _names(subject.shot for subject in from_layers),
        _names(f"{subject.shot} {subject.layer}" for subject in from_layers),
        _names(record.about.artist for subject in from_layers for record in subject.records),
        round(learnt.seconds, 1),
        learnt.rounds,
        float(np.mean([each.before for each in found])) if found else None,
        float(np.mean([each.after for each in found])) if found else None,
        len(found),
        wish.measured_s,
        learnt.began_with,
    )


def _published(models: ShowModels, model: ShowModel, numbers: bytes) -> ShowModel:
    if model.name:
        return models.publish(model, numbers, use=model.helps)
    while True:  # a name that was free a moment ago may be taken by another machine
        name = models.free_name()
        try:
            return models.publish(replace(model, name=name), numbers, use=model.helps)
        except ProjectError:
            if not (models.path / name).exists():
                raise


def _course(wish: Wish, seconds: float, lesson_s: float, report: Report, cancelled: Callable[[], bool]) -> Any:
    from inference.training.show.learn import Course, Extent

    options = Registry().find(TAUGHT, "teach").options({})
    return Course(
        seconds,
        lesson_s,
        wish.seed,
        Extent(int(options["taught_px"]), int(options["crop_px"])),
        CLOCKS[wish.clock],
        cancelled,
        lambda error: report(0.0, error.sentence),
    )


def _names(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in found if name}))


# --- words ----------------------------------------------------------------------------------------------------------


def _say(value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value, indent=1)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _say_all(models: ShowModels, store: CorrectionStore, *, as_json: bool) -> None:
    current = models.current
    allowed = {record.id for record in store.teaching("train")}
    rows = [
        {
            **asdict(model),
            "current": current is not None and model.name == current.name,
            "taken_back": len(set(model.learnt_from) - allowed),
        }
        for model in models.all()
    ]
    if as_json:
        _say(rows)
        return
    for row, model in zip(rows, models.all(), strict=True):
        mark = "*" if row["current"] else " "
        back = f", {row['taken_back']} of them taken back since" if row["taken_back"] else ""
        _say(f"{mark} {model.name}  {model.made[:16]}  {model.by}  {len(model.learnt_from)} corrections{back}")
        _say(f"    {model.verdict}")
    if not rows:
        _say("There is no model yet.")


@contextmanager
def _bar() -> Iterator[Report]:
    with tqdm(
        total=100, unit="%", file=sys.stderr, disable=None, bar_format="{percentage:3.0f}%|{bar:24}| {desc}"
    ) as bar:

        def report(progress: float, said: str) -> None:
            bar.n = max(bar.n, round(100 * progress))
            bar.set_description_str(said)

        yield report


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m inference.teach_show`."""
    parser = argparse.ArgumentParser(prog="penumbra teach-show", allow_abbrev=False)
    describe(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PenumbraError as error:
        sys.stderr.write(f"{error.sentence}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stderr.write("Interrupted; what was learnt is kept.\n")
        sys.exit(1)
