"""A link that opens a frame of a project: `penumbra:///shows/sh010.penumbra?frame=1003&layer=Hero`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode

from core.errors import ProjectError
from core.frames import FrameNumber

SCHEME = "penumbra:"


@dataclass(frozen=True, slots=True)
class FrameLink:
    """Where to look. `frame` is None for wherever the project opens, `layer` a name or empty."""

    project: Path
    frame: FrameNumber | None = None
    layer: str = ""

    @classmethod
    def parse(cls, text: str) -> FrameLink:
        """A link as `url` gives it. Raises ProjectError for anything else."""
        place, _, query = text.removeprefix(SCHEME).partition("?")
        said = parse_qs(query)
        path = "/" + unquote(place).lstrip("/")
        number = said.get("frame", [""])[0]
        if not text.startswith(SCHEME) or path == "/" or (number and not number.removeprefix("-").isdigit()):
            raise ProjectError(text, why="is no link to a frame", hint="Write penumbra:///path?frame=1001&layer=Name.")
        return cls(Path(path), int(number) if number else None, said.get("layer", [""])[0])

    @property
    def url(self) -> str:
        """The link; the project's path is made whole."""
        words: dict[str, str] = {}
        if self.frame is not None:
            words["frame"] = str(self.frame)
        if self.layer:
            words["layer"] = self.layer
        query = f"?{urlencode(words, quote_via=quote)}" if words else ""
        return f"{SCHEME}//{quote(str(self.project.absolute()))}{query}"

    @property
    def command(self) -> str:
        """The same for a terminal."""
        words = ["penumbra", "open", str(self.project.absolute())]
        if self.frame is not None:
            words += ["--frame", str(self.frame)]
        if self.layer:
            words += ["--layer", self.layer]
        return shlex.join(words)
