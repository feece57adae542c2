"""Which layer the hand works on, and what stops it: no plate, a locked layer, an approved frame, a place outside
the plate.

The first gesture on a shot without a layer makes one. It is added with what the gesture authored, in one command, so
that Escape leaves the document as it was and one undo takes both back.
"""

from __future__ import annotations

import uuid

from core.commands import AddCorrection, AddLayer, AddPrompt, Command
from core.layer import Correction, KeyFrame, Layer
from core.prompts import Prompt, Stroke
from core.shot import Shot
from widgets.review import seal_words
from widgets.tools.tool import PointerEvent, ToolContext

LAYER_COLORS: tuple[tuple[float, float, float], ...] = (
    (0.94, 0.35, 0.30),
    (0.28, 0.66, 0.95),
    (0.52, 0.82, 0.33),
    (0.96, 0.74, 0.22),
    (0.71, 0.47, 0.96),
    (0.22, 0.80, 0.74),
    (0.95, 0.48, 0.74),
    (0.86, 0.60, 0.38),
)
"""sRGB 0-1; given to layers in this order."""


def new_layer(shot: Shot) -> Layer:
    """A layer with the next free name and color, not yet in the shot."""
    taken = {layer.name for layer in shot.layers}
    number = len(shot.layers) + 1
    while f"Layer {number}" in taken:
        number += 1
    used = [layer.color for layer in shot.layers]
    color = min(LAYER_COLORS, key=used.count)
    return Layer(uuid.uuid4().hex[:12], f"Layer {number}", color)


def may_author(context: ToolContext, event: PointerEvent | None = None) -> bool:
    """Whether a prompt or stroke can be authored now; says why not.

    Args:
        event: give it when the place itself must lie on the plate.
    """
    plate, layer = context.plate, context.layer
    if plate is None:
        context.say("Open a plate first: there is nothing to matte yet.")
        return False
    if layer is not None and layer.locked:
        context.say(f"{layer.name} is locked. Unlock it in the layer list to change it.")
        return False
    sealed = seal_words(context.document.shot, context.layer.id, context.look.frame) if context.layer else ""
    if sealed and context.layer:
        context.say(f"{context.layer.name}, frame {context.look.frame}. {sealed}")
        return False
    if context.look.frame not in plate.frames:
        context.say(f"Frame {context.look.frame} lies outside the plate ({plate.frames}).")
        return False
    if event is not None and not plate.canvas.contains(event.x, event.y):
        context.say("That is outside the plate. Click on the picture.")
        return False
    return True


def prompted(context: ToolContext, prompt: Prompt) -> Command:
    """The prompt, for the chosen layer at this frame; without a layer one that begins with it: one undo step."""
    frame = context.look.frame
    if context.layer is None:
        return _begun(context, KeyFrame(prompts=(prompt,)))
    return AddPrompt(context.layer.id, frame, prompt, base=context.studio.shown_key(context.layer.id, frame))


def painted(context: ToolContext, stroke: Stroke) -> Command:
    """The stroke as a correction, as `prompted`."""
    frame = context.look.frame
    if context.layer is None:
        return _begun(context, KeyFrame(correction=Correction((stroke,))))
    return AddCorrection(context.layer.id, frame, stroke, base=context.studio.shown_key(context.layer.id, frame))


def _begun(context: ToolContext, key_frame: KeyFrame) -> Command:
    return AddLayer(new_layer(context.document.shot).with_key_frame(context.look.frame, key_frame))
