"""What the inspector says of where a matte comes from, and that an approved frame is not painted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from core.matte import Provenance
from core.model_info import ModelInfo
from core.review import ReviewStatus
from core.review_commands import SetReviewStatus
from tests.widgets.fake_studio import FakeStudio
from tests.widgets.test_tools import FakeViewport
from widgets.panels.origin_line import OriginLine, origin_words
from widgets.tools.brush import BrushTool
from widgets.tools.click import ClickTool
from widgets.tools.tool import PointerEvent, ToolContext
from widgets.view_state import Look, ViewState

MODELS = (
    ModelInfo("propagate", "1.2", "Propagate", ("propagate",)),
    ModelInfo("refine", "2", "Fine edge", ("refine",)),
)
CARRIED = Provenance("propagate", "propagate", "1.2", "3f9a12cd" * 8, key_frames=(1003, 1047))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (CARRIED, "Carried from 1003 and 1047 by Propagate 1.2 (weights 3f9a12cd)."),
        (
            Provenance("segment+paint", "select", "3", adapter="ab" * 32, adapter_name="Hero teach 2"),
            "Answered by select 3, taught “Hero teach 2”; painted over.",
        ),
        (
            CARRIED.refined(Provenance("refine", "refine", "2", "ff" * 32)),
            "Carried from 1003 and 1047 by Propagate 1.2 (weights 3f9a12cd); edge by Fine edge 2.",
        ),
        (Provenance("import+finish"), "Brought from a file; finished."),
        (Provenance("paint"), "Painted."),
    ],
)
def test_a_sentence_says_what_made_it(made: Provenance, words: str) -> None:
    assert origin_words(made, MODELS) == words


def approve(studio: FakeStudio, sealed: bool = True) -> None:
    keys = (("hero", "the key"),) if sealed else ()
    status = ReviewStatus.APPROVED if sealed else ReviewStatus.NONE
    studio.document.do(SetReviewStatus(1003, "hero", status, "the key", sealed=keys))


def test_the_line_says_what_is_approved(qtbot: QtBot) -> None:
    """Where the matte comes from, and that it stays as it is until the approval is taken back."""
    studio = FakeStudio()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    studio.mattes["hero", 1003] = replace(studio.put_matte("hero", 1003), provenance=CARRIED)
    line = OriginLine(studio)
    qtbot.addWidget(line)
    line.look_at("hero", 1003)
    qtbot.waitUntil(lambda: bool(line.text()))
    before = line.text()
    approve(studio)
    line.refresh()

    assert before.startswith("Carried from 1003 and 1047 by")
    assert line.text() == before + " Approved: it stays as it is until the approval is taken back."
    assert "3f9a12cd" * 8 in line.toolTip()


def test_nobody_paints_an_approved_frame(qtbot: QtBot) -> None:
    """No tool begins a gesture there, and says why; taken back, it does."""
    studio, said = FakeStudio(), list[str]()
    studio.put_plate()
    studio.put_layer("hero", "Hero")
    studio.message.connect(lambda message: said.append(message.text))
    context = ToolContext(studio, ViewState(Look(frame=1003, layer_id="hero")), FakeViewport())
    press = PointerEvent("press", 5.0, 5.0, 5.0, 5.0)
    approve(studio)
    tools = (ClickTool(), BrushTool())

    assert [tool.press(press, context) for tool in tools] == [None, None]
    assert set(said) == {"Hero, frame 1003. Approved: it stays as it is until the approval is taken back."}
    approve(studio, sealed=False)
    assert all(tool.press(press, context) is not None for tool in tools)
