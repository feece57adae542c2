"""Learning from a show's corrections on a server: now and then, in a process of its own that yields to everything else.

The engine computes as before while it runs. Knows when, and how it ended; what is learnt is `inference/teach_show.py`'s
business, which by itself does nothing where nothing was corrected since, and goes on with what was broken off.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.disk import write_whole
from core.show_models import SCHEDULE, models_of

COMMAND: Final = (sys.executable, "-m", "inference.teach_show")
OPTIONS: Final = ("--only-new", "--low-priority")
ROOT: Final = Path(__file__).resolve().parents[2]
FIRST_AFTER_S: Final = 60.0
"""A server that was just started is left in peace for so long."""
LONGEST_SAID: Final = 500
log = logging.getLogger(__name__)


class ShowSchedule:
    """One store's schedule. Its methods are called on the loop that serves.

    Args:
        store: the show's corrections.
        every_s: how long from one publication to the next attempt.
        command: instead of `teach-show`.
    """

    def __init__(
        self,
        store: Path,
        every_s: float,
        command: Sequence[str] = COMMAND,
        first_after_s: float = FIRST_AFTER_S,
    ) -> None:
        self.store, self.every_s = store, every_s
        self._command, self._first_after_s = tuple(command), first_after_s
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Until it is cancelled; then what is learning is stopped, and gone on with another day."""
        try:
            await asyncio.sleep(max(self._first_after_s, self._due_in_s()))
            while True:
                await self.learn()
                await asyncio.sleep(self.every_s)
        finally:
            await self._stop()

    async def learn(self) -> int:
        """One attempt; returns the process's exit code."""
        log.info("learning from %s", self.store)
        pipe, together = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            str(self.store),
            *OPTIONS,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=together,
            cwd=ROOT,
        )
        said, _ = await self._process.communicate()
        code = self._process.returncode or 0
        lines = said.decode(errors="replace").strip().splitlines()
        last = lines[-1][:LONGEST_SAID] if lines else ""
        log.log(logging.INFO if code == 0 else logging.ERROR, "learning from %s ended (%d): %s", self.store, code, last)
        self._tell(last)
        return code

    def _due_in_s(self) -> float:
        """From the newest model there is: a server that is often restarted does not begin anew each time."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            newest = datetime.fromisoformat(models_of(self.store).all()[-1].made)
            return self.every_s - (datetime.now(UTC) - newest).total_seconds()
        return 0.0

    def _tell(self, last: str) -> None:
        """For `penumbra info`."""
        said = {
            "every_h": self.every_s / 3600.0,
            "tried": datetime.now(UTC).isoformat(timespec="seconds"),
            "said": last,
        }
        with contextlib.suppress(OSError):
            folder = models_of(self.store).path
            folder.mkdir(exist_ok=True)
            write_whole(folder / SCHEDULE, json.dumps(said, indent=1).encode() + b"\n", sync=False)

    async def _stop(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
