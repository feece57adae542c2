"""Keeps the way to an engine open: begins it, listens to its heartbeat, gives it up when it is silent, begins again.

Says in sentences what it is doing. Knows processes and links; knows no requests.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from core.errors import EngineError, PenumbraError
from inference.address import is_loopback
from inference.engine import EngineCondition, EngineState
from inference.link import Deadlines, Link
from inference.supervisor import Child, Supervisor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A frozen engine keeps its connection open, so only its silence tells."""

    pulse: float = 2.0
    doubt: float = 6.0
    """After so much silence it is said that the engine does not answer."""
    silence: float = 30.0
    """After so much, an engine of our own is ended and begun again: long, for a model may hold it for seconds."""
    silence_away: float = 10.0
    """After so much, a server is reached by a new connection, which costs nothing."""
    first_hello: float = 10.0
    back_off: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0)
    most_failures: int = 5
    """A local engine that does not come up so often in a row is given up."""


class Place(Protocol):
    """Where an engine is. `open` gives an address to talk to; `give_up` ends what did not answer."""

    where: str
    gives_up: bool

    async def open(self, deadlines: Deadlines) -> Link: ...

    async def ended(self) -> None:
        """Returns when the engine is known to be gone; never, where only silence can tell."""

    async def give_up(self) -> None: ...

    async def close(self) -> None: ...


class Here:
    """An engine of our own on this machine."""

    where = "this machine"
    gives_up = True

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def open(self, deadlines: Deadlines) -> Link:
        child: Child = await asyncio.to_thread(self._supervisor.start)
        return Link(child.address, child.token, self.where, deadlines)

    async def ended(self) -> None:
        child = self._supervisor.child
        while child is not None and child.process.poll() is None:
            await asyncio.sleep(0.05)

    async def give_up(self) -> None:
        await asyncio.to_thread(self._supervisor.kill)

    async def close(self) -> None:
        await asyncio.to_thread(self._supervisor.close)


@dataclass(slots=True)
class There:
    """A server somebody runs."""

    where: str
    token: str
    tls: bool
    certificates: bytes | None
    gives_up: bool = field(default=False)

    @classmethod
    def of(cls, url: str, token_file: Path, ca_file: Path | None) -> There:
        """Raises EngineError where the token would travel in the clear, or a file cannot be read."""
        address = url.removeprefix("grpcs://").removeprefix("https://").removeprefix("grpc://").rstrip("/")
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise EngineError(url, "is not HOST:PORT", "Write for example render1.example:7077.")
        here = is_loopback(host)
        try:
            words = [line.split("#")[0].split() for line in token_file.read_text(encoding="utf-8").splitlines()]
            certificates = ca_file.read_bytes() if ca_file else None
        except OSError as error:
            raise EngineError(error.filename, f"cannot be read ({error.strerror})", "Check the path.") from error
        tokens = [line[-1] for line in words if line]
        if not tokens:
            raise EngineError(token_file, "holds no token", "Ask whoever runs the server for one.")
        tls = not here or ca_file is not None or url.startswith(("grpcs://", "https://"))
        return cls(address, tokens[0], tls, certificates)

    async def open(self, deadlines: Deadlines) -> Link:
        return Link(self.where, self.token, self.where, deadlines, tls=self.tls, certificates=self.certificates)

    async def ended(self) -> None:
        await asyncio.Event().wait()

    async def give_up(self) -> None: ...

    async def close(self) -> None: ...


