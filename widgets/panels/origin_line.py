"""Where the matte on screen comes from, in one sentence: model, version, weights, what it was taught, key frames; and
whether an approval keeps it. Asks the studio when the playhead has rested for a moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

from core.frames import FrameNumber
from core.layer import LayerId
from core.matte import Matte, Provenance
from core.model_info import ModelInfo
from widgets.review import seal_words
from widgets.studio import Studio

RESTS_MS: Final = 120
SHORT: Final = 8
"""Characters of a hash that are shown; the tooltip has all of it."""
TASKS: Final = ("segment", "propagate", "refine")


def origin_words(made: Provenance, models: Iterable[ModelInfo] = ()) -> str:
    """`Carried from 1003 and 1047 by Propagate 1.2 (weights 3f9a12cd), taught “Hero teach 2”; painted over.`"""
    labels = {model.id: model.label for model in models}
    first, *then = made.made_by.split("+")
    by = " ".join(word for word in (labels.get(made.model, made.model), made.model_version) if word)
    if made.weights_sha256:
        by += f" (weights {made.weights_sha256[:SHORT]})"
    if made.adapter:
        by += f", taught “{made.adapter_name or made.adapter[:SHORT]}”"
    beginnings = {
        "segment": "Answered",
        "propagate": f"Carried from {_list(made.key_frames)}" if made.key_frames else "Carried",
        "import": "Brought from a file",
        "paint": "Painted",
    }
    said = [beginnings.get(first, "Made" if by else "Of unknown origin") + (f" by {by}" if by else "")]
    for step in then:
        model, _, rest = made.refined_by.partition(" ")
        refined = " ".join(word for word in (labels.get(model, model), rest.partition(" ")[0]) if word)
        words = {"refine": f"edge by {refined}" if refined else "edge refined", "paint": "painted over"}
        said.append(words.get(step, "finished" if step == "finish" else step))
    return "; ".join(said) + "."


def _list(frames: Iterable[FrameNumber]) -> str:
    return " and ".join(str(frame) for frame in frames)


class OriginLine(QLabel):
    """One dim sentence; nothing where there is no matte."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._place: tuple[LayerId, FrameNumber] | None = None
        self._rest = QTimer(self, interval=RESTS_MS, singleShot=True)
        self._rest.timeout.connect(self.refresh)
        self.setProperty("dim", True)
        self.setWordWrap(True)
        self.setAccessibleName("Where this matte comes from")
        forget = studio.matte_ready.connect(self._came)
        self.destroyed.connect(lambda _gone=None: forget())

    def look_at(self, layer_id: LayerId, frame: FrameNumber) -> None:
        """Tell of this matte from now on, as soon as the hand rests."""
        self._place = (layer_id, frame)
        self._rest.start()

    def refresh(self) -> None:
        """What stands there now."""
        if self._place is None or self._studio.document.shot.find(self._place[0]) is None:
            self.setText("")
            return
        layer_id, frame = self._place
        matte, fresh = self._studio.matte(layer_id, frame)
        models = [model for task in TASKS for model in self._studio.models(task)]
        said = [origin_words(matte.provenance, models)] if matte is not None and _told(matte) else []
        if said and not fresh:
            said.append("It is an older one.")
        self.setText(" ".join([*said, seal_words(self._studio.document.shot, layer_id, frame)]).strip())
        self.setVisible(bool(self.text()))
        self.setToolTip(_in_full(matte.provenance) if matte is not None and _told(matte) else "")

    def _came(self, which: tuple[LayerId, FrameNumber]) -> None:
        if which == self._place:
            self._rest.start()


def _told(matte: Matte) -> bool:
    return bool(matte.provenance.made_by)


def _in_full(made: Provenance) -> str:
    lines = (
        ("Model", f"{made.model} {made.model_version}".strip()),
        ("Weights", made.weights_sha256),
        ("Taught", f"{made.adapter_name} {made.adapter}".strip()),
        ("Edge", made.refined_by),
    )
    return "\n".join(f"{name}: {text}" for name, text in lines if text)
