"""A matte's key changes exactly when something it was computed from changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.commands import (
    AddCorrection,
    AddLayer,
    AddPrompt,
    ChooseModels,
    ClearKeyFrame,
    PutBack,
    RemovePrompt,
    ReplacePrompt,
    SetPaintedMatte,
    StyleLayer,
    UseAdapter,
)
from core.document import Document
from core.layer import EMPTY_MATTE, Adapter, Correction, KeyFrame, Layer, LayerId, MatteKey, ModelChoice
from core.prompts import Box, Click, Stroke, StrokePoint

PLATE = "plate-identity"
HERO: LayerId = "hero"
FRAMES = range(1001, 1021)
DAB = Stroke((StrokePoint(10, 10),), 5)


def hero(document: Document) -> Layer:
    return document.shot.layer(HERO)


def keys(document: Document) -> dict[int, MatteKey]:
    return {frame: hero(document).delivered_key(PLATE, frame) for frame in FRAMES}


def changed(before: dict[int, MatteKey], after: dict[int, MatteKey]) -> set[int]:
    return {frame for frame in before if before[frame] != after[frame]}


@pytest.fixture
def document() -> Document:
    """One layer with clicked key frames at 1005 and 1015."""
    document = Document()
    document.do(AddLayer(Layer(HERO, "Hero")))
    document.do(AddPrompt(HERO, 1005, Click(50, 60), EMPTY_MATTE))
    document.do(AddPrompt(HERO, 1015, Click(70, 60), EMPTY_MATTE))
    return document


def test_before_anything_is_authored_every_matte_is_empty() -> None:
    """A new layer asks the engine for nothing."""
    layer = Layer(HERO, "Hero")

    assert {layer.delivered_key(PLATE, frame) for frame in FRAMES} == {EMPTY_MATTE}


def test_undo_returns_the_old_key_and_redo_the_new_one(document: Document) -> None:
    """The store then has the old matte at once: undo costs no inference."""
    before = keys(document)
    document.do(AddPrompt(HERO, 1005, Click(51, 61, adds=False), EMPTY_MATTE))
    after = keys(document)

    document.undo()
    assert keys(document) == before
    document.redo()
    assert keys(document) == after


def test_a_click_changes_its_frame_and_what_is_propagated_from_it(document: Document) -> None:
    """From the beginning to the next key frame, which itself stays."""
    before = keys(document)
    document.do(AddPrompt(HERO, 1005, Click(51, 61), EMPTY_MATTE))

    assert changed(before, keys(document)) == set(range(1001, 1015))


def test_a_correction_changes_only_frames_between_the_neighbouring_key_frames(document: Document) -> None:
    """1010 becomes a key frame: itself and the frames up to 1005 and 1015 are new, everything else stands."""
    before = keys(document)
    ground = before[1010]
    document.do(AddCorrection(HERO, 1010, DAB, ground))

    assert changed(before, keys(document)) == set(range(1006, 1015))


def test_a_second_correction_nearby_does_not_move_the_first(document: Document) -> None:
    """The ground of a corrected frame is frozen: correcting 1011 leaves what was agreed at 1010."""
    document.do(AddCorrection(HERO, 1010, DAB, keys(document)[1010]))
    before = keys(document)
    document.do(AddCorrection(HERO, 1011, DAB, before[1011]))
    document.do(AddPrompt(HERO, 1005, Click(1, 2), EMPTY_MATTE))

    assert changed(before, keys(document)) == {*range(1001, 1010), *range(1011, 1015)}
    assert hero(document).base_key(PLATE, 1010) == hero(document).key_frame(1010).base


def test_later_strokes_keep_the_first_ground(document: Document) -> None:
    """The second stroke on a frame is painted over the first, not over a new base."""
    ground = keys(document)[1010]
    document.do(AddCorrection(HERO, 1010, DAB, ground))
    document.do(AddCorrection(HERO, 1010, DAB, "what is on screen now"))

    assert hero(document).key_frame(1010).base == ground
    assert len(hero(document).key_frame(1010).correction.strokes) == 2


def test_an_adapter_changes_every_propagated_key_and_no_key_frame(document: Document) -> None:
    """What the artist authored does not depend on what was taught."""
    document.do(AddCorrection(HERO, 1010, DAB, keys(document)[1010]))
    before = keys(document)
    document.do(UseAdapter(HERO, Adapter("a" * 64, "Hero teach 1", "propagate")))

    assert changed(before, keys(document)) == set(FRAMES) - {1005, 1010, 1015}
    document.do(UseAdapter(HERO, None))
    assert keys(document) == before
    assert [adapter.name for adapter in hero(document).adapters] == ["Hero teach 1"]


def test_the_same_adapter_twice_is_in_the_list_once(document: Document) -> None:
    """Using an older adapter again does not grow the list."""
    for _ in range(2):
        document.do(UseAdapter(HERO, Adapter("a" * 64, "Hero teach 1", "propagate")))

    assert len(hero(document).adapters) == 1


def test_name_color_and_visibility_change_no_key(document: Document) -> None:
    """Looks are not what a matte is made of."""
    before = keys(document)
    document.do(StyleLayer(HERO, "Heroine", (0.1, 0.2, 0.3), visible=False, locked=True))

    assert keys(document) == before
    assert hero(document).name == "Heroine"


@pytest.mark.parametrize("part", ["segment", "propagate", "refine"])
def test_model_options_change_the_keys_of_what_that_model_makes(document: Document, part: str) -> None:
    """Segment: clicked frames and, through them, propagated ones. Propagate: the others. Refine: delivered ones."""
    before, matte_before = keys(document), hero(document).matte_key(PLATE, 1005)
    layer = replace(hero(document), **{part: ModelChoice(part, {"knob": 3})})
    document.do(ChooseModels(HERO, layer.segment, layer.propagate, layer.refine))

    everything = set(FRAMES)
    expected = {"segment": everything, "propagate": everything - {1005, 1015}, "refine": everything}[part]
    assert changed(before, keys(document)) == expected
    assert (hero(document).matte_key(PLATE, 1005) == matte_before) == (part != "segment")


def test_another_plate_is_another_key(document: Document) -> None:
    """Reading the plate in another color space makes every matte stale."""
    layer = hero(document)

    assert all(layer.delivered_key(PLATE, frame) != layer.delivered_key("other", frame) for frame in FRAMES)


def test_whole_numbers_and_floats_are_one_key() -> None:
    """A click at 7 and at 7.0 is one click: a key survives JSON and a stroke typed by hand."""
    whole = Document()
    whole.do(AddLayer(Layer(HERO, "Hero")))
    whole.do(AddPrompt(HERO, 1005, Click(7, 8), EMPTY_MATTE))
    fractional = Document()
    fractional.do(AddLayer(Layer(HERO, "Hero")))
    fractional.do(AddPrompt(HERO, 1005, Click(7.0, 8.0), EMPTY_MATTE))

    assert keys(whole) == keys(fractional)


def test_removing_the_last_prompt_removes_the_key_frame(document: Document) -> None:
    """A frame with nothing authored is no key frame."""
    document.do(RemovePrompt(HERO, 1005, 0))

    assert set(hero(document).key_frames) == {1015}


def test_replacing_a_prompt_keeps_its_place(document: Document) -> None:
    """A dragged click stays the first; the label names what was changed."""
    document.do(AddPrompt(HERO, 1005, Click(1, 1, adds=False), EMPTY_MATTE))
    command = ReplacePrompt(HERO, 1005, 0, Box(1, 2, 3, 4))
    document.do(command)

    assert hero(document).key_frame(1005).prompts == (Box(1, 2, 3, 4), Click(1, 1, adds=False))
    assert document.undo_label == "Change box"
    with pytest.raises(IndexError):
        document.do(ReplacePrompt(HERO, 1005, 2, Box(1, 2, 3, 4)))
    assert document.undo_label == "Change box"


def test_clearing_a_key_frame_brings_back_the_propagated_matte(document: Document) -> None:
    """As if nothing had ever been painted there."""
    before = keys(document)
    document.do(AddCorrection(HERO, 1010, DAB, before[1010]))
    document.do(ClearKeyFrame(HERO, 1010))

    assert keys(document) == before


def test_a_painted_matte_drops_the_strokes_before_it(document: Document) -> None:
    """The asset is the ground of what is painted from then on."""
    document.do(AddCorrection(HERO, 1010, DAB, "ground"))
    document.do(SetPaintedMatte(HERO, 1010, "f" * 64))

    correction = hero(document).key_frame(1010).correction
    assert (correction.strokes, correction.painted) == ((), "f" * 64)


def test_key_frames_cannot_be_written_to(document: Document) -> None:
    """An edit is a new layer; the old one is somebody's undo."""
    document.do(ClearKeyFrame(HERO, 1005))

    with pytest.raises(TypeError):
        hero(document).key_frames[1001] = hero(document).key_frame(1015)  # type: ignore[index]


