"""A review room of plain values, for the widgets' tests."""

from __future__ import annotations

from core.delivered_keys import current_key
from core.document import Document
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, LayerId, MatteKey
from core.review import WHOLE_PICTURE
from core.review_plan import ReviewPlan


class FakeReview:
    """Implements `widgets.review.ReviewRoom`; `plans` holds what was to be exported."""

    def __init__(self, document: Document) -> None:
        self.author = "ana"
        self.older: set[tuple[LayerId, FrameNumber]] = set()
        """Where the matte on screen is not the one that would be delivered."""
        self.plans: list[ReviewPlan] = []
        self._document = document

    def seen(self, layer_id: LayerId, frame: FrameNumber) -> tuple[MatteKey, bool]:
        shot = self._document.shot
        if (layer_id, frame) in self.older or shot.plate is None:
            return "an older matte", False
        return current_key(shot, frame, layer_id), True

    def sealable(self, layer_id: LayerId, frame: FrameNumber) -> tuple[tuple[LayerId, MatteKey], ...]:
        layers = [layer.id for layer in self._document.shot.layers if layer_id in (WHOLE_PICTURE, layer.id)]
        keys = {each: self.seen(each, frame) for each in layers}
        return tuple((each, key) for each, (key, fresh) in keys.items() if fresh and key != EMPTY_MATTE)

    def export(self, plan: ReviewPlan) -> None:
        self.plans.append(plan)
