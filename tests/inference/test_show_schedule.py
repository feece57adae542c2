"""A server that learns from a show's corrections by itself: in another process, now and then, and it is told."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.store_info import describe_store, readable
from core.corrections.store import CorrectionStore
from core.errors import EngineError, ProjectError
from core.show_models import ShowModel, models_of
from inference.serve import main
from inference.server.show_schedule import OPTIONS, ShowSchedule
from tests.core.corrected import corrected

SAYS = "import json, os, sys; print(json.dumps([os.getpid(), *sys.argv[1:]])); print('It is learnt.')"
FAILS = "import sys; sys.stderr.write('There is no room.\\n'); sys.exit(1)"
WAITS = "import pathlib, sys, time; pathlib.Path(sys.argv[1], 'pid').touch(); time.sleep(60)"


@pytest.fixture
def store(tmp_path: Path) -> CorrectionStore:
    store = CorrectionStore.open(tmp_path / "corrections", make=True)
    store.put(*corrected(1001))
    return store


def scheduled(store: CorrectionStore, program: str, every_s: float = 3600.0) -> ShowSchedule:
    return ShowSchedule(store.path, every_s, (sys.executable, "-c", program), first_after_s=0.0)


def test_it_learns_in_another_process_and_says_how_it_ended(store: CorrectionStore) -> None:
    """The command is given the store and told to yield; what it says last is what `penumbra info` tells."""
    assert asyncio.run(scheduled(store, SAYS, 7200.0).learn()) == 0
    found = describe_store(store.path)
    assert found["schedule"]["said"] == "It is learnt."
    assert found["schedule"]["every_h"] == 2.0
    assert (found["pairs"], found["held_out"], found["current"]) == (1, 0, "")

    assert asyncio.run(scheduled(store, FAILS).learn()) == 1
    assert "by a server every 1 hours" in readable(describe_store(store.path))
    assert "There is no room." in readable(describe_store(store.path))
    assert OPTIONS == ("--only-new", "--low-priority")


def test_it_waits_from_the_newest_model_and_is_stopped_with_the_server(store: CorrectionStore) -> None:
    """A model of an hour ago and one every three hours: due in two. A server that ends takes the process along."""
    made = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert scheduled(store, SAYS)._due_in_s() == 0.0
    models_of(store.path).publish(ShowModel("hero", made, "ann", "corrections"), b"one", use=True)
    assert scheduled(store, SAYS, 3 * 3600.0)._due_in_s() == pytest.approx(2 * 3600.0, abs=60.0)

    async def ended_while_it_learns() -> int | None:
        schedule = scheduled(store, WAITS, 1.0)
        task = asyncio.create_task(schedule.run())
        while not (store.path / "pid").exists():
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task])
        assert schedule._process is not None
        return schedule._process.returncode

    assert asyncio.run(asyncio.wait_for(ended_while_it_learns(), 60)) not in (None, 0)


def test_a_server_refuses_what_it_cannot_learn_from(tmp_path: Path, store: CorrectionStore) -> None:
    common = ["--data", str(tmp_path / "data"), "--show-store"]
    with pytest.raises(ProjectError, match="it holds no corrections"):
        main([*common, str(tmp_path / "nothing")])
    with pytest.raises(EngineError, match="no time to wait"):
        main([*common, str(store.path), "--show-every", "0"])
    assert json.dumps(describe_store(store.path))
