"""The cheapest border between inside and outside, given what speaks for each region. A minimum cut; no prompts."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from core.arrays import Bool
from inference.models.segment.regions import Float64, Regions

_UNITS = 20.0
"""Capacities are whole numbers; this many to one unit of evidence."""
_CERTAIN = 10_000_000


def minimum_cut(regions: Regions, favour: Float64, border: float, inside: Bool, outside: Bool) -> Bool:
    """(n,) True where a region belongs inside.

    Args:
        favour: (n,) evidence a pixel for inside (positive) or outside (negative).
        border: the cost of one pixel of border where nothing divides the regions.
        inside, outside: regions whose side is certain.
    """
    count = regions.count
    source, sink = count, count + 1
    width = ((regions.affinity + 0.02) * regions.length * (border * _UNITS)).astype(np.int32) + 1
    pull = np.clip(regions.area * favour * _UNITS, -_CERTAIN / 10, _CERTAIN / 10)
    pull[inside] = _CERTAIN
    pull[outside] = -_CERTAIN
    for_inside, for_outside = np.flatnonzero(pull > 0), np.flatnonzero(pull <= 0)
    rows = np.concatenate([regions.tail, regions.head, np.full(len(for_inside), source), for_outside])
    columns = np.concatenate([regions.head, regions.tail, for_inside, np.full(len(for_outside), sink)])
    capacity = np.concatenate(
        [width, width, pull[for_inside].astype(np.int32), (-pull[for_outside]).astype(np.int32)]
    ).astype(np.int32)
    graph = csr_matrix((capacity, (rows, columns)), shape=(count + 2, count + 2), dtype=np.int32)
    left = graph - maximum_flow(graph, source, sink, method="dinic").flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    answer = np.zeros(count + 2, bool)
    answer[reached] = True
    return answer[:count]
