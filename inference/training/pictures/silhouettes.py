"""What things look like from afar: smooth, thin, with holes, hairy, fractal, lettered, articulated, built of parts.

A silhouette is a list of parts back to front. Parts of one thing touch or overlap: together they are one object,
however different they look. `phase` in radians moves the limbs of what is articulated.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.noise import Rng
from inference.training.pictures.outlines import Part, Points, box, capsule, curve, fringe, jagged, off


def blob(rng: Rng, _phase: float) -> list[Part]:
    outline = curve(rng, (0.5, 0.5), rng.uniform(0.25, 0.42), rng.uniform(0.05, 0.5), int(rng.integers(2, 9)))
    parts = [Part((outline,))]
    for number in range(int(rng.integers(0, 4))):  # patches and eyes that belong to it
        place = outline.mean(axis=0) + rng.normal(0, 0.1, 2)
        parts.append(Part((curve(rng, (place[0], place[1]), rng.uniform(0.03, 0.12)),), material=1 + number))
    return parts


def rock(rng: Rng, _phase: float) -> list[Part]:
    outline = curve(rng, (0.5, 0.5), rng.uniform(0.28, 0.42), 0.35)
    return [Part((jagged(outline, rng, 3, rng.uniform(0.05, 0.25)),))]


def ring(rng: Rng, _phase: float) -> list[Part]:
    center = (0.5, 0.5)
    outer = curve(rng, center, 0.4, rng.uniform(0, 0.2))
    count = int(rng.integers(1, 4))
    holes = []
    for number in range(count):
        if count == 1:
            holes.append(curve(rng, center, rng.uniform(0.12, 0.28), 0.1))
        else:
            angle = 2 * np.pi * number / count
            place = (0.5 + 0.17 * np.cos(angle), 0.5 + 0.17 * np.sin(angle))
            holes.append(curve(rng, place, rng.uniform(0.05, 0.1), 0.1))
    return [Part((outer,), holes=tuple(holes))]


def furry(rng: Rng, phase: float) -> list[Part]:
    parts = blob(rng, phase) if rng.uniform() < 0.5 else walker(rng, phase)
    body = parts[0]
    if not body.outlines:
        return parts
    hair = fringe(body.outlines[0], rng, int(rng.integers(60, 400)), rng.uniform(0.03, 0.2), rng.uniform(0.002, 0.008))
    return [Part(body.outlines, (*body.strokes, *hair), body.material, body.round, body.holes), *parts[1:]]


def branches(rng: Rng, _phase: float) -> list[Part]:
    """A plant, a tree, antlers: strokes that fork and thin, some with leaves."""
    strokes: list[tuple[Points, float]] = []
    leaves: list[Points] = []
    leafy = rng.uniform() < 0.6

    def grow(root: Points, angle: float, length: float, width: float, depth: int) -> None:
        t = np.linspace(0, 1, 6)[:, None]
        bend = rng.normal(0, 0.4)
        line = root + length * np.concatenate([np.cos(angle + bend * t) * t, np.sin(angle + bend * t) * t], axis=1)
        strokes.append((line, width))
        if depth == 0:
            if leafy:
                leaves.append(curve(rng, (line[-1, 0], line[-1, 1]), rng.uniform(0.02, 0.05), 0.3))
            return
        for _ in range(int(rng.integers(2, 4))):
            at = line[int(rng.integers(3, 6))]
            grow(at, angle + rng.normal(0, 0.6), length * rng.uniform(0.5, 0.85), width * 0.62, depth - 1)

    grow(
        np.array([0.5, 0.95]),
        -np.pi / 2 + rng.normal(0, 0.2),
        rng.uniform(0.2, 0.34),
        rng.uniform(0.02, 0.06),
        int(rng.integers(2, 5)),
    )
    parts = [Part(strokes=tuple(strokes), round=0.3)]
    if leaves:
        parts.append(Part(tuple(leaves), material=1, round=0.4))
    return parts


def ribbon(rng: Rng, phase: float) -> list[Part]:
    """Something thin: a cable, a rope, a scarf, a wand."""
    t = np.linspace(0, 1, 60)
    wave = rng.uniform(0, 0.25) * np.sin(t * rng.uniform(2, 12) + phase)
    line = np.stack([0.1 + 0.8 * t, 0.5 + wave + rng.normal(0, 0.1) * t], axis=1)
    turn = rng.uniform(0, 2 * np.pi)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return [Part(strokes=(((line - 0.5) @ spin.T + 0.5, rng.uniform(0.008, 0.08)),), round=0.5)]


def lettered(rng: Rng, _phase: float) -> list[Part]:
    """Letters as objects: strokes with corners and counters."""
    canvas = np.zeros((256, 256), np.uint8)
    word = "".join(rng.choice(list("ABCDEGKMPQRSWX&?8452"), int(rng.integers(1, 4))))
    font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX]))
    (width, height), _ = cv2.getTextSize(word, font, 1.0, 2)
    size = 200 / max(width, height, 1)
    start = (int(128 - width * size / 2), int(128 + height * size / 2))
    cv2.putText(canvas, word, start, font, size, 255, int(rng.integers(6, 24)))
    found, tree = cv2.findContours(canvas, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    outer: list[Points] = []
    inner: list[Points] = []
    for number, line in enumerate(found):
        points = line[:, 0, :].astype(np.float64) / 256
        (inner if tree[0][number][3] >= 0 else outer).append(points)
    return [Part(tuple(outer), holes=tuple(inner), round=0.3)]


def person(rng: Rng, phase: float) -> list[Part]:
    """A standing, walking, reaching figure: trousers, shirt, arms, head, hair, sometimes something in the hand."""
    hip = np.array([0.5, 0.55])
    lean = rng.normal(0, 0.15)
    neck = hip + 0.27 * np.array([np.sin(lean), -np.cos(lean)])
    swing = rng.uniform(0.1, 0.9) * np.sin(phase + rng.uniform(0, 6.28))
    build = rng.uniform(0.8, 1.4)
    leg, arm = 0.036 * build, 0.026 * build
    legs, shoes, arms, hands = [], [], [], []
    for side in (-1, 1):
        thigh = side * swing + rng.normal(0, 0.1)
        start = hip + np.array([0.03 * side * build, 0.0])
        knee = start + 0.19 * np.array([np.sin(thigh), np.cos(thigh)])
        shin = thigh - abs(rng.normal(0, 0.4))
        foot = knee + 0.19 * np.array([np.sin(shin), np.cos(shin)])
        legs += [capsule(start, knee, leg * 1.25, leg), capsule(knee, foot, leg, leg * 0.7)]
        shoes.append(capsule(foot, foot + np.array([0.045 * build, 0.012]), 0.017 * build, 0.013 * build))
        upper = -side * swing + rng.normal(0, 0.5)
        shoulder = neck + np.array([0.065 * side * build, 0.035])
        elbow = shoulder + 0.14 * np.array([np.sin(upper), np.cos(upper)])
        lower = upper + abs(rng.normal(0.3, 0.7))
        hand = elbow + 0.13 * np.array([np.sin(lower), np.cos(lower)])
        arms += [capsule(shoulder, elbow, arm * 1.2, arm), capsule(elbow, hand, arm, arm * 0.7)]
        hands.append(curve(rng, (hand[0], hand[1]), 0.02 * build, 0.2))
    torso = np.concatenate(
        [
            capsule(off(neck, -0.05 * build, 0.03), off(neck, 0.05 * build, 0.03), 0.03, 0.03)[:12],
            capsule(off(hip, 0.035 * build, 0), off(hip, -0.035 * build, 0), 0.03, 0.03)[:12],
        ]
    )
    torso = cv2.convexHull(torso.astype(np.float32))[:, 0, :].astype(np.float64)
    head = neck + np.array([lean * 0.05, -0.075])
    face = curve(rng, (head[0], head[1]), 0.052, 0.06)
    hair = curve(rng, (head[0] - 0.008, head[1] - 0.022), 0.056, 0.2)
    skirt = rng.uniform() < 0.25
    sleeves = 1 if rng.uniform() < 0.6 else 3
    lower_body = [Part(tuple(legs), material=2 if not skirt else 3), Part(tuple(shoes), material=4)]
    if skirt:
        hem = rng.uniform(0.12, 0.25)
        skirt_points = np.array(
            [off(hip, -0.05, -0.03), off(hip, 0.05, -0.03), off(hip, hem, 0.22), off(hip, -hem, 0.22)]
        )
        lower_body.append(Part((skirt_points,), material=2))
    strands = fringe(hair, rng, int(rng.integers(0, 160)), rng.uniform(0.02, 0.1), 0.003)
    parts = [
        Part((arms[0], arms[1]), material=sleeves),
        *lower_body,
        Part((torso,), material=1),
        Part((capsule(neck, head, 0.022, 0.022), face), material=3),
        Part((hair,), strands, material=5),
        Part((curve(rng, (head[0] + 0.006, head[1] + 0.012), 0.043, 0.05),), material=3),
        Part((arms[2], arms[3]), material=sleeves),
        Part(tuple(hands), material=3),
    ]
    if rng.uniform() < 0.3:
        at = hands[1].mean(axis=0)
        angle, reach = rng.uniform(0, 6.28), rng.uniform(0.1, 0.35)
        tip = at + reach * np.array([np.cos(angle), np.sin(angle)])
        parts.append(Part(strokes=((np.stack([at, tip]), rng.uniform(0.008, 0.03)),), material=6))
    return parts


def walker(rng: Rng, phase: float) -> list[Part]:
    """Something on four legs, with a neck, a head, ears and a tail."""
    length, height = rng.uniform(0.3, 0.45), rng.uniform(0.09, 0.16)
    level = rng.uniform(0.42, 0.55)
    back, chest = np.array([0.5 - length / 2, level]), np.array([0.5 + length / 2, level + rng.normal(0, 0.03)])
    reach = min(0.9 - level, rng.uniform(0.16, 0.4))
    legs = []
    for number, (root, side) in enumerate(((back, -1), (back, 1), (chest, -1), (chest, 1))):
        angle = 0.5 * np.sin(phase + number * 1.7 + rng.uniform(0, 1.0))
        start = root + np.array([0.02 * side, height * 0.4])
        knee = start + reach / 2 * np.array([np.sin(angle), np.cos(angle)])
        foot = knee + reach / 2 * np.array([np.sin(angle * 0.3), np.cos(angle * 0.3)])
        thick = rng.uniform(0.012, 0.03)
        legs += [capsule(start, knee, thick * 1.7, thick), capsule(knee, foot, thick, thick * 0.8)]
    body = cv2.convexHull(
        np.concatenate(
            [
                curve(rng, (back[0], back[1]), height, 0.1),
                curve(rng, (chest[0], chest[1]), height * rng.uniform(0.8, 1.2), 0.1),
            ]
        ).astype(np.float32)
    )[:, 0, :].astype(np.float64)
    rise = rng.uniform(-1.4, 0.2)
    head = chest + rng.uniform(0.1, 0.26) * np.array([np.cos(rise), np.sin(rise)])
    size = rng.uniform(0.04, 0.075)
    muzzle = head + np.array([size * rng.uniform(0.8, 1.8), size * rng.uniform(0.1, 0.7)])
    skull = [
        capsule(chest, head, height * 0.6, size * 0.8),
        curve(rng, (head[0], head[1]), size, 0.1),
        capsule(head, muzzle, size * 0.7, size * 0.4),
    ]
    ears = [
        np.array(
            [
                off(head, -size * 0.5, -size * 0.4),
                off(head, size * 0.2, -size * 0.7),
                off(head, -size * 0.4, -size * rng.uniform(1.2, 2.4)),
            ]
        )
    ]
    swish = rng.uniform(-1, 1) + 0.4 * np.sin(phase)
    t = np.linspace(0, 1, 12)[:, None]
    tail = back + rng.uniform(0.1, 0.3) * np.concatenate([-np.cos(swish * t) * t, -np.sin(swish * t - 0.4) * t], axis=1)
    patch = curve(rng, (0.5 + rng.normal(0, 0.08), level), height * rng.uniform(0.3, 0.8), 0.4)
    parts = [
        Part((body,), ((tail, rng.uniform(0.008, 0.03)),)),
        Part(tuple(legs), material=0),
        Part(tuple(skull), material=0),
        Part(tuple(ears), material=1),
    ]
    if rng.uniform() < 0.4:
        parts.append(Part((patch,), material=1))
    if rng.uniform() < 0.25:
        parts.append(Part((capsule(muzzle, off(muzzle, 0.002, 0.004), size * 0.22, size * 0.2),), material=2))
    return parts


def flyer(rng: Rng, phase: float) -> list[Part]:
    """A bird, an insect or a kite: a body and wings."""
    body = curve(rng, (0.5, 0.5), rng.uniform(0.06, 0.12), 0.15)
    head = np.array([0.5 + rng.uniform(0.08, 0.16), 0.5 - rng.uniform(0, 0.12)])
    flap = np.sin(phase) * 0.5
    wings = []
    for side in (-1, 1):
        tip = np.array([0.5 - rng.uniform(0.0, 0.2), 0.5 + side * rng.uniform(0.2, 0.42) * (0.6 + flap * side)])
        wings.append(np.array([[0.46, 0.5], [0.58, 0.5], off(tip, 0.06, 0), tip, off(tip, -0.1, -0.02 * side)]))
    neck = capsule(np.array([0.52, 0.48]), head, 0.04, 0.03)
    beak = np.array([off(head, 0.02, -0.012), off(head, 0.09, 0.008), off(head, 0.02, 0.015)])
    return [
        Part((wings[0],), material=1, round=0.3),
        Part((body, neck, curve(rng, (head[0], head[1]), 0.035, 0.1))),
        Part((beak,), material=2),
        Part((wings[1],), material=1, round=0.3),
    ]


def vehicle(rng: Rng, _phase: float) -> list[Part]:
    """A car, a cart, a bus: a body, a cabin with windows, wheels."""
    length, height = rng.uniform(0.55, 0.85), rng.uniform(0.1, 0.2)
    body = box((0.5, 0.58), length, height, rng.uniform(0.2, 0.8))
    tall, inset = rng.uniform(0.08, 0.22), rng.uniform(0.05, 0.2)
    left, right = 0.5 - length / 2 + inset, 0.5 + length / 2 - inset * rng.uniform(0.6, 1.4)
    top = 0.58 - height / 2 - tall
    cabin = np.array(
        [[left, 0.58 - height / 2 + 0.01], [left + 0.07, top], [right - 0.07, top], [right, 0.58 - height / 2 + 0.01]]
    )
    shrunk = (cabin - cabin.mean(axis=0)) * [0.86, 0.72] + cabin.mean(axis=0)
    wheels, hubs = [], []
    radius = rng.uniform(0.05, 0.09)
    for x in (0.5 - length * 0.31, 0.5 + length * 0.31):
        angle = np.linspace(0, 2 * np.pi, 40)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        wheels.append(np.array([x, 0.58 + height / 2]) + radius * circle)
        hubs.append(np.array([x, 0.58 + height / 2]) + radius * 0.5 * circle)
    stripe = box((0.5, 0.58), length * 0.96, height * 0.15, 0.2)
    return [
        Part((cabin,), material=0),
        Part((shrunk,), material=1, round=0.2),
        Part((body,), material=0),
        Part((stripe,), material=2, round=0.2),
        Part(tuple(wheels), material=3),
        Part(tuple(hubs), material=4),
    ]


def rider(rng: Rng, phase: float) -> list[Part]:
    """A person on something: two very different looks that are one object for the artist."""
    mount = vehicle(rng, phase) if rng.uniform() < 0.4 else walker(rng, phase)
    return [*_moved(mount, 0.85, (0.07, 0.2), 0), *_moved(person(rng, phase), 0.62, (0.19, -0.03), 10)]


def vessel(rng: Rng, _phase: float) -> list[Part]:
    """A bottle, a lamp, a chess piece: an outline turned around an upright axis."""
    t = np.linspace(0, 1, 40)
    width = np.full_like(t, 0.1)
    for _ in range(int(rng.integers(2, 5))):
        width += rng.uniform(-0.1, 0.16) * np.exp(-(((t - rng.uniform()) / rng.uniform(0.05, 0.3)) ** 2))
    width = np.clip(width, 0.015, 0.35)
    y = 0.1 + 0.8 * t
    outline = np.concatenate([np.stack([0.5 + width, y], 1), np.stack([0.5 - width, y], 1)[::-1]])
    parts = [Part((outline,))]
    if rng.uniform() < 0.5:
        low, high = sorted(rng.integers(4, 36, 2).tolist())
        if high - low > 3:
            band = slice(low, high)
            label = np.concatenate(
                [np.stack([0.5 + width[band], y[band]], 1), np.stack([0.5 - width[band], y[band]], 1)[::-1]]
            )
            parts.append(Part((label,), material=1))
    if rng.uniform() < 0.3:
        handle = curve(rng, (0.5 + float(width[12]) + 0.05, 0.4), 0.09, 0.05)
        inner = (handle - handle.mean(axis=0)) * 0.6 + handle.mean(axis=0)
        parts.insert(0, Part((handle,), holes=(inner,)))
    return parts


def furniture(rng: Rng, _phase: float) -> list[Part]:
    """A chair, a table, a frame: bars with air between them."""
    top = rng.uniform(0.35, 0.5)
    thick = rng.uniform(0.02, 0.05)
    seat = box((0.5, top), rng.uniform(0.5, 0.8), thick * 2, 0.3)
    legs = [box((x, (top + 0.92) / 2), thick, 0.92 - top, 0.2, rng.normal(0, 0.05)) for x in (0.28, 0.4, 0.62, 0.74)]
    parts = [Part(tuple(legs), material=0, round=0.5), Part((seat,), material=1)]
    if rng.uniform() < 0.6:
        bars = [box((x, top - 0.16), thick * 0.8, 0.3, 0.2) for x in np.linspace(0.3, 0.7, int(rng.integers(2, 7)))]
        parts.append(Part((*bars, box((0.5, top - 0.3), 0.46, thick * 1.5, 0.5)), material=0, round=0.5))
    return parts


def flower(rng: Rng, _phase: float) -> list[Part]:
    count, reach = int(rng.integers(4, 14)), rng.uniform(0.15, 0.3)
    petals = []
    for number in range(count):
        angle = 2 * np.pi * number / count + rng.normal(0, 0.1)
        tip = np.array([0.5, 0.36]) + reach * np.array([np.cos(angle), np.sin(angle)])
        petals.append(capsule(np.array([0.5, 0.36]), tip, 0.02, rng.uniform(0.03, 0.07)))
    stem = (np.array([[0.5, 0.36], [0.5 + rng.normal(0, 0.05), 0.65], [0.5 + rng.normal(0, 0.08), 0.97]]), 0.02)
    return [
        Part(strokes=(stem,), material=2),
        Part(tuple(petals), material=0, round=0.5),
        Part((curve(rng, (0.5, 0.36), 0.06, 0.1),), material=1),
    ]


def _moved(parts: list[Part], scale: float, offset: tuple[float, float], materials: int) -> list[Part]:
    shift = np.asarray(offset)
    return [
        Part(
            tuple(points * scale + shift for points in part.outlines),
            tuple((points * scale + shift, width * scale) for points, width in part.strokes),
            part.material + materials,
            part.round,
            tuple(points * scale + shift for points in part.holes),
        )
        for part in parts
    ]


Silhouette = Callable[[Rng, float], list[Part]]
SILHOUETTES: dict[str, tuple[Silhouette, float]] = {
    "blob": (blob, 2.0),
    "rock": (rock, 1.0),
    "ring": (ring, 0.7),
    "furry": (furry, 2.0),
    "branches": (branches, 1.2),
    "ribbon": (ribbon, 0.7),
    "lettered": (lettered, 0.7),
    "person": (person, 4.0),
    "walker": (walker, 3.0),
    "flyer": (flyer, 1.5),
    "vehicle": (vehicle, 2.5),
    "rider": (rider, 1.5),
    "vessel": (vessel, 1.5),
    "furniture": (furniture, 1.0),
    "flower": (flower, 0.7),
}
"""Kinds of things and how often each is met."""
