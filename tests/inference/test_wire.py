"""Values across the wire, and messages that lie."""

from __future__ import annotations

import numpy as np
import pytest
import zstandard

from core.errors import EngineError, PromptError
from core.geometry import Window
from core.matte import Matte, Provenance
from core.plate import Plate
from core.prompts import Box, Click, Stroke, StrokePoint
from inference import wire
from inference.contract import penumbra_pb2 as pb


def test_matte_comes_back_bit_for_bit() -> None:
    """0, 0.5 and 1 are exact, and so is every other half; window, confidence and provenance travel too."""
    coverage = np.linspace(0, 1, 12, dtype=np.float16).reshape(3, 4)
    matte = Matte(Window(-1, 5, 3, 8), coverage, 0.25, Provenance("segment", "m", "1", "ab", "ad", "boot"))

    back = wire.matte_from_mask(wire.mask_from_matte(matte, 1001))

    np.testing.assert_array_equal(back.coverage, coverage)
    assert (back.window, back.confidence, back.provenance) == (matte.window, 0.25, matte.provenance)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_only_what_is_not_zero_is_packed(dtype: type) -> None:
    """A small subject in a large picture makes a small message, and comes back at its place; so does nothing."""
    coverage = np.zeros((2000, 3000), dtype)
    coverage[700:703, 1000:1005] = 0.5
    window = Window(-10, -20, 2990, 1980)
    mask = wire.mask_from_matte(Matte(window, coverage), 1)
    empty = wire.mask_from_matte(Matte.empty(window), 1)

    assert wire.window_from(mask.inside) == Window(990, 680, 995, 683)
    np.testing.assert_array_equal(wire.matte_from_mask(mask).coverage, coverage)
    assert wire.matte_from_mask(empty).coverage.shape == (2000, 3000)
    assert len(empty.data) < 100


def test_body_beside_its_window_is_refused() -> None:
    """A rectangle that leaves the matte is a lie."""
    mask = wire.mask_from_matte(Matte(Window(0, 0, 4, 4), np.ones((4, 4), np.float32)))
    mask.inside.x1 = 9

    with pytest.raises(EngineError, match="inside"):
        wire.matte_from_mask(mask)


def test_coverage_slightly_outside_is_clipped() -> None:
    """What floating point leaves beside 0-1 becomes 0 and 1; negative zero becomes zero."""
    coverage = np.array([[-1e-3, 1.0005, -0.0, 0.5]], np.float32)

    back = wire.unpack_coverage(wire.pack_coverage(coverage), (1, 4))

    assert back.tolist() == [[0.0, 1.0, 0.0, 0.5]]


def test_nan_is_never_sent() -> None:
    """A matte with NaN is a programming error of whoever made it."""
    with pytest.raises(ValueError, match="NaN"):
        wire.pack_coverage(np.array([[np.nan]], np.float32))


def bomb() -> bytes:
    return zstandard.ZstdCompressor().compress(bytes(50_000_000))


def without_size() -> bytes:
    return zstandard.ZstdCompressor(write_content_size=False).compress(bytes(50_000_000))


@pytest.mark.parametrize(
    "body",
    [bomb(), without_size(), b"", b"not zstd", zstandard.compress(b"\xff\xff" * 4), zstandard.compress(b"ab")],
    ids=["larger", "no size", "empty", "no zstd", "NaN", "smaller"],
)
def test_bodies_that_lie_are_refused(body: bytes) -> None:
    """Nothing is unpacked beyond the pixels announced, and values outside 0-1 are no coverage."""
    mask = pb.Mask(encoding=wire.ENCODING, data=body, window=pb.Window(x1=2, y1=2))

    with pytest.raises(EngineError):
        wire.matte_from_mask(mask)


def test_giant_windows_are_refused() -> None:
    """Before any memory is taken."""
    mask = pb.Mask(encoding=wire.ENCODING, data=b"x", window=pb.Window(x1=2**30, y1=2**30))

    with pytest.raises(EngineError, match="window"):
        wire.matte_from_mask(mask)


def test_prompts_keep_their_order() -> None:
    """Clicks, boxes and strokes come back as they were, in the artist's order."""
    stroke = Stroke((StrokePoint(1, 2, 0.5), StrokePoint(3, 4)), 5.0, False, 0.7, 0.9)
    prompts = (Click(1.5, 2.5), stroke, Box(0, 0, 4, 4), Click(9, 9, False))

    message = pb.PredictRequest(prompts=[wire.prompt_to(prompt) for prompt in prompts])

    assert wire.prompts_from(message) == prompts


@pytest.mark.parametrize(
    "prompt",
    [
        pb.Prompt(),
        pb.Prompt(click=pb.Click(x=float("inf"), y=0)),
        pb.Prompt(box=pb.Box(x0=5, y0=5, x1=5, y1=9)),
        pb.Prompt(stroke=pb.Stroke(xyp=[1, 2], radius=3)),
        pb.Prompt(stroke=pb.Stroke(xyp=[1, 2, float("nan")], radius=3)),
        pb.Prompt(stroke=pb.Stroke(xyp=[1, 2, 1], radius=0)),
    ],
)
def test_prompts_that_mean_nothing_are_refused(prompt: pb.Prompt) -> None:
    """With a sentence, before any picture is read."""
    with pytest.raises(PromptError):
        wire.prompts_from(pb.PredictRequest(prompts=[prompt]))


def test_plate_comes_back(plate: Plate) -> None:
    """How a plate is read survives; its identity is its own again where its path is."""
    back = wire.plate_from(wire.plate_to(plate, ""), plate.path)

    assert (back.canvas, back.identity, back.frames) == (plate.canvas, plate.identity, plate.frames)


def test_plate_with_a_canvas_that_lies_is_refused(plate: Plate) -> None:
    """The canvas is display and data window together, for the engine as for the application."""
    message = wire.plate_to(plate, "")
    message.canvas.x1 += 1

    with pytest.raises(EngineError, match="canvas"):
        wire.plate_from(message, plate.path)


@pytest.mark.parametrize("text", ["[]", "{", "3"])
def test_options_are_an_object(text: str) -> None:
    with pytest.raises(EngineError, match="options"):
        wire.options_from(text)
