"""What makes mattes of key frames in `bench loop`, each with the seconds it took.

`flow` is motion alone, from the nearest key frame, unchecked; `propagate` the program without teaching; `teach` the
program after teaching; `copycat` a U-Net from scratch, by the recipe of the tool that artists have today
(`inference/baselines/copycat`), taught as long.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

import inference
from app.bench.propagate import CLICKED_WEIGHT, Given, TrueSequence, flow_only
from app.teaching import held_out_frame
from core.arrays import Float32
from core.errors import OptionError
from core.frames import FrameNumber
from core.layer import Adapter, Correction, KeyFrame, Layer, LayerId
from core.prompts import Click, Stroke
from inference.model import Lesson, PropagateModel, TeachModel
from inference.registry import InstalledModel, Registry

METHODS: Final = ("flow", "propagate", "teach", "copycat")
SHOW: Final = "teach_show"
"""As `teach`, but begun with a show's model, which has to be given."""
BASELINES: Final = Path(inference.__file__).parent / "baselines"


@dataclass(frozen=True, slots=True)
class Key:
    """A frame the artist worked on: its matte, (H, W) 0-1, and what the hand did there.

    Args:
        decided: (H, W) 1 where a solid stroke decided, or None on a frame that was only clicked.
        painted_px: pixels that the hand touched, counted once a stroke.
    """

    coverage: Float32
    clicks: tuple[Click, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    decided: Float32 | None = None
    painted_px: int = 0


Keys = Mapping[FrameNumber, Key]


@dataclass(frozen=True, slots=True)
class Answer:
    """The other frames' mattes, what the method thinks of each (empty where it does not say), and its figures."""

    mattes: Mapping[FrameNumber, Float32]
    confidence: Mapping[FrameNumber, float]
    figures: Mapping[str, float]


Method = Callable[[TrueSequence, Keys, Sequence[FrameNumber]], Answer]
"""One sequence, its key frames and the frames that are wanted → their mattes. Called round after round."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """How long, counted of which clock, with which seed, and whether a round goes on from the one before."""

    seconds: float = 60.0
    clock: str = "wall"
    seed: int = 0
    resume: bool = False

    @property
    def options(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "clock": self.clock, "seed": self.seed}


@dataclass(frozen=True, slots=True)
class Known:
    """The methods of this run by name. `fingerprint` names what their figures depend on besides the sequence.

    `show`: the numbers of a show's model for `teach_show`, or empty.
    """

    propagate: InstalledModel
    copycat: InstalledModel
    teaching: Teaching
    show: bytes = b""

    @classmethod
    def found(cls, model: str, teaching: Teaching, folders: Sequence[Path] = (), show: bytes = b"") -> Known:
        """Raises EngineError where there is no such model."""
        registry = Registry([BASELINES, *folders])
        return cls(registry.find(model, "propagate"), registry.find("copycat", "teach"), teaching, show)

    def begun(self, name: str) -> Method:
        """The method, for one sequence: a taught one remembers what it held out. Raises OptionError."""
        if name == "flow":
            return _flow
        if name == "propagate":
            return Carried(self.propagate)
        if name == "teach":
            return Taught(self.propagate, self.teaching)
        if name == SHOW:
            if not self.show:
                raise OptionError(f"--method {name}", "has no show's model to begin with", "Give --show STORE.")
            return Taught(self.propagate, self.teaching, start=self.show)
        if name == "copycat":
            return Taught(self.copycat, self.teaching, holds_out=False)
        raise OptionError(f"--method {name}", "is not known", f"Choose among {', '.join((*METHODS, SHOW))}.")

    def fingerprint(self, name: str) -> str:
        installed = self.copycat if name == "copycat" else None if name == "flow" else self.propagate
        taught = [str(value) for value in self.teaching.options.values()] + ["resume"] * self.teaching.resume
        taught += [hashlib.sha256(self.show).hexdigest()[:12]] if name == SHOW else []
        return " ".join([installed.fingerprint[:12] if installed else "", *(taught if name not in PLAIN else ())])


PLAIN: Final = ("flow", "propagate")
"""Methods that are not taught."""


def _flow(sequence: TrueSequence, keys: Keys, wanted: Sequence[FrameNumber]) -> Answer:
    given = Given({frame: key.coverage for frame, key in keys.items()}, min(keys), 0, 0.0)
    figures: dict[str, float] = {}
    with stopwatch(figures):
        mattes = dict(flow_only(sequence, given, wanted))
    return Answer(mattes, {}, figures)


@dataclass(slots=True)
class Carried:
    """A model as it is, with an adapter or without."""

    installed: InstalledModel
    adapter: bytes = b""

    def __call__(self, sequence: TrueSequence, keys: Keys, wanted: Sequence[FrameNumber]) -> Answer:
        figures: dict[str, float] = {}
        mattes = {frame: key.coverage for frame, key in keys.items()}
        options = self.installed.options({})
        with self.installed.use() as network, stopwatch(figures):
            network = cast(PropagateModel, network)
            answers = list(network.propagate(sequence, mattes, wanted, self.adapter, options, lambda: False))
        found = {answer.frame: answer.coverage for answer in answers}
        return Answer(found, {answer.frame: answer.confidence for answer in answers}, figures)


@dataclass(slots=True)
class Taught:
    """Teach, then propagate; as the window does it. With `holds_out`, a key frame that was held out stays so.

    `start`: a show's model to begin with, or empty.
    """

    installed: InstalledModel
    teaching: Teaching
    holds_out: bool = True
    start: bytes = b""
    layer: Layer = field(default_factory=lambda: Layer(LayerId("subject"), "Subject"))
    adapter: bytes = b""

    def __call__(self, sequence: TrueSequence, keys: Keys, wanted: Sequence[FrameNumber]) -> Answer:
        lessons = self._lessons(keys)
        options = self.installed.options(self.teaching.options)
        figures: dict[str, float] = {}
        with stopwatch(figures, "teach_"), self.installed.use() as network:
            resumed = (self.adapter if self.teaching.resume else b"") or self.start
            for step in cast(TeachModel, network).teach(sequence, lessons, resumed, options, lambda: False):
                self.adapter = step.adapter or self.adapter
                figures["steps"] = step.step
        self._remember(lessons)
        answer = Carried(self.installed, self.adapter)(sequence, keys, wanted)
        spent = {name: answer.figures[name] + figures[f"teach_{name}"] for name in answer.figures}
        return replace(answer, figures={**spent, **figures})

    def _lessons(self, keys: Keys) -> list[Lesson]:
        for frame, key in keys.items():
            self.layer = self.layer.with_key_frame(frame, KeyFrame(key.clicks, Correction(key.strokes)))
        held_out = held_out_frame(self.layer) if self.holds_out else None
        return [
            Lesson(frame, key.coverage, key.decided, 1.0 if key.strokes else CLICKED_WEIGHT, frame == held_out)
            for frame, key in keys.items()
        ]

    def _remember(self, lessons: Sequence[Lesson]) -> None:
        taught = tuple(lesson.frame for lesson in lessons if not lesson.held_out)
        held_out = tuple(lesson.frame for lesson in lessons if lesson.held_out)
        made = Adapter("", f"round {len(self.layer.adapters)}", self.installed.info.id, 0.0, 0.0, taught, held_out)
        self.layer = replace(self.layer, adapters=(*self.layer.adapters, made))


@contextmanager
def stopwatch(figures: dict[str, float], prefix: str = "") -> Iterator[None]:
    """Adds `seconds` of the clock and `cpu_seconds` of this process's work, all its threads together."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    figures[f"{prefix}seconds"] = time.perf_counter() - wall
    figures[f"{prefix}cpu_seconds"] = time.process_time() - cpu
