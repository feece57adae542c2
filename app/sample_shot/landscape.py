"""The place: a path through an autumn wood at dusk, the sun low behind it. Layers of different depth, made once.

Each layer is a picture wider than the frame, in scene-linear color, premultiplied, already out of focus as its depth
asks. Knows nothing of the fox, nor of time except through the camera's span.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.sample_shot.camera import Camera
from core.arrays import Float32
from core.noise import Rng, defocus, fbm, generator, smoothstep

MARGIN = 28.0
"""Pixels (of 720 lines) a layer reaches beyond the frame on every side, for the hand's shake and the defocus."""
SUN_AT = (0.735, 0.335)
"""Where the sun stands, as parts of the frame."""
HAZE = np.array([0.86, 0.53, 0.34], np.float32)
GREENER = np.array([0.22, 0.46, 0.62], np.float32)
"""What undergrowth makes of the light of the leaves above it."""
DUSK = np.array([0.115, 0.150, 0.235], np.float32)


@dataclass(frozen=True, slots=True)
class Layer:
    """Pixels of one depth.

    Args:
        rgb: (H, W, 3) float32, premultiplied.
        clear: (H, W) float32, how much of what lies behind is seen (1 - alpha).
        depth: 1 is the subject's; larger is farther.
        top: the picture's row of the layer's first row, with the camera at rest.
    """

    rgb: Float32
    clear: Float32
    depth: float
    top: float


def layer_of(rgba: Float32, depth: float, top: float) -> Layer:
    return Layer(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(1.0 - rgba[..., 3]), depth, top)


def canvas(camera: Camera, depth: float, rows: int, over: int = 2) -> Float32:
    """An empty supersampled canvas that holds the whole span of a depth."""
    width = int(camera.width + camera.span(depth) + 2 * MARGIN * camera.scale) + 2
    return np.zeros((rows * over, width * over, 4), np.float32)


