"""What the steps of a finish do to pixels, one after the other.

A matte lies over the plate's canvas, so its own window is all there is: an inverted matte is full to the window's
border. Knows neither layers nor a store: it is given the matte of a key, and the motion of a frame, where a step asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from core.arrays import AnyFloat, Float32
from core.finish import Finish
from core.finish_keys import Blank, Combined, Done, MotionBlurred, Shaped
from core.finish_steps import (
    Blur,
    Combine,
    Feather,
    FillHoles,
    Grow,
    How,
    Invert,
    Levels,
    MotionBlur,
    RemoveSpecks,
    Smooth,
    Streak,
)
from core.frames import FrameNumber
from core.geometry import Window
from core.grow import grow
from core.holes import fill_holes, remove_specks
from core.matte import Matte
from core.motion_blur import motion_blurred
from core.roto.laying import laid
from core.roto.telling import heard
from core.soften import blur, feather, smooth, streak

MatteOf = Callable[[str], Matte | None]
"""Gives the matte of a key; None where there is none."""
MotionOf = Callable[[str, FrameNumber, Window], Float32 | None]
"""Gives how far each place of a window moves in one frame, (h, w, 2) float32 in pixels, x first, small; of a plate by
its identity, at a frame. None where the frame cannot be read."""


class NotThere(LookupError):
    """What a step asks for cannot be had; the matte cannot be made now."""


def finished(matte: Matte, finish: Finish) -> Matte:
    """The matte after the steps of `finish` that need nothing but the matte, whatever its frames, stored as half."""
    steps = (step for step in finish.active if not isinstance(step, Combine | MotionBlur))
    return done(matte, steps, lambda _key: None, lambda _identity, _frame, _window: None)


def done(matte: Matte, steps: Iterable[Done], matte_of: MatteOf, motion_of: MotionOf) -> Matte:
    """The matte after these steps, stored as half; the matte itself where nothing changes. Raises NotThere."""
    half = matte.half()
    window, coverage = half.window, half.coverage
    for step in steps:
        if isinstance(step, Blank):
            window, coverage = step.window, np.zeros(step.window.shape, np.float16)
        else:
            coverage = after(coverage, window, step, matte_of, motion_of)
    if coverage is half.coverage and matte.coverage.dtype == np.float16:
        return matte
    made_by = matte.provenance.then("finish")
    stored = np.ascontiguousarray(coverage, dtype=np.float16)
    return replace(matte, window=window, coverage=stored, provenance=replace(matte.provenance, made_by=made_by))


def finished_coverage(coverage: AnyFloat, finish: Finish) -> AnyFloat:
    """(H, W), 0-1; the very same array where nothing changes. Never written into. Steps as in `finished`."""
    window = Window.of_size(coverage.shape[1], coverage.shape[0])
    for step in finish.active:
        if not isinstance(step, Combine | MotionBlur):
            coverage = after(coverage, window, step, lambda _key: None, lambda _identity, _frame, _window: None)
    return coverage


def after(coverage: AnyFloat, window: Window, step: Done, matte_of: MatteOf, motion_of: MotionOf) -> AnyFloat:
    """(H, W) coverage over `window` after one step; the very same array where nothing changes. Raises NotThere."""
    match step:
        case FillHoles(most):
            return fill_holes(coverage, most)
        case RemoveSpecks(most):
            return remove_specks(coverage, most)
        case Grow(by):
            return grow(coverage, by)
        case Invert():
            return np.subtract(1, coverage, dtype=coverage.dtype)
        case Blank():
            return np.zeros(window.shape, np.float16)
    whole = coverage.astype(np.float32, copy=False)
    match step:
        case Feather(width, side):
            made = feather(whole, width, side)
        case Blur(size):
            made = blur(whole, size)
        case Streak(length, angle):
            turned = math.radians(angle)
            made = streak(whole, length * math.cos(turned), -length * math.sin(turned))
        case Smooth(size, corners):
            made = smooth(whole, size, corners)
        case Levels(black, white, gamma):
            made = levels(whole, black, white, gamma)
        case Shaped(told):
            made = laid(whole, window, heard(told))
        case Combined(how, key):
            other = matte_of(key)
            if other is None:
                raise NotThere(key)
            made = combined(whole, other.over(window), how)
        case MotionBlurred(shutter, identity, frame):
            motion = motion_of(identity, frame, window)
            if motion is None:
                raise NotThere(f"frame {frame}")
            made = motion_blurred(whole, motion, shutter)
    return coverage if made is whole else made


def levels(coverage: Float32, black: float, white: float, gamma: float) -> Float32:
    """What lies between `black` and `white` stretched over 0-1, then to the power 1 / gamma."""
    if black == 0.0 and white == 1.0 and gamma == 1.0:
        return coverage
    width = max(white - black, 1e-4)
    stretched = np.clip((coverage - np.float32(black)) * np.float32(1 / width), 0.0, 1.0)
    return np.asarray(stretched if gamma == 1.0 else np.power(stretched, np.float32(1 / gamma)), np.float32)


def combined(one: Float32, other: Float32, how: How) -> Float32:
    """Two coverages of one window as one. A new array.

    `add` is 1 - (1 - a)(1 - b), `subtract` a - b and never below 0, `intersect` ab, `hold out` a(1 - b).
    """
    if how == "add":
        return np.asarray(one + other - one * other, np.float32)
    if how == "subtract":
        return np.asarray(np.maximum(one - other, 0.0), np.float32)
    return np.asarray(one * other if how == "intersect" else one * (1.0 - other), np.float32)
