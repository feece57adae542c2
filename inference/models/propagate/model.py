"""Propagate and teach, built in: motion from the key frames, and a small network taught the layer's look.

torch is imported when an adapter is used or made, or the key frames' looks are remembered: motion needs none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from core.arrays import Float32
from core.frames import FrameNumber
from inference.model import Cancelled as Poll
from inference.model import FrameSource, Lesson, Options, Propagated, TeachStep
from inference.motion.kept_flows import KeptFlows
from inference.motion.memory import Appearance
from inference.motion.propagation import Propagation
from inference.training.clock import WorkClock, lesson

PLACES_BYTES = 96 << 20
"""Of what pictures look like; about 90 frames."""
CLOSING_S = 2.0
"""Of the teaching time, for measuring after the last step."""


class Propagate:
    """Implements `PropagateModel` and `TeachModel`; keeps the motion between pictures, and nothing else, over calls."""

    def __init__(self) -> None:
        self._kept = KeptFlows()
        self._places = KeptFlows(PLACES_BYTES)
        self._network: list[Any] = []

    def propagate(
        self,
        source: FrameSource,
        keys: Mapping[FrameNumber, Float32],
        frames: Sequence[FrameNumber],
        adapter: bytes,
        options: Options,
        cancelled: Poll,
    ) -> Iterator[Propagated]:
        """Every frame of `frames` in its order, but key frames and frames the plate lacks."""
        propagation = Propagation(
            source, keys, int(options["motion_px"]), cancelled, self._kept, self._appearance(options)
        )
        if not adapter:
            yield from propagation.carried(frames)
            return
        from inference.training.taught import TaughtEye

        yield from propagation.taught(frames, TaughtEye(adapter), float(options["motion_weight"]))

    def teach(
        self,
        source: FrameSource,
        lessons: Sequence[Lesson],
        resume_from: bytes,
        options: Options,
        cancelled: Poll,
    ) -> Iterator[TeachStep]:
        """A few steps a report; the last one carries the adapter, and the errors before and after: on what was held
        out, and on the frames that were approved."""
        teaching = partial(self._taught, source, lessons, resume_from, options)
        yield from lesson(str(options["clock"]), cancelled, teaching)

    def _taught(
        self,
        source: FrameSource,
        lessons: Sequence[Lesson],
        resume_from: bytes,
        options: Options,
        cancelled: Poll,
        clock: WorkClock,
    ) -> Iterator[TeachStep]:
        began = clock()
        from inference.training.exam import Exam
        from inference.training.fine_tune import Plan, fine_tune
        from inference.training.show.start import is_start

        exam = Exam(
            source,
            lessons,
            int(options["motion_px"]),
            float(options["motion_weight"]),
            cancelled,
            self._kept,
            self._appearance(options),
        )
        known = b"" if is_start(resume_from) else resume_from  # a show's model answers nothing by itself
        before, approved = exam.error(known), exam.approved_error(known)
        seconds = float(options["seconds"])
        # Asking once more at the end is quick: the motion is known by then.
        around = CLOSING_S + clock() - began
        plan = Plan(
            seconds=max(0.5 * seconds, seconds - around),
            seed=int(options["seed"]),
            long_edge_px=int(options["taught_px"]),
            crop_px=int(options["crop_px"]),
        )
        for step in fine_tune(source, lessons, resume_from, plan, cancelled, clock):
            figures: dict[str, float] = {}
            if step.adapter and not step.previews and step.progress < 1.0:
                step = replace(step, previews=exam.preview(step.adapter))
            if step.progress >= 1.0:
                for name, old, now in (
                    ("held_out", before, exam.error(step.adapter)),
                    ("approved", approved, exam.approved_error(step.adapter)),
                ):
                    if old is not None and now is not None:
                        figures |= {f"{name}_before": old, f"{name}_error": now}
            yield replace(step, metrics={**step.metrics, **figures})

    def _appearance(self, options: Options) -> Appearance | None:
        """What memory sees with; None where the artist wants none, or where `select` is not trained or cannot run."""
        if not options["memory"]:
            return None
        try:
            from inference.models.propagate.appearance import Looks, read_network
        except ImportError:
            return None  # without torch: motion alone
        if not self._network:
            self._network.append(read_network())
        network = self._network[0]
        return None if network is None else Looks(network, self._places)


def create(folder: Path) -> Propagate:  # noqa: ARG001 - the network is taught, not loaded
    return Propagate()
