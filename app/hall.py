"""The hall that every room of the studio opens off: the open document, what stands on it now, and whom to tell.

A room is one thing the window can ask of the studio (`Takes`, `Pieces`, `Judging` …), in a module of its own. It is
given the hall, and beside it only what is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.job_board import JobBoard
from app.mattes import Mattes
from app.workbench import Workbench
from core.color import ColorConfig
from core.document import Document
from core.errors import PenumbraError
from core.signal import Post

Result = TypeVar("Result")


class Run(Protocol):
    """Runs `work` on a worker and hands its result, or its error, back on the interface's thread."""

    def __call__(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[PenumbraError], None] | None = None,
    ) -> None: ...


class Said(Protocol):
    """Tells the artist a sentence, its details, and whether all is well."""

    def __call__(self, text: str, details: str = "", well: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class Hall:
    """What all rooms share. Lives on the interface's thread; workers are given values out of it.

    Args:
        document: the open shot; the same one whatever project is open.
        bench: the workbench of the project that is open now.
        color: the color config in use now.
        board: where jobs are listed.
        post: hands a call to the interface's thread.
        run: a slow call on a worker; an error without `failed` is reported.
        said: tells the artist what was done, or why there is nothing to do.
        report: tells the artist of an error.
    """

    document: Document
    bench: Callable[[], Workbench]
    color: Callable[[], ColorConfig]
    board: JobBoard
    post: Post
    run: Run
    said: Said
    report: Callable[[PenumbraError], None]

    def mattes(self) -> Mattes:
        """Where the mattes of the open project stand now."""
        return self.bench().mattes
