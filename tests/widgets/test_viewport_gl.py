"""The GPU surface on a display of its own: Xvfb, where OpenGL is computed on the processor but is the same OpenGL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import PenumbraError

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 280
"""Seconds; a quiet core needs fifteen."""
HANDS = "brush_drag or painting_is or pen_paints or wheel or escape or click_lands or wipe or middle_drag or shift"


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """The name of a display that nobody looks at."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed: there is no display with OpenGL to test on")
    pytest.importorskip("OpenGL")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            number = said.readline().strip()
        if not number:
            raise PenumbraError("Xvfb", why="did not start", hint="Start it by hand to see why.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def run(display: str, *arguments: str, **variables: str) -> None:
    """Run tests in a process of their own on this display; all must pass and some must run."""
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "XDG_SESSION_TYPE": "x11", **variables}
    environment.pop("PYTEST_CURRENT_TEST", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode != 0 and "Could not load the Qt platform plugin" in done.stderr:
        pytest.skip("Qt's xcb platform cannot be loaded here")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


@pytest.mark.timeout(300)
def test_the_gpu_shows_what_it_must(display: str) -> None:
    run(display, "tests/widgets/gl_cases.py")


@pytest.mark.timeout(300)
def test_hands_do_the_same_on_the_gpu(display: str) -> None:
    """The viewport's own tests of mouse, pen, wheel and keys, with the other surface."""
    run(display, "tests/widgets/test_viewport_widget.py", "-k", HANDS, PENUMBRA_VIEWPORT="gl")
