"""Select like this on all frames: the thing of one frame, looked for on every other by what it looks like.

No motion is followed: each frame is searched for itself (`core/likeness.py`), and the layer's segmenter answers where
the thing was found. What comes out are proposals: a take. Key frames are never touched, neither while it works nor
when the take is put back. Knows the document, the mattes, the takes and the engine; the searching runs on a worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Final

from app.hall import Hall
from app.takes import Takes
from core.digest import digest
from core.errors import Cancelled, FrameError, PenumbraError, PromptError
from core.frame_motion import Sight, reduced, sight, work_size
from core.frames import FrameNumber
from core.geometry import Window
from core.jobs import JobId, JobState
from core.layer import KeyFrame, Layer, LayerId, MatteKey
from core.likeness import FOUND, Found, Likeness
from core.matte import Matte
from core.picture import Picture
from core.prompts import Prompt
from core.take import TakeKind
from inference.engine import Engine
from inference.messages import SegmentReply

MOST_SHOWN: Final = 3
"""From how many frames what the thing looks like is learned: this one, and its key frames nearest to it."""

GIVES_WAY_S: Final = 0.1
"""While a click of the artist is being answered, the next frame waits so long at a time."""

Read = Callable[[FrameNumber], Picture]


@dataclass(slots=True)
class _Search:
    """One job. `layer` as it was when the job began."""

    job: JobId
    layer: Layer
    frame: FrameNumber
    left: list[FrameNumber]
    total: int
    read: Read
    looks: tuple[Likeness, ...] = ()
    keys: dict[FrameNumber, MatteKey] = field(default_factory=dict)
    absent: list[FrameNumber] = field(default_factory=list)
    broken: list[FrameNumber] = field(default_factory=list)
    asked: Future[SegmentReply] | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


class LikeEverywhere:
    """See `widgets.like_room.LikeRoom`.

    Args:
        takes: where proposals are listed.
    """

    def __init__(self, hall: Hall, engine: Engine, takes: Takes) -> None:
        self._hall, self._document, self._engine, self._takes = hall, hall.document, engine, takes
        self._running: _Search | None = None

    def select(self, layer_id: LayerId, frame: FrameNumber) -> None:
        """See `widgets.like_room.LikeRoom.select`. Another one in the place of one that runs."""
        try:
            search, shown = self._plan(self._document.shot.layer(layer_id), frame)
        except PenumbraError as error:
            self._hall.report(error)
            return
        self.stop()
        self._running = search
        self._hall.board.on_cancel(search.job, lambda: self._cancel(search))
        self._hall.board.update(search.job, JobState.RUNNING, 0.0, "learning what it looks like")
        self._hall.run(
            lambda: _learned(search.read, shown), lambda looks: self._begin(search, looks), self._failing(search)
        )

    def stop(self) -> None:
        """Drop what runs: the project is being left, or another search takes its place."""
        search, self._running = self._running, None
        if search is not None:
            self._cancel(search)
            self._hall.board.update(search.job, JobState.CANCELLED, message="given up for another one")

    # --- inside -------------------------------------------------------------------------------------------------

    def _plan(self, layer: Layer, frame: FrameNumber) -> tuple[_Search, dict[FrameNumber, Matte]]:
        """Raises PromptError where there is nothing to begin with or nothing to do."""
        bench, frames = self._hall.bench(), self._document.shot.range
        matte = bench.mattes.current(layer, frame)
        subject = f"{layer.name}, frame {frame}"
        if bench.loader is None or frames is None or matte is None or not (matte.coverage > 0.5).any():
            raise PromptError(subject, "has no matte to go by", "Select the thing here first, then ask again.")
        missing = bench.loader.missing
        left = [other for other in frames if other not in layer.key_frames and other != frame and other not in missing]
        if not left:
            raise PromptError(subject, "every other frame has a key frame of its own", "There is nothing to propose.")
        left.sort(key=lambda other: (abs(other - frame), other < frame))
        shown = {frame: matte}
        for other in sorted(layer.frames_by_hand, key=lambda other: abs(other - frame)):
            known = bench.mattes.current(layer, other) if len(shown) < MOST_SHOWN else None
            if known is not None and other not in missing:
                shown[other] = known
        job = self._hall.board.open("like", f"Like frame {frame}: {layer.name}")
        return _Search(job, layer, frame, left, len(left), bench.loader.read), shown

    def _begin(self, search: _Search, looks: tuple[Likeness, ...]) -> None:
        if not looks and not search.cancelled.is_set():
            why = "is too small, or fills the picture: there is nothing to know it by"
            subject = f"{search.layer.name}, frame {search.frame}"
            self._fail(search, PromptError(subject, why, "Choose a frame that shows more of it."))
            return
        search.looks = looks
        self._next(search)

    def _next(self, search: _Search) -> None:
        if self._running is not search:
            return
        if search.cancelled.is_set() or not search.left:
            self._end(search)
            return
        if self._hall.bench().segmenting.busy:  # the artist clicked: that comes first
            timer = threading.Timer(GIVES_WAY_S, lambda: self._hall.post(lambda: self._next(search)))
            timer.daemon = True
            timer.start()
            return
        frame = search.left.pop(0)
        done = search.total - len(search.left) - 1
        self._hall.board.update(search.job, JobState.RUNNING, done / search.total, f"frame {frame}")

        def failed(error: PenumbraError) -> None:
            if isinstance(error, FrameError):
                search.broken.append(frame)
                self._next(search)
            else:
                self._fail(search, error)

        self._hall.run(
            lambda: _found(search.read, search.looks, frame), lambda found: self._ask(search, frame, found), failed
        )

    def _ask(self, search: _Search, frame: FrameNumber, found: Found | None) -> None:
        plate = self._document.shot.plate
        if self._running is not search or search.cancelled.is_set() or plate is None:
            self._next(search)
            return
        if found is None or found.likeness < FOUND:
            search.absent.append(frame)
            self._next(search)
            return
        prompts: tuple[Prompt, ...] = (found.box, *found.clicks)
        reach = search.layer.key_frame(search.frame).reach
        there = search.layer.with_key_frame(frame, KeyFrame(prompts=prompts, reach=reach))
        key = digest("like", there.segment_key(plate.identity, frame))
        search.asked = future = self._engine.segment(self._hall.bench().questions.of(there, frame, "like"))
        future.add_done_callback(lambda done: self._hall.post(lambda: self._came(search, frame, key, found, done)))

    def _came(
        self, search: _Search, frame: FrameNumber, key: MatteKey, found: Found, done: Future[SegmentReply]
    ) -> None:
        search.asked = None
        if self._running is not search:
            return
        error = Cancelled() if done.cancelled() else done.exception()
        if isinstance(error, Cancelled):
            search.cancelled.set()
        elif isinstance(error, PenumbraError):
            self._fail(search, error)
            return
        elif error is not None:
            raise error
        else:
            matte = done.result().matte
            trust = found.likeness * (matte.confidence if matte.confidence == matte.confidence else 1.0)
            self._hall.bench().mattes.store.put(key, replace(matte, confidence=trust).half())
            search.keys[frame] = key
        self._next(search)

    def _cancel(self, search: _Search) -> None:
        search.cancelled.set()
        if search.asked is not None:
            search.asked.cancel()

    def _end(self, search: _Search) -> None:
        """List what was found. A cancelled job keeps what it has."""
        self._running = None
        stopped = search.cancelled.is_set()
        state = JobState.CANCELLED if stopped else JobState.DONE
        self._hall.board.update(search.job, state, message=f"{len(search.keys)} of {search.total} frames found")
        if self._document.shot.find(search.layer.id) is None:
            return
        if not search.keys:
            if not stopped:
                self._hall.said(f"Nothing like it was found on the other {search.total} frames.")
            return
        try:
            take = self._takes.add(search.layer.id, f"like {search.frame}", search.keys, TakeKind.LIKE)
        except PenumbraError as error:
            self._hall.report(error)
            return
        self._hall.said(_sentence(take.name, search))

    def _failing(self, search: _Search) -> Callable[[PenumbraError], None]:
        return lambda error: self._fail(search, error)

    def _fail(self, search: _Search, error: PenumbraError) -> None:
        if self._running is not search:
            return
        self._running = None
        self._hall.board.update(search.job, JobState.FAILED, message=error.sentence)
        self._hall.report(error)


def _sentence(name: str, search: _Search) -> str:
    text = f"“{name}” in Takes: {len(search.keys)} of {search.total} frames. Compare it, then put it back: "
    text += "frames with a key frame of their own stay as they are."
    if search.absent:
        text += f" Not found on {_frames(search.absent)}."
    if search.broken:
        text += f" Could not be read: {_frames(search.broken)}."
    return text


def _frames(frames: Sequence[FrameNumber]) -> str:
    """`1004, 1007-1010` of frames in any order."""
    runs: list[list[FrameNumber]] = []
    for frame in sorted(frames):
        if runs and frame == runs[-1][-1] + 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _seen(read: Read, frame: FrameNumber) -> tuple[Sight, Window]:
    picture = read(frame)
    return sight(picture.rgb_over(picture.data_window), picture.data_window), picture.data_window


def _learned(read: Read, shown: Mapping[FrameNumber, Matte]) -> tuple[Likeness, ...]:
    """What the thing looks like on each of these frames; on a worker."""
    looks = []
    for frame, matte in shown.items():
        seen, window = _seen(read, frame)
        learned = Likeness.of(seen, reduced(matte.over(window), work_size(window)))
        if learned is not None:
            looks.append(learned)
    return tuple(looks)


def _found(read: Read, looks: Sequence[Likeness], frame: FrameNumber) -> Found | None:
    """Where the thing is most like any of its looks; on a worker."""
    seen, _ = _seen(read, frame)
    places = [place for look in looks if (place := look.find(seen)) is not None]
    return max(places, key=lambda place: place.likeness, default=None)
