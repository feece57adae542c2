"""Teaching that goes on by itself after each correction, in short rounds, while the artist works.

Off until the artist switches it on for a layer. A round begins when the hand has rested, goes on from the round before,
and gives way to clicks and propagation in the engine. What a round made is used only when it does no worse on what was
held out and on what was approved; it takes the place of the round before and is no step of the history
(`docs/decisions/0018-live-teaching.md`). Knows the document and the engine's jobs; knows no Qt.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from app.engine_jobs import LayerJobs
from app.teaching import Learnt, Teaching
from core.adapter_commands import RenewLive
from core.document import Document
from core.errors import Cancelled, PenumbraError, PromptError
from core.layer import Adapter, AssetId, Layer, LayerId
from core.shot import Change
from core.signal import Post, Signal
from inference.messages import Example
from widgets.teaching import Live, LiveRound

RESTS_S: Final = 1.2
"""How long the hand must rest after a correction before a round begins."""
AGAIN_S: Final = 0.5
"""How soon to look again whether the mattes of the key frames are there."""
ROUNDS_S: Final = (6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0)
"""Seconds of teaching of each round: short at first, so that something is seen soon, and longer as less is left to win.
After the last it is enough until the next correction."""
STALLS: Final = 2
"""So many rounds that win nothing end it as well."""
WINS: Final = 0.99
"""A round wins something when the error falls below this part of the best one before."""


@dataclass(slots=True)
class _Course:
    """The rounds since the last correction of a layer. `best` is the error of what is in use."""

    round: int = 0
    newest: bytes = b""
    best: float = math.inf
    stalls: int = 0


class LiveTeaching:
    """Rounds for every layer whose switch is on.

    Args:
        teaching: makes requests of a layer's lessons and judges what was learnt.
        jobs: of the kind `live`; their `on_end` calls `ended`.
        put_asset: keeps an adapter with the project; called on a thread of its own, for a disk may be slow.
        drop_asset: forgets an adapter that a newer round took the place of, unless something still needs it.
        changed: emitted with the layer when there is something new to say of it.
        failed: emitted with what ended it.
    """

    def __init__(
        self,
        document: Document,
        teaching: Teaching,
        jobs: LayerJobs,
        post: Post,
        put_asset: Callable[[bytes], AssetId],
        drop_asset: Callable[[AssetId], object],
        changed: Signal[LayerId],
        failed: Callable[[PenumbraError], None],
    ) -> None:
        self._document, self._teaching, self._jobs, self._post = document, teaching, jobs, post
        self._put_asset, self._drop_asset = put_asset, drop_asset
        self._changed, self._failed = changed, failed
        self._courses: dict[LayerId, _Course] = {}
        self._said: dict[LayerId, LiveRound] = {}
        self._timers: dict[LayerId, threading.Timer] = {}
        self._lessons: dict[LayerId, tuple[Any, ...]] = self._now()
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="live adapter")
        self._keeping = 0
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a round runs or is about to."""
        return self._jobs.busy or bool(self._timers or self._keeping)

    def state(self, layer_id: LayerId) -> LiveRound:
        """What is to be said of a layer now."""
        layer = self._document.shot.find(layer_id)
        if layer is None or not layer.live:
            return LiveRound(Live.OFF)
        return self._said.get(layer_id, LiveRound(Live.RESTS))

    # --- what sets it in motion -----------------------------------------------------------------------------------

    def on_change(self, _change: Change) -> None:
        """Every edit, undo and redo: begin anew where the lessons of a live layer are others now."""
        before, self._lessons = self._lessons, self._now()
        for layer_id in {**before, **self._lessons}:
            now = self._lessons.get(layer_id)
            if now == before.get(layer_id):
                continue
            self.stop(layer_id)
            if now is not None:
                self._courses[layer_id] = _Course()
                self._wait(layer_id, RESTS_S)
            self._say(layer_id, LiveRound(Live.WAITS))

    def _now(self) -> dict[LayerId, tuple[Any, ...]]:
        """What the rounds of each live layer depend on; a locked layer stays as it is."""
        layers = self._document.shot.layers
        return {layer.id: _lessons_of(layer) for layer in layers if layer.live and not layer.locked}

    def _wait(self, layer_id: LayerId, seconds: float) -> None:
        timer = threading.Timer(seconds, lambda: self._post(lambda: self._begin(layer_id)))
        timer.daemon = True
        self._timers[layer_id] = timer
        timer.start()

    def give_way(self) -> None:
        """The artist teaches by hand: rounds wait until that has ended."""
        for layer_id in self._courses:
            self._jobs.stop(layer_id)
            if layer_id not in self._timers:
                self._wait(layer_id, AGAIN_S)

    def stop(self, layer_id: LayerId) -> None:
        """End what runs for a layer; what earlier rounds made stays in use."""
        timer = self._timers.pop(layer_id, None)
        if timer is not None:
            timer.cancel()
        self._courses.pop(layer_id, None)
        self._jobs.stop(layer_id)

    def close(self) -> None:
        self._closed = True
        for layer_id in {*self._courses, *self._timers}:
            self.stop(layer_id)
        self._keeper.shutdown(wait=True)

    # --- rounds ---------------------------------------------------------------------------------------------------

    def _begin(self, layer_id: LayerId) -> None:
        """One round of the course, unless it was ended meanwhile."""
        self._timers.pop(layer_id, None)
        layer, course = self._document.shot.find(layer_id), self._courses.get(layer_id)
        if layer is None or course is None or self._closed:
            return
        if self._teaching.busy:
            self._wait(layer_id, AGAIN_S)  # the artist teaches: that comes first
            return
        if not layer.frames_by_hand:
            self._say(layer_id, LiveRound(Live.RESTS))
            return
        seconds = ROUNDS_S[course.round]
        try:
            resume_from = course.newest or self._teaching.in_use(layer)
            request = self._teaching.request(layer, {"seconds": seconds}, resume_from)
        except PromptError:  # a matte is still being made
            self._wait(layer_id, AGAIN_S)
            return
        except PenumbraError as error:
            self._over(layer_id, error)
            return
        title = f"Teach {layer.name} live, round {course.round + 1}"
        self._say(layer_id, replace(self._last(layer_id), state=Live.LEARNS, round=course.round + 1))
        self._teaching.run(
            self._jobs,
            layer_id,
            title,
            request,
            lambda learnt: self._learnt(layer_id, request.examples, learnt),
            previews=False,
        )

    def _learnt(self, layer_id: LayerId, examples: tuple[Example, ...], learnt: Learnt) -> None:
        """A round is over: use what it made if it is no worse, and go on."""
        layer, course = self._document.shot.find(layer_id), self._courses.get(layer_id)
        if layer is None or course is None or not layer.live:
            return
        course.newest = learnt.adapter
        taught = self._teaching.judged(layer, f"{layer.name} live", examples, learnt)
        before, after = taught.adapter.held_out_before, taught.adapter.held_out_after
        if course.round == 0 and math.isfinite(before):
            course.best = before
        measured = math.isfinite(after)
        used = taught.improved and (not measured or after <= course.best)
        won = used and (not measured or after < WINS * course.best)
        course.stalls = 0 if won else course.stalls + 1
        course.round += 1
        enough = course.round >= len(ROUNDS_S) or course.stalls >= STALLS
        said = LiveRound(Live.RESTS if enough else Live.LEARNS, course.round, course.best, after, used)
        if used:
            course.best = min(course.best, after) if measured else course.best
            self._keep(layer_id, learnt.adapter, taught.adapter)
        if enough:
            del self._courses[layer_id]
        else:
            self._wait(layer_id, 0.0)  # after this job has ended
        self._say(layer_id, said)

    def _keep(self, layer_id: LayerId, numbers: bytes, adapter: Adapter) -> None:
        """Put it with the project behind the artist's back, then use it."""

        def keep() -> None:
            try:
                asset = self._put_asset(numbers)
            except PenumbraError as error:
                refused = error
                self._post(lambda: kept("", refused))
            else:
                self._post(lambda: kept(asset, None))

        def kept(asset: AssetId, error: PenumbraError | None) -> None:
            self._keeping -= 1
            if error is not None:
                self._over(layer_id, error)
            else:
                self._use(layer_id, replace(adapter, asset=asset))

        self._keeping += 1
        self._keeper.submit(keep)

    def _use(self, layer_id: LayerId, adapter: Adapter) -> None:
        layer = self._document.shot.find(layer_id)
        older = [kept.asset for kept in layer.adapters if kept.live] if layer is not None else []
        if not self._closed:
            self._document.amend(RenewLive(layer_id, adapter))
        for asset in {*older, adapter.asset}:
            self._drop_asset(asset)  # those that nothing needs

    def ended(self, layer_id: LayerId, error: Exception | None) -> None:
        """A round's job ended: where it was cancelled from the job list, or failed, that was all for now."""
        if error is not None and layer_id in self._courses:
            self._over(layer_id, error if isinstance(error, PenumbraError) else None)

    def _over(self, layer_id: LayerId, error: PenumbraError | None) -> None:
        self._courses.pop(layer_id, None)
        self._say(layer_id, replace(self._last(layer_id), state=Live.RESTS))
        if error is not None and not isinstance(error, Cancelled):
            self._failed(error)

    # --- what is said ---------------------------------------------------------------------------------------------

    def _last(self, layer_id: LayerId) -> LiveRound:
        return self._said.get(layer_id, LiveRound(Live.WAITS))

    def _say(self, layer_id: LayerId, said: LiveRound) -> None:
        self._said[layer_id] = said
        self._changed.emit(layer_id)


def _lessons_of(layer: Layer) -> tuple[Any, ...]:
    authored = tuple((frame, kept.content) for frame, kept in layer.key_frames.items() if kept.by_hand)
    return authored, layer.propagate, layer.segment
