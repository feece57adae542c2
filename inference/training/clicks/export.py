"""From what training keeps to the file that is shipped: half precision, with the step it was taken at."""

from __future__ import annotations

from torch import Tensor

from inference.models.select.network import DEPTHS, WIDTHS
from inference.models.select.weights import packed


def export(
    average: dict[str, Tensor], step: int, widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS
) -> bytes:
    """Safetensors of the learner's moving average (its state), to be written to `select/weights.safetensors`."""
    return packed(average, widths, depths, {"step": str(step), "license": "Apache-2.0"})
