"""Products, diagonals, norms and chains of matrices, held to the laws of records."""

import numpy as np

from laws.compositions import composition

THROUGH_BLAS = (
    *("matmul", "dot", "vecdot", "einsum", "tensordot", "inner", "vdot", "matvec"),
    *("vecmat", "norm", "vector_norm", "matrix_norm", "multi_dot", "matrix_power"),
    *("cond", "tensorsolve", "lstsq", "slogdet"),
)
"""How the names begin of what sums strided arrays in an order of their own."""

_APART = np.diag([3.0, 5.0, 7.0]).astype(np.float32)
"""Added to a matrix of small numbers, it keeps eigen- and singular values apart."""


def _regular(x):
    return 0.3 * x + _APART


composition("einsum-text", lambda x, y: np.einsum("ij,jk", x, y), (2, 3), (3, 2))
composition("einsum-rows", lambda x: np.einsum("...ii->...i", x), (2, 3, 3))
composition("einsum-dots", lambda x, y: np.einsum("...j,kj", x, y), (2, 2, 3), (2, 3))
composition(
    "einsum-lists", lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), (2, 3), (3, 2)
)
composition(
    "einsum-optimize",
    lambda x, y, z: np.einsum("ij,jk,k->i", x, y, z, optimize=True),
    *((2, 3), (3, 2), (2,)),
)
composition("inner", np.inner, (2, 3), (4, 3))
composition("inner-stacks", np.inner, (2, 2, 3), (3,))
composition("tensordot", lambda x, y: np.tensordot(x, y, 1), (2, 3), (3, 2, 2))
composition(
    "tensordot-axes",
    lambda x, y: np.tensordot(x, y, axes=([0, 1], [1, 0])),
    *((2, 3), (3, 2, 2)),
)
composition("kron", np.kron, (2, 3), (2, 2))
composition("kron-ranks", np.kron, (3,), (2, 2))
composition("cross", np.cross, (2, 3), (3,))
composition("cross-axes", lambda x, y: np.cross(x, y, 0, 1, 0), (3, 2), (2, 3))
composition("vdot-of-matrices", np.vdot, (2, 3), (3, 2))
composition("vecdot-axis", lambda x, y: np.linalg.vecdot(x, y, axis=0), (3, 2), (3, 2))
composition("outer-linalg", np.linalg.outer, (2,), (3,))
for _mode in ("full", "same", "valid"):
    for _n, _k in ((5, 2), (2, 4), (3, 3)):
        composition(
            f"correlate-{_mode}-{_n}-{_k}",
            lambda x, y, mode=_mode: np.correlate(x, y, mode),
            *((_n,), (_k,)),
        )
        composition(
            f"convolve-{_mode}-{_n}-{_k}",
            lambda x, y, mode=_mode: np.convolve(x, y, mode),
            *((_n,), (_k,)),
        )

for _offset in (-3, -1, 0, 2, 4):
    composition(f"diagonal{_offset}", lambda x, k=_offset: np.diagonal(x, k), (3, 4))
    composition(f"diag{_offset}", lambda x, k=_offset: np.diag(x, k), (3,))
composition("diagonal-axes", lambda x: np.diagonal(x, 1, 2, 0), (3, 2, 4))
composition("trace", lambda x: np.trace(x, 1, 1, 2), (2, 3, 4))
composition("trace-linalg", lambda x: np.linalg.trace(x, offset=-1), (2, 3, 4))
composition("tril", lambda x: np.tril(x, -1), (2, 3, 3))
composition("triu", np.triu, (3, 4))

for _order in (None, 0, 0.5, 1, 2, 3, 2.5, -0.5, -1, -2, np.inf, -np.inf):
    composition(
        f"norm-of-vectors{_order}",
        lambda x, p=_order: np.linalg.norm(x, p, axis=1),
        (2, 3),
    )
for _order in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    composition(
        f"norm-of-matrices{_order}",
        lambda x, p=_order: np.linalg.norm(_regular(x), p, keepdims=True),
        (3, 3),
    )
composition("norm-of-all", np.linalg.norm, (2, 2, 3))
composition("norm-axes", lambda x: np.linalg.norm(x, "nuc", axis=(2, 0)), (2, 2, 3))
composition(
    "vector_norm", lambda x: np.linalg.vector_norm(x, axis=(0, 2), ord=3), (2, 2, 2)
)
composition("matrix_norm", lambda x: np.linalg.matrix_norm(x, ord=2), (2, 3, 2))
for _order in (None, 2, -2, 1, -1, "fro", "nuc", np.inf, -np.inf):
    composition(
        f"cond{_order}", lambda x, p=_order: np.linalg.cond(_regular(x), p), (3, 3)
    )

for _power in (-2, 1, 2, 3, 5):
    composition(
        f"matrix_power{_power}",
        lambda x, n=_power: np.linalg.matrix_power(0.3 * _regular(x), n),
        (3, 3),
    )
composition(
    "matrix_power-stack",
    lambda x: np.linalg.matrix_power(0.3 * _regular(x), -3),
    (2, 3, 3),
)
composition("cond-stack", lambda x: np.linalg.cond(_regular(x), "fro"), (2, 3, 3))
composition(
    "multi_dot",
    lambda x, y, z: np.linalg.multi_dot([x, y, z]),
    *((2,), (2, 3), (3, 2)),
)
composition(
    "multi_dot-four",
    lambda x, y: np.linalg.multi_dot([x, y, y.T, x.T]),
    *((2, 3), (3, 4)),
)
composition("solve-vector", lambda a, b: np.linalg.solve(_regular(a), b), (3, 3), (3,))
composition("lstsq-x", lambda a, b: np.linalg.lstsq(a, b)[0], (4, 2), (4,))
composition("qr-r", lambda a: np.linalg.qr(_regular(a), mode="r"), (3, 3))
composition(
    "slogdet-product", lambda a: np.multiply(*np.linalg.slogdet(_regular(a))), (3, 3)
)
composition(
    "tensorsolve", lambda a, b: np.linalg.tensorsolve(_regular(a), b), (3, 3), (3,)
)
