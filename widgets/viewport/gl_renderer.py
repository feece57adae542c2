"""Draws scenes on a GPU: half-float pictures through OpenColorIO's exact shader, mattes through tables.

Exposure, gamma, channel, wipe and overlay are uniforms: changing them uploads nothing. What has no shader of its own
(a difference, a blend, a plate of another format) is converted by the darkroom and uploaded as it is then. A context
must be current for every call; every call may raise, and the surface answers for that.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from OpenGL import GL
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QPolygonF

from core.arrays import AnyFloat, Float32
from core.display_shader import DisplayShader
from core.geometry import Window
from widgets.theme import color
from widgets.view_state import Channel
from widgets.viewport.compare import Placed
from widgets.viewport.darkroom import Darkroom
from widgets.viewport.display_frame import Pixels
from widgets.viewport.gl_graded import Graded
from widgets.viewport.gl_programs import CONVERTED, LAYER, MOST_CORNERS, SOLID, TINTED, Program, picture_shader
from widgets.viewport.gl_sheet import Sheet
from widgets.viewport.gl_textures import TextureCache, upload
from widgets.viewport.lattice import Lattice
from widgets.viewport.overlay import Coverage, StillCoverage, Table
from widgets.viewport.pane import Pane
from widgets.viewport.pointer import Projection
from widgets.viewport.raster import matte_table, overlays_over
from widgets.viewport.scene import Scene

PICTURE_UNIT, SECOND_UNIT, FIRST_TABLE_UNIT = 0, 1, 2
MOST_TABLES = 64
MOST_PROGRAMS = 8
FAR_OUTSIDE = -(1 << 20)
CHANNELS = {
    Channel.COLOR: 0,
    Channel.RED: 1,
    Channel.GREEN: 2,
    Channel.BLUE: 3,
    Channel.ALPHA: 4,
    Channel.LUMINANCE: 5,
}
"""The number the shader knows a channel by."""
Corners = list[tuple[float, float]]


class GLRenderer:
    """Made when there is a context, thrown away with it."""

    def __init__(self, darkroom: Darkroom) -> None:
        self.textures = TextureCache()
        self._darkroom = darkroom
        self._largest = int(GL.glGetIntegerv(GL.GL_MAX_TEXTURE_SIZE))
        self._vertices = int(GL.glGenVertexArrays(1))
        self._solid, self._layer = Program(SOLID), Program(LAYER)
        self._tinted, self._converted = Program(TINTED), Program(CONVERTED)
        self._views: dict[DisplayShader, tuple[Program, list[tuple[int, int]]]] = {}
        self._tables: dict[Table, int] = {}
        self._floats: weakref.WeakKeyDictionary[Coverage, Float32] = weakref.WeakKeyDictionary()
        self._sheet: Sheet | None = None
        self._points = QSizeF(1, 1)
        self._device = QSize(1, 1)

    def draw(self, dirty: QRect, device: QSize, size: QSizeF, scene: Scene, places: Sequence[Placed]) -> None:
        """Draw part of the scene into the framebuffer that is bound.

        Args:
            dirty: the part, in device pixels from the lower left.
            device: the framebuffer, in device pixels.
            size: the same in points.
        """
        self._device, self._points = device, size
        self._darkroom.resume()
        self.textures.begin()
        GL.glBindVertexArray(self._vertices)
        GL.glViewport(0, 0, device.width(), device.height())
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(dirty.x(), dirty.y(), dirty.width(), dirty.height())
        for state in (GL.GL_DEPTH_TEST, GL.GL_STENCIL_TEST, GL.GL_CULL_FACE, GL.GL_DITHER):
            GL.glDisable(state)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        GL.glColorMask(True, True, True, True)
        _clear(color("surround"))
        for pane, place in zip(scene.panes, places, strict=True):
            self._draw_placed(scene, pane, place)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glDisable(GL.GL_BLEND)
        GL.glUseProgram(0)
        GL.glBindVertexArray(0)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 4)

    def stroke_changed(self, scene: Scene, places: Sequence[Placed], changed: Window) -> None:
        """The live stroke changed inside this plate window. Calls no GL: what changed is uploaded at the next draw."""
        self._darkroom.stroke_changed(scene, places, changed)
        for pane, place in zip(scene.panes, places, strict=True):
            levels = [overlay.coverage for overlay in pane.overlays]
            if pane.coverage is not None:
                levels.append(pane.coverage)
            for coverage in levels:
                if coverage.live:
                    level = coverage.level(place.projection.stride)
                    whole = Window(0, 0, level.lattice.columns, level.lattice.rows)
                    self.textures.touch(level, level.lattice.cells(changed).grow(2).intersect(whole))
            comp = Graded.of(pane.pixels)
            if comp is not None and comp.coverage is not None and comp.coverage in self._floats:
                values, window = self._floats[comp.coverage], comp.coverage.window
                inside = changed.intersect(window)
                values[inside.within(window)] = comp.coverage.floats(inside.x0, inside.y0, 1, inside.shape)
                self.textures.touch(values, inside.move(-window.x0, -window.y0))

    def close(self) -> None:
        """Free all that is kept on the GPU."""
        self.textures.clear()
        for texture in self._tables.values():
            GL.glDeleteTextures(1, [texture])
        for shader in list(self._views):
            self._forget_view(shader)
        for program in (self._solid, self._layer, self._tinted, self._converted):
            program.delete()
        if self._sheet is not None:
            self._sheet.delete()
        GL.glDeleteVertexArrays(1, [self._vertices])

    # --- a pane -------------------------------------------------------------------------------------------------
    def _draw_placed(self, scene: Scene, pane: Pane, place: Placed) -> None:
        corners = _corners(place)
        if len(corners) < 3 or scene.plate is None or place.opacity <= 0:
            return
        if place.opacity >= 1.0:
            self._draw_pane(scene, pane, place, corners)
            return
        if self._sheet is None or self._sheet.size != self._device:
            if self._sheet is not None:
                self._sheet.delete()
            self._sheet = Sheet(self._device)
        target = self._sheet.begin()
        _clear(color("surround"))
        self._draw_pane(scene, pane, place, corners)
        self._sheet.end(target)
        self._begin(self._layer, corners, place.opacity)
        GL.glActiveTexture(GL.GL_TEXTURE0 + PICTURE_UNIT)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._sheet.texture)
        self._fill(corners)

    def _draw_pane(self, scene: Scene, pane: Pane, place: Placed, corners: Corners) -> None:
        assert scene.plate is not None
        form = scene.picture.format if scene.picture is not None else scene.plate.format
        self._draw_flat(corners, place.projection.window_rect(form.display), color("canvas"))
        if place.bounds is not None:
            corners = _within(corners, place.projection.window_rect(place.bounds))
            if len(corners) < 3:
                return
        if pane.pixels is not None:
            self._draw_pixels(pane, pane.pixels, place, corners)
        if pane.coverage is not None:
            self._draw_flat(corners, place.projection.window_rect(pane.coverage.window), QColor("black"))
            self._draw_levels(pane.coverage, matte_table(scene.look), place, corners)
        for overlay in overlays_over(scene, pane):
            self._draw_levels(overlay.coverage, overlay.seen_through, place, corners)

    def _draw_flat(self, corners: Corners, rect: QRectF, ink: QColor) -> None:
        """One color where the polygon and the rectangle of points meet."""
        shared = _within(corners, rect)
        if len(shared) >= 3:
            self._begin(self._solid, shared, 1.0)
            self._solid.set(color=(ink.redF(), ink.greenF(), ink.blueF(), ink.alphaF()))
            self._fill(shared)

    def _draw_pixels(self, pane: Pane, pixels: Pixels, place: Placed, corners: Corners) -> None:
        graded = Graded.of(pixels)
        if graded is not None and max(graded.rgba.shape[:2]) <= self._largest:
            self._draw_graded(graded, place, corners)
            return
        frame = self._darkroom.developed(pane.key, pixels, place)
        if frame is not None:
            self._begin(self._converted, corners, 1.0)
            self.textures.bind(PICTURE_UNIT, frame, frame.values, frame.revision)
            self._place(self._converted, frame.lattice, place.projection)
            self._fill(corners)

    def _draw_graded(self, graded: Graded, place: Placed, corners: Corners) -> None:
        transform, window = graded.pixels.transform, graded.pixels.window
        program, tables = self._view(transform.shader())
        self._begin(program, corners, 1.0)
        lattice = Lattice(window, place.stride)
        self._place(program, lattice, place.projection)
        program.set(
            step=lattice.stride,
            offset=lattice.offset,
            gain=transform.gain,
            power=1.0 / max(transform.gamma, 1e-3),
            channel=CHANNELS[graded.pixels.grade.channel],
            comp=graded.comp,
            behind=graded.behind,
            board=graded.board,
            into_matte=(FAR_OUTSIDE, FAR_OUTSIDE),
        )
        self.textures.bind(PICTURE_UNIT, graded.rgba, graded.rgba)
        if graded.coverage is not None:
            matte, values = graded.coverage.window, self._matte_values(graded.coverage)
            if values.size and max(values.shape) <= self._largest:
                self.textures.bind(SECOND_UNIT, values, values)
                program.set(into_matte=(window.x0 - matte.x0, window.y0 - matte.y0))
        for number, (target, texture) in enumerate(tables):
            GL.glActiveTexture(GL.GL_TEXTURE0 + FIRST_TABLE_UNIT + number)
            GL.glBindTexture(target, texture)
        self._fill(corners)

    def _draw_levels(self, coverage: Coverage, table: Table, place: Placed, corners: Corners) -> None:
        level = coverage.level(place.projection.stride)
        if not level.values.size:
            return
        self._begin(self._tinted, corners, 1.0)
        self.textures.bind(PICTURE_UNIT, level, level.values)
        GL.glActiveTexture(GL.GL_TEXTURE0 + SECOND_UNIT)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._table(table))
        self._tinted.set_sampler("u_table", SECOND_UNIT)
        self._place(self._tinted, level.lattice, place.projection)
        self._fill(corners)

    # --- what programs need ---------------------------------------------------------------------------------------
    def _begin(self, program: Program, corners: Corners, opacity: float) -> None:
        program.use()
        program.set(size=(self._points.width(), self._points.height()), opacity=float(opacity))
        program.set_corners(corners)

    def _place(self, program: Program, lattice: Lattice, projection: Projection) -> None:
        """Where the samples of a lattice lie on screen."""
        ratio = projection.device_ratio
        program.set(
            rows=float(self._device.height()),
            origin=(projection.left * ratio, projection.top * ratio),
            scale=(projection.points_per_column * ratio, projection.points_per_row * ratio),
            corner=(float(lattice.window.x0), float(lattice.window.y0)),
            stride=float(lattice.stride),
            cells=(lattice.columns, lattice.rows),
            smooth=not projection.nearest,
        )

    def _fill(self, corners: Corners) -> None:
        GL.glDrawArrays(GL.GL_TRIANGLE_FAN, 0, len(corners))

    def _view(self, shader: DisplayShader) -> tuple[Program, list[tuple[int, int]]]:
        """The program of a display's view, and its tables as (target, texture)."""
        if shader not in self._views:
            if len(self._views) >= MOST_PROGRAMS:
                self._forget_view(next(iter(self._views)))
            program, tables = Program(picture_shader(shader.text)), []
            program.use()
            program.set_sampler("u_samples", PICTURE_UNIT)
            program.set_sampler("u_matte", SECOND_UNIT)
            for number, table in enumerate(shader.tables):
                unit = FIRST_TABLE_UNIT + number
                GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
                target = GL.GL_TEXTURE_3D if table.values.ndim == 4 else GL.GL_TEXTURE_2D
                tables.append((target, upload(table.values, linear=table.linear)))
                program.set_sampler(table.sampler, unit)
            self._views[shader] = program, tables
        return self._views[shader]

    def _forget_view(self, shader: DisplayShader) -> None:
        program, tables = self._views.pop(shader)
        program.delete()
        for _, texture in tables:
            GL.glDeleteTextures(1, [texture])

    def _table(self, table: Table) -> int:
        if table not in self._tables:
            if len(self._tables) >= MOST_TABLES:
                for texture in self._tables.values():
                    GL.glDeleteTextures(1, [texture])
                self._tables.clear()
            GL.glActiveTexture(GL.GL_TEXTURE0 + SECOND_UNIT)
            self._tables[table] = upload(table.entries.view("uint8").reshape(1, 256, 4))
        return self._tables[table]

    def _matte_values(self, coverage: Coverage) -> AnyFloat:
        """Exact coverage over its window; the same array until it is another matte."""
        if isinstance(coverage, StillCoverage):
            return coverage.matte.coverage
        kept = self._floats.get(coverage)
        if kept is None:
            window = coverage.window
            kept = self._floats[coverage] = coverage.floats(window.x0, window.y0, 1, window.shape)
        return kept


def _corners(place: Placed) -> Corners:
    """The polygon a pane shows through, in points; empty when it is nowhere."""
    shape = QPolygonF(place.rect)
    if place.clip is not None:
        shape = shape.intersected(place.clip.toFillPolygon())
    return _listed(shape)


def _within(corners: Corners, rect: QRectF) -> Corners:
    """The part of a polygon inside a rectangle of points."""
    return _listed(QPolygonF([QPointF(x, y) for x, y in corners]).intersected(QPolygonF(rect)))


def _listed(shape: QPolygonF) -> Corners:
    found = [(corner.x(), corner.y()) for corner in shape.toList()]
    if len(found) > 1 and found[0] == found[-1]:
        found.pop()
    if len(found) > MOST_CORNERS:
        raise ValueError(f"a pane shows through {len(found)} corners; {MOST_CORNERS} are the most")
    return found


def _clear(ink: QColor) -> None:
    GL.glClearColor(ink.redF(), ink.greenF(), ink.blueF(), 1.0)
    GL.glClear(GL.GL_COLOR_BUFFER_BIT)
