"""The networks of one folder, loaded with `transformers` when they are first needed; nothing is fetched from anywhere.

A folder is what `save_pretrained` or `penumbra models pull` made: `config.json` and safetensors. The same numbers
serve two networks: one answers prompts on a picture, one follows a thing through frames.
"""

from __future__ import annotations

import importlib
import json
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from core.errors import EngineError
from inference.models.promptable.lens import Lens
from inference.models.promptable.repvit import register, without_timm

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
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

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
        return getattr(_transformers(self.folder), MODULES[self.family][2])(**kept, dtype=torch.float32)

    def lens(self, network: Any) -> Lens:
        """How a network of this folder sees pictures."""
        seen = network.config.prompt_encoder_config
        return Lens.of(self.folder, int(seen.image_size), int(seen.patch_size), imagenet=self.family != "sam3")

    def quick(self) -> AbstractContextManager[Any]:
        """Half the digits on a GPU, as these networks were trained; all of them on a CPU."""
        if self.device.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return nullcontext()

    def _load(self, name: str) -> Any:
        """Raises EngineError where a package or numbers are missing."""
        transformers = _transformers(self.folder)
        network_class = getattr(transformers, name)
        given = {}
        if self.family == "edgetam":
            register(transformers)
            said = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
            given["config"] = network_class.config_class.from_dict(without_timm(said))
        network, told = network_class.from_pretrained(
            str(self.folder), local_files_only=True, dtype=torch.float32, output_loading_info=True, **given
        )
        missing = sorted(told["missing_keys"])
        if missing:
            why = f"lack {len(missing)} of the network's numbers (the first are {missing[0]})"
            hint = "They are of another network, or were saved without them: pull them again."
            raise EngineError(f"The weights in {self.folder}", why, hint, reason="MODEL_BROKEN")
        return network.to(self.device).eval().requires_grad_(False)


def family_of(folder: Path) -> str:
    """`sam2_video` → `sam2`, as the folder's config says."""
    kind = str(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type", ""))
    return kind.removesuffix("_video").removesuffix("_tracker")


def _transformers(folder: Path) -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # what is not in the folder is missing, not fetched
    try:
        transformers = importlib.import_module("transformers")
    except ImportError as error:
        hint = "Type: pip install 'penumbra[hub]', and start Penumbra again."
        raise EngineError(f"The model in {folder}", "needs the package transformers", hint) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers
