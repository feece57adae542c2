"""What is known of the engine: whether it is ready, and which models it has. Says so in words.

Lives on the interface's thread; asks the engine and is told by it through `post`.
"""

from __future__ import annotations

from concurrent.futures import Future

from app.hall import Hall
from core.errors import Cancelled, PenumbraError
from core.model_info import ModelInfo
from core.signal import Signal
from inference.engine import Engine, EngineCondition, EngineState


class EngineWatch:
    """One engine's condition and models."""

    def __init__(self, hall: Hall, engine: Engine) -> None:
        self.said: Signal[tuple[bool, str]] = Signal()
        """(ready, sentence)."""
        self.models_changed: Signal[tuple[ModelInfo, ...]] = Signal()
        self._hall, self._engine = hall, engine
        self._models: tuple[ModelInfo, ...] = ()
        self._state = EngineState(EngineCondition.STARTING)
        engine.state.connect(lambda state: hall.post(lambda: self._is(state)))
        hall.post(lambda: self._is(engine.now))

    def refresh(self) -> None:
        """Ask the engine again what it can do: a new model folder appears without a restart."""
        self._engine.models().add_done_callback(lambda done: self._hall.post(lambda: self._came(done)))

    def models(self, task: str) -> tuple[ModelInfo, ...]:
        """Those that can do a task, as the engine last said."""
        return tuple(model for model in self._models if task in model.tasks)

    def _came(self, done: Future[tuple[ModelInfo, ...]]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self._models = done.result()
            self.models_changed.emit(self._models)
        elif isinstance(error, PenumbraError) and not isinstance(error, Cancelled):
            self._hall.report(error)

    def _is(self, state: EngineState) -> None:
        was, self._state = self._state, state
        if state == was:
            return
        ready = state.condition is EngineCondition.READY
        self.said.emit((ready, state.sentence or f"Engine: {state.condition.value}, {state.where}"))
        if state.condition is EngineCondition.LOST and was.condition is EngineCondition.READY:
            self._hall.said(state.sentence, well=False)
        if ready:
            self.refresh()