def settle(drawn: Float32, over: int = 2) -> Float32:
    """The canvas at the picture's size."""
    return np.asarray(
        cv2.resize(drawn, (drawn.shape[1] // over, drawn.shape[0] // over), interpolation=cv2.INTER_AREA), np.float32
    )


def sky(camera: Camera, rng: Rng) -> Layer:
    """Gradient, clouds lit from below, the sun: 40 and more at its middle."""
    margin = int(MARGIN * camera.scale)
    height, width = int(camera.row(9.0)) + 2 * margin, camera.width + int(camera.span(60.0)) + 2 * margin
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    up = np.clip(1.0 - (y - margin) / camera.row(9.0), 0.0, 1.0)[..., None]
    low, high = np.array([1.15, 0.62, 0.34], np.float32), np.array([0.115, 0.175, 0.33], np.float32)
    middle = np.array([0.62, 0.48, 0.44], np.float32)
    rgb = low * (1 - up) ** 2 + middle * 2 * up * (1 - up) + high * up**2
    cloud = smoothstep(0.1, 1.6, fbm((height, width), (46 * camera.scale, 260 * camera.scale), 6, rng, 0.55))[..., None]
    lining = np.array([1.7, 0.86, 0.50], np.float32) * (1 - up) + np.array([0.34, 0.30, 0.36], np.float32) * up
    rgb = rgb * (1 - 0.75 * cloud) + lining * 0.75 * cloud
    distance = np.hypot(x - margin - SUN_AT[0] * camera.width, y - margin - SUN_AT[1] * camera.height) / camera.scale
    sun = smoothstep(31.0, 25.0, distance)[..., None] * np.array([58.0, 36.0, 17.0], np.float32)
    glow = np.exp(-distance / 55.0)[..., None] * np.array([4.2, 2.2, 0.85], np.float32)
    wide = np.exp(-distance / 260.0)[..., None] * np.array([0.95, 0.46, 0.17], np.float32)
    rgba = np.dstack([rgb + sun + glow + wide, np.ones((height, width), np.float32)]).astype(np.float32)
    return layer_of(defocus(rgba, 0.5 * camera.circle(40.0)), 60.0, -margin)


def hills(camera: Camera, depth: float, lift: float, tone: Float32, rng: Rng) -> Layer:
    """A ridge with trees on it, pale with distance."""
    s, margin = camera.scale, int(MARGIN * camera.scale)
    base = int(camera.row(6.0)) + margin
    drawn = canvas(camera, depth, base + margin, 1)
    width = drawn.shape[1]
    ridge = lift * s * (1.0 + 0.55 * fbm((8, width), (8, 520 * s / (depth / 6)), 3, rng)[4])
    trees = np.abs(fbm((8, width), (8, 16 * s), 4, rng, 0.7)[4]) * 9.0 * s
    y = np.arange(drawn.shape[0], dtype=np.float32)[:, None]
    alpha = np.clip(y - (base - margin - ridge - trees)[None, :] - margin, 0.0, 1.0)
    down = np.clip((y - margin) / camera.row(6.0), 0, 1)[..., None]
    rgb = tone * (0.9 + 0.1 * fbm(alpha.shape, (10 * s, 14 * s), 4, rng)[..., None]) * (1 + 0.55 * down**3)
    drawn[...] = np.dstack([rgb * alpha[..., None], alpha])
    return layer_of(defocus(drawn, camera.circle(depth)), depth, -margin)


def leaves(
    drawn: Float32, at: npt.NDArray[np.float64], size: float, spread: float, tint: Float32, glow: Float32, rng: Rng
) -> None:
    """Clumps of leaves around points: small tilted diamonds, dark ones behind, the lit ones last."""
    count = len(at)
    centre = at + rng.normal(0, spread, (count, 2)) * np.array([1.0, 0.75])
    angle, length = rng.uniform(0, np.pi, count), size * rng.lognormal(0, 0.35, count)
    c, q = np.cos(angle), np.sin(angle)
    along, aside = np.column_stack([c, q]) * length[:, None], np.column_stack([-q, c]) * (0.5 * length)[:, None]
    corners = np.stack([centre + along, centre + aside, centre - along, centre - aside], axis=1).astype(np.int32)
    lit = np.sort(rng.uniform(0, 1, count) ** 2.2)[:, None]
    hue = np.exp(rng.normal(0, 0.25, (count, 3)) * np.array([0.6, 1.0, 0.6]))
    clump = np.exp(0.55 * np.sin(at[:, :1] * 0.013 + 1.7 * np.sin(at[:, 1:] * 0.017)) - 0.15)
    color = (tint * (1 - lit) + glow * lit) * hue * clump
    for shape, value in zip(corners, color.tolist(), strict=True):
        cv2.fillConvexPoly(drawn, shape, (*value, 1.0))


def trunk(
    drawn: Float32, x: float, base: float, width: float, lean: float, dark: Float32, rim: Float32, rng: Rng
) -> list[tuple[float, float]]:
    """A birch: bark with bands, round by its shading, sun along its right edge; returns where its twigs end."""
    height = int(base)
    rows = np.arange(height)
    sway = np.cumsum(fbm((height, 4), (height / 4, 4), 2, rng)[:, 1]) * width / height * 0.5
    middle = x + lean * (base - rows) + sway[::-1]
    half = 0.5 * width * (0.62 + 0.38 * rows / base) * (1 + 0.5 * np.exp((rows - base) / (0.9 * width)))
    left, right = int(max(0, (middle - half).min() - 2)), int(min(drawn.shape[1], (middle + half).max() + 2))
    if right - left < 4:
        return []
    across = (np.arange(left, right)[None, :] + 0.5 - middle[:, None]) / half[:, None]
    inside = (np.abs(across) < 1).astype(np.float32)
    bands = fbm(across.shape, (0.16 * width + 2, 0.9 * width), 4, rng, 0.7)
    grain = fbm(across.shape, (0.5 * width, 0.1 * width + 2), 3, rng, 0.7)
    paper = np.clip(1.0 - 0.85 * smoothstep(0.6, 1.3, bands) - 0.14 * grain, 0.06, 1.4)
    round_off = np.sqrt(np.clip(1 - across**2, 0, 1))
    light = (0.30 + 0.70 * round_off) * (1.05 - 0.35 * across)
    edge = smoothstep(0.42, 0.98, across.astype(np.float32))
    moss = smoothstep(0.55, 1.0, (rows / base).astype(np.float32))[:, None]
    rgb = dark * (paper * light * (1 - 0.5 * moss))[..., None] + rim * (edge * (0.35 + 0.65 * paper))[..., None]
    target = drawn[:height, left:right]
    keep = inside[..., None]
    target[...] = target * (1 - keep) + np.dstack([rgb, inside]).astype(np.float32) * keep
    ends: list[tuple[float, float]] = []
    for _ in range(int(rng.integers(9, 14))):
        start = float(rng.uniform(0.0, 0.62)) * base
        px, py, heading = float(middle[int(start)]), start, float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.25))
        thick = 0.16 * width * rng.uniform(0.5, 1.1)
        for _ in range(9):
            step = 0.55 * width + 14
            nx, ny = px + np.sin(heading) * step, py - np.cos(heading) * step * 0.7
            cv2.line(
                drawn,
                (int(px), int(py)),
                (int(nx), int(ny)),
                (*(float(v) for v in dark * 0.25 + rim * 0.07), 1.0),
                max(1, int(thick)),
            )
            px, py, thick, heading = nx, ny, thick * 0.82, heading + float(rng.normal(0, 0.28))
            ends.append((px, py))
    return ends


