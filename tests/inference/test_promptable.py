"""Public promptable networks: the arithmetic around them, and tiny random ones through the model's interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from core.arrays import Float32
from core.encoding import encode
from core.errors import Cancelled, EngineError, PromptError
from core.prompts import Box, Click, Stroke, StrokePoint
from inference.model import Options
from inference.models.promptable.following import Walk, walks
from inference.models.promptable.lens import IMAGENET, Lens, coverage_of
from inference.models.promptable.model import Promptable, create
from inference.models.promptable.question import along, ask, honour
from inference.models.promptable.repvit import DEPTHS, WIDTHS, RepVit, without_timm
from inference.registry import Registry
from tests.inference.moving_disc import HEIGHT, WIDTH, MovingDisc
from tests.inference.tiny_public import tiny_edgetam, tiny_sam2, tiny_sam3

LENS = Lens(64, 16)


def never() -> bool:
    return False


# --- the lens ---------------------------------------------------------------------------------------------------------


def squeezed(plane: Float32, side: int, axis: int) -> Float32:
    """The processor's filter along one axis, by hand: a triangle as wide as the pixels it joins, centres at + 0.5."""
    count = plane.shape[axis]
    scale = count / side
    support = max(scale, 1.0)
    weights = np.zeros((side, count))
    for place in range(side):
        centre = (place + 0.5) * scale
        reach = 1.0 - np.abs(np.arange(count) + 0.5 - centre) / support
        weights[place] = np.maximum(reach, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.moveaxis(np.tensordot(weights, plane, (1, axis)), 0, axis), np.float32)


@pytest.mark.parametrize("shape", [(40, 90), (131, 64), (64, 64), (200, 333)])
def test_the_picture_is_squeezed_and_normalized_as_the_processor_does(shape: tuple[int, int]) -> None:
    """Display-encoded, squeezed to a square with an antialiased triangle, minus the mean, by the deviation."""
    rgb = np.random.default_rng(1).random((*shape, 3)).astype(np.float32)

    pixels = LENS.pixels(rgb, 1.0)[0].permute(1, 2, 0).numpy()

    by_hand = squeezed(squeezed(encode("srgb", rgb), 64, 0), 64, 1)
    assert np.allclose(pixels, (by_hand - IMAGENET.mean) / IMAGENET.std, atol=2e-5)


def test_pillow_squeezes_bytes_to_the_same_picture() -> None:
    """Pillow, which the processors of transformers use where there is no torchvision, rounds to bytes; no more."""
    pillow = pytest.importorskip("PIL.Image")
    seen = np.random.default_rng(2).integers(0, 256, (150, 210, 3), np.uint8)
    theirs = np.asarray(pillow.fromarray(seen).resize((64, 64), pillow.Resampling.BILINEAR), np.float32) / 255.0
    linear = np.where(seen / 255.0 <= 0.04045, seen / 255.0 / 12.92, ((seen / 255.0 + 0.055) / 1.055) ** 2.4)

    pixels = LENS.pixels(linear.astype(np.float32), 1.0)[0].permute(1, 2, 0).numpy()

    assert np.abs(pixels * IMAGENET.std + IMAGENET.mean - theirs).max() <= 1.01 / 255.0


def test_points_lie_at_the_same_place_of_the_square() -> None:
    """The centre of the picture is the centre of the square; the network adds half a pixel itself."""
    assert LENS.place(120.0, 72.0, (144, 240)) == (31.5, 31.5)
    assert LENS.place(0.5, 0.5, (64, 64)) == (0.0, 0.0), "a pixel's index where nothing is squeezed"


def test_an_earlier_matte_is_said_in_logits() -> None:
    coverage = np.zeros((64, 64), np.float32)
    coverage[:, :32] = 1.0

    prompt = LENS.mask_prompt(coverage)[0, 0].numpy()
    key = LENS.key_mask(np.full((64, 64), 0.4, np.float32))

    assert np.allclose(prompt[:, 0], 10.0, atol=1e-4)
    assert np.allclose(prompt[:, -1], -10.0, atol=1e-4)
    assert not key.any()