def test_putting_back_finds_every_old_matte_and_undo_every_new_one(document: Document) -> None:
    """The keys are what they were, frame by frame; name and color are the layer's own."""
    was, before = hero(document), keys(document)
    document.do(AddCorrection(HERO, 1010, DAB, "ground"))
    document.do(ClearKeyFrame(HERO, 1005))
    document.do(StyleLayer(HERO, "Heroine", (0.1, 0.2, 0.3), visible=False, locked=False))
    after = keys(document)

    document.do(PutBack(HERO, was, "before correction 1010"))

    assert keys(document) == before
    assert (hero(document).name, hero(document).color, hero(document).visible) == ("Heroine", (0.1, 0.2, 0.3), False)
    assert document.undo_label == "Put back before correction 1010"
    document.undo()
    assert keys(document) == after
    document.redo()
    assert keys(document) == before


def test_putting_back_forgets_no_adapter(document: Document) -> None:
    """The one in use is the take's; those taught since stay in the list, with what they held out."""
    early, late = Adapter("a" * 64, "Hero teach 1", "propagate"), Adapter("b" * 64, "Hero teach 2", "propagate")
    document.do(UseAdapter(HERO, early))
    was = hero(document)
    document.do(UseAdapter(HERO, late))

    document.do(PutBack(HERO, was))

    assert hero(document).adapter == early.asset
    assert hero(document).adapters == (early, late)


