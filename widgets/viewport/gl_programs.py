"""The shaders of the viewport on a GPU, as text, compiled, and their uniforms set by name.

All of them draw a polygon of points and find, for every device pixel, the plate pixels it shows: the same ones that
the raster way samples (`Lattice`), smoothed between neighbours or as squares. They differ only in what a sample is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from OpenGL import GL

from core.display_shader import FUNCTION
from widgets.viewport.light import CHECKS, LUMINANCE

MOST_CORNERS = 16
"""Of the polygon that a pane shows through."""
Value = bool | int | float | Sequence[float] | Sequence[int]

VERTEX = f"""#version 330 core
uniform vec2 u_size;
uniform vec2 u_corners[{MOST_CORNERS}];
void main() {{
    vec2 point = u_corners[gl_VertexID];
    gl_Position = vec4(2.0 * point.x / u_size.x - 1.0, 1.0 - 2.0 * point.y / u_size.y, 0.0, 1.0);
}}
"""

_HEAD = """#version 330 core
out vec4 result;
uniform float u_opacity;
"""

SOLID = (
    _HEAD
    + """
uniform vec4 u_color;
void main() { result = vec4(u_color.rgb * u_color.a, u_color.a) * u_opacity; }
"""
)

LAYER = (
    _HEAD
    + """
uniform sampler2D u_samples;
void main() { result = texelFetch(u_samples, ivec2(gl_FragCoord.xy), 0) * u_opacity; }
"""
)

_PLACED = (
    _HEAD
    + """
uniform float u_rows;     // device pixels of the whole framebuffer, top to bottom
uniform vec2 u_origin;    // device pixels from the upper left, where plate (0, 0) lies
uniform vec2 u_scale;     // device pixels per plate column and row
uniform vec2 u_corner;    // plate pixels, the upper left of the samples
uniform float u_stride;   // plate pixels per sample
uniform ivec2 u_cells;    // columns and rows of samples
uniform bool u_smooth;
uniform sampler2D u_samples;

vec4 sample_at(ivec2 cell);

vec4 seen() {
    vec2 device = vec2(gl_FragCoord.x, u_rows - gl_FragCoord.y);
    vec2 place = ((device - u_origin) / u_scale - u_corner) / u_stride;
    if (any(lessThan(place, vec2(0.0))) || any(greaterThanEqual(place, vec2(u_cells)))) discard;
    if (!u_smooth) return sample_at(ivec2(place));
    vec2 between = place - 0.5;
    ivec2 first = ivec2(floor(between));
    vec2 part = between - floor(between);
    ivec2 last = u_cells - 1;
    ivec2 one = clamp(first, ivec2(0), last);
    ivec2 two = clamp(first + 1, ivec2(0), last);
    vec4 above = mix(sample_at(one), sample_at(ivec2(two.x, one.y)), part.x);
    vec4 below = mix(sample_at(ivec2(one.x, two.y)), sample_at(two), part.x);
    return mix(above, below, part.y);
}
"""
)

TINTED = (
    _PLACED
    + """
uniform sampler2D u_table;
vec4 sample_at(ivec2 cell) {
    return texelFetch(u_table, ivec2(int(texelFetch(u_samples, cell, 0).r * 255.0 + 0.5), 0), 0);
}
void main() { result = seen() * u_opacity; }
"""
)
"""Levels through a table of 256 premultiplied colors."""

CONVERTED = (
    _PLACED
    + """
vec4 sample_at(ivec2 cell) { return vec4(texelFetch(u_samples, cell, 0).rgb, 1.0); }
void main() { result = seen() * u_opacity; }
"""
)
"""Display values converted elsewhere."""

_PICTURE = (
    _PLACED
    + """
uniform int u_step;           // texels per sample
uniform int u_offset;         // texels to the middle of a sample
uniform float u_gain;
uniform float u_power;        // 1 / gamma
uniform int u_channel;        // 0 color, 1 red, 2 green, 3 blue, 4 alpha, 5 luminance
uniform bool u_comp;
uniform sampler2D u_matte;
uniform ivec2 u_into_matte;   // from texels of the picture to those of the matte
uniform vec3 u_behind;
uniform vec4 u_board;         // of the checker, in texels: its corner, a square's width and height; 0 for none
"""
)


def _picture(display: str) -> str:
    light = ", ".join(str(part) for part in LUMINANCE)
    return f"""{_PICTURE}
{display}

