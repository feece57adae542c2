"""The part of the studio that the viewport and its tools look at. `widgets.studio.Studio` has all of it."""

from __future__ import annotations

from typing import Protocol

from core.color import ColorConfig
from core.document import Document
from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.matte import Matte
from core.picture import Picture
from core.prompts import Prompt
from core.signal import Signal
from widgets.color_room import ColorRoom
from widgets.looking import LookingRoom
from widgets.references import References
from widgets.studio import Message, TakeInfo


class Seen(Protocol):
    """Every call returns at once; see `widgets.studio.Studio` for what each promises."""

    picture_ready: Signal[FrameNumber]
    matte_ready: Signal[tuple[LayerId, FrameNumber]]
    preview_ready: Signal[tuple[LayerId, FrameNumber]]
    message: Signal[Message]

    @property
    def document(self) -> Document: ...
    @property
    def color(self) -> ColorConfig: ...
    @property
    def references(self) -> References: ...
    @property
    def looking(self) -> LookingRoom: ...
    @property
    def colors(self) -> ColorRoom: ...
    def picture(self, frame: FrameNumber) -> Picture | None: ...
    def picture_error(self, frame: FrameNumber) -> str: ...
    def matte(self, layer_id: LayerId, frame: FrameNumber) -> tuple[Matte | None, bool]: ...
    def shown_key(self, layer_id: LayerId, frame: FrameNumber) -> MatteKey: ...
    def preview(self, layer_id: LayerId, frame: FrameNumber) -> Matte | None: ...
    def hover(self, layer_id: LayerId, frame: FrameNumber, prompt: Prompt | None) -> None: ...
    def takes(self, layer_id: LayerId) -> tuple[TakeInfo, ...]: ...
    def take_matte(self, take_id: str, frame: FrameNumber) -> Matte | None: ...
