"""Teaching a public network: tiny random ones learn a disc, and what they were taught is kept as bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft", reason="teaching public models needs peft (extra hub)")

import torch

from core.errors import Cancelled, EngineError
from inference.model import Lesson, Options, TeachStep
from inference.models.promptable import situations
from inference.models.promptable.low_rank import adapted, base_of, is_low_rank, packed, unpacked
from inference.models.promptable.model import Promptable, create
from inference.models.promptable.situations import Situations
from inference.models.promptable.teaching import Plan, teach
from inference.registry import Registry
from inference.training.evaluate import overlap
from tests.inference.moving_disc import MovingDisc
from tests.inference.tiny_public import tiny_edgetam, tiny_sam2, tiny_sam3

STEPS = 160
"""Tiny networks of random numbers learn a disc in that; those that were trained need a tenth of it."""


def never() -> bool:
    return False


class StepClock:
    """A tenth of a second each time it is asked: once a step."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self) -> float:
        self._asked += 1
        return 0.1 * self._asked


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks so small are quickest on one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_sam2(tmp_path_factory.mktemp("public") / "tiny")


@pytest.fixture(scope="module")
def network(folder: Path) -> Promptable:
    return create(folder)


@pytest.fixture(scope="module")
def options(folder: Path) -> Options:
    return Registry([folder.parent], embedded=None).find("tiny", "teach").options({})


@pytest.fixture(scope="module")
def shot() -> MovingDisc:
    return MovingDisc()


@pytest.fixture(scope="module")
def lessons(shot: MovingDisc) -> list[Lesson]:
    return [shot.lesson(2), shot.lesson(14), shot.lesson(8, held_out=True), Lesson(11, shot.truth(11), approved=True)]


def lesson_of(
    network: Promptable, shot: MovingDisc, lessons: Sequence[Lesson], steps: int, resume_from: bytes = b""
) -> list[TeachStep]:
    plan = Plan(0.1 * steps, seed=0, rank=16, gain=1.0, rate=1e-2)
    return list(teach(network._networks, shot, lessons, resume_from, plan, never, StepClock()))


@pytest.fixture(scope="module")
def taught(network: Promptable, shot: MovingDisc, lessons: list[Lesson]) -> list[TeachStep]:
    return lesson_of(network, shot, lessons, STEPS)


def test_a_taught_network_is_nearer_to_what_it_was_not_taught(taught: list[TeachStep]) -> None:
    """The held-out frame and the approved one, before and after; a random network begins with noise."""
    figures = taught[-1].metrics

    assert taught[-1].progress == 1.0
    assert figures["held_out_error"] < 0.6 * figures["held_out_before"]
    assert figures["approved_error"] < figures["approved_before"]
    assert figures["training_iou"] > 0.5
    losses = [step.metrics["loss"] for step in taught if "loss" in step.metrics]
    assert losses[0] > losses[-1]


def test_a_frame_nobody_corrected_is_shown(taught: list[TeachStep], shot: MovingDisc) -> None:
    """Between the lessons 2 and 8; as the network alone sees it."""
    (frame,) = taught[-1].previews

    assert frame == 5
    assert taught[-1].previews[frame].shape == shot.shape()


def test_what_was_taught_is_used_to_follow(
    network: Promptable, options: Options, shot: MovingDisc, taught: list[TeachStep]
) -> None:
    keys = {2: shot.truth(2), 14: shot.truth(14)}

    def seen(adapter: bytes) -> dict[int, float]:
        given = network.propagate(shot, keys, [3, 8, 13], adapter, options, never)
        return {each.frame: overlap(each.coverage, shot.truth(each.frame)) for each in given}

    bare, after, once_more = seen(b""), seen(taught[-1].adapter), seen(b"")

    assert np.mean(list(after.values())) > np.mean(list(bare.values())) + 0.2
    assert once_more == bare, "the network itself was not changed"


def test_an_adapter_is_small_and_goes_on_where_it_was(
    network: Promptable, shot: MovingDisc, lessons: list[Lesson], taught: list[TeachStep]
) -> None:
    adapter = taught[-1].adapter
    decoder = network._networks.video.mask_decoder

    again, grown = unpacked(decoder, adapter)
    further = lesson_of(network, shot, lessons, 4, adapter)[-1]

    assert is_low_rank(adapter)
    assert packed(again, grown) == adapter
    assert grown.steps == taught[-1].step
    assert further.step > grown.steps
    assert further.metrics["held_out_before"] == pytest.approx(taught[-1].metrics["held_out_error"], abs=1e-6)


