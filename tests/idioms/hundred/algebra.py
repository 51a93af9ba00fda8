"""Linear algebra in loops: elimination, factors, iterations, swaps of rows."""

import numpy as np

from .register import idiom

SQUARE = np.array([[2.0, -0.3, 0.5], [0.4, 1.5, -0.6], [-0.2, 0.7, 1.8]])
RIGHT = np.array([0.5, -1.0, 0.8])


@idiom(np.array([0.4, -0.3, 0.5, 0.2]))
def thomas_algorithm(off_diagonal):
    """A tridiagonal system, eliminated in place and substituted back."""
    n = 5
    diagonal = np.full(n, 2.0)
    rhs = np.linspace(0.5, 1.5, n)
    for i in range(1, n):
        w = off_diagonal[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * off_diagonal[i - 1]
        rhs[i] -= w * rhs[i - 1]
    solution = np.zeros(n)
    solution[-1] = rhs[-1] / diagonal[-1]
    for i in range(n - 2, -1, -1):
        solution[i] = (rhs[i] - off_diagonal[i] * solution[i + 1]) / diagonal[i]
    return solution @ solution


@idiom(SQUARE)
def cholesky_in_loops(M):
    """The factor of M M' + 1, row by row, and the logarithm of its determinant."""
    A = M @ M.T + np.eye(3)
    L = np.zeros_like(A)
    for i in range(3):
        for j in range(i + 1):
            rest = A[i, j] - np.dot(L[i, :j], L[j, :j])
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return 2 * np.sum(np.log(np.diag(L))) + L[2, 0]


@idiom(SQUARE)
def lu_in_place(A):
    """Doolittle's factors share the array that was given."""
    n = len(A)
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return np.prod(A.diagonal()) + A[2, 0] * A[2, 1]


@idiom(np.array([[0.1, 1.2, -0.4], [1.5, 0.3, 0.6], [-0.7, 0.2, 0.9]]))
def elimination_with_pivots(A):
    """Rows are swapped for the largest pivot, by fancy indexing."""
    work = np.column_stack([A, RIGHT])
    for k in range(3):
        pivot = k + np.argmax(np.abs(work[k:, k]))
        if pivot != k:
            work[[k, pivot]] = work[[pivot, k]]
        work[k] /= work[k, k]
        for i in range(3):
            if i != k:
                work[i] -= work[i, k] * work[k]
    return np.sum(work[:, -1] ** 2)


@idiom(SQUARE)
def gram_schmidt(A):
    """Columns made orthonormal one after another."""
    Q = A.astype(float)
    for k in range(Q.shape[1]):
        for j in range(k):
            Q[:, k] -= (Q[:, j] @ Q[:, k]) * Q[:, j]
        Q[:, k] /= np.linalg.norm(Q[:, k])
    return np.sum(Q * np.arange(9.0).reshape(3, 3))


@idiom(RIGHT)
def conjugate_gradients(b):
    """Four vectors updated in place until the residual is small."""
    A = SQUARE @ SQUARE.T
    x = np.zeros_like(b)
    r = b.copy()
    p = r.copy()
    rr = r @ r
    while rr > 1e-20:
        Ap = A.dot(p)
        alpha = rr / p.dot(Ap)
        x += alpha * p
        r -= alpha * Ap
        rr, last = r @ r, rr
        p *= rr / last
        p += r
    return x @ RIGHT


@idiom(SQUARE)
def householder_reflections(A):
    """R by reflections applied to trailing blocks."""
    R = A.copy()
    for k in range(2):
        v = R[k:, k].copy()
        v[0] += np.copysign(np.sqrt(np.sum(v**2)), v[0])
        v /= np.sqrt(v @ v)
        R[k:, k:] -= 2.0 * np.outer(v, v @ R[k:, k:])
    return np.sum(np.triu(R) ** 3)


@idiom(0.6)
def givens_rotations(angle):
    """Two rows at once turned by an angle, through a view of both."""
    A = SQUARE.copy()
    c, s = np.cos(angle), np.sin(angle)
    G = np.array([[c, -s], [s, c]])
    for k in (0, 1):
        A[k : k + 2] = G @ A[k : k + 2]
        A[:, k : k + 2] = A[:, k : k + 2] @ G.T
    return A[0, 2] * A[2, 0] + np.trace(A**2)


@idiom(RIGHT)
def rows_swapped_through_a_copy(x):
    """Three ways of swapping: with a copy, by tuples of numbers, by reversed views."""
    A = SQUARE * x
    keep = A[0].copy()
    A[0] = A[1]
    A[1] = keep
    A[0, 2], A[2, 0] = A[2, 0], A[0, 2]
    A[:, :2] = A[:, 1::-1].copy()
    return np.sum(A * np.arange(9.0).reshape(3, 3))


@idiom(0.5)
def exponential_series(scale):
    """Terms of exp(A) added up while they matter."""
    A = scale * SQUARE
    term = np.eye(3)
    total = np.eye(3)
    k = 0
    while np.max(np.abs(term)) > 1e-16:
        k += 1
        term = term @ A / k
        total += term
    return total.trace()
