"""What clicks could always do: GrabCut, geodesic distance and the random walker, for the benches to compare with.

Each is given a picture once and then all clicks of the moment. All work on a reduced picture and bring their answer
back by bilinear interpolation. The last two take the picture's border for background, weakly, so that things may reach
it. Their constants were chosen among a few on pictures of the given sets: that flatters them, not what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix, diags
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import splu

from app.bench.protocol import Answer
from core.arrays import Bool, Float32, UInt8
from core.prompts import Click

WORKING_PX = 384
"""Longer edge of the picture that GrabCut and the geodesic distance see."""
WALKER_PX = 256
"""The random walker's; 384 gave no better IoU for three times the time."""
_COLOR_WEIGHT = 3.0
"""Pixels of way that a difference of one in Lab counts for in the geodesic distance."""
_BORDER_AHEAD = 30.0
"""How much farther than a click the border counts as."""
_WALKER_COLOR = 2.0
"""How much harder the walker crosses a change of color; relative to the mean square of the picture's changes."""
_WALKER_BORDER = 0.01
"""How readily the walker leaves by the border, where a step within a flat color is 1."""
_WALKER_SEED_PX = 1
"""A click holds the pixels this near to it."""
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Half of a pixel's eight neighbours: rows down, columns to the right."""


Numbers = npt.NDArray[np.int64]
"""Pixels by their number."""


