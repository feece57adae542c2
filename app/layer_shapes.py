"""Shapes of layers as a whole: fitted to mattes as a job that ends with one undoable step, written to files, read in.

Knows the document, the mattes and the job board; knows neither Qt nor the engine. The work is `app/shaping.py`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from app.fresh_mattes import not_delivered
from app.hall import Hall
from app.shaping import OF_FITTING, OF_OUTLINES, ShapeScore, read_shapes, score, sentence, shapes_out_of, write_shapes
from app.worker_jobs import RoomJobs, WorkerJob
from core.commands import AddLayer
from core.delivered_keys import delivered_key
from core.errors import ExportError, PromptError
from core.layer import Layer, LayerId
from core.plate import Plate
from core.roto.commands import AddShapes
from core.roto.fitting import Fitted
from core.roto.nuke_shapes import NukeShapes
from core.roto.shape import RotoShape
from core.shot import Shot
from core.words import counted, free_name
from widgets.shaping import FitOrder, Then
from widgets.tools.target import new_layer

BEFORE_SCORE = OF_OUTLINES + OF_FITTING


class LayerShapes:
    """Implements `widgets.shaping.ShapeRoom`. Lives on the interface's thread."""

    def __init__(self, hall: Hall) -> None:
        self._hall, self._document = hall, hall.document
        self._jobs = RoomJobs(hall)

    def fit(self, layer_id: LayerId, order: FitOrder, then: Then) -> None:
        mattes, layer = self._hall.mattes(), self._document.shot.layer(layer_id)
        stale = not_delivered(mattes, layer, order.frames)
        if stale:
            why = f"{len(stale)} of {len(order.frames)} frames have no current matte"
            hint = "Propagate (and refine) the layer first, or choose a shorter range."
            self._hall.report(ExportError(f"{layer.name}, frame {stale[0]}", why, hint))
            return
        shot = self._document.shot
        wanted = {frame: partial(mattes.known, delivered_key(shot, layer, frame)) for frame in order.frames}

        def work(job: WorkerJob) -> tuple[Fitted, ShapeScore]:
            begun, rest = BEFORE_SCORE, 1 - BEFORE_SCORE
            fitted = shapes_out_of(
                wanted, order.tolerance_px, order.most_points, layer.name, lambda part: job.go_on(begun * part)
            )
            return fitted, score(fitted.shapes, wanted, lambda part: job.go_on(begun + rest * part))

        def edit(made: tuple[Fitted, ShapeScore]) -> str:
            fitted, how_well = made
            new = _layer_of(self._document.shot, f"{layer.name} shapes", fitted.shapes)
            text = sentence(new.name, fitted, how_well, len(order.frames), order.tolerance_px)
            self._document.do(AddLayer(new))
            self._hall.said(text)
            then(new.id)
            return text

        self._jobs.start("shapes", f"Fit shapes to {layer.name}, {order.frames}", work, edit)

    def write(self, layer_id: LayerId, path: Path) -> None:
        shot = self._document.shot
        layer, frames = shot.layer(layer_id), shot.range
        shapes = tuple(shape for shape in layer.shapes if shape.works)
        if not shapes or frames is None:
            self._hall.report(
                ExportError(layer.name, why="has no finished shape that is on", hint="Draw or fit one first.")
            )
            return
        plate, many = _plate(shot), counted(len(shapes), "shape")
        self._hall.run(
            lambda: write_shapes(path, shapes, plate.format, frames),
            lambda _none: self._hall.said(f"{path}: {many} of {layer.name}."),
            self._hall.report,
        )

    def read(self, layer_id: LayerId, path: Path, then: Then) -> None:
        layer, mattes = self._document.shot.find(layer_id), self._hall.mattes()
        if layer is not None and layer.locked:
            self._hall.said(f"{layer.name} is locked. Unlock it first.")
            return
        plate = _plate(self._document.shot)

        def came(found: NukeShapes) -> None:
            if self._hall.mattes() is not mattes:
                return
            into = self._document.shot.find(layer_id)
            if into is None:
                into = _layer_of(self._document.shot, path.stem, found.shapes)
                self._document.do(AddLayer(into))
            else:
                self._document.do(AddShapes(into.id, found.shapes, "Import shapes"))
            many = counted(len(found.shapes), "shape")
            unread = f" Not read: {', '.join(found.unread)}." if found.unread else ""
            self._hall.said(f"{path.name}: {many} in {into.name}.{unread}")
            then(into.id)

        self._hall.run(lambda: read_shapes(path, plate.format), came, self._hall.report)

    def stop(self) -> None:
        """Cancel what runs: the project is being left."""
        self._jobs.stop()


def _layer_of(shot: Shot, name: str, shapes: tuple[RotoShape, ...]) -> Layer:
    """A new layer that is these shapes, under a name that is free."""
    return replace(new_layer(shot), name=free_name(name, {layer.name for layer in shot.layers}), shapes=shapes)


def _plate(shot: Shot) -> Plate:
    if shot.plate is None:
        raise PromptError("Shapes", why="there is no plate", hint="Open a plate first.")
    return shot.plate
