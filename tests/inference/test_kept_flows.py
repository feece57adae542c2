"""Motion between pictures is searched once, and what is kept never changes an answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import inference.models.propagate as home
from inference.models.propagate.model import create
from inference.motion.flow import Motion
from inference.motion.kept_flows import KeptFlows, content
from tests.inference.moving_disc import MovingDisc


def test_what_was_asked_for_longest_ago_goes_when_there_is_no_room() -> None:
    """Room for two flows of 32 bytes: the third drops the one that was not asked for again."""
    kept, made = KeptFlows(64), []

    def asked(name: bytes) -> None:
        kept.flow((name, name), lambda: made.append(name) or np.zeros((2, 2, 2), np.float32))

    for name in (b"a", b"b", b"a", b"c", b"a", b"b"):
        asked(name)

    assert made == [b"a", b"b", b"c", b"b"]


def test_pictures_are_named_by_what_they_hold() -> None:
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    other = gray.copy()
    other[0, 0] = 9

    assert content(gray) == content(gray.copy())
    assert len({content(gray), content(other), content(gray.reshape(4, 3))}) == 3


def test_a_second_request_searches_nothing_and_answers_the_same() -> None:
    """Another key frame, another source of the same pictures, as a second request of the engine brings it."""
    kept = KeptFlows()
    first = Motion(MovingDisc(), 240, 1.0, kept=kept).between(3, 4)
    flows = dict(kept._flows)

    second = Motion(MovingDisc(), 240, 1.0, kept=kept).between(3, 4)

    assert first is not None
    assert second is not None
    assert kept._flows.keys() == flows.keys()
    assert np.array_equal(first.to, second.to)
    assert np.array_equal(first.trust, second.trust)


def test_history_does_not_change_a_propagation() -> None:
    folder = Path(home.__path__[0])
    options = {
        name: knob["default"]
        for name, knob in json.loads((folder / "manifest.json").read_text())["options"]["properties"].items()
    }
    shot, used, fresh = MovingDisc(), create(folder), create(folder)

    list(used.propagate(shot, {0: shot.truth(0)}, (2,), b"", options, lambda: False))
    (after,) = used.propagate(shot, {4: shot.truth(4)}, (2,), b"", options, lambda: False)
    (alone,) = fresh.propagate(shot, {4: shot.truth(4)}, (2,), b"", options, lambda: False)

    assert np.array_equal(after.coverage, alone.coverage)
    assert after.confidence == alone.confidence
