"""A network of the package `transformers` from a folder on this machine; nothing is fetched from anywhere.

A folder is what `save_pretrained` or `penumbra models pull` made: `config.json` and safetensors. Knows where a network
computes; not what it is asked.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import safetensors
import torch

from core.errors import EngineError


def transformers_for(folder: Path) -> Any:
    """The package. Raises EngineError, about the model in `folder`, where it is not installed."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # what is not in the folder is missing, not fetched
    try:
        transformers = importlib.import_module("transformers")
    except ImportError as error:
        hint = "Type: pip install 'penumbra[hub]', and start Penumbra again."
        raise EngineError(f"The model in {folder}", "needs the package transformers", hint) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def loaded(folder: Path, class_name: str, put_right: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> Any:
    """The network of that class with the folder's numbers, where it computes, ready to be asked but not to be trained.

    Args:
        put_right: makes of what the folder's `config.json` says what this version of the package understands.

    Raises:
        EngineError: the package or numbers are missing, or the files cannot be read.
    """
    network_class = getattr(transformers_for(folder), class_name)
    try:
        given = {}
        if put_right is not None:
            said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            given["config"] = network_class.config_class.from_dict(put_right(said))
        network, told = network_class.from_pretrained(
            str(folder), local_files_only=True, dtype=torch.float32, output_loading_info=True, **given
        )
    except (OSError, ValueError, TypeError, RuntimeError, safetensors.SafetensorError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise _broken(folder, f"cannot be read ({reason[0].rstrip('.')})", "They are damaged") from error
    if missing := sorted(told["missing_keys"]):
        why = f"lack {len(missing)} of the network's numbers (the first are {missing[0]})"
        raise _broken(folder, why, "They are of another network, or were saved without them")
    return network.to(where()).eval().requires_grad_(False)


def where() -> torch.device:
    """Where networks compute."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def quick() -> AbstractContextManager[Any]:
    """Half the digits on a GPU, as these networks were trained; all of them on a CPU."""
    return torch.autocast("cuda", torch.bfloat16) if where().type == "cuda" else nullcontext()


def _broken(folder: Path, why: str, because: str) -> EngineError:
    return EngineError(f"The weights in {folder}", why, f"{because}: pull them again.", reason="MODEL_BROKEN")
