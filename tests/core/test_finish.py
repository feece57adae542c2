"""A finish is off at first, changes no key while it is, and what it makes is found by its key alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.commands import AddCorrection, AddLayer, AddPrompt, PutBack
from core.document import Document
from core.finish import NO_FINISH, Finish
from core.finish_commands import FinishFrame, SetFinish
from core.finish_keys import Place, finished_key, taken_apart, unfinished
from core.finishing import finished
from core.frames import FrameRange
from core.geometry import Window
from core.grow import grow
from core.layer import EMPTY_MATTE, Correction, KeyFrame, Layer, ModelChoice
from core.matte import Matte, Provenance
from core.matte_store import MatteStore
from core.painting import apply_correction, solid_mask
from core.project_values import ValueReader
from core.prompts import Click, Stroke, StrokePoint

PLATE = "plate-identity"
WINDOW = Window(-3, 2, 61, 50)
ALL = Finish.of(holes_px2=40, specks_px2=60, grow_px=1 / 3, inverted=True)
DAB = Stroke((StrokePoint(30, 20),), 5)


def ringed() -> Matte:
    """A square with a hole of 4 pixels and a speck of 4."""
    coverage = np.zeros(WINDOW.shape, np.float32)
    coverage[10:30, 10:30] = 1
    coverage[18:20, 18:20] = 0
    coverage[40:42, 50:52] = 1
    return Matte(WINDOW, coverage, 0.7, Provenance("propagate", "flow"))


@pytest.fixture
def document() -> Document:
    document = Document()
    document.do(AddLayer(Layer("hero", "Hero")))
    document.do(AddPrompt("hero", 1003, Click(5, 6), EMPTY_MATTE))
    return document


def test_a_finish_that_is_off_changes_no_key() -> None:
    """Projects of before there was one find every matte where it was: these keys were written down before."""
    key_frame = KeyFrame((Click(5, 6),), Correction((Stroke((StrokePoint(10, 10),), 5),)), "ground")
    layer = Layer("hero", "Hero", segment=ModelChoice("segment"), refine=ModelChoice("refine"))
    layer = layer.with_key_frame(3, key_frame)

    assert layer.delivered_key("plate", 3) == "e9603d9d749fd4916c3e51b9d45af948"
    assert layer.delivered_key("plate", 5) == "4d8a9d58a527fc8d65b360c30697ae79"
    assert Finish.of(frames=FrameRange(1, 5)).off
    assert finished_key("abc", NO_FINISH, Place(1001)) == "abc"
    assert finished_key(EMPTY_MATTE, ALL, Place(1001)) == EMPTY_MATTE


def test_a_layer_of_an_older_project_has_no_finish(tmp_path: Path) -> None:
    """It was written before there was one, and opens as it was."""
    values = ValueReader(tmp_path)
    layer = Layer("hero", "Hero").with_key_frame(3, KeyFrame(correction=Correction((DAB,))))
    raw = values.write_layer(layer)
    del raw["finish"]

    assert values.read_layer(raw) == layer


def test_a_key_says_what_was_done() -> None:
    """To the last digit, and to a matte that was finished before."""
    once = finished_key("abc", ALL, Place(1001))
    twice = finished_key(once, Finish.of(grow_px=-2), Place(1001))

    assert taken_apart(once) == ("abc", ALL.steps)
    assert taken_apart(twice) == (once, Finish.of(grow_px=-2.0).steps)
    assert unfinished(twice) == "abc"
    assert taken_apart("abc") == ("abc", ())


def test_outside_its_frames_nothing_is_done() -> None:
    """A range of frames may be all that needs it."""
    finish = replace(ALL, frames=FrameRange(1002, 1004))

    assert finished_key("abc", finish, Place(1001)) == "abc"
    assert taken_apart(finished_key("abc", finish, Place(1002))) == ("abc", ALL.steps)


def test_all_is_done_in_order() -> None:
    """Holes, specks, edges, then in and out are exchanged over the whole window."""
    made = finished(ringed(), Finish.of(10, 10, 1.0))
    turned = finished(ringed(), Finish.of(10, 10, 1.0, inverted=True))

    full = np.zeros(WINDOW.shape, np.float32)
    full[10:30, 10:30] = 1
    assert np.array_equal(made.float32(), grow(full, 1.0).astype(np.float16))
    assert np.abs(turned.float32() - (1 - made.float32())).max() < 0.0005
    assert made.provenance.made_by == "propagate+finish"
    assert made.confidence == 0.7


def test_the_store_makes_a_finished_matte_from_what_it_has() -> None:
    """It is there when its source is, and the same one at every look; only the source is kept."""
    store = MatteStore()
    key = finished_key("abc", ALL, Place(1001))
    assert not store.has(key)
    assert store.get(key) is None

    store.put("abc", ringed())

    assert store.has(key)
    assert not store.at_hand(key)
    made = store.get(key)
    assert made is not None
    assert np.array_equal(made.float32(), finished(ringed(), ALL).float32())
    assert store.get(key) is made
    assert store.at_hand(key)
    assert store.confidence(key) == 0.7
    assert store.keys() == {"abc"}


def test_a_kept_finished_matte_keeps_its_source(tmp_path: Path) -> None:
    """A take or a review names what was seen; what it was made from must not be collected."""
    store = MatteStore(tmp_path)
    store.put("abc", ringed())
    store.put("gone", ringed())
    store.flush()
    store.keep((finished_key("abc", ALL, Place(1001)),))

    store.collect((), most_bytes=0)

    assert store.has("abc")
    assert not store.has("gone")
    store.close()


def test_turning_the_knob_computes_nothing_again(document: Document) -> None:
    """Only what is delivered has another key; no matte that anything is computed from has."""
    before = document.shot.layer("hero")
    document.do(SetFinish("hero", ALL))
    after = document.shot.layer("hero")

    for frame in (1001, 1003):
        assert after.matte_key(PLATE, frame) == before.matte_key(PLATE, frame)
        assert after.refined_key(PLATE, frame) == before.delivered_key(PLATE, frame)
        assert taken_apart(after.delivered_key(PLATE, frame)) == (before.delivered_key(PLATE, frame), ALL.steps)
    document.undo()
    assert document.shot.layer("hero") == before


def test_a_finish_of_one_frame_is_a_correction(document: Document) -> None:
    """The frame becomes a key frame, its neighbours are propagated from it, and undo takes it back."""
    before = document.shot.layer("hero")
    document.do(FinishFrame("hero", 1005, Finish.of(holes_px2=10), "ground"))
    layer = document.shot.layer("hero")

    assert document.undo_label == "Fill holes"
    assert layer.key_frame(1005).base == "ground"
    assert layer.key_frame(1005).by_hand
    assert layer.propagate_key(PLATE, 1006) != before.propagate_key(PLATE, 1006)
    document.undo()
    assert document.shot.layer("hero") == before


def test_steps_of_a_correction_keep_their_order() -> None:
    """A hole filled before a stroke that erases stays erased; filled after it, it is filled."""
    erase = replace(DAB, adds=False, hardness=1.0)
    solid = Matte(WINDOW, np.ones(WINDOW.shape, np.float32))
    fill = Finish.of(holes_px2=500)

    erased_last = apply_correction(solid, Correction((fill, erase)))
    filled_last = apply_correction(solid, Correction((erase, fill)))

    assert erased_last.float32().min() == 0
    assert filled_last.float32().min() == 1


def test_what_a_step_changed_is_decided_by_the_artist() -> None:
    """Refine must not open a hole again that was filled by hand, and may go on at the edge."""
    correction = Correction((Finish.of(holes_px2=10),))

    fixed = solid_mask(correction, WINDOW, ground=ringed())

    assert fixed.sum() == 4
    assert (fixed[18:20, 18:20] == 1).all()


def test_a_take_put_back_brings_its_own_finish(document: Document) -> None:
    """And mattes that come frozen from elsewhere are shown as they are."""
    now = document.shot.layer("hero")
    document.do(SetFinish("hero", ALL))
    document.do(PutBack("hero", now.frozen_at({1001: "kept"}), "imported"))
    assert document.shot.layer("hero").delivered_key(PLATE, 1001) == "kept"

    document.do(AddCorrection("hero", 1001, DAB, EMPTY_MATTE))
    assert document.shot.layer("hero").finish.off
