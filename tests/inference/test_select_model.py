"""The learned segmenter's promises, with networks that were never trained and one that knows colors only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from core.arrays import Bool, Float32
from core.errors import Cancelled, EngineError, PromptError
from core.prompts import Box, Click, Prompt, Stroke, StrokePoint
from inference.models.select import weights
from inference.models.select.model import LearnedSegmenter, create
from inference.models.select.network import ClickNet
from inference.models.select.proposal import by_colors, convinces
from inference.models.select.steps import State, apply
from inference.registry import EMBEDDED, Registry, trained
from inference.training.clicks.export import export

SMALL = (8, 16, 16, 16, 16)
SHALLOW = (0, 1, 1, 1, 1)
GRAY, RED = (0.18, 0.18, 0.18), (0.6, 0.05, 0.03)


class ColorNet(ClickNet):
    """Selects the colors that adding clicks point at, less those that subtracting ones do; heeds nothing else."""

    def look(self, rgb: Tensor) -> list[Tensor]:
        return [rgb]

    def answer(self, seen: list[Tensor], hints: Tensor, clicks: Tensor) -> Tensor:
        (rgb,) = seen
        places = (clicks[0, :, :2] * torch.tensor(rgb.shape[:1:-1])).long()
        far = [torch.full(rgb.shape[2:], most) for most in (1.0, 0.3)]
        for (x, y), sign in zip(places.tolist(), clicks[0, :, 2].tolist(), strict=True):
            if sign:
                away = (rgb[0] - rgb[0, :, y, x][:, None, None]).abs().amax(dim=0)
                far[int(sign < 0)] = torch.minimum(far[int(sign < 0)], away)
        return (60 * (far[1] - far[0]))[None, None]


class DeafNet(ColorNet):
    """Nothing is ever selected."""

    def answer(self, seen: list[Tensor], hints: Tensor, clicks: Tensor) -> Tensor:
        return torch.full((1, 1, *seen[0].shape[2:]), -9.0)


class TimidNet(ColorNet):
    """Sure of a place around the click, nearly sure of the rest of its color; keeps to a previous matte."""

    def answer(self, seen: list[Tensor], hints: Tensor, clicks: Tensor) -> Tensor:
        colors = super().answer(seen, hints, clicks).clamp(-9, -0.1)
        previous = torch.nn.functional.interpolate(hints[:, 5:6], size=colors.shape[2:], mode="bilinear")
        x, y = (float(clicks[0, 0, place] * colors.shape[3 - place]) for place in (0, 1))
        rows, columns = torch.meshgrid(*(torch.arange(size) for size in colors.shape[2:]), indexing="ij")
        sure = torch.hypot(columns - x, rows - y) < 14
        return torch.where(sure | (previous > 0.5), 9.0, colors)


def never() -> bool:
    return False


def disc(shape: tuple[int, int], x: float, y: float, radius: float) -> Bool:
    ys, xs = np.indices(shape) + 0.5
    return np.asarray(np.hypot(xs - x, ys - y) < radius)


def two_discs() -> tuple[Float32, Bool, Bool]:
    """A red disc left and a red disc right on gray, 200 x 400."""
    left, right = disc((200, 400), 100, 100, 30), disc((200, 400), 300, 100, 30)
    rgb = np.empty((200, 400, 3), np.float32)
    rgb[:] = GRAY
    rgb[left | right] = RED
    return rgb, left, right


def untrained(seed: int = 0) -> LearnedSegmenter:
    torch.manual_seed(seed)
    return LearnedSegmenter(ClickNet(SMALL, SHALLOW).eval())


def colors() -> LearnedSegmenter:
    return LearnedSegmenter(ColorNet(SMALL, SHALLOW).eval())


def overlap(coverage: Float32, truth: Bool) -> float:
    got = coverage >= 0.5
    return float((got & truth).sum() / (got | truth).sum())


def some_clicks(seed: int, count: int) -> list[Prompt]:
    rng = np.random.default_rng(seed)
    places = rng.uniform((0, 0), (400, 200), (count, 2))
    return [Click(float(x), float(y), bool(rng.uniform() < 0.6)) for x, y in places]


# --- promises that hold whatever the network says -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_clicks_are_honoured_whatever_the_network_says(seed: int) -> None:
    rgb = two_discs()[0]
    model = untrained(seed)
    encoded = model.encode(rgb, {"working_px": 128})
    clicks = [Click(100.5, 100.5), *some_clicks(seed, 4)]

    coverage, confidence = model.segment(encoded, clicks, None, {}, never)

    assert coverage.shape == (200, 400)
    assert coverage.dtype == np.float32
    assert 0.0 <= confidence <= 1.0
    last_at = {(int(click.x), int(click.y)): click.adds for click in clicks if isinstance(click, Click)}
    assert all(coverage[y, x] == float(adds) for (x, y), adds in last_at.items())


def test_a_network_that_does_not_heed_is_helped_by_regions_not_by_dots() -> None:
    """The whole disc under the click is selected, though the network says nothing is."""
    rgb, left, right = two_discs()
    model = LearnedSegmenter(DeafNet(SMALL, SHALLOW).eval())

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(100.5, 100.5)], None, {}, never)

    assert overlap(coverage, left) > 0.9
    assert coverage[right].max() == 0.0


def test_a_subtracting_click_is_heeded_when_the_network_is_deaf() -> None:
    rgb, left, right = two_discs()
    model = LearnedSegmenter(DeafNet(SMALL, SHALLOW).eval())
    previous = (left | right).astype(np.float32)

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(100.5, 100.5, adds=False)], previous, {}, never)

    assert coverage[left].mean() < 0.1
    assert np.array_equal(coverage[:, 200:], previous[:, 200:])


@pytest.mark.parametrize("seed", range(3))
def test_a_change_is_connected_with_the_click_that_made_it(seed: int) -> None:
    """Pieces that changed sides touch the click's surroundings; beyond them coverage is what it was, bit for bit."""
    rgb = two_discs()[0]
    model = untrained(seed)
    encoded = model.encode(rgb, {"working_px": 128})
    clicks = [Click(100.5, 100.5), *some_clicks(seed + 9, 3)]
    for length in range(2, len(clicks) + 1):
        before, _ = model.segment(encoded, clicks[: length - 1], None, {"quick": False}, never)
        after, _ = model.segment(encoded, clicks[:length], None, {"quick": False}, never)
        changed = before != after
        if changed.any():
            apart = 2 * 8 + 20
            grown = np.zeros_like(changed)
            newest = clicks[length - 1]
            assert isinstance(newest, Click)
            grown[int(newest.y), int(newest.x)] = True
            for _ in range(400 // 4):
                wider = _grown(grown, 4) & (_grown(changed, apart) | grown)
                if np.array_equal(wider, grown):
                    break
                grown = wider
            assert not (changed & ~_grown(grown, apart)).any()


def _grown(mask: Bool, by: int) -> Bool:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0)


