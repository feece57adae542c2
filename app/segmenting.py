"""Turn prompts into the matte of one frame.

Knows the document, the mattes and the engine. Knows neither Qt nor files: it is given a function that posts to the
interface's thread. The store decides what is shown; this module only asks.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from app.mattes import Mattes
from core.errors import Cancelled, PenumbraError
from core.frames import FrameNumber
from core.layer import Layer, LayerId, MatteKey
from core.matte import Matte
from core.prompts import Prompt
from core.signal import Post
from inference.engine import Engine
from inference.messages import SegmentReply, SegmentRequest


class Segmenting:
    """Asks for the mattes of key frames that have prompts, and for hover previews.

    Args:
        mattes: where answers go.
        engine: where questions go.
        post: hands a call to the interface's thread.
        on_matte: called there with (layer, frame) when a matte arrived.
        on_error: called there with a sentence-carrying error.
    """

    def __init__(
        self,
        mattes: Mattes,
        engine: Engine,
        post: Post,
        on_matte: Callable[[LayerId, FrameNumber], None],
        on_error: Callable[[PenumbraError], None],
    ) -> None:
        self._mattes = mattes
        self._engine = engine
        self._post = post
        self._on_matte = on_matte
        self._on_error = on_error
        self.newest: SegmentReply | None = None
        """The last answer that arrived, with what it cost."""
        self._asked: set[MatteKey] = set()
        self._failed: set[MatteKey] = set()
        self._hover: tuple[LayerId, FrameNumber, Prompt | None] | None = None
        self._preview: Matte | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still awaited."""
        return bool(self._asked)

    def ask(self, layer_id: LayerId, frame: FrameNumber, *, again: bool = False) -> bool:
        """Ask for the matte of the prompts at a frame unless it is known or already asked for.

        Args:
            again: also ask when the same question failed before.

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
        self._asked.add(key)
        self._failed.discard(key)
        future = self._engine.segment(self._request(layer, frame, f"{layer_id}/{frame}", ()))
        future.add_done_callback(lambda done: self._post(lambda: self._answered(layer_id, frame, key, done)))
        return True

    def _request(self, layer: Layer, frame: FrameNumber, slot: str, more: tuple[Prompt, ...]) -> SegmentRequest:
        plate = self._mattes.plate
        assert plate is not None
        kept = layer.key_frame(frame)
        return SegmentRequest(
            slot=slot,
            plate=plate,
            color_config=self._mattes.document.shot.color_config,
            frame=frame,
            prompts=(*kept.prompts, *more),
            model=layer.segment,
            previous=self._mattes.known(kept.base) if not kept.empty else self._mattes.current(layer, frame),
        )

    def _answered(self, layer_id: LayerId, frame: FrameNumber, key: MatteKey, done: Future[SegmentReply]) -> None:
        self._asked.discard(key)
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self.newest = done.result()
            self._mattes.arrived(layer_id, frame, key, done.result().matte)
            self._on_matte(layer_id, frame)
        elif isinstance(error, PenumbraError) and not isinstance(error, Cancelled):
            self._failed.add(key)
            self._on_error(error)
        elif not isinstance(error, PenumbraError):
            raise error

    # --- hover ------------------------------------------------------------------------------------------------------

    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None:
        """Preview one more prompt, replacing what was asked before; None ends the preview."""
        self._hover = None if prompt is None else (layer_id, frame, prompt)
        if prompt is None:
            if self._preview is not None:
                self._preview = None
                self._on_matte(layer_id, frame)
            return
        wanted = self._hover
        layer = self._mattes.document.shot.layer(layer_id)
        future = self._engine.segment(self._request(layer, frame, "hover", (prompt,)))
        future.add_done_callback(lambda done: self._post(lambda: self._previewed(wanted, done)))

    def _previewed(self, wanted: tuple[LayerId, FrameNumber, Prompt | None] | None, done: Future[SegmentReply]) -> None:
        if wanted is None or self._hover is None or self._hover[:2] != wanted[:2] or done.cancelled():
            return
        if done.exception() is None:
            self._preview = done.result().matte
            self._on_matte(wanted[0], wanted[1])

    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None:
        """The hover preview of this place, while there is one."""
        return self._preview if self._hover is not None and self._hover[:2] == (layer_id, frame) else None
