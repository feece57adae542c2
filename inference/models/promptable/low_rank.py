"""What a mask decoder is taught: a low-rank adapter (peft) on its linear layers, and its bytes. Never a pickle.

A few hundred thousand numbers that are added to what the decoder was published with; begun at nothing.
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from core.errors import EngineError
from inference.training.notes import notes_of, ordered

KIND: Final = "penumbra-low-rank"
VERSION: Final = 1
OURS: Final = ".lora_"
"""In the names of the numbers that are added."""
UNTAUGHT: Final = "iou_prediction_head"
"""What a decoder thinks of its own masks is left as it was published."""
HINT: Final = "Teach the layer again, or use it without what it was taught."


@dataclass(frozen=True, slots=True)
class Grown:
    """How an adapter came to be.

    Args:
        base: SHA-256 of the decoder it was made for.
        steps, seconds: of teaching, over all rounds.
        held_out_error: mean absolute error, 0-1; -1 where nothing was held out.
    """

    base: str
    rank: int
    steps: int = 0
    seconds: float = 0.0
    held_out_error: float = -1.0


def adapted(decoder: nn.Module, rank: int) -> nn.Module:
    """A copy of a decoder that answers as it does, with an adapter of `rank` that can be taught; all else stands.

    Raises EngineError where the package peft is missing.
    """
    peft = _peft()
    linear = [
        name
        for name, module in decoder.named_modules()
        if isinstance(module, nn.Linear) and not name.startswith(UNTAUGHT)
    ]
    config = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=linear)
    taught: nn.Module = peft.inject_adapter_in_model(config, copy.deepcopy(decoder))
    for name, number in taught.named_parameters():
        number.requires_grad_(OURS in name)
    return taught.eval()


def packed(taught: nn.Module, grown: Grown) -> bytes:
    """The same numbers always give the same bytes."""
    note = json.dumps(asdict(grown), sort_keys=True, allow_nan=False)
    return ordered(save(_numbers(taught), metadata={"kind": KIND, "version": str(VERSION), "grown": note}))


def is_low_rank(adapter: bytes) -> bool:
    """Whether these bytes are an adapter of this kind, of whatever decoder."""
    try:
        return bool(adapter) and notes_of(adapter).get("kind") == KIND
    except ValueError:
        return False


def is_of(decoder: nn.Module, adapter: bytes) -> bool:
    """Whether these bytes are an adapter of this very decoder."""
    try:
        return is_low_rank(adapter) and json.loads(notes_of(adapter)["grown"])["base"] == base_of(decoder)
    except (ValueError, KeyError, TypeError):
        return False


def unpacked(decoder: nn.Module, adapter: bytes) -> tuple[nn.Module, Grown]:
    """A copy of the decoder with the adapter on it. Raises EngineError where it is not of this decoder."""
    if not is_low_rank(adapter):
        raise EngineError("What the layer was taught", "was taught to another model", HINT, reason="INVALID_ARGUMENT")
    try:
        note, numbers = notes_of(adapter), load(adapter)
        grown = Grown(**json.loads(note["grown"]))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise EngineError("The adapter", f"it cannot be read ({error})", HINT, reason="INVALID_ARGUMENT") from error
    if note.get("version") != str(VERSION):
        why = f"it has version {note.get('version')}, this model reads {VERSION}"
        raise EngineError("The adapter", why, HINT, reason="INVALID_ARGUMENT")
    if grown.base != base_of(decoder):
        why = "was taught to other weights than the model has now"
        raise EngineError("What the layer was taught", why, HINT, reason="INVALID_ARGUMENT")
    taught = adapted(decoder, grown.rank)
    expected = {name: value.shape for name, value in _numbers(taught).items()}
    if expected != {name: value.shape for name, value in numbers.items()}:
        raise EngineError("The adapter", "its numbers do not fit its network", HINT, reason="INVALID_ARGUMENT")
    taught.load_state_dict(numbers, strict=False)
    return taught, grown


def base_of(decoder: nn.Module) -> str:
    """SHA-256 of a decoder's numbers."""
    said = hashlib.sha256()
    for name, value in sorted(decoder.state_dict().items()):
        said.update(name.encode())
        said.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return said.hexdigest()


def _numbers(taught: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in taught.state_dict().items() if OURS in name}


def _peft() -> Any:
    try:
        return importlib.import_module("peft")
    except ImportError as error:
        hint = "Type: pip install 'penumbra[hub]', and start Penumbra again."
        raise EngineError("Teaching a public model", "needs the package peft", hint) from error