def test_a_bite_out_of_one_disc_leaves_the_other_bit_for_bit() -> None:
    """The network would take both away: they have the same color."""
    rgb, left, right = two_discs()
    model = colors()
    encoded = model.encode(rgb, {})
    before, _ = model.segment(encoded, [Click(100.5, 100.5)], None, {}, never)

    after, _ = model.segment(encoded, [Click(100.5, 100.5), Click(300.5, 90.5, adds=False)], None, {}, never)

    assert overlap(before, left | right) > 0.95
    assert after[90, 300] == 0.0
    assert np.array_equal(before[:, :240], after[:, :240])


def test_the_previous_matte_stays_bit_for_bit_where_no_prompt_points() -> None:
    rgb, left, right = two_discs()
    previous = np.where(right, np.float32(0.625), np.float32(0.0))
    model = colors()

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(100.5, 100.5)], previous, {}, never)

    assert overlap(coverage[:, :200], left[:, :200]) > 0.95
    assert np.array_equal(coverage[:, 220:], previous[:, 220:])


@pytest.mark.parametrize("make", [untrained, colors])
def test_the_answer_does_not_depend_on_what_was_asked_before(make: Any) -> None:
    """Remembered states and features are only caches: a fresh engine gives the same matte for the same prompts."""
    rgb = two_discs()[0]
    model = make()
    clicks = [Click(100.5, 100.5), *some_clicks(3, 3)]
    used = model.encode(rgb, {"working_px": 128})
    for length in (1, 4, 2, 1):
        model.segment(used, clicks[:length], None, {}, never)
        model.segment(used, clicks[:length], None, {"quick": True}, never)
    warm, _ = model.segment(used, clicks, None, {}, never)

    cold, _ = make().segment(make().encode(rgb, {"working_px": 128}), clicks, None, {}, never)

    assert np.array_equal(warm, cold)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("adds", [True, False])
