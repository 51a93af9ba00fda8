"""Nothing of a run is kept once it has ended."""

import collections
import gc

import numpy as np

import adjoint as ad
from adjoint._clone.hooks import DEEP_CALLS, SHALLOW_CALLS

X = np.array([0.3, 0.5, 0.7])
SPACE = np.zeros(3)


def into_a_workspace(x):
    SPACE[:] = x
    SPACE[0] *= SPACE[1]
    return np.sum(SPACE)


def methods_in_c(x):
    queue = collections.deque()
    queue.append(x[0] * x[1])
    return queue.popleft()


def a_class_of_its_own(x):
    class Pair:
        def __init__(self, v):
            self.v = v

    return Pair(x[0]).v * x[1]


def objects_left(f, runs=50):
    """Return how many objects more there are after many gradients."""
    for _ in range(3):
        ad.grad(f)(X)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(runs):
        ad.grad(f)(X)
    gc.collect()
    return len(gc.get_objects()) - before


def test_a_workspace_that_is_given_back_leaves_nothing():
    assert objects_left(into_a_workspace) < 10


def test_tables_of_callees_do_not_grow():
    for f in (methods_in_c, a_class_of_its_own):
        for _ in range(2):  # a deep run, then a shallow one
            ad.grad(f)(X)
        sizes = len(SHALLOW_CALLS), len(DEEP_CALLS)
        assert objects_left(f) < 10
        assert sizes == (len(SHALLOW_CALLS), len(DEEP_CALLS))
