"""What the engine is asked about one frame of a layer: all prompts, the matte beneath, the model with its options.

Knows which options a model understands, so that none is sent that it would refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.mattes import Mattes
from core.frames import FrameNumber
from core.layer import Layer
from core.model_info import ModelInfo
from core.prompts import Prompt
from inference.messages import SegmentRequest

Models = Callable[[], tuple[ModelInfo, ...]]
"""The models that can segment, as the engine last said; empty while it has not."""


class Questions:
    """Makes requests. The same one serves clicks, hover previews and alternatives."""

    def __init__(self, mattes: Mattes, models: Models) -> None:
        self._mattes = mattes
        self._models = models

    def understands(self, layer: Layer, option: str) -> bool:
        """Whether the layer's model takes this option."""
        model = self._model(layer)
        return model is not None and model.understands(option)

    def of(
        self,
        layer: Layer,
        frame: FrameNumber,
        slot: str,
        *,
        more: tuple[Prompt, ...] = (),
        quick: bool = False,
        reach: float | None = None,
    ) -> SegmentRequest:
        """The request for the prompts of a frame.

        Args:
            more: prompts that were not given yet.
            quick: answer coarsely and at once; ask only for what the model understands.
            reach: in place of what the frame and the layer say.
        """
        plate = self._mattes.plate
        assert plate is not None
        kept, model = layer.key_frame(frame), layer.segment_at(frame)
        options: dict[str, Any] = dict(model.options)
        if reach is not None:
            options["reach"] = reach
        if quick:
            options["quick"] = True
        known = self._model(layer)
        if known is not None and not known.understands("reach"):
            options.pop("reach", None)  # chosen when another model answered here
        below = self._mattes.current(layer, frame) if kept.empty and layer.id else self._mattes.known(kept.base)
        if below is self._mattes.empty():
            below = None  # nothing was selected before: a model may then think of parts and wholes
        return SegmentRequest(
            slot=slot,
            plate=plate,
            color_config=self._mattes.document.shot.color_config,
            frame=frame,
            prompts=(*kept.prompts, *more),
            model=replace(model, options=options),
            previous=below,
        )

    def _model(self, layer: Layer) -> ModelInfo | None:
        return next((model for model in self._models() if model.id == layer.segment.name), None)