def test_a_correction_is_of_one_kind(seed: int, adds: bool) -> None:
    """What adds takes nothing away anywhere, whatever the network says; what subtracts adds nothing."""
    encoded = untrained(seed).encode(two_discs()[0], {"working_px": 128})
    begun = State(np.random.default_rng(seed).random((200, 400), np.float32))
    told: list[Prompt] = [Click(100.5, 100.5), Click(210.5, 60.5, not adds), Click(250.5, 90.5, adds)]
    before = apply(encoded.ground, begun, told[:2], 1.0, quick=False)

    after = apply(encoded.ground, before, told, 1.0, quick=False).coverage

    assert not np.array_equal(after, before.coverage)
    assert (after >= before.coverage).all() if adds else (after <= before.coverage).all()


def test_a_small_correction_is_looked_at_from_nearer() -> None:
    """A dark dot of 5 pixels on a disc of 160: of the window around the disc it is less than two seen pixels."""
    whole, dot = disc((400, 400), 200, 200, 80), disc((400, 400), 230, 180, 2.5)
    rgb = np.empty((400, 400, 3), np.float32)
    rgb[:] = GRAY
    rgb[whole] = RED
    rgb[dot] = (0.02, 0.02, 0.3)
    model = colors()
    clicks = [Click(200.5, 200.5), Click(230.5, 180.5, adds=False)]

    coverage, _ = model.segment(model.encode(rgb, {"working_px": 128}), clicks, whole.astype(np.float32), {}, never)

    assert overlap(coverage, whole & ~dot) > 0.99
    assert overlap(1 - coverage[160:200, 210:250], dot[160:200, 210:250]) > 0.6


# --- what it makes of a network that knows something --------------------------------------------------------------


def test_a_small_disc_is_looked_at_from_near() -> None:
    """4K: the disc is 40 pixels wide, two at the working size; looked at from near its outline is right to a pixel."""
    truth = disc((540, 960), 300, 200, 10)
    rgb = np.empty((540, 960, 3), np.float32)
    rgb[:] = GRAY
    rgb[truth] = RED
    model = colors()
    encoded = model.encode(rgb, {"working_px": 128})

    near, _ = model.segment(encoded, [Click(300.5, 200.5)], None, {}, never)
    quick, _ = model.segment(encoded, [Click(300.5, 200.5)], None, {"quick": True}, never)

    assert overlap(near, truth) > 0.95
    assert overlap(near, truth) > overlap(quick, truth)


def test_colors_of_a_drawn_picture_are_told_apart() -> None:
    """Two flat colors: what is red, not all there is."""
    rgb, left, right = two_discs()
    small = cv2.resize((left | right).astype(np.float32), (192, 96), interpolation=cv2.INTER_AREA) > 0.5

    inside = by_colors(rgb, 1.0, 100.5, 100.5)

    assert overlap(inside.astype(np.float32), np.asarray(small)) > 0.8


def test_a_box_holds_the_answer() -> None:
    rgb, left, _ = two_discs()
    model = colors()

    coverage, _ = model.segment(model.encode(rgb, {}), [Box(60, 60, 140, 140), Click(100.5, 100.5)], None, {}, never)

    assert overlap(coverage[:, :200], left[:, :200]) > 0.9


def test_nothing_outside_a_first_box_is_selected() -> None:
    rgb = two_discs()[0]
    model = untrained()

    coverage, _ = model.segment(model.encode(rgb, {"working_px": 128}), [Box(60, 60, 140, 140)], None, {}, never)

    assert coverage[:, 160:].max() == 0.0
    assert coverage[:50].max() == 0.0


