"""Find the frames worth a look: keeps what is known of a layer's frames up to date, on a worker, from the playhead on.

Knows the document, the mattes that stand and the reader of the plate; the measuring itself is `app/measuring.py`.
Everything measured is kept by the keys of what it was measured from: an edit makes nothing wrong, only unknown, and
undo finds it again. Lives on the interface's thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from app.background import Background
from app.correcting import Progress
from app.hall import Hall
from app.measuring import Case, Judged, Measuring
from app.worst_frames import picture_of, save
from core.color import DisplayTransform
from core.correct_next import Suggestion
from core.delivered_keys import delivered_key
from core.error_removed import ErrorRemoved
from core.errors import FrameError
from core.expected_error import LookAt, spread
from core.frame_facts import FrameFacts
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, Layer, LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.shot import Change
from core.signal import Signal
from widgets.judging import Heat, WorstFrame

SAY_AFTER_S: Final = 0.25
"""While frames are measured, what is known is said so often."""
SPARING: Final = 5.0
"""Telling takes at most one part in so many of the time: on a long shot it is done less often."""
RESTS_S: Final = 0.6
"""How long mattes must have stopped arriving before they are judged again: propagation comes first."""
KEPT_HEATS: Final = 100
APART: Final = 3
"""Frames nearer to each other than this show the same trouble: the sheet takes one of them first."""
MOST_WISHES: Final = 6
"""Older wishes for heat are forgotten: the artist has moved on."""


class Judging:
    """See `widgets.judging.Judging` for what each call promises.

    Args:
        matte_ready: says whose matte came.
    """

    def __init__(self, hall: Hall, matte_ready: Signal[tuple[LayerId, FrameNumber]]) -> None:
        self.changed: Signal[LayerId] = Signal()
        self._hall, self._document = hall, hall.document
        self._background = Background(hall.post, hall.report, workers=1)
        self._measuring = Measuring(self._matte, self._read)
        self._around: dict[LayerId, FrameNumber] = {}
        self._judged: dict[LayerId, Judged] = {}
        self._progress = Progress()
        self._heats: dict[tuple[MatteKey | None, ...], Heat | None] = {}
        self._wished: deque[tuple[MatteKey | None, ...]] = deque(maxlen=MOST_WISHES)
        self._running: dict[LayerId, Case] = {}
        self._tickets: dict[LayerId, int] = {}
        self._timer: threading.Timer | None = None
        self._telling_s = 0.0
        self._paused = False
        self._closed = False
        self._listening = (
            matte_ready.connect(lambda which: self._arrived(which[0])),
            hall.document.changed.connect(self._edited),
        )

    # --- what the window asks -----------------------------------------------------------------------------------

    def judge(self, layer_id: LayerId, around: FrameNumber) -> None:
        self._around[layer_id] = around
        self._start(layer_id)

    def pause(self, *, paused: bool) -> None:
        self._paused, resumes = paused, self._paused and not paused
        if resumes:
            self._renew()

    def facts(self, layer_id: LayerId) -> Mapping[FrameNumber, FrameFacts]:
        known = self._judged.get(layer_id)
        return known.facts if known is not None else {}

    def queue(self, layer_id: LayerId) -> Sequence[LookAt]:
        known = self._judged.get(layer_id)
        return known.queue if known is not None else ()

    def suggestions(self, layer_id: LayerId) -> Sequence[Suggestion]:
        known = self._judged.get(layer_id)
        return known.suggestions if known is not None else ()

    def removed(self, layer_id: LayerId) -> ErrorRemoved | None:
        return self._progress.removed(layer_id)

    def progress(self, layer_id: LayerId) -> tuple[int, int]:
        facts = self.facts(layer_id)
        return sum(1 for each in facts.values() if each.measured), len(facts)

    def chatter(self, layer_id: LayerId, frame: FrameNumber) -> Heat | None:
        case = self._case(layer_id, (frame - 1, frame, frame + 1))
        if case is None or frame not in case.mattes:
            return None
        place = (case.identity, *(case.mattes.get(other) for other in (frame - 1, frame, frame + 1)))
        if place in self._heats:
            return self._heats[place]
        self._heats[place] = None
        self._wished.append(place)
        while len(self._heats) > KEPT_HEATS:
            del self._heats[next(iter(self._heats))]

        def measured() -> Heat | None:
            newest = place in self._wished and not self._closed
            values = self._measuring.heat(case, frame) if newest else None
            if values is None:
                return None
            return Heat(case.window, np.asarray(np.clip(np.rint(values * 255.0), 0, 255), np.uint8))

        def came(heat: Heat | None) -> None:
            if heat is None:
                self._heats.pop(place, None)
            else:
                self._heats[place] = heat
                self.changed.emit(layer_id)

        self._background.run(measured, came)
        return None

    def sheet(
        self, layer_id: LayerId, most: int, transform: DisplayTransform, done: Callable[[Sequence[WorstFrame]], None]
    ) -> None:
        case = self._case(layer_id)
        looks = spread(self.queue(layer_id), most, APART)
        if case is None or not looks:
            done(())
            return

        def drawn() -> tuple[WorstFrame, ...]:
            found = []
            for look in looks:
                matte = self._matte(case.mattes[look.frame]) if look.frame in case.mattes else None
                if matte is None or self._closed:
                    continue
                try:
                    picture = self._read(look.frame)
                except FrameError:
                    continue
                found.append(WorstFrame(look, picture_of(picture, matte, case.window, transform)))
            return tuple(found)

        self._background.run(drawn, done)

    def save_sheet(self, layer_id: LayerId, worst: Sequence[WorstFrame], path: Path) -> None:
        layer = self._layer(layer_id)
        title = f"{layer.name if layer else 'Layer'}: frames to look at"

        def saved(_nothing: None) -> None:
            self._hall.said(f"{path} is written: {len(worst)} frames to look at.")

        self._background.run(lambda: save(title, worst, path), saved)

    def close(self) -> None:
        """Stop after the frame that is measured now."""
        self._closed = True
        for stop in self._listening:
            stop()
        self._stop_timer()
        for layer_id in list(self._tickets):
            self._tickets[layer_id] += 1
        self._background.close()

    # --- on the worker ------------------------------------------------------------------------------------------

    def _matte(self, key: MatteKey) -> Matte | None:
        return self._hall.bench().mattes.store.get(key)

    def _read(self, frame: FrameNumber) -> Picture:
        loader = self._hall.bench().loader
        if loader is None:
            raise FrameError(f"Frame {frame}", why="no plate is open")
        return loader.read(frame)

    def _measure(self, case: Case, order: Sequence[FrameNumber], ticket: int) -> tuple[Judged, Sequence[FrameNumber]]:
        """As many frames as fit into a moment: what is known then, and the frames that are left."""
        began = time.monotonic()
        moment = max(SAY_AFTER_S, SPARING * self._telling_s)
        for place, frame in enumerate(order):
            if self._tickets.get(case.layer_id) != ticket:
                break
            self._measuring.look(case, frame)
            if time.monotonic() - began > moment:
                return self._tell(case), order[place + 1 :]
        return self._tell(case), ()

    def _tell(self, case: Case) -> Judged:
        began = time.monotonic()
        judged = self._measuring.judged(case)
        self._telling_s = time.monotonic() - began
        return judged

    # --- on the interface's thread ------------------------------------------------------------------------------

    def _layer(self, layer_id: LayerId) -> Layer | None:
        return self._document.shot.find(layer_id)

    def _case(self, layer_id: LayerId, frames: Iterable[FrameNumber] | None = None) -> Case | None:
        """What stands now: the delivered matte of every frame (of these frames) that has one."""
        bench, layer = self._hall.bench(), self._layer(layer_id)
        shot = self._document.shot
        if layer is None or shot.plate is None or shot.range is None or bench.loader is None:
            return None
        identity, mattes, confidence = shot.plate.identity, {}, {}
        older = bench.mattes.shown(layer_id)
        for frame in shot.range if frames is None else frames:
            key = delivered_key(shot, layer, frame) if bench.mattes.is_fresh(layer, frame) else older.get(frame)
            if key is not None and key != EMPTY_MATTE:
                mattes[frame] = key
                if not np.isnan(sure := bench.mattes.confidence(layer, frame)):
                    confidence[frame] = sure
        keys = frozenset(frame for frame in layer.frames_by_hand if frame in mattes)
        approved = frozenset(frame for sealed, frame in shot.sealed if sealed == layer_id)
        return Case(layer_id, identity, shot.plate.canvas, mattes, keys, confidence, approved)

    def _start(self, layer_id: LayerId) -> None:
        case = self._case(layer_id)
        if self._closed or self._paused or case is None or self._running.get(layer_id) == case:
            return
        self._running[layer_id] = case
        ticket = self._tickets[layer_id] = self._tickets.get(layer_id, 0) + 1
        around = self._around[layer_id]
        order = sorted(case.mattes, key=lambda frame: (abs(frame - around), frame < around))
        self._go_on(case, order, ticket)

    def _go_on(self, case: Case, order: Sequence[FrameNumber], ticket: int) -> None:
        """A moment's worth on the worker, then the rest: a heat that is wanted meanwhile need not wait for all."""

        def came(known: tuple[Judged, Sequence[FrameNumber]]) -> None:
            if self._tickets.get(case.layer_id) != ticket or self._closed:
                return
            judged, left = known
            self._judged[case.layer_id] = judged
            layer = self._layer(case.layer_id)
            if layer is not None:
                self._progress.judged(case, judged, layer)
            self.changed.emit(case.layer_id)
            if left and self._paused:
                self._running.pop(case.layer_id, None)
            elif left and self._tickets.get(case.layer_id) == ticket and not self._closed:
                self._go_on(case, left, ticket)

        self._background.run(lambda: self._measure(case, order, ticket), came)

    def _arrived(self, layer_id: LayerId) -> None:
        """Mattes came or went: judge again when they have rested."""
        if layer_id not in self._around or self._closed:
            return
        self._stop_timer()
        self._timer = threading.Timer(RESTS_S, lambda: self._hall.post(self._renew))
        self._timer.daemon = True
        self._timer.start()

    def _edited(self, change: Change) -> None:
        gone = [layer_id for layer_id in self._around if self._layer(layer_id) is None]
        for layer_id in gone:
            for kept in (self._around, self._judged, self._running):
                kept.pop(layer_id, None)
            self._tickets[layer_id] = self._tickets.get(layer_id, 0) + 1
        for layer in self._document.shot.layers:
            if layer.id in self._judged and change.layer_id in ("", layer.id):
                self._progress.edited(layer, change)
        for layer_id in self._around:
            if change.layer_id in ("", layer_id):
                self._arrived(layer_id)

    def _renew(self) -> None:
        self._timer = None
        for layer_id in tuple(self._around):
            self._start(layer_id)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