@pytest.mark.parametrize("make", [tiny_edgetam, tiny_sam3], ids=["edgetam", "sam3"])
def test_the_other_families_are_taught_the_same_way(
    make: Callable[[Path], Path], shot: MovingDisc, tmp_path: Path
) -> None:
    """A few steps: the loss falls, and what was taught changes what follows."""
    network = create(make(tmp_path / "tiny"))
    options = Registry([tmp_path], embedded=None).find("tiny", "teach").options({})
    steps = lesson_of(network, shot, [shot.lesson(2), shot.lesson(10)], 15)

    def seen(adapter: bytes) -> bytes:
        return b"".join(
            each.coverage.tobytes()
            for each in network.propagate(shot, {2: shot.truth(2)}, [3], adapter, options, never)
        )

    losses = [step.metrics["loss"] for step in steps if "loss" in step.metrics]
    assert losses[-1] < 0.8 * losses[0]
    assert seen(steps[-1].adapter) != seen(b"")


def test_a_lone_corrected_frame_is_recalled_from_its_mirror_image(network: Promptable, shot: MovingDisc) -> None:
    steps = lesson_of(network, shot, [shot.lesson(6)], 15)

    losses = [step.metrics["loss"] for step in steps if "loss" in step.metrics]
    assert losses[-1] < 0.8 * losses[0]
    assert "held_out_error" not in steps[-1].metrics, "nothing could be asked"


def test_one_of_two_corrected_frames_is_asked_in_a_region(network: Promptable, shot: MovingDisc) -> None:
    last = lesson_of(network, shot, [shot.lesson(2), shot.lesson(10)], 2)[-1]

    assert {"held_out_before", "held_out_error"} <= last.metrics.keys()


def test_an_untaught_adapter_changes_no_answer(network: Promptable) -> None:
    decoder = network._networks.video.mask_decoder
    ours = adapted(decoder, 4)

    assert base_of(decoder) == base_of(decoder)
    taught = [name for name, number in ours.named_parameters() if number.requires_grad]
    assert taught
    assert all(".lora_" in name for name in taught)
    assert not any(number.requires_grad for number in decoder.parameters())


def test_teaching_is_cancelled_within_a_step(network: Promptable, options: Options, shot: MovingDisc) -> None:
    polls = 0

    def soon() -> bool:
        nonlocal polls
        polls += 1
        return polls > 7

    with pytest.raises(Cancelled):
        list(network.teach(shot, [shot.lesson(2), shot.lesson(9)], b"", options, soon))


def test_a_missing_picture_of_an_approved_frame_ends_nothing(network: Promptable) -> None:
    """Neither does that of the frame which is shown: it is left out."""
    shot = MovingDisc(missing=frozenset({6, 12}))
    lessons = [shot.lesson(2), shot.lesson(10), Lesson(12, shot.truth(12), approved=True)]
    last = lesson_of(network, shot, lessons, 1)[-1]

    assert last.progress == 1.0
    assert "approved_error" not in last.metrics
    assert not last.previews


def test_of_many_corrected_frames_some_are_taught_from_over_the_whole_shot(
    network: Promptable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(situations, "MOST", 5)
    shot = MovingDisc(frames=14)
    found = Situations()
    for _ in found.gather(network._networks, shot, [shot.lesson(frame) for frame in range(14)], 1.0, never):
        pass
    frames = sorted({each.frame for each in found.taught})

    assert len(frames) == 5
    assert (frames[0], frames[-1]) == (0, 13)
    assert len(found.taught) == 10


def test_nothing_to_learn_from_is_a_sentence(network: Promptable, options: Options, shot: MovingDisc) -> None:
    with pytest.raises(EngineError, match="held out"):
        list(network.teach(shot, [shot.lesson(2, held_out=True)], b"", options, never))


def test_what_another_network_was_taught_is_refused(
    folder: Path, network: Promptable, options: Options, shot: MovingDisc, taught: list[TeachStep]
) -> None:
    """Of other weights, or cut short: said in words, before a frame is looked at."""
    other = create(folder)
    with torch.no_grad():
        other._networks.video.mask_decoder.iou_token.weight.add_(1.0)

    with pytest.raises(EngineError, match="other weights"):
        list(other.propagate(shot, {2: shot.truth(2)}, [3], taught[-1].adapter, options, never))
    anew = lesson_of(other, shot, [shot.lesson(2)], 1, taught[-1].adapter)[-1]
    assert anew.step == 1, "teaching it begins anew"
    with pytest.raises(EngineError, match="cannot be read"):
        list(network.propagate(shot, {2: shot.truth(2)}, [3], taught[-1].adapter[:-9], options, never))
    with pytest.raises(EngineError, match="another model"):
        list(network.propagate(shot, {2: shot.truth(2)}, [3], b"12345678{}", options, never))


def test_without_peft_it_is_said_what_to_install(
    network: Promptable, options: Options, shot: MovingDisc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)

    with pytest.raises(EngineError, match="peft") as refused:
        list(network.teach(shot, [shot.lesson(2)], b"", options, never))
    assert "penumbra[hub]" in refused.value.sentence
