"""The log of jobs: numbered without gaps, idempotent, whole after a crash."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from core.jobs import JobState
from inference.contract import penumbra_pb2 as pb
from inference.job_log import JobLog

RUNNING = JobState.RUNNING.value


def asked(key: str = "k") -> pb.StartJobRequest:
    return pb.StartJobRequest(idempotency_key=key, kind="train", model="m", project="show")


def test_same_key_is_the_same_job(tmp_path: Path) -> None:
    """Of one owner; another owner's key is another job."""
    log = JobLog(tmp_path / "jobs")
    first, again, other = log.add("anna", asked()), log.add("anna", asked()), log.add("bert", asked())
    log.close()

    assert (first[1], again[1], other[1]) == (True, False, True)
    assert first[0].id == again[0].id != other[0].id


def test_events_are_numbered_without_gaps_by_many_threads(tmp_path: Path) -> None:
    """Four writers, one log."""
    log = JobLog(tmp_path / "jobs")
    job = log.add("anna", asked())[0]

    def write() -> None:
        for _ in range(25):
            log.append(job.id, pb.JobEvent(state=RUNNING))

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [event.seq for event in log.all_events(job.id)] == list(range(1, 101))
    assert [event.seq for event in log.events(job.id, after_seq=97)] == [98, 99, 100]
    log.close()


def test_nothing_comes_after_the_end(tmp_path: Path) -> None:
    """An ended job takes no more events: a late step of an old attempt is dropped."""
    log = JobLog(tmp_path / "jobs")
    job = log.add("anna", asked())[0]
    log.append(job.id, pb.JobEvent(state=JobState.CANCELLED.value))

    assert log.append(job.id, pb.JobEvent(state=RUNNING)) is None
    log.close()


def test_unended_jobs_are_found_again(tmp_path: Path) -> None:
    """After a crash, oldest first, with their requests; progress never goes back."""
    log = JobLog(tmp_path / "jobs")
    for key in "abc":
        log.add("anna", asked(key))
    first, second, _ = log.unended()
    log.append(first.id, pb.JobEvent(state=JobState.DONE.value, progress=1.0))
    log.begin(second.id)
    log.append(second.id, pb.JobEvent(state=RUNNING, progress=0.5))
    log.append(second.id, pb.JobEvent(state=RUNNING, progress=0.1))
    log.close()

    again = JobLog(tmp_path / "jobs")

    assert [again.request(row.id).idempotency_key for row in again.unended()] == ["b", "c"]
    assert again.unended()[0].progress == 0.5
    assert again.begin(second.id) == 2
    assert again.forget(-1.0) == 1
    assert again.job(first.id) is None
    again.close()


def test_log_is_in_wal_mode(tmp_path: Path) -> None:
    """So that a reader never waits for the engine, and a crash leaves a whole database."""
    JobLog(tmp_path / "jobs").close()
    database = sqlite3.connect(tmp_path / "jobs")

    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()