def wood(
    camera: Camera, depth: float, count: int, lamps: int, rng: Rng, gap: tuple[float, float] | None = None
) -> Layer:
    """Trees of one depth with their leaves and undergrowth; far ones stand in the haze. `lamps` are far windows."""
    s, over = camera.scale, 2
    margin = int(MARGIN * s)
    base = (camera.row(depth) + margin) * over
    drawn = canvas(camera, depth, int(camera.row(depth)) + 2 * margin, over)
    width = drawn.shape[1]
    air = 1.0 - np.exp(-0.17 * (depth - 1.0))
    dark = np.array([0.155, 0.135, 0.13], np.float32) * (1 - air) + HAZE * air * 0.52
    rim = np.array([1.15, 0.60, 0.25], np.float32) * (1 - 0.5 * air)
    shade = np.array([0.060, 0.040, 0.018], np.float32) * (1 - air) + HAZE * air * 0.50
    glow = np.array([1.25, 0.52, 0.085], np.float32) * (1 - 0.35 * air) + HAZE * air * 0.30
    places = (np.arange(count) + rng.uniform(0.12, 0.88, count)) * width / count
    if gap is not None:
        places = places[(places < gap[0] * over) | (places > gap[1] * over)]
    for x in places:
        size = float(rng.uniform(34, 62)) * s * over / depth
        ends = trunk(drawn, float(x), base - rng.uniform(0, 6) * s, size, float(rng.normal(0, 0.025)), dark, rim, rng)
        if ends:
            chosen = np.array(ends)[rng.integers(0, len(ends), 1500)]
            leaves(drawn, chosen, 7.5 * s * over / depth**0.75, 40 * s * over / depth**0.8, shade, glow, rng)
    bushes = np.column_stack(
        [rng.uniform(0, width, 5200), base - np.abs(rng.normal(0, 30 * s * over / depth**0.7, 5200))]
    )
    leaves(drawn, bushes, 7.0 * s * over / depth**0.75, 5 * s * over, shade * 0.8, glow * GREENER, rng)
    for x, y in zip(rng.uniform(0, width, lamps), rng.uniform(0.70, 0.93, lamps), strict=True):
        tone = np.array([70.0, 38.0, 13.0]) * rng.lognormal(0, 0.5)
        cv2.circle(drawn, (int(x), int(y * base)), max(2, int(1.6 * s * over)), (*(float(v) for v in tone), 1.0), -1)
    return layer_of(defocus(settle(drawn, over), camera.circle(depth)), depth, -margin)


