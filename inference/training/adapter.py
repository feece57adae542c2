"""What teaching makes: the network's numbers and how to use them, as safetensors bytes. Never a pickle."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.errors import EngineError
from inference.training.network import COLORS, MatteNet
from inference.training.notes import notes_of, ordered

KIND: Final = "penumbra-matte-net"
VERSION: Final = 1
HINT: Final = "Teach the layer again."


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the numbers are to be used, and where they come from.

    Args:
        widths: channels of each level of the network.
        fine: channels of its finest layer.
        long_edge_px: the size pictures are worked at; 0 in a show's model, which suits no layer yet.
        gain: the exposure pictures are seen with.
        steps: how many steps were taught, over all rounds.
        seconds: how long, over all rounds.
        held_out_error: 1 - IoU on what was never trained on; -1 where nothing was held out.
        training_error: 1 - IoU on the frames it was taught, at the end.
        warm: begun from trained numbers: it has a recall, and its norms stand while it is taught.
    """

    widths: tuple[int, ...]
    fine: int
    long_edge_px: int
    gain: float
    steps: int = 0
    seconds: float = 0.0
    held_out_error: float = -1.0
    training_error: float = -1.0
    warm: bool = False


def packed(network: MatteNet, recipe: Recipe) -> bytes:
    """The adapter's bytes; the same numbers always give the same bytes."""
    numbers = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    note = json.dumps(asdict(recipe), sort_keys=True, allow_nan=False)
    return ordered(save(numbers, metadata={"kind": KIND, "version": str(VERSION), "recipe": note}))


def unpacked(adapter: bytes) -> tuple[MatteNet, Recipe]:
    """The network, ready to answer, and its recipe. Raises EngineError where the bytes are not an adapter."""
    try:
        numbers = load(adapter)
        note = notes_of(adapter)
    except (SafetensorError, ValueError) as error:
        raise EngineError("The adapter", f"it cannot be read ({error})", HINT, reason="INVALID_ARGUMENT") from error
    if note.get("kind") != KIND:
        raise EngineError("The adapter", "it was made by another model", HINT, reason="INVALID_ARGUMENT")
    if note.get("version") != str(VERSION):
        why = f"it has version {note.get('version')}, this model reads {VERSION}"
        raise EngineError("The adapter", why, HINT, reason="INVALID_ARGUMENT")
    recipe = _recipe(note["recipe"])
    network = MatteNet(COLORS, recipe.widths, recipe.fine, recipe.warm)
    return _filled(network, numbers), recipe


def _filled(network: MatteNet, numbers: dict[str, Tensor]) -> MatteNet:
    expected = {name: value.shape for name, value in network.state_dict().items()}
    if expected != {name: value.shape for name, value in numbers.items()}:
        raise EngineError("The adapter", "its numbers do not fit its network", HINT, reason="INVALID_ARGUMENT")
    network.load_state_dict(numbers)
    return network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload, no-any-return]


def _recipe(note: str) -> Recipe:
    fields = json.loads(note)
    return Recipe(**{**fields, "widths": tuple(fields["widths"])})
