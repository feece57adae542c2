"""The local engine as a child process: begun, told its token, found dead, begun again.

Knows processes and pipes; knows neither messages nor models. The token goes through the child's standard input and
nowhere else: neither arguments nor environment, which other programs may read.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import IO

from core.errors import EngineError
from inference.data_lock import DataLock

STARTED_WITHIN_S = 60.0
LOG_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Child:
    """A running engine: where it listens and what it wants to hear."""

    process: subprocess.Popen[str]
    port: int
    token: str

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


class Supervisor:
    """Starts engines of one window, one at a time. Its methods block; the client calls them from a worker thread."""

    def __init__(
        self,
        data_dir: Path,
        model_dirs: Sequence[Path] = (),
        *,
        arguments: Sequence[str] = (),
    ) -> None:
        self._data_dir = data_dir
        self._model_dirs = tuple(model_dirs)
        self._arguments = tuple(arguments)
        self._lock: DataLock | None = None
        self._child: Child | None = None
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._started = 0
        self._guard = threading.Lock()

    @property
    def child(self) -> Child | None:
        return self._child

    def start(self) -> Child:
        """A fresh engine. The first one ends what an earlier window left; later ones take up where the last died.

        Raises EngineError with the child's last words when it does not come up.
        """
        folder = self._folder()
        command = [sys.executable, "-m", "inference.serve", "--child", "--data", str(folder), *self._arguments]
        for models in self._model_dirs:
            command += ["--models", str(models)]
        if self._started:
            command.append("--resume")
        log_path = folder / "engine.log"
        with self._guard, _log(log_path) as log:
            if self._closed:
                raise EngineError("The engine", "was closed")
            process = self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONPATH": _path()},
                start_new_session=True,
            )
        token = token_urlsafe(32)
        port = _greet(process, token)
        if port is None:
            self.kill()
            why = f"did not start: {_last_words(log_path)}"
            raise EngineError("The engine", why, f"Its log is {log_path}.", reason="UNAVAILABLE", retryable=True)
        self._child = Child(process, port, token)
        self._started += 1
        return self._child

    def kill(self) -> None:
        """End the child at once, frozen, half started or not there."""
        with self._guard:
            process, self._process = self._process, None
            if process is not None:
                _end(process)

    def close(self) -> None:
        """End the child and give its folder back."""
        with self._guard:
            self._closed = True
        self.kill()
        with self._guard:
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _folder(self) -> Path:
        with self._guard:
            if self._lock is None:
                self._lock = _free_folder(self._data_dir)
            return self._lock.folder


def _free_folder(data_dir: Path) -> DataLock:
    """Every window has an engine folder of its own: the first that no other holds."""
    for number in range(64):
        lock = DataLock.take(data_dir / f"engine-{number}")
        if lock is not None:
            return lock
    raise EngineError(data_dir, "all 64 engine folders are in use", "Close some windows.")


def _log(path: Path) -> IO[bytes]:
    small = path.exists() and path.stat().st_size < LOG_BYTES
    return path.open("ab" if small else "wb")


def _path() -> str:
    """Where the child finds our packages, installed or not."""
    ours, others = str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(path for path in (ours, others) if path)


def _greet(process: subprocess.Popen[str], token: str) -> int | None:
    """Give the token, hear the port; None when it dies or stays silent."""
    if process.stdin is None or process.stdout is None:
        return None
    alarm = threading.Timer(STARTED_WITHIN_S, process.kill)
    alarm.start()
    try:
        process.stdin.write(token + "\n")
        process.stdin.flush()
        return int(json.loads(process.stdout.readline())["port"])
    except (OSError, ValueError, KeyError):
        return None
    finally:
        alarm.cancel()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError):
                pipe.close()


def _last_words(log_path: Path) -> str:
    lines = [line for line in log_path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip().rstrip(".") if lines else "it said nothing"
