"""Show what one more prompt would give, before it is given: the preview under the pointer.

At most one question is on its way; of those asked meanwhile only the newest waits, so that the preview follows the
hand as fast as the model answers and nothing queues. Knows the engine and the mattes; authors and stores nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

from app.mattes import Mattes
from app.questions import Questions
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.prompts import Click, Prompt
from core.signal import Post
from inference.engine import Engine
from inference.messages import SegmentReply
from widgets.tools.target import new_layer


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An answer to prompts that were not given yet.

    Args:
        key: what the matte's key would be if the prompt were given.
        coarse: the model was asked to be quick.
    """

    layer_id: LayerId
    frame: FrameNumber
    prompt: Prompt
    key: MatteKey
    matte: Matte
    coarse: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    layer_id: LayerId
    frame: FrameNumber
    prompt: Prompt


class Hovering:
    """The preview of one place.

    Args:
        questions: what is asked of the engine for a layer and a frame.
        post: hands a call to the interface's thread.
        on_preview: called there with (layer, frame) when the preview came, changed or went.
    """

    def __init__(
        self,
        mattes: Mattes,
        questions: Questions,
        engine: Engine,
        post: Post,
        on_preview: Callable[[LayerId, FrameNumber], None],
    ) -> None:
        self._mattes = mattes
        self._questions = questions
        self._engine = engine
        self._post = post
        self._on_preview = on_preview
        self._wanted: _Wanted | None = None
        self._running: tuple[_Wanted, Future[SegmentReply]] | None = None
        self._answer: Foreseen | None = None
        self._newest: Foreseen | None = None

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        """Preview one more prompt in place of what was asked before; None ends it at once.

        Args:
            layer_id: empty for a layer that is not there yet.
        """
        if prompt is None:
            self._end()
            return
        wanted = _Wanted(layer_id, frame, prompt)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if self._answer is not None and not self._stands(self._answer):
            self._forget()
        if self._running is None:
            self._ask(wanted)

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        """The preview of this place, while there is one and it is true."""
        answer = self._answer
        if self._wanted is None or answer is None or (answer.layer_id, answer.frame) != (layer_id, frame):
            return None
        return answer.matte if self._stands(answer) else None

    def foreseen(self, key: MatteKey) -> Foreseen | None:
        """What was previewed last, if it answers just the prompts of this key: the artist clicked where it hovered."""
        return self._newest if self._newest is not None and self._newest.key == key else None

    def remember(self, answer: Foreseen) -> None:
        """An answer that was seen elsewhere: it will be asked for by its key."""
        self._newest = answer

    def _end(self) -> None:
        self._wanted = None
        running, self._running = self._running, None
        if running is not None:
            running[1].cancel()
        self._forget()

    def _forget(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            self._on_preview(answer.layer_id, answer.frame)

    def _ask(self, wanted: _Wanted) -> None:
        if self._mattes.plate is None:
            return
        layer = self._layer(wanted.layer_id)
        if layer is None:
            return
        quick = self._questions.understands(layer, "quick")
        request = self._questions.of(layer, wanted.frame, "hover", more=(wanted.prompt,), quick=quick)
        key = self._key(layer, wanted)
        future = self._engine.segment(request)
        self._running = (wanted, future)
        future.add_done_callback(lambda done: self._post(lambda: self._came(wanted, key, quick, done)))

    def _came(self, asked: _Wanted, key: MatteKey, quick: bool, done: Future[SegmentReply]) -> None:
        if self._running is None or self._running[1] is not done:
            return  # it was ended meanwhile
        self._running = None
        if not done.cancelled() and done.exception() is None:
            answer = Foreseen(asked.layer_id, asked.frame, asked.prompt, key, done.result().matte, quick)
            if self._stands(answer):
                self._answer = self._newest = answer
                self._on_preview(asked.layer_id, asked.frame)
        if self._wanted is not None and self._wanted != asked:
            self._ask(self._wanted)

    def _stands(self, answer: Foreseen) -> bool:
        """Whether an answer is still true: same place, nothing authored since, and the pointer is still on it."""
        wanted = self._wanted
        if wanted is None or (wanted.layer_id, wanted.frame) != (answer.layer_id, answer.frame):
            return False
        layer = self._layer(answer.layer_id)
        if layer is None or self._key(layer, _Wanted(answer.layer_id, answer.frame, answer.prompt)) != answer.key:
            return False
        return wanted.prompt == answer.prompt or _holds(answer.matte, wanted.prompt)

    def _layer(self, layer_id: LayerId) -> Layer | None:
        """The layer; for an empty id the one that a first click would make, still without an id."""
        shot = self._mattes.document.shot
        return shot.find(layer_id) if layer_id else replace(new_layer(shot), id="")

    def _key(self, layer: Layer, wanted: _Wanted) -> MatteKey:
        """The key of the matte if the prompt were given."""
        plate = self._mattes.plate
        assert plate is not None
        kept = layer.key_frame(wanted.frame)
        base = self._mattes.ground_key(layer.id, wanted.frame) if layer.id and kept.empty else kept.base
        given = replace(kept, prompts=(*kept.prompts, wanted.prompt), base=base)
        return layer.with_key_frame(wanted.frame, given).segment_key(plate.identity, wanted.frame)


def _holds(matte: Matte, prompt: Prompt) -> bool:
    """Whether a click at this place would find the matte on its side already."""
    if not isinstance(prompt, Click):
        return False
    column, row = math.floor(prompt.x) - matte.window.x0, math.floor(prompt.y) - matte.window.y0
    height, width = matte.coverage.shape
    if not (0 <= column < width and 0 <= row < height):
        return False
    return bool((matte.coverage[row, column] >= 0.5) == prompt.adds)
