"""What the engine may forget: encodings of pictures, and the newest request of each slot. Soft state, all of it.

Loss costs one encoder pass, never data. Knows nothing of models; an encoding is whatever a model made.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from core.errors import EngineError

UNKNOWN_BYTES = 64_000_000
"""What an encoding is counted as when it has no `nbytes`."""
IDLE_S = 3600.0


def stale() -> EngineError:
    return EngineError("The request", "was overtaken by a newer one", reason="STALE_SEQ")


@dataclass(slots=True)
class Session:
    """One client's traffic. `newest` is the highest `seq` seen in each slot."""

    id: str
    owner: str
    used: float
    newest: dict[str, int] = field(default_factory=dict)


class Sessions:
    """Sessions by id, made when first heard of, forgotten when idle. Thread-safe."""

    def __init__(self, idle_s: float = IDLE_S, most: int = 1000) -> None:
        self._lock = threading.Lock()
        self._sessions: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._idle_s, self._most = idle_s, most

    def open(self, owner: str, session_id: str) -> Session:
        """The session of this name, fresh or known; other owners' sessions of the same name are others."""
        now = time.monotonic()
        with self._lock:
            session = self._sessions.setdefault((owner, session_id), Session(session_id, owner, now))
            session.used = now
            self._sessions.move_to_end((owner, session_id))
            while self._sessions and (
                len(self._sessions) > self._most or now - next(iter(self._sessions.values())).used > self._idle_s
            ):
                self._sessions.popitem(last=False)
            return session

    def close(self, owner: str, session_id: str) -> None:
        with self._lock:
            self._sessions.pop((owner, session_id), None)

    def arrive(self, session: Session, slot: str, seq: int) -> None:
        """Note a request. Raises STALE_SEQ when a newer one of its slot was here before."""
        with self._lock:
            if seq < session.newest.get(slot, 0):
                raise stale()
            if len(session.newest) > 4096:
                session.newest.clear()
            session.newest[slot] = seq

    def overtaken(self, session: Session, slot: str, seq: int) -> bool:
        """Whether a newer request of the slot has arrived."""
        return session.newest.get(slot, 0) > seq


class EncodingCache:
    """Encodings by what they were made from, least recently used out first. Thread-safe."""

    def __init__(self, budget_bytes: int = 1_000_000_000) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[object, int]] = OrderedDict()
        self._budget = budget_bytes
        self._bytes = 0

    def get(self, key: str) -> object | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: str, encoding: object) -> None:
        """Keep it; the newest is kept even where it alone is over the budget."""
        size = int(getattr(encoding, "nbytes", UNKNOWN_BYTES))
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes += size - (old[1] if old else 0)
            self._kept[key] = (encoding, size)
            while self._bytes > self._budget and len(self._kept) > 1:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._bytes -= dropped

    def __len__(self) -> int:
        return len(self._kept)
