"""A plate as it is shown to networks that were trained on photographs: exposed, display-encoded, normalized.

Knows what a model's folder says about its pictures. Knows no network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.arrays import Float32
from core.encoding import encode
from inference.model import Options
from inference.motion.flow import exposure_gain

ORDINARY_STOPS = 1.5
"""A picture whose median is this near to middle gray is shown as it is."""
HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Normalization:
    """Mean and deviation of display-encoded red, green and blue, 0-1, that a network's numbers are made for."""

    mean: tuple[float, ...] = HALF
    std: tuple[float, ...] = HALF

    @classmethod
    def of(cls, folder: Path, family: Normalization) -> Normalization:
        """As the folder's processor says, where it has one; else the family's."""
        told = _told(folder / "preprocessor_config.json") or _told(folder / "processor_config.json")
        mean, std = told.get("image_mean", family.mean), told.get("image_std", family.std)
        return cls(tuple(map(float, mean)), tuple(map(float, std)))

    def of_picture(self, bchw: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) 0-1 → what the network takes."""
        return (bchw - torch.tensor(self.mean).view(1, 3, 1, 1)) / torch.tensor(self.std).view(1, 3, 1, 1)


def shown(rgb: Float32, gain: float) -> torch.Tensor:
    """(1, 3, H, W) float32 0-1, display-encoded (sRGB).

    Args:
        rgb: (H, W, 3) scene-linear, any range; what is above display white after `gain` is white.
    """
    seen = np.clip(encode("srgb", rgb * np.float32(gain)), 0.0, 1.0)
    return torch.from_numpy(np.ascontiguousarray(seen.transpose(2, 0, 1)))[None]


def exposure(rgb: Float32, options: Options) -> float:
    """The gain a picture is shown with: very dark and very bright plates are brought near to middle gray."""
    gain = float(np.exp2(float(options["exposure_stops"])))
    if not options["auto_exposure"]:
        return gain
    stops = float(np.log2(exposure_gain(rgb[::4, ::4])))
    return gain * float(np.exp2(np.sign(stops) * max(0.0, abs(stops) - ORDINARY_STOPS)))


def _told(path: Path) -> dict[str, list[float]]:
    """What a processor's file says; newer ones keep it under `image_processor` or `video_processor`."""
    if not path.is_file():
        return {}
    said = json.loads(path.read_text(encoding="utf-8"))
    inner = said.get("image_processor") or said.get("video_processor") or said
    return {name: inner[name] for name in ("image_mean", "image_std") if inner.get(name)}
