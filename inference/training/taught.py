"""Ask a taught network for the matte of one frame. Knows tensors and arrays; knows neither frames nor motion."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from core.arrays import Float32
from inference.motion.flow import visible
from inference.training.adapter import unpacked
from inference.training.network import MULTIPLE, MatteNet
from inference.training.precision import quick
from inference.training.threads import Threads

HAZE = 0.02


def answer(network: MatteNet, color: Float32, mirrored: bool = True) -> Float32:
    """Coverage 0-1, (h, w), of `color` (h, w, 3) as the network sees it.

    `mirrored`: ask a second time for the mirrored picture and take the mean; twice the time, a better answer.
    """
    height, width = color.shape[:2]
    color_bchw = torch.from_numpy(np.ascontiguousarray(color))[None].permute(0, 3, 1, 2)
    color_bchw = F.pad(color_bchw, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
    with torch.inference_mode(), quick():
        logits_bchw = network(color_bchw)
        if mirrored:
            logits_bchw = (logits_bchw + network(color_bchw.flip(3)).flip(3)) / 2
    logits_hw = logits_bchw[0, 0, :height, :width].float()
    return np.asarray(torch.sigmoid(logits_hw).numpy(), np.float32)


def graded(rgb: Float32, gain: float) -> Float32:
    """Scene-linear (H, W, 3) as the network sees it: display-like, (0..1) mostly, -1 to 2 at most."""
    return np.clip(visible(rgb, gain), -1.0, 2.0)


class TaughtEye:
    """A taught network as propagation uses it. Raises EngineError for bytes that are not an adapter."""

    def __init__(self, adapter: bytes) -> None:
        self._network, self.recipe = unpacked(adapter)
        self._threads = Threads()

    @property
    def long_edge_px(self) -> int:
        return self.recipe.long_edge_px

    def look(self, rgb: Float32) -> Float32:
        """(h, w, 3) scene-linear → coverage (h, w) 0-1."""
        with self._threads.step():
            coverage = answer(self._network, graded(rgb, self.recipe.gain))
        # A network is never quite sure: its haze is not the artist's.
        return np.asarray(np.clip((coverage - HAZE) / (1.0 - 2.0 * HAZE), 0.0, 1.0), np.float32)
