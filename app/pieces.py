"""Split a layer into its pieces, and join layers, over all frames: a job that ends with one undoable command.

The new layers are as alive as the old one: its key frames become key frames that hold the piece as it stood, and what
lay between them is put where a propagation from them would have put it. So nothing is computed again, nothing looks
different, and a correction later on renews its neighbours as ever. Knows the document, the mattes and the job board;
knows neither Qt nor the engine. What the worker does is `app/cutting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from app.cutting import Cut, Made, Progress, joined, split
from app.hall import Hall
from app.worker_jobs import RoomJobs
from core.arrays import AnyFloat, UInt8
from core.errors import Cancelled, PromptError
from core.frames import FrameNumber
from core.layer import Layer, LayerId
from core.piece_commands import JoinLayers, SplitLayer
from core.pieces import pieces


class Pieces:
    """Implements `widgets.pieces.PieceRoom`. Lives on the interface's thread."""

    def __init__(self, hall: Hall) -> None:
        self._hall, self._document = hall, hall.document
        self._jobs = RoomJobs(hall)

    def split(self, layer_id: LayerId, frame: FrameNumber) -> None:
        self._split(layer_id, frame, pieces)

    def lift(self, layer_id: LayerId, frame: FrameNumber, x: float, y: float) -> None:
        plate = self._document.shot.plate
        if plate is None or not plate.canvas.contains(x, y):
            self._hall.said("Point at a piece of the matte in the picture.")
            return
        row, column = int(y - plate.canvas.y0), int(x - plate.canvas.x0)

        def one_and_the_rest(coverage: AnyFloat) -> UInt8:
            labels = pieces(coverage)
            chosen = labels[row, column]
            if chosen == 0:
                raise PromptError(f"Frame {frame}", why="no piece lies under the pointer", hint="Point at one.")
            if labels.max() < 2:
                return labels
            return np.where(labels == chosen, 2, np.minimum(labels, 1)).astype(np.uint8)

        self._split(layer_id, frame, one_and_the_rest)

    def join(self, layer_ids: Sequence[LayerId]) -> None:
        shot, plate, mattes = self._document.shot, self._document.shot.plate, self._hall.mattes()
        layers = tuple(shot.layer(layer_id) for layer_id in layer_ids)
        if plate is None or len(layers) < 2 or self._locked(layers):
            return
        frames = sorted({*(shot.range or ()), *(frame for layer in layers for frame in layer.key_frames)})

        def work(progress: Progress) -> Made:
            return joined(layers, plate, frames, mattes, progress)

        def done(made: Made) -> None:
            self._document.do(JoinLayers(made.layers[0], tuple(layer_ids[1:])))

        names = ", ".join(layer.name for layer in layers)
        self._start(f"Join {names}", layers, work, done)

    def stop(self) -> None:
        """Cancel what runs: the project is being left."""
        self._jobs.stop()

    # --- inside -------------------------------------------------------------------------------------------------

    def _split(self, layer_id: LayerId, frame: FrameNumber, seen: Callable[[AnyFloat], UInt8]) -> None:
        shot, plate, mattes = self._document.shot, self._document.shot.plate, self._hall.mattes()
        layer = shot.layer(layer_id)
        if plate is None or self._locked((layer,)):
            return
        if layer.finish.inverted:
            self._hall.said(f"{layer.name} is inverted. Take that back to split it: it is what is in that has pieces.")
            return
        frames = sorted({*(shot.range or ()), *layer.key_frames})
        names = {other.name for other in shot.layers}
        colors = [other.color for other in shot.layers]

        def work(progress: Progress) -> Made:
            return split(Cut(layer, plate, frames, mattes), frame, seen, names, colors, progress)

        def done(made: Made) -> None:
            self._document.do(SplitLayer(made.layers))
            others = ", ".join(other.name for other in made.layers[1:])
            self._hall.said(f"New from {layer.name}: {others}.")

        self._start(f"Split {layer.name}", (layer,), work, done)

    def _locked(self, layers: Iterable[Layer]) -> bool:
        locked = [layer.name for layer in layers if layer.locked]
        if locked:
            self._hall.said(f"{locked[0]} is locked. Unlock it first.")
        return bool(locked)

    def _start(
        self,
        title: str,
        layers: tuple[Layer, ...],
        work: Callable[[Progress], Made],
        done: Callable[[Made], None],
    ) -> None:
        mattes = self._hall.mattes()

        def edit(made: Made) -> str:
            if any(self._document.shot.find(each.id) is not each for each in layers):
                self._hall.said(f"{title}: the layer was changed meanwhile. Do it again.")
                raise Cancelled(title, "the layer was changed meanwhile", "Do it again.")
            for layer, shown in zip(made.layers, made.shown, strict=True):
                mattes.show_again(layer.id, shown)
            done(made)
            return ""

        self._jobs.start("layers", title, lambda job: work(job.go_on), edit)