def test_a_stroke_is_heeded_along_its_way() -> None:
    rgb, left, right = two_discs()
    stroke = Stroke((StrokePoint(100, 100), StrokePoint(300, 100)), radius_px=3)
    model = colors()

    coverage, _ = model.segment(model.encode(rgb, {}), [stroke], None, {}, never)

    assert coverage[100, 100:300].min() == 1.0
    assert coverage[left | right].mean() > 0.9


def test_a_subtracting_click_alone_selects_nothing() -> None:
    model = colors()

    coverage, confidence = model.segment(model.encode(two_discs()[0], {}), [Click(9, 9, adds=False)], None, {}, never)

    assert coverage.max() == 0.0
    assert confidence == 0.0


def test_reach_is_told_to_the_network_and_changes_its_answer() -> None:
    rgb = two_discs()[0]
    model = untrained()
    encoded = model.encode(rgb, {"working_px": 128})

    usual, part = (
        model.segment(encoded, [Click(100.5, 100.5)], None, {"reach": reach}, never)[0] for reach in (1, 0.25)
    )

    assert not np.array_equal(usual, part)


@pytest.mark.parametrize("gain", [0.001, 50.0])
def test_exposure_does_not_matter(gain: float) -> None:
    """Scene-linear light has no top: the same plate far over and far under gives the same disc."""
    rgb, left, right = two_discs()
    model = colors()

    coverage, _ = model.segment(model.encode(rgb * np.float32(gain), {}), [Click(100.5, 100.5)], None, {}, never)

    assert overlap(coverage, left | right) > 0.95


def test_negative_and_huge_values_are_light_like_any_other() -> None:
    rgb, left, right = two_discs()
    rgb[..., 2] -= 0.1
    rgb[5:9, 5:9] = 30000.0
    model = colors()

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(100.5, 100.5)], None, {}, never)

    assert np.isfinite(coverage).all()
    assert overlap(coverage, left | right) > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (16, 16), (40, 3), (33, 700)])
def test_pictures_of_any_size_work(shape: tuple[int, int]) -> None:
    rgb = np.full((*shape, 3), 0.5, np.float32)
    model = untrained()

    coverage, _ = model.segment(model.encode(rgb, {"working_px": 128}), [Click(0.5, 0.5)], None, {}, never)

    assert coverage.shape == shape
    assert coverage[0, 0] == 1.0


def test_colors_make_the_first_guess_of_a_thing_that_stands_free() -> None:
    """A timid network finds the middle of the disc; the disc's colors say the rest, as nothing like it is elsewhere."""
    rgb, left, _ = two_discs()
    rgb[:, 200:] = GRAY
    model = LearnedSegmenter(TimidNet(SMALL, SHALLOW).eval())

    coverage, _ = model.segment(model.encode(rgb, {}), [Click(100.5, 100.5)], None, {"quick": True}, never)

    assert overlap(coverage, left) > 0.9


@pytest.mark.parametrize(
    ("inside", "likely", "expected"),
    [
        (disc((60, 90), 40, 30, 20), 0.8, True),
        (disc((60, 90), 40, 30, 20), 0.2, False),
        (disc((60, 90), 0, 30, 25), 0.8, False),
        (np.zeros((60, 90), bool), 0.8, False),
        ((np.indices((60, 90)) // 8 % 2).sum(axis=0) == 1, 0.8, False),
    ],
    ids=["stands free", "the network is against it", "reaches the border", "nothing", "many pieces"],
)
def test_when_colors_convince(inside: Bool, likely: float, expected: bool) -> None:
    assert convinces(inside, np.where(inside, np.float32(likely), np.float32(0.0))) == expected


# --- refusing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (Click(-3.0, 5.0), "outside the picture"),
        (Click(float("nan"), 5.0), "not a number"),
        (Box(50, 50, 50, 80), "no area"),
        (Stroke((), 4), "no points"),
    ],
)
def test_a_prompt_that_means_nothing_is_refused_in_a_sentence(prompt: Prompt, said: str) -> None:
    model = untrained()
    encoded = model.encode(two_discs()[0], {"working_px": 128})

    with pytest.raises(PromptError, match=said):
        model.segment(encoded, [prompt], None, {}, never)