def grasses(camera: Camera, depth: float, count: int, height_px: float, rng: Rng, sparse: float = 0.0) -> Layer:
    """A strip of blades and dry stalks along the path, lit from behind."""
    s, over = camera.scale, 3
    tall = int(1.7 * height_px * s / depth)
    foot = int(12 * s)
    drawn = canvas(camera, depth, tall + foot, over)
    width = drawn.shape[1]
    patch = fbm((4, width), (4, 210 * s * over / depth), 3, rng)[2]
    x = rng.uniform(0, width - 1, count)
    x = x[patch[x.astype(int)] > sparse]
    y = (tall + rng.uniform(-0.5, 1.0, len(x)) * foot * 0.7) * over
    order = np.argsort(y)
    length = height_px * s * over / depth * np.clip(rng.lognormal(-0.25, 0.4, len(x)), 0.2, 1.6)
    lean = rng.normal(0.05, 0.30, len(x))
    lit = rng.uniform(0, 1, len(x)) ** 1.8
    dry = rng.uniform(0, 1, len(x))
    for i in order.tolist():
        root = np.array([x[i], y[i]])
        middle = root + length[i] * 0.55 * np.array([np.sin(lean[i]), -np.cos(lean[i])])
        tip = middle + length[i] * 0.5 * np.array([np.sin(lean[i] * 2.6), -np.cos(lean[i] * 2.2)])
        base = np.array([0.030, 0.034, 0.012]) * (1 - dry[i]) + np.array([0.075, 0.048, 0.021]) * dry[i]
        top = np.array([0.30, 0.26, 0.055]) * (1 - dry[i]) + np.array([0.62, 0.36, 0.135]) * dry[i]
        a, b, c = ((int(p[0]), int(p[1])) for p in (root, middle, tip))
        cv2.line(
            drawn, a, b, (*(float(v) for v in base + 0.25 * top * lit[i]), 1.0), max(1, int(1.5 * s * over / depth))
        )
        cv2.line(
            drawn, b, c, (*(float(v) for v in base + top * (0.15 + lit[i])), 1.0), max(1, int(0.8 * s * over / depth))
        )
    return layer_of(defocus(settle(drawn, over), camera.circle(depth)), depth, camera.row(depth) - tall)


def foreground(camera: Camera, rng: Rng) -> Layer:
    """Stems close to the lens: they pass between it and the fox, dark and far out of focus."""
    s, depth = camera.scale, 0.56
    margin = int(MARGIN * s)
    drawn = canvas(camera, depth, camera.height + 2 * margin, 1)
    dark, rim = np.array([0.016, 0.013, 0.010], np.float32), np.array([0.42, 0.20, 0.075], np.float32)
    for x in (0.57, 0.90):
        px, py, heading = x * drawn.shape[1], float(drawn.shape[0]), float(rng.normal(0.05, 0.1))
        thick, ends = 24.0 * s * rng.uniform(0.8, 1.15), []
        for _ in range(14):
            nx, ny = px + np.sin(heading) * 62 * s, py - np.cos(heading) * 62 * s
            cv2.line(
                drawn,
                (int(px + 2 * s), int(py)),
                (int(nx + 2 * s), int(ny)),
                (*(float(v) for v in rim), 1.0),
                max(1, int(thick)),
            )
            cv2.line(
                drawn,
                (int(px - s), int(py)),
                (int(nx - s), int(ny)),
                (*(float(v) for v in dark), 1.0),
                max(1, int(thick)),
            )
            px, py, thick, heading = nx, ny, thick * 0.91, heading + float(rng.normal(0, 0.10))
            ends.append((px, py))
        chosen = np.array(ends)[rng.integers(0, len(ends), 22)]
        leaves(
            drawn,
            chosen,
            20.0 * s,
            26 * s,
            np.array([0.10, 0.042, 0.014], np.float32),
            np.array([0.55, 0.22, 0.045], np.float32),
            rng,
        )
    return layer_of(defocus(drawn, camera.circle(depth)), depth, -margin)


