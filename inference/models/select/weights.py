"""The click network's numbers as a file: safetensors, half precision, with the widths it was made with. Never a pickle.

Knows files and tensors; no training and no prompts.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.errors import EngineError
from inference.models.select.network import DEPTHS, WIDTHS, ClickNet
from inference.training.notes import notes_of
from inference.training.precision import made_for_half

FILE: Final = "weights.safetensors"
KIND: Final = "penumbra click network"
VERSION: Final = "1"
_HINT: Final = "Install Penumbra again, or train it: penumbra train segment."


def packed(
    numbers: dict[str, Tensor],
    widths: tuple[int, ...] = WIDTHS,
    depths: tuple[int, ...] = DEPTHS,
    notes: dict[str, str] | None = None,
) -> bytes:
    """Safetensors of a network's state, two bytes a number.

    Args:
        numbers: `ClickNet(widths, depths).state_dict()`, on any device.
        notes: said of it in the file's header besides its kind and shape: step of training, licence.
    """
    halves = {name: value.detach().to("cpu", torch.float16).contiguous() for name, value in numbers.items()}
    if not all(bool(value.isfinite().all()) for value in halves.values()):
        raise EngineError("The weights", "some numbers do not fit into half precision", "Keep an earlier checkpoint.")
    shape = {"kind": KIND, "version": VERSION, "widths": json.dumps(widths), "depths": json.dumps(depths)}
    return save(halves, {**(notes or {}), **shape})


def read(path: Path) -> ClickNet:
    """The network of a file, ready to answer. Raises EngineError in a sentence."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _broken(path, f"cannot be read ({error.strerror})") from error
    try:
        notes, numbers = notes_of(data), load(data)
        widths, depths = (tuple(int(each) for each in json.loads(notes[name])) for name in ("widths", "depths"))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise _broken(path, f"is not a file of its weights ({error})") from error
    if notes.get("kind") != KIND or notes.get("version") != VERSION:
        raise _broken(path, f"holds {notes.get('kind', 'something else')!r}, version {notes.get('version')}")
    try:
        network = ClickNet(widths, depths)
    except (ValueError, RuntimeError) as error:
        raise _broken(path, f"says widths that make no network ({error})") from error
    expected = {name: value.shape for name, value in network.state_dict().items()}
    if expected != {name: value.shape for name, value in numbers.items()}:
        raise _broken(path, "holds numbers that do not fit its network")
    network.load_state_dict(numbers)
    return network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload, no-any-return]


def rounded(network: ClickNet) -> ClickNet:
    """A copy for `precision.quick()`: its filters are the bfloat16 numbers which that would make of them each time.

    Answers are the same, bit for bit; nothing is rounded where the processor is not made for it.
    """
    copied = copy.deepcopy(network)
    if made_for_half():
        for part in copied.modules():
            if isinstance(part, torch.nn.Conv2d):
                part.to(torch.bfloat16)
    return copied


def _broken(path: Path, why: str) -> EngineError:
    return EngineError(f"The selection's weights {path}", why, _HINT, reason="MODEL_BROKEN")
