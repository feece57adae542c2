"""What a lesson begins with: a network taught before, a show's, or the one that ships."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from core.arrays import Float32
from core.errors import EngineError
from inference.training.adapter import Recipe, unpacked
from inference.training.crops import Drawn
from inference.training.network import MULTIPLE, MatteNet
from inference.training.precision import quick
from inference.training.prepared import Sizes
from inference.training.recall import Recall

SHIPPED: Final = Path(__file__).parents[1] / "models" / "propagate" / "start.safetensors"


def begun(start: bytes, sizes: Sizes) -> tuple[MatteNet, Recipe, bool]:
    """The network, how it is used, and whether its recall is still to be found for this layer.

    Args:
        start: an adapter, which goes on at its own size; a show's model, which only lends its numbers; or nothing, for
            what ships.
    """
    network, recipe = unpacked(start or shipped())
    if recipe.long_edge_px:
        return network, recipe, False
    return network, replace(recipe, long_edge_px=sizes.coarse_px, gain=sizes.gain), recipe.warm


@cache
def shipped() -> bytes:
    """The numbers that ship. Raises EngineError where they cannot be read."""
    try:
        return SHIPPED.read_bytes()
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
        raise EngineError(f"What Teach begins with, {SHIPPED},", why, "Install Penumbra again.") from error


def recall(network: MatteNet, drawn: Sequence[Drawn]) -> None:
    """Find the recall that answers these frames best, each and its mirror image; the network answers with it."""
    network.eval()
    found = Recall(network.recalled_widths)
    with torch.inference_mode():
        for frame in drawn:
            for mirrored in (False, True):
                color_bchw = _padded(frame.color, mirrored, "replicate")
                truth_bchw = _padded(frame.truth, mirrored, "constant")
                with quick():
                    _, levels = network.look(color_bchw)
                small = F.interpolate(truth_bchw, size=levels[-1].shape[-2:], mode="area")
                found.add(levels, small[:, 0], small[:, 1])
        network.remember(found.solved())


def _padded(planes: Float32, mirrored: bool, mode: str) -> Tensor:
    """(h, w, c) → (1, c, h', w'), sides that the network takes."""
    turned = planes[:, ::-1] if mirrored else planes
    planes_bchw = torch.from_numpy(np.ascontiguousarray(turned))[None].permute(0, 3, 1, 2)
    height, width = planes.shape[:2]
    return F.pad(planes_bchw, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode=mode)
