"""What is done with takes: kept, put back, compared, renamed, removed, and imported from files.

Binds the Layer menu's part; asks the studio, reads no file. What the disk refuses becomes a message.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.commands import AddLayer
from core.errors import PenumbraError
from core.layer import Layer
from core.matte_reader import MatteChannel
from core.take import TakeId
from widgets.actions import Actions
from widgets.dialogs.import_matte import ImportMatteDialog
from widgets.studio import Message, Severity, Studio, TakeInfo
from widgets.tools.target import new_layer
from widgets.view_state import Compare, Source, SourceKind, ViewState

FILTERS = "Mattes (*.exr *.png *.tif *.tiff);;All files (*)"


class TakeActions:
    """Args: `window` is the parent of the dialogs; `chosen` gives the take that is pointed at in a panel, if any."""

    def __init__(
        self,
        window: QWidget,
        studio: Studio,
        view: ViewState,
        actions: Actions,
        chosen: Callable[[], TakeInfo | None],
    ) -> None:
        self._window, self._studio, self._view, self._actions, self._chosen = window, studio, view, actions, chosen
        self._folder: Path | None = None
        actions.bind(
            {
                "layer.keep_take": self.keep,
                "layer.put_back": self.put_back,
                "layer.import_matte": self.import_matte,
            }
        )

    def enable(self) -> None:
        """Only what can be done with the chosen layer and take."""
        self._actions["layer.keep_take"].setEnabled(self.layer() is not None)
        self._actions["layer.put_back"].setEnabled(self.target() is not None)

    def layer(self) -> Layer | None:
        """The chosen layer."""
        wanted = self._view.look.layer_id
        return self._studio.document.shot.find(wanted)

    def shown(self, source: Source) -> TakeInfo | None:
        """The take that a side shows, as a matte or in a comp."""
        layers = self._studio.document.shot.layers if source.take_id else ()
        takes = (take for layer in layers for take in self._studio.takes(layer.id))
        return next((take for take in takes if take.id == source.take_id), None)

    def target(self) -> TakeInfo | None:
        """What would be put back: the take chosen in the panel, else the one on side A."""
        return self._chosen() or self.shown(self._view.look.a)

    # --- calls --------------------------------------------------------------------------------------------------

    def keep(self) -> TakeInfo | None:
        """Keep the chosen layer as it is now, under the next number."""
        layer = self.layer()
        if layer is None:
            return None
        names = {take.name for take in self._studio.takes(layer.id)}
        number = next(number for number in range(1, len(names) + 2) if f"Take {number}" not in names)
        return self._telling(lambda: self._studio.keep_take(layer.id, f"Take {number}"))

    def put_back(self) -> None:
        """The layer as it was: one undoable step."""
        take = self.target()
        if take is not None:
            self._telling(lambda: self._studio.taking.put_back(take.id))

    def compare(self, take: TakeInfo, how: Compare | None = None) -> None:
        """The take on A, what its layer has now on B.

        Args:
            how: None for the way that is used now if it shows both sides, else a wipe.
        """
        now = self._view.look.compare
        how = how or (Compare.WIPE if now in (Compare.SINGLE, Compare.BLEND) else now)
        layer_id = "" if take.layer_id == self._view.look.layer_id else take.layer_id
        a, b = Source(SourceKind.TAKE, take.id, layer_id), Source(SourceKind.MATTE, layer_id=layer_id)
        self._view.set(a=a, b=b, compare=how)

    def rename(self, take_id: TakeId, name: str) -> None:
        self._telling(lambda: self._studio.taking.rename(take_id, name))

    def remove(self, take: TakeInfo) -> None:
        """Forget a take; asks first where the artist made it, for it cannot be undone."""
        if take.kind.automatic:
            self._telling(lambda: self._studio.taking.remove(take.id))
            return
        question = QMessageBox(
            QMessageBox.Icon.Question,
            "Remove take",
            f"Remove {take.name}?",
            QMessageBox.StandardButton.Cancel,
            self._window,
        )
        question.setInformativeText("It cannot be undone. The layer stays as it is.")
        remove = question.addButton("Remove", QMessageBox.ButtonRole.AcceptRole)
        question.setDefaultButton(remove)

        def answered(_result: int) -> None:
            if question.clickedButton() is remove:
                self._telling(lambda: self._studio.taking.remove(take.id))
            question.deleteLater()

        question.finished.connect(answered)
        question.open()

    # --- importing ----------------------------------------------------------------------------------------------

    def import_matte(self) -> None:
        """Choose a sequence; ask for the channel where there are several."""
        plate = self._studio.document.shot.plate
        if plate is None:
            return
        start = self._folder or plate.path.parent
        chosen, _filter = QFileDialog.getOpenFileName(self._window, "Import matte", str(start), FILTERS)
        if chosen:
            path = Path(chosen)
            self._folder = path.parent
            self._studio.importing.channels(path, lambda channels: self._ask_channel(path, channels))

    def _ask_channel(self, path: Path, channels: tuple[MatteChannel, ...]) -> None:
        if len(channels) == 1:
            self._import(path, channels[0])
            return
        layer = self.layer()
        dialog = ImportMatteDialog(path, channels, layer.name if layer is not None else "a new layer", self._window)

        def accepted() -> None:
            if dialog.channel is not None:
                self._import(path, dialog.channel)

        dialog.accepted.connect(accepted)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _import(self, path: Path, channel: MatteChannel) -> None:
        layer = self.layer()
        if layer is None:
            layer = new_layer(self._studio.document.shot)
            self._studio.document.do(AddLayer(layer))
            self._view.set(layer_id=layer.id)
        self._studio.importing.matte(layer.id, path, channel, self._view.look.frame)

    def _telling(self, call: Callable[[], TakeInfo | None]) -> TakeInfo | None:
        try:
            return call()
        except PenumbraError as error:
            self._studio.message.emit(Message(Severity.ERROR, error.sentence))
            return None
