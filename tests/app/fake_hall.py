"""A hall for one room in a test: everything happens at once and on this thread, unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from app.hall import Hall, Run
from app.job_board import JobBoard
from app.mattes import Mattes
from app.workbench import Workbench
from core.color import ColorConfig
from core.document import Document
from core.errors import PenumbraError
from core.signal import Post


def at_once(
    work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[PenumbraError], None] | None = None
) -> None:
    """A `Run` without a worker."""
    try:
        result = work()
    except PenumbraError as error:
        (failed or refuse)(error)
    else:
        done(result)


def refuse(error: PenumbraError) -> None:
    """Nothing is expected to fail."""
    raise error


def fake_hall(
    document: Document | None = None,
    *,
    mattes: Mattes | None = None,
    post: Post = lambda call: call(),
    run: Run = at_once,
    said: Callable[[str], None] = lambda _text: None,
    report: Callable[[PenumbraError], None] = refuse,
) -> Hall:
    """A hall with a document (an empty one where None) and, of a workbench, its mattes only."""
    return Hall(
        document or Document(),
        lambda: cast(Workbench, SimpleNamespace(mattes=mattes)),
        ColorConfig.load,
        JobBoard(),
        post,
        run,
        lambda text, details="", well=True: said(text),
        report,
    )
