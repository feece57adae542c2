"""The method `learned`: what the edge network makes of the band, in pieces at the plate's resolution."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.arrays import Bool, Float32
from core.errors import EngineError
from inference.models.refine.edge_network import MULTIPLE, EdgeNet, planes
from inference.motion.flow import exposure_gain
from inference.tiles import in_tiles
from inference.training.notes import notes_of, ordered
from inference.training.precision import quick

FILE: Final = "edge.safetensors"
KIND: Final = "penumbra edge network"
VERSION: Final = "1"
HOME = Path(__file__).parent
"""Where the weights lie."""
SIDE: Final = 512
OVERLAP: Final = 96
MARGIN: Final = 64
"""Pixels around a piece in which solid places are looked for as well."""
_HINT: Final = "Install Penumbra again, or train it: penumbra train edge."


def learned(rgb: Float32, coverage: Float32, band: Bool, cancelled: Callable[[], bool]) -> Float32:
    """(H, W) coverage; what lies outside of the band means nothing.

    Args:
        rgb: (H, W, 3) scene-linear; `coverage` (H, W) 0-1.

    Raises EngineError where the weights are missing or broken, Cancelled between pieces.
    """
    network = _network(HOME / FILE)
    gain = exposure_gain(rgb[::4, ::4])

    def look(place: tuple[slice, slice]) -> Float32:
        outer = tuple(slice(max(0, side.start - MARGIN), side.stop + MARGIN) for side in place)
        given = planes(rgb[outer], coverage[outer], band[outer], gain)
        height, width = given.shape[1:]
        whole = torch.from_numpy(given)[None]
        whole = F.pad(whole, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
        with torch.inference_mode(), quick():
            answer = torch.sigmoid(network(whole.to(memory_format=torch.channels_last)))[0].numpy()
        rows, columns = (
            slice(side.start - out.start, side.stop - out.start) for side, out in zip(place, outer, strict=True)
        )
        return np.asarray(answer[rows, columns], np.float32)

    return in_tiles(band, SIDE, OVERLAP, look, cancelled)


def packed(numbers: dict[str, Tensor], widths: tuple[int, ...], notes: dict[str, str]) -> bytes:
    """Safetensors of `EdgeNet(widths).state_dict()`, two bytes a number, the same for the same numbers."""
    halves = {name: value.detach().to("cpu", torch.float16).contiguous() for name, value in numbers.items()}
    if not all(bool(value.isfinite().all()) for value in halves.values()):
        raise EngineError("The weights", "some numbers do not fit into half precision", "Keep an earlier checkpoint.")
    return ordered(save(halves, {**notes, "kind": KIND, "version": VERSION, "widths": json.dumps(widths)}))


@cache
def _network(path: Path) -> EdgeNet:
    """Read once. Raises EngineError in a sentence."""
    try:
        data = path.read_bytes()
        notes, numbers = notes_of(data), load(data)
        if (notes["kind"], notes["version"]) != (KIND, VERSION):
            raise _broken(path, f"holds {notes['kind']!r}, version {notes['version']}")
        network = EdgeNet(tuple(json.loads(notes["widths"])))
        network.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in numbers.items()}
        )
    except OSError as error:
        raise _broken(path, f"cannot be read ({error.strerror})") from error
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _broken(path, f"is not a file of its weights ({error})") from error
    return network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload, no-any-return]


def _broken(path: Path, why: str) -> EngineError:
    return EngineError(f"The weights {path}", why, _HINT, reason="MODEL_BROKEN")