def test_no_prompts_give_the_previous_matte_or_are_refused() -> None:
    model = untrained()
    rgb, left, _ = two_discs()
    encoded = model.encode(rgb, {"working_px": 128})
    previous = left.astype(np.float32) * np.float32(0.3)

    assert np.array_equal(model.segment(encoded, [], previous, {}, never)[0], previous)
    with pytest.raises(PromptError, match="no click, box or stroke"):
        model.segment(encoded, [], None, {}, never)


def test_cancel_is_heard() -> None:
    model = untrained()
    encoded = model.encode(two_discs()[0], {"working_px": 128})

    with pytest.raises(Cancelled):
        model.segment(encoded, [Click(60.5, 60.5)], None, {}, lambda: True)


# --- weights ------------------------------------------------------------------------------------------------------


def test_weights_come_back_in_half_precision(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = ClickNet(SMALL, SHALLOW)
    (tmp_path / weights.FILE).write_bytes(export(network.state_dict(), 17, SMALL, SHALLOW))

    read = weights.read(tmp_path / weights.FILE)
    model = create(tmp_path)

    told = network.state_dict()
    assert all(torch.equal(value, told[name].half().float()) for name, value in read.state_dict().items())
    coverage, _ = model.segment(model.encode(two_discs()[0], {}), [Click(9, 9)], None, {}, never)
    assert coverage[9, 9] == 1.0


def test_weights_that_cannot_be_used_are_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / weights.FILE
    good = export(ClickNet(SMALL, SHALLOW).state_dict(), 17, SMALL, SHALLOW)
    other = export(ClickNet((16, 16, 16, 16, 16), SHALLOW).state_dict(), 17, SMALL, SHALLOW)
    broken = {
        "cannot be read": None,
        "not a file of its weights": good[: len(good) // 2],
        "not a file of its weights ": b"",
        "do not fit": other,
        "holds 'flow'": save(load(good), {"kind": "flow", "version": "1", "widths": "[]", "depths": "[]"}),
        "make no network": save(load(good), {**_notes(good), "widths": "[7, 7, 7, 7, 7]"}),
    }
    for said, data in broken.items():
        path.unlink(missing_ok=True)
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(EngineError, match=said.strip()) as caught:
            weights.read(path)
        assert str(path) in caught.value.sentence
        assert caught.value.reason == "MODEL_BROKEN"


def _notes(data: bytes) -> dict[str, str]:
    length = int.from_bytes(data[:8], "little")
    return dict(json.loads(data[8 : 8 + length])["__metadata__"])


def test_numbers_too_large_for_half_precision_are_not_shipped() -> None:
    numbers = ClickNet(SMALL, SHALLOW).state_dict()
    numbers["head.bias"] = torch.full_like(numbers["head.bias"], 1e6)

    with pytest.raises(EngineError, match="half precision"):
        export(numbers, 1, SMALL, SHALLOW)


def test_the_installed_model_is_found_once_it_is_trained(tmp_path: Path) -> None:
    """A folder as it is shipped: manifest, code and weights. Ours is no problem while it is not trained."""
    assert ("select" in {info.id for info in Registry().models("segment")}) == trained(EMBEDDED / "select")
    assert Registry().problems == []
    (tmp_path / "select").mkdir()
    for name in ("manifest.json", "model.py"):
        (tmp_path / "select" / name).write_bytes((EMBEDDED / "select" / name).read_bytes())
    (tmp_path / "select" / weights.FILE).write_bytes(export(ClickNet(SMALL, SHALLOW).state_dict(), 1, SMALL, SHALLOW))

    installed = Registry([tmp_path]).find("select", "segment")

    assert installed.options({}) == {"reach": 1.0, "softness": 0.5, "working_px": 320, "quick": False}
    with installed.use() as model:
        coverage, _ = model.segment(model.encode(two_discs()[0], {}), [Click(9, 9)], None, {}, never)
    assert coverage[9, 9] == 1.0
