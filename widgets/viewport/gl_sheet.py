"""A framebuffer beside the screen's. A context must be current for every call."""

from __future__ import annotations

from OpenGL import GL
from PySide6.QtCore import QSize


class Sheet:
    """A framebuffer of its own, for a pane that is laid over the others as a whole."""

    def __init__(self, size: QSize) -> None:
        self.size = QSize(size)
        self.texture = int(GL.glGenTextures(1))
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.texture)
        GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MIN_FILTER, GL.GL_NEAREST)
        GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MAG_FILTER, GL.GL_NEAREST)
        width, height = size.width(), size.height()
        GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, width, height, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, None)
        self._buffer = int(GL.glGenFramebuffers(1))

    def begin(self) -> int:
        """Draw onto the sheet from now on; returns what was drawn into before."""
        before = int(GL.glGetIntegerv(GL.GL_FRAMEBUFFER_BINDING))
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._buffer)
        GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D, self.texture, 0)
        if GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER) != GL.GL_FRAMEBUFFER_COMPLETE:
            raise RuntimeError("the GPU gives no framebuffer to draw a pane into")
        return before

    def end(self, before: int) -> None:
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, before)

    def delete(self) -> None:
        GL.glDeleteFramebuffers(1, [self._buffer])
        GL.glDeleteTextures(1, [self.texture])
