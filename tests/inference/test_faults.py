"""Engines that are killed, frozen or orphaned: nothing finished is lost, and it is said in a sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core.errors import EngineError, EngineLost
from core.jobs import JobState
from core.layer import ModelChoice
from core.matte import Matte
from core.plate import Plate
from core.prompts import Click
from inference.client import EngineClient
from inference.connection import Patience
from inference.engine import EngineCondition, EngineState
from inference.messages import Example, JobEvent, PropagateRequest, SegmentRequest, TeachRequest
from tests.inference.conftest import write_fake

Until = Callable[[Callable[[], object]], None]


def engine_process() -> psutil.Process:
    """The newest engine that is a child of this process."""
    children = [child for child in psutil.Process().children() if "inference.serve" in " ".join(child.cmdline())]
    return max(children, key=lambda child: child.create_time())


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, patience: Patience) -> Iterator[EngineClient]:
    """One window for all tests at whose end an engine runs again."""
    home = tmp_path_factory.mktemp("faults")
    arguments = ("--heartbeat", "0.3")
    client = EngineClient.local(home / "data", [write_fake(home)], patience=patience, arguments=arguments)
    yield client
    client.close()


@pytest.fixture
def ready(lasting: EngineClient, until: Until) -> EngineClient:
    """The lasting engine, running."""
    until(lambda: lasting.now.condition is EngineCondition.READY)
    return lasting


@pytest.fixture
def states(ready: EngineClient) -> Iterator[list[EngineState]]:
    """Every state that is told during the test."""
    told: list[EngineState] = []
    disconnect = ready.state.connect(told.append)
    yield told
    disconnect()


def slow_click(plate: Plate, **options: object) -> SegmentRequest:
    return SegmentRequest("a", plate, "", 1001, (Click(20.5, 10.5),), ModelChoice("fake", options))


def conditions(states: list[EngineState]) -> list[EngineCondition]:
    return [state.condition for state in states]


def test_kill_in_predict_is_answered_after_the_restart(
    ready: EngineClient, states: list[EngineState], plate: Plate, until: Until
) -> None:
    """The request carries the whole truth, so the next engine answers it; the loss is said and taken back."""
    future = ready.segment(slow_click(plate, segment_s=0.8))
    threading.Event().wait(0.4)
    engine_process().kill()

    assert future.result(30).matte.coverage[10, 22] == 0.5
    lost = next(state for state in states if state.condition is EngineCondition.LOST)
    assert "started again" in lost.sentence
    until(lambda: ready.now.condition is EngineCondition.READY)


def test_kill_in_propagate_goes_on_at_the_next_missing_frame(
    ready: EngineClient, plate: Plate, key_matte: Matte
) -> None:
    """Killed twice, every frame still arrives exactly once, and the log has no gap."""
    events: list[JobEvent] = []
    killed: list[int] = []

    def note(event: JobEvent) -> None:
        events.append(event)
        if event.frame in (1008, 1020):
            killed.append(event.frame or 0)
            engine_process().kill()

    wanted = tuple(range(1002, 1031))
    choice = ModelChoice("fake", {"step_s": 0.03})
    ready.start(PropagateRequest(plate, "", {1001: key_matte}, wanted, choice), note).done.result(60)

    assert killed == [1008, 1020]
    assert Counter(event.frame for event in events if event.matte) == Counter(wanted)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].state is JobState.DONE


def test_kill_in_teach_goes_on_at_the_checkpoint(ready: EngineClient, plate: Plate, key_matte: Matte) -> None:
    """Checkpoints come every five steps: after a kill at step 13 the next step is 11, not 1."""
    events: list[JobEvent] = []

    def note(event: JobEvent) -> None:
        events.append(event)
        if event.metrics.get("step") == 13 and len({past.metrics.get("pid") for past in events} - {None}) == 1:
            engine_process().kill()

    choice = ModelChoice("fake", {"step_s": 0.05, "steps": 30})
    ready.start(TeachRequest(plate, "", (Example(1001, key_matte),), choice), note).done.result(60)

    steps = [(event.metrics["pid"], int(event.metrics["step"])) for event in events if event.metrics]
    first_of_second = next(step for pid, step in steps if pid != steps[0][0])
    assert first_of_second in (11, 16)
    assert events[-1].adapter == b"30"


def test_frozen_engine_is_noticed_and_replaced(
    ready: EngineClient, states: list[EngineState], plate: Plate, until: Until
) -> None:
    """A stopped process keeps its connection open; only its silence tells. The waiting click is answered."""
    ready.segment(slow_click(plate)).result(20)
    engine_process().send_signal(signal.SIGSTOP)
    future = ready.segment(slow_click(plate))

    assert future.result(30).matte.coverage[10, 22] == 0.5
    said = [state.sentence for state in states if state.condition is EngineCondition.LOST]
    assert "waiting for it" in said[0]
    assert "started again" in said[-1]


def test_engine_that_pauses_is_not_ended(
    ready: EngineClient, states: list[EngineState], plate: Plate, until: Until
) -> None:
    """Silence shorter than the watchdog's patience is said and taken back; the process is the same."""
    engine = engine_process()
    engine.send_signal(signal.SIGSTOP)
    until(lambda: EngineCondition.LOST in conditions(states))
    engine.send_signal(signal.SIGCONT)

    until(lambda: ready.now.condition is EngineCondition.READY)
    assert engine_process().pid == engine.pid