def test_logits_are_enlarged_before_they_become_coverage() -> None:
    """Between -8 and 8 the edge is a steep slope through a half, at the place the squeezed square says."""
    import torch

    logits = torch.full((16, 16), -8.0)
    logits[:, :8] = 8.0

    coverage = coverage_of(logits, (100, 200))

    assert coverage.shape == (100, 200)
    assert coverage[50, 99] > 0.5 > coverage[50, 100]
    assert coverage[0, 0] > 0.999
    assert coverage[0, 199] < 0.001


# --- the question -----------------------------------------------------------------------------------------------------


def test_all_prompts_are_one_question() -> None:
    """Clicks and a stroke's clicks with their signs, and the box cut to the picture."""
    stroke = Stroke((StrokePoint(10, 60), StrokePoint(110, 60)), 4.0, adds=False)
    question = ask([Click(30, 20), stroke, Box(-5, 10, 60, 200)], LENS, (128, 128))

    assert question.points is not None
    assert question.labels is not None
    assert question.boxes is not None
    assert question.labels.tolist() == [[[1, 0, 0, 0, 0, 0, 0]]]
    assert question.points[0, 0, 0].tolist() == [14.5, 9.5]
    assert question.boxes.tolist() == [[[-0.5, 4.5, 29.5, 63.5]]]
    assert not question.ambiguous
    assert ask([Click(30, 20)], LENS, (128, 128)).ambiguous


def test_several_boxes_are_several_things() -> None:
    """An adding click goes to the nearest box, a subtracting one to all; what is missing is padding."""
    boxes = [Box(0, 0, 20, 20), Box(60, 60, 90, 90)]
    question = ask([*boxes, Click(70, 70), Click(10, 10), Click(95, 70), Click(40, 40, adds=False)], LENS, (128, 128))

    assert question.labels is not None
    assert question.labels.tolist() == [[[1, 0, -10], [1, 1, 0]]]


def test_a_stroke_is_clicks_along_its_way() -> None:
    way = Stroke((StrokePoint(0, 10), StrokePoint(60, 10), StrokePoint(60, 70)), 5.0)

    clicks = along(way, (128, 128))

    assert [(click.x, click.y) for click in clicks] == [(10, 10), (30, 10), (50, 10), (60, 20), (60, 40), (60, 60)]
    assert len(along(Stroke((StrokePoint(5, 5),), 3.0), (64, 64))) == 1


@pytest.mark.parametrize(
    "prompt",
    [Click(200, 5), Click(float("nan"), 5), Box(5, 5, 5, 9), Box(200, 5, 300, 9), Stroke((StrokePoint(-9, -9),), 2.0)],
)
def test_a_prompt_that_means_no_pixel_is_a_sentence(prompt: Click | Box | Stroke) -> None:
    with pytest.raises(PromptError):
        ask([prompt], LENS, (128, 128))


def test_the_newest_prompt_has_the_last_word_under_it() -> None:
    coverage = honour(np.zeros((40, 40), np.float32), [Click(20, 20), Click(22, 20, adds=False)])

    assert coverage[20, 17] == 1.0
    assert coverage[20, 22] == 0.0


# --- the walks --------------------------------------------------------------------------------------------------------


def test_every_frame_is_reached_from_its_nearest_key() -> None:
    assert walks([4, 10], [6, 8, 1, 12, 7]) == [
        Walk(4, (5, 6, 7)),
        Walk(10, (9, 8)),
        Walk(4, (3, 2, 1)),
        Walk(10, (11, 12)),
    ]
    assert walks([4], [3, 4])[0].backward


# --- RepViT -----------------------------------------------------------------------------------------------------------


def test_repvit_has_the_names_of_the_published_weights() -> None:
    """Those of timm's repvit_m1, counted and compared there (the same numbers, bit for bit, gave the same features)."""
    import torch

    network = RepVit(WIDTHS, DEPTHS).eval()
    with torch.inference_mode():
        features = network(torch.zeros(1, 3, 64, 96))

    names = network.state_dict()
    assert len(names) == 676
    assert names["stem.conv1.c.weight"].shape == (24, 3, 3, 3)
    assert names["stages_0.blocks.0.se.fc1.weight"].shape == (16, 48, 1, 1)
    assert names["stages_2.downsample.spatial_downsample.bn.running_var"].shape == (96,)
    assert "stages_2.blocks.13.token_mixer.conv1.c.weight" in names
    assert "stages_2.blocks.13.se.fc1.weight" not in names, "every other block is weighed"
    assert [tuple(each.shape[1:]) for each in features] == [(48, 16, 24), (96, 8, 12), (192, 4, 6), (384, 2, 3)]


