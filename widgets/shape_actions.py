"""What the Layer menu does with shapes as a whole: fit them to mattes, export them, import them.

Asks the studio; computes nothing.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from core.layer import Layer, LayerId
from widgets.actions import Actions
from widgets.dialogs.fit_shapes import FitShapesDialog
from widgets.studio import Studio
from widgets.view_state import ViewState

ACTION_IDS = ("layer.fit_shapes", "layer.export_shapes", "layer.import_shapes")
KINDS = {"Nuke Roto (*.nk)": ".nk", "SVG, a group a frame (*.svg)": ".svg", "JSON, all keys (*.json)": ".json"}
READ = "Shapes (*.nk *.json);;All files (*)"


class ShapeActions:
    """Binds them, and enables only what can be done with the chosen layer. `window` is the parent of the dialogs."""

    def __init__(self, window: QWidget, studio: Studio, view: ViewState, actions: Actions) -> None:
        self._window, self._studio, self._view, self._actions = window, studio, view, actions
        self._folder: Path | None = None
        self.dialog: FitShapesDialog | None = None
        actions.bind(dict(zip(ACTION_IDS, (self._fit, self._export, self._import), strict=True)))

    def enable(self) -> None:
        layer = self._layer()
        self._actions["layer.fit_shapes"].setEnabled(layer is not None and not layer.finish.inverted)
        shaped = layer is not None and any(shape.works for shape in layer.shapes)
        self._actions["layer.export_shapes"].setEnabled(shaped)

    def _layer(self) -> Layer | None:
        return self._studio.document.shot.find(self._view.look.layer_id)

    def _choose(self, layer_id: LayerId) -> None:
        self._view.set(layer_id=layer_id)

    def _fit(self) -> None:
        layer, shot = self._layer(), self._studio.document.shot
        if layer is None or shot.plate is None or shot.range is None:
            return
        layer_id = layer.id
        dialog = self.dialog = FitShapesDialog(layer.name, shot.plate.frames, shot.range, self._window)
        dialog.accepted.connect(lambda: self._studio.shaping.fit(layer_id, dialog.order, self._choose))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _export(self) -> None:
        layer = self._layer()
        if layer is None:
            return
        start = self._start() / f"{layer.name.replace('/', '_')}.nk"
        chosen, kind = QFileDialog.getSaveFileName(self._window, "Export shapes", str(start), ";;".join(KINDS))
        if chosen:
            path = Path(chosen)
            path = path if path.suffix.lower() in KINDS.values() else path.with_name(path.name + KINDS.get(kind, ".nk"))
            self._folder = path.parent
            self._studio.shaping.write(layer.id, path)

    def _import(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self._window, "Import shapes", str(self._start()), READ)
        if chosen:
            self._folder = Path(chosen).parent
            layer = self._layer()
            self._studio.shaping.read(layer.id if layer is not None else "", Path(chosen), self._choose)

    def _start(self) -> Path:
        project, plate = self._studio.saving.path, self._studio.document.shot.plate
        if self._folder is None and project is not None:
            return project.parent
        return self._folder or (plate.path.parent if plate is not None else Path.cwd())
