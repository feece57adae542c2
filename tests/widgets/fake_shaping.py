"""Shapes as a whole for the widgets' tests: requests written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.layer import LayerId
from widgets.shaping import FitOrder, Then


class FakeShaping:
    """Implements `widgets.shaping.ShapeRoom`; writes down what is asked, and says that it came at once."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def fit(self, layer_id: LayerId, order: FitOrder, then: Then) -> None:
        self.asked.append(("fit", layer_id, order))
        then(layer_id)

    def write(self, layer_id: LayerId, path: Path) -> None:
        self.asked.append(("write", layer_id, path))

    def read(self, layer_id: LayerId, path: Path, then: Then) -> None:
        self.asked.append(("read", layer_id, path))
        then(layer_id)
