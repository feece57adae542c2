"""Every error a user can meet, each a sentence: which thing, why, and what to do next.

The tree::

    PenumbraError
    ├── FrameError      one picture file: missing, broken, refused
    ├── PlateError      a sequence or movie as a whole
    ├── ColorError      a config, a color space, a display
    ├── ProjectError    project folder, journal, store
    ├── PromptError     a click, box or stroke that cannot mean anything (outside the plate, empty)
    ├── ExportError     delivery: names, channels, disk
    ├── OptionError     a knob outside what the model's schema allows
    ├── SettingsError   the artist's own settings: a file of keys
    └── EngineError     the engine or the way to it; says whether trying again can help
        ├── EngineLost  the connection or the process went away
        └── Cancelled   the work was cancelled; nothing is wrong
"""

from __future__ import annotations

from os import PathLike


class PenumbraError(Exception):
    """Which thing, why, and what next, as one sentence each.

    Args:
        subject: the file, frame, layer or model it is about.
        why: the cause, without a full stop.
        hint: what the artist can do next, a whole sentence; may be empty.
    """

    def __init__(self, subject: str | PathLike[str], why: str, hint: str = "") -> None:
        self.subject = str(subject)
        self.why = why
        self.hint = hint
        super().__init__(self.sentence)

    def __reduce__(self) -> tuple[type[PenumbraError], tuple[str, str, str]]:
        """Keep all three parts when the error crosses a process or a thread pool."""
        return type(self), (self.subject, self.why, self.hint)

    @property
    def sentence(self) -> str:
        """`subject: why. hint`, for the status line and standard error."""
        text = f"{self.subject}: {self.why.rstrip('.')}."
        return f"{text} {self.hint}" if self.hint else text


class FrameError(PenumbraError):
    """One picture file is missing, broken or refused."""


class PlateError(PenumbraError):
    """A sequence or movie cannot be used as a plate."""


class ColorError(PenumbraError):
    """A color config, space, display or view is not there or does not fit."""


class ProjectError(PenumbraError):
    """A project folder, its journal or its matte store cannot be read or written."""


class PromptError(PenumbraError):
    """A click, box or stroke that cannot mean anything."""


class ExportError(PenumbraError):
    """A delivery that was refused or could not be written."""


class OptionError(PenumbraError):
    """An option outside what the model's schema allows."""


class SettingsError(PenumbraError):
    """A file of the artist's own settings (keys) that cannot be read or written."""


class EngineError(PenumbraError):
    """The engine answered with an error; `retryable` says whether the same call can succeed later."""

    def __init__(
        self,
        subject: str | PathLike[str],
        why: str,
        hint: str = "",
        *,
        reason: str = "INTERNAL",
        retryable: bool = False,
        retry_after_ms: int = 0,
    ) -> None:
        super().__init__(subject, why, hint)
        self.reason = reason
        self.retryable = retryable
        self.retry_after_ms = retry_after_ms


class EngineLost(EngineError):
    """The engine's process or the connection went away; always worth trying again."""

    def __init__(self, subject: str | PathLike[str], why: str, hint: str = "") -> None:
        super().__init__(subject, why, hint, reason="UNAVAILABLE", retryable=True)


class Cancelled(EngineError):
    """The work was cancelled by the artist or by newer work."""

    def __init__(self, subject: str | PathLike[str] = "The work", why: str = "was cancelled", hint: str = "") -> None:
        super().__init__(subject, why, hint, reason="CANCELLED")
