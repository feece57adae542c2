"""The finish of a layer: what is done to every one of its mattes, last, before anyone sees or gets it.

Settings of the layer, not edits of a frame: nothing authored or derived is touched by them, and they are off at
first. A finished matte has a key that says what it was made from and how, so whoever has the key can make it
(`core/matte_store.py` does): it is never computed by the engine, never written, and any amount is there at once.
Knows keys and numbers; the pixels are `core/finishing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.frames import FrameNumber, FrameRange

_MARK = "~1~"
"""Stands between the key of what is finished and what is done to it; the number counts ways of computing it."""
_NOTHING = "empty"


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done, in this order.

    Args:
        holes_px2: holes of at most this many pixels are filled.
        specks_px2: pieces of at most this many pixels are removed, but never the largest piece.
        grow_px: how far every edge moves out; negative shrinks. Any part of a pixel.
        inverted: what is in is out, and the other way round.
        frames: only on these; None for all.
    """

    holes_px2: int = 0
    specks_px2: int = 0
    grow_px: float = 0.0
    inverted: bool = False
    frames: FrameRange | None = None

    @property
    def off(self) -> bool:
        """Whether it does nothing on any frame."""
        return not (self.holes_px2 or self.specks_px2 or self.grow_px or self.inverted)

    def at(self, frame: FrameNumber) -> Finish:
        """What is done on one frame; a finish that is off outside its frames."""
        return self if self.frames is None or frame in self.frames else NO_FINISH

    @property
    def words(self) -> str:
        """`fill holes, grow 2 px`."""
        said = ["fill holes"] if self.holes_px2 else []
        said += ["remove specks"] if self.specks_px2 else []
        said += [f"{'grow' if self.grow_px > 0 else 'shrink'} {abs(self.grow_px):g} px"] if self.grow_px else []
        said += ["invert"] if self.inverted else []
        return ", ".join(said) or "no finish"

    def finished_key(self, key: str, frame: FrameNumber) -> str:
        """The key of a matte of `frame` after this; the key itself where nothing is done."""
        if key == _NOTHING or self.at(frame).off:
            return key
        amounts = (self.holes_px2, self.specks_px2, float(self.grow_px), int(self.inverted))
        return key + _MARK + ",".join(map(repr, amounts))


NO_FINISH = Finish()


def taken_apart(key: str) -> tuple[str, Finish]:
    """The key that a matte was finished from, and how; a `Finish` that is off for a matte that was not finished."""
    source, mark, amounts = key.rpartition(_MARK)
    if not mark:
        return key, NO_FINISH
    holes, specks, grown, inverted = amounts.split(",")
    return source, Finish(int(holes), int(specks), float(grown), inverted == "1")


def unfinished(key: str) -> str:
    """The key that lies in the store: of what was finished, all finishes taken away."""
    return key.partition(_MARK)[0]
