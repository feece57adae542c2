"""A judge that knows what the test tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.color import DisplayTransform
from core.correct_next import Suggestion, suggestions
from core.error_removed import ErrorRemoved
from core.expected_error import LookAt, queue
from core.frame_facts import FrameFacts
from core.frames import FrameNumber
from core.layer import LayerId
from core.signal import Signal
from widgets.judging import Heat, WorstFrame


class FakeJudging:
    """Implements `widgets.judging.Judging`. `asked` holds (what, arguments...) of every request for work."""

    def __init__(self) -> None:
        self.changed: Signal[LayerId] = Signal()
        self.known: dict[LayerId, dict[FrameNumber, FrameFacts]] = {}
        self.heats: dict[tuple[LayerId, FrameNumber], Heat] = {}
        self.taken_away: dict[LayerId, ErrorRemoved] = {}
        self.worst: list[WorstFrame] = []
        self.asked: list[tuple[Any, ...]] = []

    def put_facts(self, layer_id: LayerId, facts: Mapping[FrameNumber, FrameFacts]) -> None:
        self.known[layer_id] = dict(facts)
        self.changed.emit(layer_id)

    def judge(self, layer_id: LayerId, around: FrameNumber) -> None:
        self.asked.append(("judge", layer_id, around))

    def pause(self, *, paused: bool) -> None:
        self.asked.append(("pause", paused))

    def facts(self, layer_id: LayerId) -> Mapping[FrameNumber, FrameFacts]:
        return self.known.get(layer_id, {})

    def queue(self, layer_id: LayerId) -> Sequence[LookAt]:
        return queue(self.facts(layer_id))

    def suggestions(self, layer_id: LayerId) -> Sequence[Suggestion]:
        return suggestions(self.facts(layer_id), {}, most=5)

    def removed(self, layer_id: LayerId) -> ErrorRemoved | None:
        return self.taken_away.get(layer_id)

    def progress(self, layer_id: LayerId) -> tuple[int, int]:
        facts = self.facts(layer_id)
        return sum(1 for each in facts.values() if each.measured), len(facts)

    def chatter(self, layer_id: LayerId, frame: FrameNumber) -> Heat | None:
        return self.heats.get((layer_id, frame))

    def sheet(
        self, layer_id: LayerId, most: int, transform: DisplayTransform, done: Callable[[Sequence[WorstFrame]], None]
    ) -> None:
        self.asked.append(("sheet", layer_id, most))
        done(self.worst[:most])

    def save_sheet(self, layer_id: LayerId, worst: Sequence[WorstFrame], path: Path) -> None:
        self.asked.append(("save_sheet", layer_id, len(worst), path))
