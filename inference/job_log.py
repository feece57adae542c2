"""Jobs and their events on disk: what was promised and what was done survives any crash of the engine.

SQLite in WAL mode. An event is committed before anyone is told of it; events of a job are numbered 1, 2, 3 ...
without gaps. Requests and events are kept as the bytes of their messages. Knows nothing of models or sockets.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from core.jobs import JobState
from inference.contract import penumbra_pb2 as pb

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, idempotency_key TEXT NOT NULL, kind TEXT NOT NULL,
    project TEXT NOT NULL, state TEXT NOT NULL, epoch INTEGER NOT NULL, progress REAL NOT NULL,
    request BLOB NOT NULL, error BLOB, created REAL NOT NULL, updated REAL NOT NULL,
    UNIQUE (owner, idempotency_key));
CREATE TABLE IF NOT EXISTS events (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, seq INTEGER NOT NULL, event BLOB NOT NULL,
    PRIMARY KEY (job_id, seq)) WITHOUT ROWID;
"""
UNENDED = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it stands in the log."""

    id: str
    owner: str
    kind: str
    state: JobState
    epoch: int
    progress: float
    last_seq: int
    created: float
    error: pb.Error | None

    def message(self, queue_position: int = 0) -> pb.Job:
        job = pb.Job(
            id=self.id,
            kind=self.kind,
            state=self.state.value,
            last_seq=self.last_seq,
            epoch=self.epoch,
            owner=self.owner,
            progress=self.progress,
            queue_position=queue_position,
        )
        job.created.FromMicroseconds(int(self.created * 1e6))
        if self.error is not None:
            job.error.CopyFrom(self.error)
        return job


class JobLog:
    """All jobs of one engine. Thread-safe."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)

    def add(self, owner: str, request: pb.StartJobRequest) -> tuple[JobRow, bool]:
        """The job of this request and whether it is new: the same idempotency key gives the same job."""
        key = request.idempotency_key or uuid.uuid4().hex
        job_id, now = uuid.uuid4().hex, time.time()
        with self._lock:
            added = self._db.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, 0, 0.0, ?, NULL, ?, ?) ON CONFLICT DO NOTHING",
                (
                    *(job_id, owner, key, request.kind, request.project, JobState.QUEUED.value),
                    *(request.SerializeToString(), now, now),
                ),
            )
            (found,) = self._db.execute(
                "SELECT id FROM jobs WHERE owner = ? AND idempotency_key = ?", (owner, key)
            ).fetchone()
            row = self.job(found)
        if row is None:
            raise RuntimeError("a job vanished while it was added")
        return row, added.rowcount == 1

    def job(self, job_id: str) -> JobRow | None:
        found = self._rows("WHERE id = ?", (job_id,))
        return found[0] if found else None

    def find(self, owner: str, idempotency_key: str) -> JobRow | None:
        """The job that was started under this key."""
        found = self._rows("WHERE owner = ? AND idempotency_key = ?", (owner, idempotency_key))
        return found[0] if found else None

    def jobs(self, owner: str, state: str = "", kind: str = "", project: str = "") -> list[JobRow]:
        """This owner's jobs, oldest first; empty strings match everything."""
        return self._rows(
            "WHERE owner = ? AND (? = '' OR state = ?) AND (? = '' OR kind = ?) AND (? = '' OR project = ?)",
            (owner, state, state, kind, kind, project, project),
        )

    def unended(self) -> list[JobRow]:
        """Jobs a crash or a stop left behind, oldest first."""
        return self._rows("WHERE state IN (?, ?)", UNENDED)

    def request(self, job_id: str) -> pb.StartJobRequest:
        with self._lock:
            (data,) = self._db.execute("SELECT request FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return pb.StartJobRequest.FromString(data)

    def begin(self, job_id: str) -> int:
        """One more attempt; returns its number. Attempts of before a restart are fenced off by it."""
        with self._lock:
            self._db.execute(
                "UPDATE jobs SET epoch = epoch + 1, state = ? WHERE id = ?", (JobState.RUNNING.value, job_id)
            )
            (epoch,) = self._db.execute("SELECT epoch FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return int(epoch)

    def append(self, job_id: str, event: pb.JobEvent) -> pb.JobEvent | None:
        """Number and commit an event, and the job's state with it. None when the job has ended: then it is dropped."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                row = self.job(job_id)
                if row is None or row.state.ended:
                    self._db.execute("ROLLBACK")
                    return None
                event.seq = row.last_seq + 1
                event.job_id = job_id
                event.progress = max(event.progress, row.progress)
                event.time.GetCurrentTime()
                self._db.execute("INSERT INTO events VALUES (?, ?, ?)", (job_id, event.seq, event.SerializeToString()))
                error = event.error.SerializeToString() if event.HasField("error") else None
                self._db.execute(
                    "UPDATE jobs SET state = ?, progress = ?, error = ?, updated = ? WHERE id = ?",
                    (event.state, event.progress, error, time.time(), job_id),
                )
                self._db.execute("COMMIT")
            except sqlite3.Error:
                self._db.execute("ROLLBACK")
                raise
        return event

    def events(self, job_id: str, after_seq: int = 0, limit: int = 256) -> list[pb.JobEvent]:
        """Events after `after_seq`, in order, at most `limit`."""
        with self._lock:
            rows = self._db.execute(
                "SELECT event FROM events WHERE job_id = ? AND seq > ? ORDER BY seq LIMIT ?", (job_id, after_seq, limit)
            ).fetchall()
        return [pb.JobEvent.FromString(data) for (data,) in rows]

    def all_events(self, job_id: str) -> list[pb.JobEvent]:
        return self.events(job_id, 0, limit=2**31)

    def forget(self, older_than_s: float) -> int:
        """Remove ended jobs that nothing happened to for so long. Returns how many went."""
        with self._lock:
            return self._db.execute(
                "DELETE FROM jobs WHERE state NOT IN (?, ?) AND updated <= ?", (*UNENDED, time.time() - older_than_s)
            ).rowcount

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _rows(self, where: str, values: tuple[str, ...]) -> list[JobRow]:
        columns = "id, owner, kind, state, epoch, progress, error, created"
        newest = "(SELECT COALESCE(MAX(seq), 0) FROM events WHERE events.job_id = jobs.id)"
        query = f"SELECT {columns}, {newest} FROM jobs {where} ORDER BY created, rowid"  # noqa: S608 - no outside text
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        return [
            JobRow(
                id=job_id,
                owner=owner,
                kind=kind,
                state=JobState(state),
                epoch=epoch,
                progress=progress,
                last_seq=last_seq,
                created=created,
                error=pb.Error.FromString(error) if error else None,
            )
            for job_id, owner, kind, state, epoch, progress, error, created, last_seq in rows
        ]
