"""Where a training stands, on disk: its numbers and its step in one file that is replaced whole, so that whoever is
killed goes on from the last one.

Knows tensors by name; not what they are for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from core.disk import write_whole
from core.errors import PenumbraError


class Checkpoint:
    """Of one training; its folder is made where it is not there.

    Args:
        parts: name of a part → its tensors by name, those that training changes in place (`state_dict()` gives them).
    """

    def __init__(self, path: Path, parts: Mapping[str, Mapping[str, Tensor]]) -> None:
        self._path = path
        self._tensors = {f"{part}.{name}": each for part, named in parts.items() for name, each in named.items()}
        path.parent.mkdir(parents=True, exist_ok=True)

    def keep(self, step: int) -> None:
        """Raises OSError where the disk refuses; then the one before is still there."""
        numbers = {name: each.contiguous() for name, each in self._tensors.items()}
        write_whole(self._path, save(numbers, {"step": str(step)}))

    def resume(self) -> int:
        """Put what was kept into the tensors; the step it was kept at, 0 where nothing was.

        Raises PenumbraError for a file that is no checkpoint, or another network's.
        """
        if not self._path.exists():
            return 0
        try:
            with safe_open(self._path, "pt") as kept, torch.no_grad():
                numbers = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118 - it is no table
                step = _step_of(kept.metadata() or {})
                self._take(numbers)
        except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
            hint = "Take another folder, or delete the file to begin anew."
            raise PenumbraError(str(self._path), why=f"cannot be gone on from ({error})", hint=hint) from error
        return step

    def _take(self, numbers: Mapping[str, Tensor]) -> None:
        """Raises ValueError, and takes nothing, where they are another network's."""
        shapes = {name: each.shape for name, each in self._tensors.items()}
        if shapes != {name: each.shape for name, each in numbers.items()}:
            raise ValueError("it is of another network")
        for name, each in self._tensors.items():
            each.copy_(numbers[name])


def _step_of(notes: Mapping[str, str]) -> int:
    return int(notes["step"] if "step" in notes else notes["done"])  # "done": as the click network's said before