class Connection:
    """The current link, or the wait for the next one. Lives on the client's loop, `state` may be read anywhere."""

    def __init__(
        self, place: Place, deadlines: Deadlines, patience: Patience, say: Callable[[EngineState], None]
    ) -> None:
        self._place, self._deadlines, self._patience, self._say = place, deadlines, patience, say
        self._link: Link | None = None
        self._changed: asyncio.Condition | None = None
        self._suspected = asyncio.Event()
        self._failure: EngineError | None = None
        self.state = EngineState(EngineCondition.STARTING, place.where)

    async def ready(self) -> Link:
        """A link that works; waits for one. Raises EngineError when the engine was given up for good."""
        condition = self._condition()
        async with condition:
            await condition.wait_for(lambda: self._link is not None or self._failure is not None)
        if self._failure is not None:
            raise self._failure
        if self._link is None:
            raise RuntimeError("a link vanished between two steps of one loop")
        return self._link

    def suspect(self, link: Link) -> None:
        """A call found nobody: listen to the heart at once."""
        if link is self._link:
            self._suspected.set()

    async def keep(self) -> None:
        """Runs as long as the client does."""
        failures = 0
        starting = "The engine is starting." if self._place.gives_up else f"Reaching the engine at {self._place.where}."
        self._tell(EngineCondition.STARTING, starting)
        while True:
            await asyncio.sleep(self._patience.back_off[min(failures, len(self._patience.back_off) - 1)])
            link: Link | None = None
            try:
                link = await self._place.open(self._deadlines)
                await link.unless_lost(link.hello(self._patience.first_hello))
            except PenumbraError as error:
                failures += 1
                if link is not None:
                    await link.close()
                await self._place.give_up()
                if await self._failed(error, failures):
                    return
                continue
            failures = 0
            await self._set(link)
            self._tell(EngineCondition.READY, "")
            why = await self._until_lost(link)
            await self._set(None)
            self._tell(EngineCondition.LOST, why)
            log.warning("%s", why)
            await link.close()
            await self._place.give_up()
            failures = 1 if self._place.gives_up is False else 0

    async def close(self) -> None:
        link = self._link
        if link is not None:
            await self._set(None)
            await link.close()
        await self._place.close()

    async def _failed(self, error: PenumbraError, failures: int) -> bool:
        """Say it; whether it is for good."""
        refused = isinstance(error, EngineError) and error.reason == "UNAUTHENTICATED"
        if refused or (self._place.gives_up and failures >= self._patience.most_failures):
            self._failure = EngineError(error.subject, error.why, error.hint or "Restart Penumbra.")
            self._tell(EngineCondition.FAILED, self._failure.sentence)
            await self._set(None)
            return True
        self._tell(EngineCondition.LOST, error.sentence)
        return False

    async def _until_lost(self, link: Link) -> str:
        """Listen until it is gone; why, as a sentence."""
        ended = asyncio.ensure_future(self._place.ended())
        try:
            while True:
                await self._pause(ended)
                if ended.done():
                    return "The engine stopped and is being started again; work in progress goes on."
                try:
                    await link.unless_lost(link.hello(self._patience.pulse))
                except EngineError as error:
                    if error.reason == "UNAUTHENTICATED":
                        return error.sentence
                silent_s = time.monotonic() - link.heard_at
                if silent_s > (self._patience.silence if self._place.gives_up else self._patience.silence_away):
                    again = "is being started again" if self._place.gives_up else "is being reached again"
                    return f"The engine ({link.where}) does not answer and {again}; work in progress goes on."
                self._doubt(silent_s > self._patience.doubt, link)
        finally:
            ended.cancel()

    def _doubt(self, silent: bool, link: Link) -> None:
        """Say that it is silent, or that it is back."""
        condition = self.state.condition
        if silent and condition is EngineCondition.READY:
            self._tell(EngineCondition.LOST, f"The engine ({link.where}) does not answer; waiting for it.")
        elif not silent and condition is EngineCondition.LOST:
            self._tell(EngineCondition.READY, "")

    async def _pause(self, ended: asyncio.Future[None]) -> None:
        """Until the next heartbeat is due, or somebody doubts, or it is over."""
        suspected = asyncio.ensure_future(self._suspected.wait())
        waited: set[asyncio.Future[Any]] = {ended, suspected}
        await asyncio.wait(waited, timeout=self._patience.pulse, return_when=asyncio.FIRST_COMPLETED)
        suspected.cancel()
        if self._suspected.is_set():
            self._suspected.clear()
            await asyncio.wait({ended}, timeout=0.1)

    async def _set(self, link: Link | None) -> None:
        condition = self._condition()
        async with condition:
            self._link = link
            condition.notify_all()

    def _tell(self, condition: EngineCondition, sentence: str) -> None:
        self.state = EngineState(condition, self._place.where, sentence)
        self._say(self.state)

    def _condition(self) -> asyncio.Condition:
        if self._changed is None:
            self._changed = asyncio.Condition()
        return self._changed
