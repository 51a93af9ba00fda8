"""Algorithms as textbooks write them, in place, differentiated as they stand."""

import numpy as np
import pytest

from .arrays import MATRIX
from .judge import assert_right


def elimination_with_pivots(x):
    """LU decomposition: rows are exchanged, then reduced."""
    a = x.copy()
    for k in range(3):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        if pivot != k:
            a[[k, pivot]] = a[[pivot, k]]
        a[k + 1 :, k] /= a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return np.sum(a**2)


def gram_schmidt(x):
    """Columns made orthonormal, one after the other."""
    q = x.copy()
    for i in range(3):
        for j in range(i):
            q[:, i] -= (q[:, j] @ q[:, i]) * q[:, j]
        q[:, i] /= np.sqrt(np.sum(q[:, i] ** 2))
    return np.sum(q**3)


def tridiagonal_solver(x):
    """Thomas's algorithm overwrites the diagonal and the right-hand side."""
    diagonal, beside, right = x[0] + 5.0, x[1].copy(), x[2].copy()
    for i in range(1, 3):
        weight = beside[i - 1] / diagonal[i - 1]
        diagonal[i] -= weight * beside[i - 1]
        right[i] -= weight * right[i - 1]
    solution = 0.0 * right
    solution[-1] = right[-1] / diagonal[-1]
    for i in (1, 0):
        solution[i] = (right[i] - beside[i] * solution[i + 1]) / diagonal[i]
    return np.sum(solution**2)


def shortest_paths(x):
    """Floyd and Warshall relax one matrix again and again."""
    d = x**2 + 0.1
    for k in range(3):
        d[...] = np.minimum(d, d[:, [k]] + d[[k], :])
    return np.sum(d)


def heat_with_borders(x):
    """A plate: a stencil inside, mirrored borders."""
    u = np.pad(x, 1)
    for _ in range(3):
        v = u.copy()
        u[1:-1, 1:-1] += 0.1 * (
            v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:] - 4 * v[1:-1, 1:-1]
        )
        u[0], u[-1] = u[1], u[-2]
        u[:, 0] = u[:, 1]
        u[:, -1] = u[:, -2]
    return np.sum(u**2)


def butterflies(x):
    """The fast Hadamard transform: two numbers are read, then overwritten."""
    a = x.ravel()[:8] * 1.0
    half = 1
    while half < 8:
        for start in range(0, 8, 2 * half):
            for j in range(start, start + half):
                s, t = a[j], a[j + half]
                a[j] = s + t
                a[j + half] = s - t
        half *= 2
    return np.sum(np.sin(a))


def running_products(x):
    """``out=`` of scans, and a write through two views."""
    y = x.copy()
    np.cumsum(y, axis=0, out=y)
    np.cumprod(y, axis=1, out=y)
    y.T[:] += 1.0
    y.ravel()[::4] = 0.0
    return np.sum(y * np.arange(9.0).reshape(3, 3))


def histogram(x):
    """Sums and maxima by label."""
    bins = 0.0 * x[0]
    np.add.at(bins, [0, 1, 1, 2, 0, 0], x.ravel()[:6])
    np.maximum.at(bins, [0, 2], x[2, :2] * 3.0)
    return np.sum(bins**2)


ALGORITHMS = [
    elimination_with_pivots,
    gram_schmidt,
    tridiagonal_solver,
    shortest_paths,
    heat_with_borders,
    butterflies,
    running_products,
    histogram,
]


@pytest.mark.filterwarnings("ignore::adjoint.errors.BatchFallbackWarning")
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda one: one.__name__)
def test_an_algorithm_in_place_is_differentiated(algorithm):
    """Beside difference quotients, in all modes and nestings."""
    assert_right(algorithm, MATRIX)
