"""Mattes packed for the wire, remembered: hover previews, coarse and full answers send the same one again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict

from core.frames import FrameNumber
from core.matte import Matte
from inference import wire
from inference.contract import penumbra_pb2 as pb

KEPT = 2


class PackedMattes:
    """The last few. Thread-safe; a matte is known by its pixels, which are never written to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, FrameNumber], tuple[Matte, pb.Mask]] = OrderedDict()

    def mask(self, matte: Matte, frame: FrameNumber) -> pb.Mask:
        """A message of one's own: it may be changed."""
        place = (id(matte.coverage), frame)
        with self._lock:
            kept = self._kept.get(place)
        if kept is None or kept[0].coverage is not matte.coverage or kept[0].window != matte.window:
            kept = (matte, wire.mask_from_matte(matte, frame))
            with self._lock:
                self._kept[place] = kept
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        copy = pb.Mask()
        copy.CopyFrom(kept[1])
        return copy
