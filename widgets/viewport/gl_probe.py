"""Is there a GPU to draw the picture with? A real one: what computes OpenGL on the processor is slower than QPainter.

Never raises. Needs a QApplication; asks with a context of its own that is gone afterwards.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

log = logging.getLogger(__name__)

VERSION = (3, 3)
GL_RENDERER = 0x1F01
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "gdi generic", "basic render", "software")
"""Parts of the names of renderers that are no GPU, in lower case."""
WINDOWLESS = ("offscreen", "minimal", "minimalegl", "eglfs", "linuxfb", "vnc")
"""Qt platforms on which a widget cannot show OpenGL."""


@dataclass(frozen=True, slots=True)
class Probed:
    """Args: `renderer` is the driver's name of the GPU, empty when none answered; `why` says why it is not usable."""

    usable: bool
    renderer: str = ""
    why: str = ""


def surface_format() -> QSurfaceFormat:
    """OpenGL 3.3 core; a stencil that QPainter clips with, samples that smooth its lines."""
    wanted = QSurfaceFormat()
    wanted.setVersion(*VERSION)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setDepthBufferSize(24)
    wanted.setStencilBufferSize(8)
    wanted.setSamples(4)
    wanted.setSwapInterval(0)
    return wanted


def probe(*, allow_software: bool = False) -> Probed:
    """What OpenGL there is. `allow_software` takes a renderer without a GPU too, for tests and for the stubborn."""
    try:
        found = _probed()
    except Exception as error:  # whatever a driver does wrong, there is a way to draw without it
        log.warning("the GPU could not be asked", exc_info=error)
        return Probed(False, why=f"The GPU could not be asked ({error})")
    if found.usable and not allow_software and is_software(found.renderer):
        return Probed(False, found.renderer, "There is no GPU here, only OpenGL on the processor")
    return found


def is_software(renderer: str) -> bool:
    """Whether a renderer of this name computes on the processor."""
    return any(part in renderer.lower() for part in SOFTWARE)


def _probed() -> Probed:
    platform = QGuiApplication.platformName()
    if platform in WINDOWLESS:
        return Probed(False, why=f"Qt's platform “{platform}” shows no OpenGL")
    context = QOpenGLContext()
    context.setFormat(surface_format())
    if not context.create():
        return Probed(False, why="There is no OpenGL context to be had")
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    try:
        if not surface.isValid() or not context.makeCurrent(surface):
            return Probed(False, why="An OpenGL context cannot be made current")
        renderer = str(context.functions().glGetString(GL_RENDERER))
        version = context.format().version()
        context.doneCurrent()
        if tuple(version) < VERSION:
            return Probed(False, renderer, f"OpenGL is {version[0]}.{version[1]}; {VERSION[0]}.{VERSION[1]} is needed")
        return Probed(True, renderer)
    finally:
        surface.destroy()
