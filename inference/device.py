"""Where a network would compute, without importing torch: it takes seconds, and a list of models is asked for often."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from pathlib import Path


def accelerator() -> str:
    """`gpu` where torch is there and would find one, as far as can be seen; else `cpu`."""
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "cuda"):
        return "gpu" if torch.cuda.is_available() else "cpu"
    try:
        build = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return "cpu"
    found = Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi") is not None
    return "gpu" if found and "+cpu" not in build else "cpu"
