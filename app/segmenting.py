"""Turn prompts into the matte of one frame.

Knows the document, the mattes and the engine. Knows neither Qt nor files: it is given a function that posts to the
interface's thread. The store decides what is shown; this module only asks. Where the full answer is likely to be late,
a coarse one is asked for first: it is shown meanwhile and never stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from app.answer_pace import AnswerPace
from app.hovering import Foreseen
from app.mattes import Mattes
from app.questions import Questions
from core.errors import Cancelled, PenumbraError
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.signal import Post
from inference.engine import Engine
from inference.messages import SegmentReply


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on its way."""

    layer_id: LayerId
    frame: FrameNumber
    key: MatteKey
    began: float = field(default_factory=time.monotonic)


class Segmenting:
    """Asks for the mattes of key frames that have prompts.

    Args:
        mattes: where answers go.
        questions: what is asked for a layer and a frame.
        engine: where questions go.
        post: hands a call to the interface's thread.
        on_matte: called there with (layer, frame) when a matte arrived.
        on_coarse: called there with (layer, frame) when a coarse one arrived that is only shown.
        on_error: called there with a sentence-carrying error.
        foreseen: an answer to these very prompts that a preview has brought already.
    """

    def __init__(
        self,
        mattes: Mattes,
        questions: Questions,
        engine: Engine,
        post: Post,
        on_matte: Callable[[LayerId, FrameNumber], None],
        on_coarse: Callable[[LayerId, FrameNumber], None],
        on_error: Callable[[PenumbraError], None],
        foreseen: Callable[[MatteKey], Foreseen | None] = lambda _key: None,
    ) -> None:
        self._mattes = mattes
        self._questions = questions
        self._engine = engine
        self._post = post
        self._on_matte = on_matte
        self._on_coarse = on_coarse
        self._on_error = on_error
        self._foreseen = foreseen
        self.coarse_first = True
        """Ask for a coarse answer first where the full one would be late; of use only where somebody looks."""
        self.newest: SegmentReply | None = None
        """The last full answer that arrived, with what it cost."""
        self._pace = AnswerPace()
        self._asked: set[MatteKey] = set()
        self._failed: set[MatteKey] = set()
        self._coarse: Future[SegmentReply] | None = None

    @property
    def busy(self) -> bool:
        """Whether a full answer is still awaited."""
        return bool(self._asked)

    def ask(self, layer_id: LayerId, frame: FrameNumber, *, again: bool = False, watched: bool = False) -> bool:
        """Ask for the matte of the prompts at a frame unless it is known or already asked for.

        Args:
            again: also ask when the same question failed before.
            watched: the artist looks at this frame and waits.

        Returns:
            Whether an answer is on its way.
        """
        plate = self._mattes.plate
        layer = self._mattes.document.shot.layer(layer_id)
        if plate is None or not layer.key_frame(frame).prompts:
            return False
        key = layer.segment_key(plate.identity, frame)
        if key in self._asked:
            return True
        if (key in self._failed and not again) or self._mattes.store.has(key):
            return False
        asked = _Asked(layer_id, frame, key)
        foreseen = self._foreseen(key)
        if foreseen is not None and not foreseen.coarse:
            self._mattes.arrived(layer_id, frame, key, foreseen.matte)
            self._post(lambda: self._on_matte(layer_id, frame))
            return False
        self._asked.add(key)
        self._failed.discard(key)
        if watched and foreseen is not None:
            self._mattes.coarse_arrived(layer, frame, key, foreseen.matte)
        if not (watched and foreseen is None and self._is_late(layer)):
            self._ask_full(layer, asked)
            return True
        if self._coarse is not None:
            self._coarse.cancel()
        request = self._questions.of(layer, frame, f"{layer_id}/{frame}/coarse", quick=True)
        self._coarse = coarse = self._engine.segment(request)
        coarse.add_done_callback(lambda done: self._post(lambda: self._came_coarse(asked, done)))
        return True

    def _is_late(self, layer: Layer) -> bool:
        """Whether the full answer will be late and the model can give a coarse one before it."""
        plate = self._mattes.plate
        assert plate is not None
        late = self._pace.slow(layer.segment.name, plate.identity, plate.canvas.pixels)
        return self.coarse_first and late and self._questions.understands(layer, "quick")

    def _ask_full(self, layer: Layer, asked: _Asked) -> None:
        request = self._questions.of(layer, asked.frame, f"{asked.layer_id}/{asked.frame}")
        model = layer.segment.name
        future = self._engine.segment(request)
        future.add_done_callback(lambda done: self._post(lambda: self._answered(asked, model, done)))

    def _came_coarse(self, asked: _Asked, done: Future[SegmentReply]) -> None:
        """Show it and ask for the full one, which also says why where there was none; unless it is too late."""
        if self._coarse is done:
            self._coarse = None
        layer, plate = self._mattes.document.shot.find(asked.layer_id), self._mattes.plate
        if layer is None or plate is None or layer.segment_key(plate.identity, asked.frame) != asked.key:
            self._asked.discard(asked.key)
            return
        self._ask_full(layer, asked)
        if done.cancelled() or done.exception() is not None:
            return
        if self._mattes.coarse_arrived(layer, asked.frame, asked.key, done.result().matte):
            self._on_coarse(asked.layer_id, asked.frame)

    def _answered(self, asked: _Asked, model: str, done: Future[SegmentReply]) -> None:
        layer_id, frame, key = asked.layer_id, asked.frame, asked.key
        self._asked.discard(key)
        self._mattes.coarse_over(key)
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self.newest = reply = done.result()
            if self._mattes.plate is not None:
                spent_ms = (time.monotonic() - asked.began) * 1000 - reply.timings_ms.get("encode", 0.0)
                self._pace.note(model, self._mattes.plate.identity, spent_ms)
            self._mattes.arrived(layer_id, frame, key, reply.matte)
            self._on_matte(layer_id, frame)
        elif isinstance(error, PenumbraError) and not isinstance(error, Cancelled):
            self._failed.add(key)
            self._on_error(error)
        elif not isinstance(error, PenumbraError):
            raise error
