"""What the compare actions do: how A and B are seen together, and how mattes lie over the plate."""

from __future__ import annotations

from collections.abc import Callable

from widgets.actions import Actions
from widgets.studio import Studio
from widgets.view_state import Compare, Look, MatteStyle, Source, SourceKind, ViewState
from widgets.viewer_strips import only_frame

COMPARES = {
    "view.wipe": Compare.WIPE,
    "view.side_by_side": Compare.SIDE_BY_SIDE,
    "view.stacked": Compare.STACKED,
    "view.dissolve": Compare.DISSOLVE,
    "view.difference": Compare.DIFFERENCE,
    "view.matte_difference": Compare.MATTE_DIFFERENCE,
    "view.blend": Compare.BLEND,
}


class CompareActions:
    """Binds the compare actions. Choosing a way of comparing again returns to A alone."""

    def __init__(self, studio: Studio, view: ViewState, actions: Actions) -> None:
        self._studio, self._view, self._actions = studio, view, actions
        actions.bind(
            {
                **{action_id: self._call(compare) for action_id, compare in COMPARES.items()},
                "view.flip": self._flip,
                "view.swap": lambda: view.set(a=view.look.b, b=view.look.a),
                "view.edge_only": self._edge_only,
                "view.onion": self._onion,
                "view.plate_colors": lambda: view.set(plate_colors=not view.look.plate_colors),
            }
        )
        view.changed.connect(self._looked)
        self.refresh()

    def choose(self, compare: Compare) -> None:
        """Compare in this way; mattes are put on both sides where only mattes can be compared."""
        look = self._view.look
        a, b = look.a, look.b
        if compare is Compare.MATTE_DIFFERENCE:
            b = b if _has_matte(b) else Source(SourceKind.MATTE)
            takes = self._studio.takes(look.layer_id) if look.layer_id else ()
            if not _has_matte(a) and takes:
                a = Source(SourceKind.TAKE, takes[-1].id)
        self._view.set(compare=compare, flipped=False, a=a, b=b)

    def refresh(self) -> None:
        """Ticks as the look is."""
        look = self._view.look
        for action_id, compare in COMPARES.items():
            self._actions[action_id].setChecked(look.compare is compare)
        self._actions["view.flip"].setChecked(look.compare is Compare.SINGLE and look.flipped)
        self._actions["view.edge_only"].setChecked(look.overlay and look.matte_style is MatteStyle.EDGE)
        self._actions["view.onion"].setChecked(look.onion)
        self._actions["view.plate_colors"].setChecked(look.plate_colors)

    def _looked(self, change: tuple[Look, Look]) -> None:
        if not only_frame(change):
            self.refresh()

    def _call(self, compare: Compare) -> Callable[[], None]:
        def toggle() -> None:
            self.choose(Compare.SINGLE if self._view.look.compare is compare else compare)
            self.refresh()

        return toggle

    def _flip(self) -> None:
        """B alone, from whatever comparison; then A alone."""
        look = self._view.look
        self._view.set(compare=Compare.SINGLE, flipped=look.compare is not Compare.SINGLE or not look.flipped)
        self.refresh()

    def _edge_only(self) -> None:
        look = self._view.look
        edge = look.overlay and look.matte_style is MatteStyle.EDGE
        self._view.set(matte_style=MatteStyle.FILL if edge else MatteStyle.EDGE, overlay=True)
        self.refresh()

    def _onion(self) -> None:
        self._view.set(onion=not self._view.look.onion)
        self.refresh()


def _has_matte(source: Source) -> bool:
    return source.kind is not SourceKind.PLATE