vec3 behind(ivec2 texel) {{
    if (u_board.z == 0.0) return u_behind;
    vec2 square = floor((vec2(texel) - u_board.xy) / u_board.zw);
    return vec3(mod(square.x + square.y, 2.0) > 0.5 ? {CHECKS[1]} : {CHECKS[0]});
}}

vec4 sample_at(ivec2 cell) {{
    ivec2 texel = cell * u_step + u_offset;
    vec4 rgba = texelFetch(u_samples, texel, 0);
    if (!u_comp) return rgba;
    ivec2 there = texel + u_into_matte;
    bool outside = any(lessThan(there, ivec2(0))) || any(greaterThanEqual(there, textureSize(u_matte, 0)));
    rgba *= outside ? 0.0 : texelFetch(u_matte, there, 0).r;
    rgba.rgb += (1.0 - rgba.a) * behind(texel);
    return rgba;
}}

void main() {{
    vec4 light = seen();
    vec3 shown;
    if (u_channel == 4) {{
        shown = vec3(pow(clamp(light.a * u_gain, 0.0, 1.0), u_power));
    }} else {{
        if (u_channel == 5) light.rgb = vec3(dot(light.rgb, vec3({light})));
        else if (u_channel > 0) light.rgb = vec3(light[u_channel - 1]);
        shown = {FUNCTION}(vec4(light.rgb * u_gain, 1.0)).rgb;
        if (u_power != 1.0) shown = pow(max(shown, vec3(0.0)), vec3(u_power));
    }}
    result = vec4(clamp(shown, 0.0, 1.0), 1.0) * u_opacity;
}}
"""


def picture_shader(display: str) -> str:
    """Half-float pictures, and comps of them, through a display transform.

    Args:
        display: the text of a `core.display_shader.DisplayShader`.
    """
    return _picture(display)


class Program:
    """A compiled program. A context must be current for every call."""

    def __init__(self, fragment: str) -> None:
        """Raises RuntimeError with the driver's words when the shader does not compile or link."""
        self._locations: dict[str, int] = {}
        parts = [_compiled(GL.GL_VERTEX_SHADER, VERTEX), _compiled(GL.GL_FRAGMENT_SHADER, fragment)]
        self._id = GL.glCreateProgram()
        for part in parts:
            GL.glAttachShader(self._id, part)
        GL.glLinkProgram(self._id)
        for part in parts:
            GL.glDeleteShader(part)
        if GL.glGetProgramiv(self._id, GL.GL_LINK_STATUS) != GL.GL_TRUE:
            raise RuntimeError(f"a shader does not link: {_words(GL.glGetProgramInfoLog(self._id))}")

    def use(self) -> None:
        GL.glUseProgram(self._id)

    def set(self, **values: Value) -> None:
        """Uniforms of the program in use, by name without `u_`; whole numbers and truths as int, others as float."""
        for name, value in values.items():
            place = self._location(f"u_{name}")
            if isinstance(value, (bool, int)):
                GL.glUniform1i(place, int(value))
            elif isinstance(value, float):
                GL.glUniform1f(place, value)
            elif all(isinstance(part, int) for part in value):
                GL.glUniform2i(place, *value)
            else:
                (GL.glUniform2f, GL.glUniform3f, GL.glUniform4f)[len(value) - 2](place, *value)

    def set_corners(self, corners: Sequence[tuple[float, float]]) -> None:
        """The polygon that is drawn, in points."""
        flat = np.array(corners, np.float32).reshape(-1)
        GL.glUniform2fv(self._location("u_corners"), len(corners), flat)

    def set_sampler(self, name: str, unit: int) -> None:
        """A sampler of this full name reads from a texture unit."""
        GL.glUniform1i(self._location(name), unit)

    def delete(self) -> None:
        GL.glDeleteProgram(self._id)

    def _location(self, name: str) -> int:
        if name not in self._locations:
            self._locations[name] = int(GL.glGetUniformLocation(self._id, name))
        return self._locations[name]


def _compiled(kind: int, text: str) -> int:
    shader = GL.glCreateShader(kind)
    GL.glShaderSource(shader, text)
    GL.glCompileShader(shader)
    if GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS) != GL.GL_TRUE:
        words = _words(GL.glGetShaderInfoLog(shader))
        GL.glDeleteShader(shader)
        raise RuntimeError(f"a shader does not compile: {words}")
    return int(shader)


def _words(log: bytes | str) -> str:
    text = log.decode("utf-8", "replace") if isinstance(log, bytes) else log
    return " ".join(text.split())[:300]