def test_another_backbone_is_left_to_timm() -> None:
    told = {"vision_config": {"backbone_config": {"model_type": "timm_wrapper", "architecture": "resnet50"}}}

    assert without_timm(told) is told


# --- tiny networks ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[tiny_sam2, tiny_edgetam, tiny_sam3], ids=["sam2", "edgetam", "sam3"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(request.param(tmp_path_factory.mktemp("public") / "tiny"))


@pytest.fixture(scope="module")
def network(folder: Path) -> Iterator[Promptable]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield create(folder)
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def options(folder: Path) -> Options:
    return Registry([folder.parent], embedded=None).find("tiny", "segment").options({})


@pytest.fixture(scope="module")
def shot() -> MovingDisc:
    return MovingDisc()


def test_a_folder_of_weights_is_a_model(folder: Path, tmp_path: Path) -> None:
    """By itself, among others, or pointed at by a manifest with a name of its own; its licence and hash are said."""
    (tmp_path / "hero").mkdir()
    (tmp_path / "hero" / "manifest.json").write_text(
        f'{{"id": "hero-sam", "version": "7", "label": "Ours", "tasks": ["segment"], "license": "Ours",'
        f' "weights_folder": "{folder}"}}'
    )
    registry = Registry([folder, tmp_path], embedded=None)

    found = {info.id: info for info in registry.models()}

    assert registry.problems == []
    assert sorted(found) == ["hero-sam", "tiny"]
    assert found["tiny"].tasks == ("segment", "propagate", "teach")
    assert found["tiny"].license in ("Apache-2.0", "SAM License (gated)")
    assert len(found["hero-sam"].weights_sha256) == 64
    assert (found["hero-sam"].version, found["hero-sam"].tasks) == ("7", ("segment",))


def test_softness_costs_no_new_encoding(folder: Path, options: Options) -> None:
    installed = Registry([folder], embedded=None).find("tiny", "segment")

    assert installed.encode_options(options) == {"auto_exposure": True, "exposure_stops": 0.0}


def test_a_picture_network_alone_does_not_propagate(tmp_path: Path) -> None:
    tiny_sam2(tmp_path / "still", video=False)

    assert Registry([tmp_path], embedded=None).models()[0].tasks == ("segment",)


def test_clicks_boxes_strokes_and_an_earlier_matte_are_answered(
    network: Promptable, options: Options, shot: MovingDisc
) -> None:
    """Coverage of the whole plate, as was said under each prompt, and other answers for other questions."""
    encoded = network.encode(shot.rgb(0), options)
    stroke = Stroke((StrokePoint(40, 70), StrokePoint(80, 70)), 6.0)
    questions = [[Click(60, 72)], [Box(30, 40, 90, 104)], [stroke], [Click(60, 72), Click(10, 10, adds=False)]]

    answers = [network.segment(encoded, prompts, None, options, never) for prompts in questions]
    on_top = network.segment(encoded, questions[0], shot.truth(0), options, never)

    for coverage, confidence in [*answers, on_top]:
        assert coverage.shape == (HEIGHT, WIDTH)
        assert coverage.dtype == np.float32
        assert 0.0 <= coverage.min() <= coverage.max() <= 1.0
        assert 0.0 <= confidence <= 1.0
    assert answers[3][0][72, 60] == 1.0
    assert answers[3][0][10, 10] == 0.0
    assert len({coverage.tobytes() for coverage, _ in [*answers, on_top]}) == 5, "every prompt counts"


def test_first_answer_chooses_among_the_network_s_guesses(
    network: Promptable, options: Options, shot: MovingDisc
) -> None:
    encoded = network.encode(shot.rgb(0), options)

    part, whole = (
        network.segment(encoded, [Click(60, 72)], None, {**options, "first_answer": name}, never)[0]
        for name in ("part", "whole")
    )

    assert (part > 0.5).sum() <= (whole > 0.5).sum()
    assert not np.array_equal(part, whole)


def test_nothing_is_selected_by_taking_away(network: Promptable, options: Options, shot: MovingDisc) -> None:
    encoded = network.encode(shot.rgb(0), options)

    assert not network.segment(encoded, [Click(60, 72, adds=False)], None, options, never)[0].any()


