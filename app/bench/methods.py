"""What answers clicks in the benches: models by their name, and the baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from app.bench.baselines import BASELINES
from app.bench.protocol import Answer
from core.arrays import Bool, Float32, UInt8
from core.prompts import Click
from inference.model import SegmentModel
from inference.registry import InstalledModel, Registry


@dataclass(slots=True)
class Method:
    """Something that answers clicks.

    Args:
        fingerprint: what a row's figures depend on besides the picture; other than a row's, the row is not kept.
        ready: (H, W, 3) scene-linear → answers to clicks on it.
    """

    name: str
    fingerprint: str
    ready: Callable[[Float32], Answer]


def methods_named(names: Sequence[str], registry: Registry) -> list[Method]:
    """Baselines and models by name, each once. Raises EngineError for a model that is not there."""
    methods = []
    for name in dict.fromkeys(names):
        if name in BASELINES:
            methods.append(Method(name, "", _baseline(name)))
        else:
            methods.append(_model(registry.find(name, "segment")))
    return methods


def _baseline(name: str) -> Callable[[Float32], Answer]:
    return lambda rgb: BASELINES[name](display_bytes(rgb))


def _model(installed: InstalledModel) -> Method:
    options = installed.options({})

    def ready(rgb: Float32) -> Answer:
        with installed.use() as network:
            encoded = cast(SegmentModel, network).encode(rgb, options)

        def answer(clicks: Sequence[Click]) -> Bool:
            with installed.use() as network:
                coverage, _ = cast(SegmentModel, network).segment(encoded, clicks, None, options, lambda: False)
            return np.asarray(coverage >= 0.5)

        return answer

    return Method(installed.info.id, installed.fingerprint[:12], ready)


def display_bytes(rgb: Float32) -> UInt8:
    """(H, W, 3) 8-bit with a display's curve: what the baselines were made for."""
    return (np.clip(rgb, 0.0, 1.0) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
