"""Every n-th pixel of the pictures being looked at, kept beside them, so that a change of exposure need not gather them
from all over a large picture again.

Knows arrays only. Safe from any thread.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import Any

from core.arrays import AnyFloat

MOST_KEPT = 2
"""What is compared side by side, and no more: one is a quarter of a picture."""

_kept: OrderedDict[tuple[int, int], tuple[weakref.ref[Any], AnyFloat]] = OrderedDict()
_lock = threading.Lock()


def keep(rgba: AnyFloat, stride: int) -> None:
    """Keep every `stride`-th pixel of this picture; nothing where that would be the picture itself.

    Args:
        rgba: (H, W, 4), never written to.
    """
    if stride < 2 or _find(rgba, stride) is not None:
        return
    offset = stride // 2
    thin = rgba[offset::stride, offset::stride].copy(order="C")
    with _lock:
        _kept[id(rgba), stride] = weakref.ref(rgba), thin
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def piece_of(rgba: AnyFloat, samples: tuple[slice, slice]) -> AnyFloat:
    """`rgba[samples]`, contiguous: a view where that is possible, else a copy. Not to be written to.

    Args:
        samples: rows and columns as `Lattice.samples` gives them.
    """
    rows, columns = samples
    stride = rows.step or 1
    thin = _find(rgba, stride) if stride > 1 and columns.step == stride else None
    if thin is not None:
        offset = stride // 2
        first_row, first_column = (rows.start - offset) // stride, (columns.start - offset) // stride
        height = -(-(rows.stop - rows.start) // stride)
        width = -(-(columns.stop - columns.start) // stride)
        return _contiguous(thin[first_row : first_row + height, first_column : first_column + width])
    return _contiguous(rgba[samples])


def _contiguous(piece: AnyFloat) -> AnyFloat:
    return piece if piece.flags.c_contiguous else piece.copy(order="C")


def _find(rgba: AnyFloat, stride: int) -> AnyFloat | None:
    with _lock:
        kept = _kept.get((id(rgba), stride))
        if kept is None or kept[0]() is not rgba:
            return None
        _kept.move_to_end((id(rgba), stride))
        return kept[1]
