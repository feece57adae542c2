"""The takes of the open project: kept by hand or before something changes, named, compared, and put back.

Knows the document, the mattes and the project; knows neither Qt nor the engine. Keeping a take reads no pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from app.hall import Hall
from app.mattes import Mattes
from core.adapter_commands import RemoveAdapter
from core.commands import AddCorrection, ChooseModels, PutBack, UseAdapter
from core.digest import digest
from core.document import Edit
from core.errors import ProjectError
from core.finish_commands import FinishFrame
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, Layer, LayerId, MatteKey
from core.matte import Matte
from core.piece_commands import JoinLayers, SplitLayer
from core.project_file import Project
from core.signal import Signal
from core.take import Take, TakeId, TakeKind
from core.words import free_name

AUTOMATIC_KEPT = 5
"""How many takes of a kind that nobody asked for a layer has; the oldest gives way."""
BEFORE_PUT_BACK = "before put back"


class Takes:
    """Takes are kept beside the document, not undone with it; putting one back is an edit like any other."""

    def __init__(self, hall: Hall) -> None:
        self.changed: Signal[LayerId] = Signal()
        """A layer's takes are others now."""
        self._hall, self._document = hall, hall.document
        hall.document.edited.connect(self._remember)

    def of(self, layer_id: LayerId) -> tuple[Take, ...]:
        """Oldest first."""
        return tuple(take for take in self._project.takes if take.layer_id == layer_id)

    def take(self, take_id: TakeId) -> Take | None:
        """None when it was removed."""
        return next((take for take in self._project.takes if take.id == take_id), None)

    def matte(self, take_id: TakeId, frame: FrameNumber) -> Matte | None:
        """The take's matte at a frame; None where it has none."""
        take = self.take(take_id)
        key = take.mattes.get(frame) if take is not None else None
        return self._mattes.known(key) if key else None

    # --- keeping ------------------------------------------------------------------------------------------------

    def keep(self, layer_id: LayerId, name: str, kind: TakeKind = TakeKind.KEPT) -> Take:
        """Remember every matte of the layer that can be shown now, by key, and what was authored."""
        layer = self._layer(layer_id)
        return self._add(self._now(layer, name, kind, self._mattes.shown_keys(layer, paint=True)), layer)

    def add(self, layer_id: LayerId, name: str, mattes: Mapping[FrameNumber, MatteKey], kind: TakeKind) -> Take:
        """A take of mattes only: they come from elsewhere."""
        return self._add(Take(_new_id(), layer_id, self._unused(layer_id, name), dict(mattes), kind, _now()), None)

    def rename(self, take_id: TakeId, name: str) -> None:
        """Another name; a take with a name of the artist's own is not given up for a newer one."""
        take = self.take(take_id)
        if take is None or not name.strip() or name.strip() == take.name:
            return
        kind = TakeKind.KEPT if take.kind.automatic else take.kind
        self._project.keep_take(replace(take, name=self._unused(take.layer_id, name.strip(), take_id), kind=kind))
        self.changed.emit(take.layer_id)

    def remove(self, take_id: TakeId) -> None:
        """Forget a take. What was put back from it stays."""
        take = self.take(take_id)
        if take is not None:
            self._project.drop_take(take_id)
            self.changed.emit(take.layer_id)

    # --- putting back -------------------------------------------------------------------------------------------

    def put_back(self, take_id: TakeId) -> None:
        """Make the layer what it was: one undoable command. What is there now is kept as a take first.

        A take of the layer's own past brings back all that was authored, so that every key finds its old matte. A
        take of mattes only (imported, or of an old project) makes each of them a frozen key frame, unrefined. One of
        proposals does so where the layer has no key frame now, and nothing else.
        """
        take = self.take(take_id)
        if take is None or all(layer.id != take.layer_id for layer in self._document.shot.layers):
            return
        layer = self._layer(take.layer_id)
        if take.state == _state(layer):
            self._hall.said(f"{layer.name} is what it was in {take.name}.")
            return
        if layer.locked:
            self._hall.said(f"{layer.name} is locked. Unlock it to put a take back.")
            return
        if take.kind is TakeKind.LIKE:
            then = layer.filled_up(take.mattes)
            if then.key_frames == layer.key_frames:
                self._hall.said(f"{layer.name} has key frames of its own on every frame of {take.name}.")
                return
        else:
            then = self._authored(take) or layer.frozen_at(take.mattes)
        self._keep_unasked(layer, BEFORE_PUT_BACK, TakeKind.PUT_BACK)
        if take.state:
            self._mattes.show_again(take.layer_id, take.mattes)
        self._document.do(PutBack(take.layer_id, then, take.name))

    def _authored(self, take: Take) -> Layer | None:
        """The layer of a take; None where only its mattes are known."""
        try:
            return self._project.take_layer(take.id)
        except ProjectError as error:
            self._hall.report(error)
            return None

    # --- kept without being asked -------------------------------------------------------------------------------

    def _remember(self, edit: Edit) -> None:
        """Before the first stroke on a frame and before other models: what the layer looked like until now."""
        command = edit.command
        if edit.kind != "do":
            return
        if isinstance(command, AddCorrection | FinishFrame):
            layer = self._layer(command.layer_id)
            if layer.key_frame(command.frame).correction.empty:
                ground = {command.frame: self._mattes.seen_key(layer, command.base, command.frame)}
                self._keep_unasked(layer, f"before correction {command.frame}", TakeKind.CORRECTION, ground)
        elif isinstance(command, SplitLayer | JoinLayers):
            before = command.layers[0] if isinstance(command, SplitLayer) else command.layer
            word = "split" if isinstance(command, SplitLayer) else "join"
            self._keep_unasked(self._layer(before.id), f"before {word}", TakeKind.MODELS)
        elif isinstance(command, ChooseModels | UseAdapter | RemoveAdapter):
            layer = self._layer(command.layer_id)
            refines = isinstance(command, ChooseModels) and layer.refine is None and command.refine is not None
            self._keep_unasked(layer, "before refine" if refines else "before model change", TakeKind.MODELS)

    def _keep_unasked(
        self, layer: Layer, name: str, kind: TakeKind, ground: Mapping[FrameNumber, MatteKey] | None = None
    ) -> None:
        """Keep a take unless there is one like it; a full disk must not refuse what the artist is doing.

        Args:
            ground: what is known to be on screen, whatever the keys say.
        """
        shown = {**self._mattes.shown_keys(layer), **(ground or {})}
        mattes = {frame: key for frame, key in shown.items() if key != EMPTY_MATTE}
        alike = [kept for kept in self.of(layer.id) if kept.mattes == mattes]
        if kind is TakeKind.PUT_BACK:
            alike = [kept for kept in alike if kept.state == _state(layer)]
        if not (mattes or layer.key_frames) or (alike and kind is not TakeKind.CORRECTION):
            return
        take = self._now(layer, name, kind, mattes)
        try:
            before = [kept.id for kept in self.of(layer.id) if kept.kind is kind]
            if len(before) >= AUTOMATIC_KEPT:
                self._project.drop_take(*before[: len(before) - AUTOMATIC_KEPT + 1])
            self._add(take, layer)
        except ProjectError as error:
            self._hall.report(error)

    # --- inside -------------------------------------------------------------------------------------------------

    @property
    def _project(self) -> Project:
        return self._hall.bench().project

    @property
    def _mattes(self) -> Mattes:
        return self._hall.mattes()

    def _layer(self, layer_id: LayerId) -> Layer:
        return self._document.shot.layer(layer_id)

    def _now(self, layer: Layer, name: str, kind: TakeKind, mattes: Mapping[FrameNumber, MatteKey]) -> Take:
        beneath = self._mattes.keys_beneath(layer) - set(mattes.values())
        return Take(
            id=_new_id(),
            layer_id=layer.id,
            name=self._unused(layer.id, name),
            mattes=dict(mattes),
            kind=kind,
            made=_now(),
            beneath=tuple(sorted(beneath)),
            state=_state(layer),
        )

    def _add(self, take: Take, layer: Layer | None) -> Take:
        self._project.keep_take(take, layer)
        self.changed.emit(take.layer_id)
        return take

    def _unused(self, layer_id: LayerId, name: str, but: TakeId = "") -> str:
        return free_name(name, {take.name for take in self.of(layer_id) if take.id != but})


def _state(layer: Layer) -> str:
    """Digest of all that was authored in a layer and decides its mattes."""
    frames = {frame: kept.content for frame, kept in layer.key_frames.items()}
    finish = () if layer.finish.off else (layer.finish,)
    models = (layer.segment, layer.propagate, layer.refine, layer.adapter)
    marks = (layer.trimap,) if layer.trimap else ()
    return digest("layer", frames, layer.shapes, *models, *finish, *marks)


def _new_id() -> TakeId:
    return uuid4().hex[:12]


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