class Reduced:
    """A small picture and the way between its pixels and the large one's."""

    def __init__(self, picture: UInt8, working_px: int = WORKING_PX) -> None:
        """`picture`: (H, W, 3) uint8, RGB with a display's curve."""
        self.full_shape = picture.shape[:2]
        height, width = self.full_shape
        scale = min(1.0, working_px / max(height, width))
        self.size = (max(2, round(width * scale)), max(2, round(height * scale)))
        self.rgb: UInt8 = np.asarray(cv2.resize(picture, self.size, interpolation=cv2.INTER_AREA), np.uint8)

    @property
    def shape(self) -> tuple[int, int]:
        return self.size[1], self.size[0]

    def place(self, click: Click) -> tuple[int, int]:
        """Row and column of the small pixel that was clicked."""
        column = int(click.x * self.size[0] / self.full_shape[1])
        row = int(click.y * self.size[1] / self.full_shape[0])
        return min(max(row, 0), self.size[1] - 1), min(max(column, 0), self.size[0] - 1)

    def enlarged(self, inside: Float32) -> Bool:
        """(H, W) of the large picture: where `inside`, 0-1 on the small one, is a half and more."""
        size = (self.full_shape[1], self.full_shape[0])
        return np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_LINEAR) >= 0.5)

    def numbers(self) -> Numbers:
        """(H, W) pixels, counted row by row."""
        return np.arange(self.size[0] * self.size[1]).reshape(self.shape)

    def change(self, tail: Numbers, head: Numbers) -> Float32:
        """The squared difference in CIE Lab between pixels and others."""
        lab = cv2.cvtColor(self.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
        return np.asarray(np.square(lab[tail] - lab[head]).sum(axis=1), np.float32)


def grabcut(picture: UInt8) -> Answer:
    """OpenCV's GrabCut, two rounds at each click: a disc around the first click as its first guess, clicks as seeds."""
    small = Reduced(picture)

    def answer(clicks: Sequence[Click]) -> Bool:
        mask = np.full(small.shape, cv2.GC_PR_BGD, np.uint8)
        row, column = small.place(clicks[0])
        cv2.circle(mask, (column, row), round(0.25 * min(small.shape)), int(cv2.GC_PR_FGD), -1)
        for click in clicks:
            row, column = small.place(click)
            cv2.circle(mask, (column, row), 3, int(cv2.GC_FGD if click.adds else cv2.GC_BGD), -1)
        cv2.setRNGSeed(0)
        cv2.grabCut(small.rgb, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
        return small.enlarged(((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.float32))

    return answer


def geodesic(picture: UInt8) -> Answer:
    """Each pixel goes to the side whose nearest click is nearer, along ways that avoid changes of color."""
    small = Reduced(picture)
    numbers = small.numbers()
    ways = []
    for down, right in _STEPS:
        tail, head = _neighbours(numbers, down, right)
        length = np.sqrt(down * down + right * right + _COLOR_WEIGHT**2 * small.change(tail, head))
        ways.append((tail, head, length))
    steps = _symmetric(ways, numbers.size)
    known: dict[tuple[int, int], Float32] = {}

    def distance(seeds: Numbers) -> Float32:
        found = dijkstra(steps, directed=True, indices=seeds, min_only=True)
        return np.asarray(found, np.float32).reshape(small.shape)

    border = distance(_border(numbers)) + _BORDER_AHEAD

    def answer(clicks: Sequence[Click]) -> Bool:
        sides = {True: np.full(small.shape, np.inf, np.float32), False: border}
        for click in clicks:
            place = small.place(click)
            if place not in known:
                known[place] = distance(numbers[place].reshape(1))
            sides[click.adds] = np.minimum(sides[click.adds], known[place])
        return small.enlarged((sides[True] < sides[False]).astype(np.float32))

    return answer


def random_walker(picture: UInt8) -> Answer:
    """Each pixel goes to the side whose click a random walk from it reaches first (Grady 2006).

    The system of equations is factored once a picture, with the border as the only background. A click then holds its
    pixels at 0 or 1, which costs one solution for each pixel that was not held before and a small dense system.
    """
    small = Reduced(picture, WALKER_PX)
    numbers = small.numbers()
    pairs = [_neighbours(numbers, down, right) for down, right in _STEPS[:2]]
    changes = [small.change(tail, head) for tail, head in pairs]
    usual = max(float(np.concatenate(changes).mean()), 1e-6)
    ease = [np.exp(-_WALKER_COLOR * change / usual) + 1e-4 for change in changes]
    links = _symmetric([(*ends, each) for ends, each in zip(pairs, ease, strict=True)], numbers.size)
    own = np.asarray(links.sum(axis=1)).ravel()
    own[_border(numbers)] += _WALKER_BORDER
    system = csc_matrix(diags(own) - links)
    factors = splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    columns: dict[int, npt.NDArray[np.float64]] = {}

    def solve(held: Mapping[int, float]) -> Float32:
        """(H, W) chance to come to the pixels held at 1 first; `columns` keeps the parts that may be wanted again."""
        for pixel in columns.keys() - held.keys():
            del columns[pixel]
        new = [pixel for pixel in held if pixel not in columns]
        sources = np.zeros((numbers.size, len(new)))
        sources[new, range(len(new))] = 1.0
        columns.update(zip(new, factors.solve(sources).T if new else (), strict=True))
        spread = np.stack([columns[pixel] for pixel in held], axis=1)
        strength = np.linalg.solve(spread[list(held)], np.array(list(held.values())))
        return np.asarray(spread @ strength, np.float32).reshape(small.shape)

    def answer(clicks: Sequence[Click]) -> Bool:
        held: dict[int, float] = {}
        for click in clicks:
            row, column = small.place(click)
            rows = slice(max(0, row - _WALKER_SEED_PX), row + _WALKER_SEED_PX + 1)
            near = numbers[rows, max(0, column - _WALKER_SEED_PX) : column + _WALKER_SEED_PX + 1]
            held.update(dict.fromkeys(near.ravel().tolist(), float(click.adds)))
        return small.enlarged(solve(held))

    return answer


Ways = Sequence[tuple[Numbers, Numbers, npt.NDArray[np.floating]]]


def _symmetric(ways: Ways, count: int) -> csr_matrix:
    """A (count, count) matrix: `ways` are from, to, value, and hold both ways."""
    tails, heads, values = (np.concatenate(parts) for parts in zip(*ways, strict=True))
    one_way = coo_matrix((values.astype(np.float64), (tails, heads)), shape=(count, count)).tocsr()
    return csr_matrix(one_way + one_way.T)


def _neighbours(numbers: Numbers, down: int, right: int) -> tuple[Numbers, Numbers]:
    """Pixels that have a neighbour so far down and to the right, and those neighbours."""
    height, width = numbers.shape
    left = max(0, -right)
    tail = numbers[: height - down, left : width - max(0, right)]
    head = numbers[down:, left + right : width - max(0, right) + right]
    return tail.ravel(), head.ravel()


def _border(numbers: Numbers) -> Numbers:
    return np.unique(np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]]))


BASELINES: dict[str, Callable[[UInt8], Answer]] = {
    "grabcut": grabcut,
    "geodesic": geodesic,
    "random_walker": random_walker,
}
"""(H, W, 3) uint8 RGB with a display's curve → answers to clicks on it."""