def test_request_that_kills_every_engine_is_given_up(ready: EngineClient, plate: Plate, until: Until) -> None:
    """After three engines the request fails; the engine itself comes back for others."""
    future = ready.segment(slow_click(plate, die=True))

    with pytest.raises(EngineLost):
        future.result(60)
    assert ready.segment(slow_click(plate)).result(30).matte.coverage[10, 22] == 0.5


def test_engine_that_cannot_start_is_a_sentence(tmp_path: Path, until: Until) -> None:
    """A child that dies at once is tried a few times and then given up, with its last words and its log."""
    patience = Patience(back_off=(0.0,), most_failures=2)
    engine = EngineClient.local(tmp_path, patience=patience, arguments=("--no-such-option",))
    try:
        until(lambda: engine.now.condition is EngineCondition.FAILED)
        assert "no-such-option" in engine.now.sentence
        with pytest.raises(EngineError, match=r"engine\.log"):
            engine.models().result(5)
    finally:
        engine.close()


WINDOW = """
import sys, time
from pathlib import Path
from inference.client import EngineClient
engine = EngineClient.local(Path(sys.argv[1]))
engine.models().result(60)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="looks at processes as POSIX shows them")
def test_engine_ends_with_its_window(tmp_path: Path, until: Until) -> None:
    """kill -9 of the window takes its engine along; the token was in neither its arguments nor its environment."""
    window = subprocess.Popen([sys.executable, "-c", WINDOW, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    assert window.stdout.readline() == "ready\n"
    (engine,) = psutil.Process(window.pid).children()
    visible = " ".join(engine.cmdline()) + str(engine.environ())
    window.kill()
    window.wait()
    window.stdout.close()

    until(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE)
    assert "token" not in visible.lower()
    assert not list(tmp_path.rglob("token*"))


def test_two_windows_have_engines_of_their_own(tmp_path: Path, model_dir: Path, until: Until) -> None:
    """A second window with the same folder takes another part of it; neither ends the other's jobs."""
    engines = [EngineClient.local(tmp_path / "data", [model_dir]) for _ in range(2)]
    try:
        for engine in engines:
            engine.models().result(30)
        assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["engine-0", "engine-1"]
    finally:
        for engine in engines:
            engine.close()


def test_close_leaves_no_process_and_fails_what_waits(engine: EngineClient, plate: Plate, until: Until) -> None:
    """Closing is quick and complete, also while the engine computes."""
    engine.models().result(30)
    process = engine_process()
    future = engine.segment(slow_click(plate, segment_s=30.0))
    threading.Event().wait(0.2)
    engine.close()

    assert not process.is_running()
    with pytest.raises(EngineError):
        future.result(1)
    with pytest.raises(EngineError):
        engine.models().result(1)
