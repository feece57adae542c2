"""A model as it describes itself: what the knobs, the licence line and `penumbra models` are built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Read from the model's manifest by the engine and sent as it is.

    Args:
        id: the name used in requests (`segment`, `propagate`).
        tasks: `segment`, `propagate`, `teach`, `refine`, `process`.
        options_schema: JSON Schema 2020-12, an object whose properties carry `title`, `description`, `default`,
            `minimum`/`maximum`/`enum` and `x-ui` hints (`widget`, `group`, `order`, `advanced`, `hidden`).
        encoding: the color encoding it wants its picture in (`core/encoding.py`).
        license: shown to the artist.
        trainable: whether Teach may be offered.
        device: where it computes, `cpu` or `gpu`; empty where nobody says.
        weights_bytes: size of its weights; 0 for a model without.
    """

    id: str
    version: str
    label: str
    tasks: tuple[str, ...]
    options_schema: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = "linear"
    weights_sha256: str = ""
    license: str = ""
    trainable: bool = False
    parent_id: str = ""
    description: str = ""
    device: str = ""
    weights_bytes: int = 0

    def defaults(self) -> dict[str, Any]:
        """The default of every option."""
        return {name: knob.get("default") for name, knob in self.options_schema.get("properties", {}).items()}

    def settings(self) -> dict[str, Any]:
        """The default of every option the artist sets: those the program sends by itself are `hidden`."""
        knobs = self.options_schema.get("properties", {})
        return {name: knob.get("default") for name, knob in knobs.items() if not knob.get("x-ui", {}).get("hidden")}

    def understands(self, option: str) -> bool:
        """Whether a request may carry this option."""
        return option in self.options_schema.get("properties", {})
