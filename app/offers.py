"""What was taught, offered to the artist with its figures: used or kept beside, one command each; nothing is forced.

Knows the document and the takes; no engine and no Qt.
"""

from __future__ import annotations

from app.hall import Hall
from app.takes import Takes
from app.teaching import Taught
from core.adapter_commands import KeepAdapter
from core.commands import UseAdapter
from core.layer import AssetId, LayerId
from core.signal import Signal
from core.take import TakeKind
from widgets.studio import TeachResult


class Offers:
    """Of the open project.

    Args:
        takes: where the mattes from before are kept when an offer is used.
    """

    def __init__(self, hall: Hall, takes: Takes) -> None:
        self.made: Signal[TeachResult] = Signal()
        self._hall, self._document, self._takes = hall, hall.document, takes
        self._open: dict[AssetId, Taught] = {}

    def make(self, layer_id: LayerId, taught: Taught) -> None:
        adapter = taught.adapter
        self._open[adapter.asset] = taught
        self.made.emit(
            TeachResult(
                layer_id,
                adapter.asset,
                adapter.name,
                adapter.held_out_before,
                adapter.held_out_after,
                taught.improved,
                adapter.approved_before,
                adapter.approved_after,
                adapter.taught_on,
                adapter.held_out,
                adapter.seconds,
            )
        )

    def answer(self, result: TeachResult, use: bool) -> None:
        """Use what is offered, with the mattes from before as a take, or keep it in the list of what was taught."""
        layer = self._document.shot.find(result.layer_id)
        if use and layer is not None and layer.locked:
            self._hall.said(f"{layer.name} is locked. Unlock it to use what was taught.")
            return
        taught = self._open.pop(result.asset, None)
        if taught is None:
            return
        if not use:
            self._document.do(KeepAdapter(result.layer_id, taught.adapter))
            return
        self._takes.keep(result.layer_id, f"before {result.name}", TakeKind.ADAPTER)
        self._document.do(UseAdapter(result.layer_id, taught.adapter))
