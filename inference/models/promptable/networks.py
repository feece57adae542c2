"""The promptable networks of one folder, loaded when they are first needed.

The same numbers serve two networks: one answers prompts on a picture, one follows a thing through frames.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from inference.models.pretrained import loaded, quick, transformers_for, where
from inference.models.promptable.lens import IMAGENET, Lens
from inference.models.promptable.repvit import register, without_timm
from inference.models.shown import Normalization

MODULES: Final = {
    "sam2": ("Sam2Model", "Sam2VideoModel", "Sam2VideoInferenceSession"),
    "edgetam": ("EdgeTamModel", "EdgeTamVideoModel", "EdgeTamVideoInferenceSession"),
    "sam3": ("Sam3TrackerModel", "Sam3TrackerVideoModel", "Sam3TrackerVideoInferenceSession"),
}
"""Of each family: what answers prompts, what follows, and what the latter remembers in."""


@dataclass(slots=True)
class Networks:
    """Args: `folder` with the weights, `family` a name of `MODULES`."""

    folder: Path
    family: str
    _picture: Any = None
    _video: Any = None

    @property
    def device(self) -> torch.device:
        return where()

    @property
    def picture(self) -> Any:
        """Answers prompts on one picture."""
        if self._picture is None:
            self._picture = self._load(MODULES[self.family][0])
        return self._picture

    @property
    def video(self) -> Any:
        """Follows a thing, with a memory of the frames before."""
        if self._video is None:
            self._video = self._load(MODULES[self.family][1])
        return self._video

    def memory(self) -> Any:
        """An empty memory for `video`."""
        kept = {"inference_device": self.device, "inference_state_device": self.device}
        return getattr(transformers_for(self.folder), MODULES[self.family][2])(**kept, dtype=torch.float32)

    def lens(self, network: Any) -> Lens:
        """How a network of this folder sees pictures."""
        seen = network.config.prompt_encoder_config
        family = Normalization() if self.family == "sam3" else IMAGENET
        return Lens.of(self.folder, int(seen.image_size), int(seen.patch_size), family)

    def quick(self) -> AbstractContextManager[Any]:
        """See `pretrained.quick`."""
        return quick()

    def _load(self, name: str) -> Any:
        """Raises EngineError where a package or numbers are missing."""
        if self.family == "edgetam":
            register(transformers_for(self.folder))
            return loaded(self.folder, name, without_timm)
        return loaded(self.folder, name)


def family_of(folder: Path) -> str:
    """`sam2_video` → `sam2`, as the folder's config says."""
    kind = str(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type", ""))
    return kind.removesuffix("_video").removesuffix("_tracker")
