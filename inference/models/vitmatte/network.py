"""The bare network of a folder, and what it is shown: the display-encoded picture with its trimap, padded.

The arithmetic around the network is ours, the same as that of its published processor. Knows no band and no options.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch.nn.functional import pad

from core.arrays import Float32
from core.errors import EngineError
from inference.models.pretrained import loaded, quick, where
from inference.models.shown import Normalization, shown

MULTIPLE: Final = 32
"""Both sides of what it is given must be multiples of this."""
CLASS: Final = "VitMatteForImageMatting"
_FUSION: Final = [256, 128, 64, 32]
"""Left out of a config.json this is a tuple to the network, and joined with a list."""


@dataclass(slots=True)
class Network:
    """Args: `folder` with the weights, which are loaded when they are first needed."""

    folder: Path
    _loaded: Any = None
    _normalization: Normalization | None = None

    def alpha(self, rgb: Float32, trimap: Float32, gain: float) -> Float32:
        """(H, W) 0-1, everywhere; it is meant to be used where `trimap` is a half.

        Args:
            rgb: (H, W, 3) scene-linear.
            trimap: (H, W) 1 inside, 0 outside, a half where the network is asked.
            gain: what the picture is shown with.

        Raises:
            EngineError: the package or numbers are missing, or there is not memory enough.
        """
        if self._loaded is None:
            self._loaded = loaded(self.folder, CLASS, lambda said: {"fusion_hidden_sizes": _FUSION, **said})
        height, width = trimap.shape
        pixels = self.pixels(rgb, trimap, gain).to(where())
        try:
            with torch.inference_mode():
                with quick():
                    features = self._loaded.backbone.forward_with_filtered_kwargs(pixels).feature_maps[-1]
                # What draws the edge has all its digits: near 1, bfloat16 knows 256 steps of coverage.
                alphas = self._loaded.decoder(features.float(), pixels)
        except torch.OutOfMemoryError as error:
            why = f"needs more memory than is free for a piece of {width} x {height} pixels"
            raise EngineError(f"The model in {self.folder}", why, "Choose a smaller Tile.") from error
        return np.asarray(alphas[0, 0, :height, :width].cpu().numpy(), np.float32)

    def pixels(self, rgb: Float32, trimap: Float32, gain: float) -> torch.Tensor:
        """(1, 4, H', W'): normalized red, green, blue and the trimap; 0 below and right of the picture."""
        if self._normalization is None:
            self._normalization = Normalization.of(self.folder, Normalization())
        picture = self._normalization.of_picture(shown(rgb, gain))
        whole = torch.cat([picture, torch.from_numpy(np.ascontiguousarray(trimap))[None, None]], 1)
        return pad(whole, (0, -trimap.shape[1] % MULTIPLE, 0, -trimap.shape[0] % MULTIPLE))