def test_frozen_mattes_are_key_frames_that_are_what_they_are(document: Document) -> None:
    """No prompt, no stroke, no refine: the key is the matte's own; other frames are propagated from them."""
    layer = hero(document).frozen_at({1010: "kept 1010", 1011: "kept 1011"})

    assert list(layer.key_frames) == [1005, 1010, 1011, 1015]
    assert [layer.delivered_key(PLATE, frame) for frame in (1010, 1011)] == ["kept 1010", "kept 1011"]
    assert layer.neighbours(1012) == (1011, 1015)
    assert layer.refine is None
    assert not layer.key_frame(1010).empty
    assert not layer.key_frame(1010).by_hand


def test_a_frozen_matte_is_the_ground_of_a_correction(document: Document) -> None:
    """Painting on it keeps it underneath, whatever is on screen; clearing gives the frame back to propagation."""
    document.do(PutBack(HERO, hero(document).frozen_at({1010: "kept"})))

    document.do(AddCorrection(HERO, 1010, DAB, "something else"))

    assert hero(document).base_key(PLATE, 1010) == "kept"
    document.do(ClearKeyFrame(HERO, 1010))
    assert 1010 not in hero(document).key_frames


def test_freezing_changes_no_hash_of_before() -> None:
    """Keys of mattes in projects of before this are what they were; a frozen frame has a hash of its own."""
    plain = KeyFrame((Click(1.0, 2.0),), base="ground")

    assert plain.content == "146a5f10e3acf25c27d72e85a7e2cbcb"
    assert replace(plain, frozen=True).content != plain.content


def test_keys_of_projects_of_before_are_what_they_were() -> None:
    """Written down when prompts had no reach of their own: the mattes of old projects are found by these."""
    stroke = Stroke((StrokePoint(1.5, 2.0, 0.5), StrokePoint(3.0, 4.0)), 5.0)
    prompts = (Click(1.0, 2.5), Box(1.0, 2.0, 3.0, 4.0), stroke)
    layer = Layer("hero", "Hero", segment=ModelChoice("segment", {"reach": 1.0}))
    layer = layer.with_key_frame(1001, KeyFrame(prompts, Correction((stroke,)), "ground"))

    assert layer.segment_key("plate", 1001) == "f1d682f2c4bb9957ab87cbc8ffa0a123"
    assert layer.matte_key("plate", 1001) == "2dcfccc9691cbc7333a5e5dbf5d29543"
    assert layer.propagate_key("plate", 1002) == "182ff88ab8f94b3674cbe3aed52cf3dc"


def test_a_reach_of_the_frame_is_another_matte_of_that_frame_only() -> None:
    """In place of the layer's option; without one the layer decides, and the key is the old one again."""
    layer = Layer("hero", "Hero", segment=ModelChoice("segment", {"reach": 1.0, "softness": 0.5}))
    for frame in (1001, 1002):
        layer = layer.with_key_frame(frame, KeyFrame((Click(1.0, 2.5),)))

    whole = layer.with_key_frame(1001, replace(layer.key_frame(1001), reach=4.0))

    assert whole.segment_at(1001) == ModelChoice("segment", {"reach": 4.0, "softness": 0.5})
    assert whole.segment_at(1002) == layer.segment
    assert whole.segment_key("plate", 1001) != layer.segment_key("plate", 1001)
    assert whole.segment_key("plate", 1002) == layer.segment_key("plate", 1002)
    back = whole.with_key_frame(1001, replace(whole.key_frame(1001), reach=None))
    assert back.matte_key("plate", 1001) == layer.matte_key("plate", 1001)


def test_proposals_fill_up_only_frames_without_a_key_frame() -> None:
    """What was authored stays the very same; the rest of the layer too."""
    clicked = KeyFrame((Click(1.0, 2.5),))
    layer = Layer("hero", "Hero", refine=ModelChoice("refine")).with_key_frame(1002, clicked)

    filled = layer.filled_up({1001: "one", 1002: "two", 1003: "three"})

    assert dict(filled.key_frames) == {
        1001: KeyFrame(base="one", frozen=True),
        1002: clicked,
        1003: KeyFrame(base="three", frozen=True),
    }
    assert filled.refine == layer.refine
    assert filled.frames_by_hand == (1002,)
