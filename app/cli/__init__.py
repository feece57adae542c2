"""The command line: `penumbra [PLATE|PROJECT]` opens the window, every other command works without one."""

from app.cli.main import main

__all__ = ["main"]