def test_a_packed_encoding_answers_the_same(network: Promptable, options: Options, shot: MovingDisc) -> None:
    """Bit for bit: what is kept on disk is what was in memory."""
    encoded = network.encode(shot.rgb(3), options)
    again = network.unpack(shot.rgb(3), network.pack(encoded), options)

    first, second = (network.segment(each, [Click(70, 72)], None, options, never)[0] for each in (encoded, again))

    assert np.array_equal(first, second)
    assert len(network.pack(encoded)) < 0.6 * sum(4 * each.numel() for each in encoded.features) + 1000


def test_a_dark_plate_is_shown_brighter(network: Promptable, options: Options, shot: MovingDisc) -> None:
    """Six stops down: with the exposure found by itself the network sees something; what is ordinary stays."""
    dark = shot.rgb(0) / np.float32(64.0)

    lifted, as_is = (network.encode(dark, {**options, "auto_exposure": auto}).edge.gain for auto in (True, False))

    assert as_is == 1.0
    assert 4.0 < lifted <= 64.0
    assert network.encode(shot.rgb(0) * 0.0 + 0.18, options).edge.gain == 1.0


def test_following_goes_both_ways_and_says_each_frame_once(
    network: Promptable, options: Options, shot: MovingDisc
) -> None:
    keys = {4: shot.truth(4), 9: shot.truth(9)}
    wanted = [5, 3, 6, 7, 8, 10, 11, 2]

    given = list(network.propagate(shot, keys, wanted, b"", options, never))

    assert sorted(each.frame for each in given) == sorted(wanted)
    assert all(each.coverage.shape == (HEIGHT, WIDTH) and each.coverage.any() for each in given)
    assert all(0.0 <= each.confidence <= 1.0 for each in given)


def test_following_that_is_begun_again_gives_the_same(network: Promptable, options: Options, shot: MovingDisc) -> None:
    """After a crash only the missing frames are asked for; their answers do not depend on that."""
    keys = {4: shot.truth(4)}
    whole = {each.frame: each.coverage for each in network.propagate(shot, keys, [5, 6, 7], b"", options, never)}

    rest = list(network.propagate(shot, keys, [7], b"", options, never))

    assert [each.frame for each in rest] == [7]
    assert np.array_equal(rest[0].coverage, whole[7])


def test_the_memory_of_a_long_walk_does_not_grow(network: Promptable, options: Options) -> None:
    shot = MovingDisc(frames=24)
    from inference.models.promptable.following import Following

    following = Following(network._networks, shot, {0: shot.truth(0)}, 1.0, never)
    for _ in following.follow(range(1, 24)):
        held = following._session.output_dict_per_obj[0]["non_cond_frame_outputs"]
        assert len(held) <= 18
        assert not following._session.processed_frames


def test_frames_without_a_picture_are_stepped_over(network: Promptable, options: Options) -> None:
    shot = MovingDisc(missing=frozenset({6}))

    given = list(network.propagate(shot, {4: shot.truth(4)}, [5, 6, 7], b"", options, never))

    assert [each.frame for each in given] == [5, 7]


def test_following_is_cancelled_between_frames(network: Promptable, options: Options, shot: MovingDisc) -> None:
    with pytest.raises(Cancelled):
        list(network.propagate(shot, {4: shot.truth(4)}, [5, 6], b"", options, lambda: True))


def test_an_adapter_of_another_model_is_refused(network: Promptable, options: Options, shot: MovingDisc) -> None:
    with pytest.raises(EngineError, match="taught"):
        list(network.propagate(shot, {4: shot.truth(4)}, [5], b"x", options, never))


def test_weights_that_lack_numbers_are_refused(folder: Path, tmp_path: Path) -> None:
    """Half a network would answer, with noise; it is not used."""
    import safetensors.torch

    numbers = safetensors.torch.load_file(folder / "model.safetensors")
    safetensors.torch.save_file(
        {name: value for name, value in numbers.items() if "mask_decoder" not in name},
        tmp_path / "model.safetensors",
        {"format": "pt"},
    )
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())

    with pytest.raises(EngineError, match="lack"):
        create(tmp_path)._networks.picture  # noqa: B018 - loading is what is tested