@dataclass(frozen=True, slots=True)
class Ground:
    """The floor of the wood, one row per depth.

    Args:
        rgb: (H, W, 3) float32; row `i` is the picture's row `top + i` with the camera at rest.
        depth: (H,) of each row.
    """

    rgb: Float32
    depth: Float32
    top: float

    def seen(self, camera: Camera, time: float, first: int, last: int) -> Float32:
        """Rows `first` to `last` of the picture at a moment: each row slides by its own depth."""
        dx, dy = camera.shake(time)
        rows = np.arange(first, last, dtype=np.float32) - np.float32(self.top + dy)
        depth = np.interp(rows, np.arange(len(self.depth)), self.depth).astype(np.float32)
        shift = camera.dolly(time) / depth + MARGIN * camera.scale - dx
        map_x = np.arange(camera.width, dtype=np.float32)[None, :] + shift[:, None].astype(np.float32)
        map_y = np.repeat(rows[:, None], camera.width, axis=1)
        return np.asarray(
            cv2.remap(self.rgb, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
        )


def ground(camera: Camera, rng: Rng) -> Ground:
    """Leaf litter, moss and the path the fox goes along; the sun grazes it from behind."""
    s, margin = camera.scale, int(MARGIN * camera.scale)
    top = camera.row(9.0)
    rows = np.arange(int(top), camera.height + margin, dtype=np.float32)
    depth = (camera.ground - camera.horizon) / (rows - camera.horizon)
    width = int(camera.width + camera.dolly(camera.frames) / depth.min()) + 4 * margin
    x = np.arange(width, dtype=np.float32)[None, :] - margin
    world = (x * depth[:, None]) / s
    away = 900.0 * np.log(depth)[:, None] + np.zeros_like(world)
    tile = 1024
    coarse, fine = (fbm((tile, tile), cell, 6, rng, 0.62) for cell in ((160, 160), (22, 22)))

    def sample(texture: Float32, across: float, down: float) -> Float32:
        u, v = np.mod(world * across, tile - 1).astype(np.float32), np.mod(away * down, tile - 1).astype(np.float32)
        return np.asarray(cv2.remap(texture, u, v, cv2.INTER_LINEAR), np.float32)

    large, small, pebbles = sample(coarse, 0.45, 0.9), sample(fine, 0.7, 1.7), sample(fine, 1.9, 4.0)
    litter = (
        np.array([0.050, 0.050, 0.034], np.float32)
        + np.array([0.030, 0.025, 0.014], np.float32) * np.clip(small + 0.4 * large, -1, 2)[..., None]
    )
    moss = np.array([0.026, 0.042, 0.020], np.float32) * (1 + 0.35 * small)[..., None]
    floor = litter + (moss - litter) * smoothstep(0.1, 1.0, large)[..., None]
    wander = 0.035 * large + 0.02 * small
    middle = np.log(depth)[:, None] + wander
    path = smoothstep(0.235, 0.12, np.abs(middle - 0.01))
    earth = np.array([0.135, 0.120, 0.104], np.float32) * (1 + 0.16 * small + 0.20 * pebbles + 0.1 * large)[..., None]
    rgb = floor + (earth - floor) * path[..., None]
    sheen = np.exp(-((x / camera.width - SUN_AT[0]) ** 2) / 0.9)[..., None] * np.array([0.62, 0.48, 0.30], np.float32)
    far = smoothstep(1.0, 5.0, depth)[:, None, None]
    rgb = (
        np.clip(rgb, 0.004, None) * (0.75 + (0.45 + 2.6 * far) * np.clip(sheen, 0, 1))
        + np.array([0.105, 0.100, 0.092], np.float32) * far
    )
    rgb = np.ascontiguousarray(rgb, np.float32)
    fallen(rgb, camera, depth, rng)
    return Ground(focus(rgb, camera, depth), depth.astype(np.float32), float(int(top)))


def fallen(rgb: Float32, camera: Camera, depth: Float32, rng: Rng) -> None:
    """Leaves on the ground, flattened by perspective, far ones first; they catch the light or lie in shade."""
    count = 5200
    row = np.sort(rng.uniform(0, 1, count) ** 0.8 * (len(depth) - 1)).astype(int)
    x, turn = rng.uniform(0, rgb.shape[1], count), rng.uniform(0, 180, count)
    near = 1.0 / depth[row]
    lit = rng.uniform(0, 1, count) ** 3.0
    red = np.exp(rng.normal(0, 0.3, (count, 3)))
    color = (np.array([0.085, 0.055, 0.022]) + lit[:, None] * np.array([0.50, 0.27, 0.06])) * red
    for i in range(count):
        size = 7.5 * camera.scale * near[i]
        axes = (max(1, int(size)), max(1, int(size * 0.34)))
        centre = (int(x[i]), int(row[i]))
        shade = tuple(float(v) for v in rgb[row[i], min(int(x[i]), rgb.shape[1] - 1)] * 0.35)
        cv2.ellipse(rgb, (centre[0], centre[1] + max(1, axes[1] // 2)), axes, 0, 0, 360, shade, -1)
        cv2.ellipse(rgb, centre, axes, float(turn[i]) * 0.12 - 10, 0, 360, tuple(color[i].tolist()), -1)


def focus(rgb: Float32, camera: Camera, depth: Float32) -> Float32:
    """Depth of field by rows: blends of a few blurred copies."""
    wanted = np.abs(1.0 / depth - 1.0) * camera.blur_px * camera.scale
    steps = [0.0, 1.5, 3.0, 5.0, 8.0]
    copies = [defocus(rgb, step * camera.scale) for step in steps]
    result = np.zeros_like(rgb)
    for i, copy in enumerate(copies):
        level = np.interp(wanted / camera.scale, steps, np.eye(len(steps))[i]).astype(np.float32)
        result += copy * level[:, None, None]
    return result


@dataclass(frozen=True, slots=True)
class Landscape:
    """Everything that is not the fox, from the back: what is far, the ground, trees, the verge behind the fox, and
    what passes before it."""

    far: tuple[Layer, ...]
    ground: Ground
    wood: tuple[Layer, ...]
    verge: Layer
    before: tuple[Layer, ...]


def landscape(camera: Camera) -> Landscape:
    """All layers of the shot."""

    def rng(tag: int) -> Rng:
        return generator(camera.seed, 31, tag)

    return Landscape(
        far=(
            sky(camera, rng(0)),
            hills(camera, 16.0, 66.0, HAZE * np.float32(0.80) + DUSK * np.float32(0.25), rng(1)),
            hills(camera, 10.0, 38.0, HAZE * np.float32(0.48) + DUSK * np.float32(0.30), rng(2)),
            wood(camera, 6.0, 20, 9, rng(3)),
        ),
        ground=ground(camera, rng(4)),
        wood=(wood(camera, 3.2, 9, 0, rng(5)), wood(camera, 1.75, 3, 0, rng(6))),
        verge=grasses(camera, 1.32, 9000, 46.0, rng(7), -0.4),
        before=(grasses(camera, 0.84, 3600, 36.0, rng(8), 0.35), foreground(camera, rng(9))),
    )
