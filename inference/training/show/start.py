"""A show's model as bytes: the numbers of a taught network that suit no layer yet, and how they are moved.

Knows the network's packing only; which numbers there are, and what they do, is the network's business.
"""

from __future__ import annotations

import hashlib

import torch

from inference.training.adapter import packed, unpacked


def is_start(adapter: bytes) -> bool:
    """Whether these bytes are a show's model rather than a layer's adapter. Raises EngineError for other bytes."""
    return bool(adapter) and unpacked(adapter)[1].long_edge_px == 0


def moved(start: bytes, adapter: bytes, part: float) -> bytes:
    """`start`, its numbers moved a `part` (0-1) of the way to those of `adapter`."""
    network, recipe = unpacked(start)
    other, _ = unpacked(adapter)
    with torch.no_grad():
        for mine, theirs in zip(network.state_dict().values(), other.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs.to(mine.dtype), part)
    return packed(network, recipe)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
