"""The rest of NumPy's functions, one entry each at least: held to the laws of records.

What is constant for derivatives (masks, orders, counts) stands as a factor or an index.
"""

import numpy as np

from laws.compositions import POSITIVE, REALS, WIDE, composition

_MASK = np.array([[True, False, True], [True, True, False]])

# Reductions, by the functions that users call

for _name in ("sum", "prod", "mean", "var", "std", "max", "min", "amax", "amin"):
    _f = getattr(np, _name)
    _wide = WIDE if "m" in _name and _name not in {"sum", "mean"} else REALS
    composition(f"{_name}-all", lambda x, f=_f: f(x), (2, 3), domain=_wide)
    composition(
        f"{_name}-axes",
        lambda x, f=_f: f(x, (0, 2), keepdims=True),
        *((2, 3, 2),),
        domain=_wide,
    )
for _name in ("sum", "prod", "mean", "var", "std"):
    _f = getattr(np, _name)
    composition(f"{_name}-where", lambda x, f=_f: f(x, 1, where=_MASK), (2, 3))
for _name in ("max", "min"):
    _f = getattr(np, _name)
    composition(
        f"{_name}-where",
        lambda x, f=_f: f(x, 1, where=_MASK, initial=0.25),
        *((2, 3),),
        domain=WIDE,
    )
composition(
    "sum-initial", lambda x, y: np.sum(x + 0 * y[0], 0, initial=y[0]), (2, 3), (1,)
)
composition(
    "prod-initial", lambda x, y: np.prod(x + 0 * y[0], 0, initial=y[0]), (2, 3), (1,)
)
composition("var-mean", lambda x, m: np.var(x, 1, mean=m, ddof=1), (2, 3), (2, 1))
composition("cumsum-all", np.cumsum, (2, 3))
composition("cumprod-all", np.cumprod, (2, 3))
if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    composition(
        "cumulative_sum",
        lambda x: np.cumulative_sum(x, axis=1, include_initial=True),
        (2, 3),
    )
    composition("cumulative_prod", np.cumulative_prod, (4,))
    composition("unstack", lambda x: np.unstack(x, axis=1)[1], (2, 3))

# Shapes

composition("append", np.append, (2, 3), (2,))
composition("array_split", lambda x: np.array_split(x, 3)[0], (5, 2))
composition("atleast_1d", np.atleast_1d, ())
composition("atleast_2d", np.atleast_2d, (3,))
composition("atleast_3d", np.atleast_3d, (2, 3))
composition(
    "block",
    lambda x, y: np.block([[x, y], [y.T, np.ones((1, 1), np.float32)]]),
    *((2, 2), (2, 1)),
)
composition("block-numbers", lambda x: np.block([[x[0], x[1]], [x]]), (2,))
composition("broadcast_arrays", lambda x, y: np.broadcast_arrays(x, y)[0], (3,), (2, 1))
composition("column_stack", lambda x, y: np.column_stack([x, y]), (3,), (3, 2))
composition("copy-by-name", np.copy, (2, 3))  # the record is called copy
composition("diagflat", lambda x: np.diagflat(x, -1), (2, 2))
composition("dsplit", lambda x: np.dsplit(x, 2)[1], (2, 1, 4))
composition("dstack", lambda x, y: np.dstack([x, y]), (2, 3), (2, 3))
composition("expand_dims", lambda x: np.expand_dims(x, (0, 2)), (2, 3))
composition("fill-like", lambda x: np.full_like(x, x[0]) * np.ones_like(x), (3,))
composition("hsplit", lambda x: np.hsplit(x, [1])[1], (2, 3))
composition("hstack", lambda x, y: np.hstack([x, y]), (2, 3), (2, 1))
composition("matrix_transpose", np.matrix_transpose, (2, 3, 2))
composition("matrix_transpose-linalg", np.linalg.matrix_transpose, (2, 3, 2))
composition("moveaxis", lambda x: np.moveaxis(x, 0, -1), (2, 3, 2))
composition("split", lambda x: np.split(x, [1, 2])[1], (4, 2))
composition("squeeze", np.squeeze, (2, 1, 3))
composition("swapaxes", lambda x: np.swapaxes(x, 0, 2), (2, 3, 2))
composition("vsplit", lambda x: np.vsplit(x, 2)[1], (4, 2))
composition("vstack", lambda x, y: np.vstack([x, y]), (2, 3), (3,))
composition("zeros_like", lambda x: x + np.zeros_like(x), (2, 3))
composition(
    "sliding_window_view-of-both-axes",
    lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)),
    (3, 4),
)
composition("apply_along_axis", lambda x: np.apply_along_axis(np.square, 0, x), (3, 2))

# Elements chosen, and constants

composition("all", lambda x: x * np.all(x), (2, 3))
composition("any", lambda x: x * np.any(x, axis=1, keepdims=True), (2, 3))
composition("allclose", lambda x: x * np.allclose(x, x + 1e-12), (3,))
composition("array_equal", lambda x: x * np.array_equal(x, x), (3,))
composition("isclose", lambda x: x * np.isclose(x, x[::-1]), (3,))
composition("isreal", lambda x: x * np.isreal(x) + np.iscomplex(x), (3,))
composition("argmin-at", lambda x: x[np.argmin(x)], (4,), domain=WIDE)
composition(
    "argpartition-at", lambda x: x[np.argpartition(x, 1)[:1]], (4,), domain=WIDE
)
composition("argwhere", lambda x: x[np.argwhere(x)[:, 0]], (5,), domain=WIDE)
composition("bincount", lambda x: np.bincount([0, 2, 0, 1], x, minlength=4), (4,))
composition("count_nonzero", lambda x: x * np.count_nonzero(x), (4,), domain=WIDE)
composition("digitize", lambda x: x * np.digitize(x, [-9.0, 9.0]), (4,))
composition("fix", lambda x: x * np.fix(3.0 * x), (4,))
composition("flatnonzero", lambda x: x[np.flatnonzero(x)], (5,), domain=WIDE)
composition("nonzero", lambda x: x[np.nonzero(x)], (5,), domain=WIDE)
composition("nanargmax", lambda x: x[np.nanargmax(x)], (4,), domain=WIDE)
composition("nanargmin", lambda x: x[np.nanargmin(x)], (4,), domain=WIDE)
composition("searchsorted-plain", lambda x: x * np.searchsorted([-9.0, 9.0], x), (4,))
composition("sizes", lambda x: x * np.size(x) * np.ndim(x) + np.shape(x)[0], (2, 3))
composition("kinds", lambda x: x * np.iscomplexobj(x) + np.isrealobj(x) * x, (3,))
composition("result_type", lambda x: x.astype(np.result_type(x, np.float32)), (3,))
if hasattr(np, "astype"):  # since NumPy 2.1
    composition("astype-function", lambda x: np.astype(x, np.complex128), (3,))
composition(
    "piecewise",
    lambda x: np.piecewise(x, [x < 0.0, x > 5.0], [np.sin, 3.0, np.square]),
    *((2, 3),),
    domain=WIDE,
)
composition(  # in no order that could be relied on
    "unique_values", lambda x: np.sort(np.unique_values(x)), (2, 3), domain=WIDE
)
composition("unique_counts", lambda x: np.unique_counts(x).values, (4,), domain=WIDE)
composition("unique_inverse", lambda x: np.unique_inverse(x).values, (4,), domain=WIDE)
composition("unique_all", lambda x: np.unique_all(x).values, (4,), domain=WIDE)

# Elementwise, and evenly spaced

_WILD = np.array([1.0, np.inf, np.nan], np.float32)

composition("angle", np.angle, (3,), domain=POSITIVE)
composition("abs-of-complex", lambda x: abs(x * (1.0 + 2.0j)), (3,))
composition(
    "nan_to_num", lambda x: np.nan_to_num(x * _WILD, posinf=3.0, neginf=-3.0), (3,)
)
composition("real_if_close", np.real_if_close, (3,))
composition("around", lambda x: x * np.around(x, 1), (3,))
composition("linspace", lambda a, b: np.linspace(a, b, 4, axis=-1), (2,), (2,))
composition("linspace-open", lambda a: np.linspace(a[0], 9.0, 3, endpoint=False), (1,))
composition(
    "geomspace", lambda a, b: np.geomspace(a, 9.0 + b, 4), (2,), (2,), domain=POSITIVE
)
composition("logspace", lambda a, b: np.logspace(a[0], b[0], 4, base=2.5), (1,), (1,))
composition("polyval", np.polyval, (4,), (2,))
composition("vander", lambda x: np.vander(x, 4), (3,))

# Statistics

for _function in (np.nanpercentile, np.percentile):
    composition(
        f"{_function.__name__}-rows",
        lambda x, f=_function: f(x, [30, 60.0], axis=1),
        *((2, 5),),
        domain=WIDE,
    )
_COUNTS = np.array([[1.0, 2.0, 0.0, 3.0, 1.0], [1.0, 1.0, 1.0, 4.0, 2.0]])
for _function in (np.nanquantile, np.quantile):
    composition(
        f"{_function.__name__}-weights",
        lambda x, f=_function: f(
            x, [0.3, 0.8], axis=1, weights=_COUNTS, method="inverted_cdf"
        ),
        *((2, 5),),
        domain=WIDE,
    )
composition("cov-weights", lambda x, w: np.cov(x, aweights=np.exp(w)), (2, 4), (4,))
composition("cov-counts", lambda x: np.cov(x, fweights=[1, 2, 1, 3]), (2, 4))

# Products and matrices

composition("cross-linalg", np.linalg.cross, (2, 3), (3,))
composition("diagonal-linalg", np.linalg.diagonal, (2, 3, 3))
composition("matmul-linalg", np.linalg.matmul, (2, 3), (3, 2))
composition("tensordot-linalg", np.linalg.tensordot, (2, 3), (2, 3))
composition("outer", np.outer, (2, 2), (3,))

_APART = np.diag([3.0, -5.0, 7.0]).astype(np.float32)
_FOUR = np.diag([4.0] * 4).astype(np.float32)


def _symmetric(x):
    return 0.15 * (x + np.conjugate(np.matrix_transpose(x))) + _APART


def _positive(x):
    regular = 0.3 * x + np.abs(_APART)
    return 0.2 * np.matmul(regular, np.conjugate(np.matrix_transpose(regular)))


composition("matrix_rank", lambda x: x * np.linalg.matrix_rank(x), (2, 3))
composition(
    "tensorinv",
    lambda x: np.linalg.tensorinv(np.reshape(x + _FOUR, (4, 2, 2)), 1),
    (4, 4),
)
composition(
    "cholesky-upper", lambda x: np.linalg.cholesky(_positive(x), upper=True), (3, 3)
)
composition("eigh-values", lambda x: np.linalg.eigh(_symmetric(x), "U")[0], (3, 3))
composition("eigvalsh-values", lambda x: np.linalg.eigvalsh(_symmetric(x)), (3, 3))
composition(
    "pinv-hermitian", lambda x: np.linalg.pinv(_symmetric(x), hermitian=True), (3, 3)
)
composition(
    "svd-hermitian",
    lambda x: np.linalg.svd(_symmetric(x), compute_uv=False, hermitian=True),
    (3, 3),
)
composition("svd-rebuilt-hermitian", lambda x: _rebuilt(_symmetric(x)), (3, 3))
composition("svdvals-only", lambda x: np.linalg.svdvals(0.3 * x + _APART), (3, 3))
composition("eig-values", lambda x: np.linalg.eig(0.3 * x + _APART)[0], (3, 3))
composition("eigvals-values", lambda x: np.linalg.eigvals(0.3 * x + _APART), (3, 3))


def _rebuilt(x):
    u, s, vh = np.linalg.svd(x, hermitian=True)
    return np.matmul(u * s, vh)


# Fourier transforms

for _name in ("fft2", "ifft2", "fftn", "ifftn", "rfft2", "irfft2", "rfftn", "irfftn"):
    _f = getattr(np.fft, _name)
    composition(_name, lambda x, f=_f: f(x, norm="ortho"), (3, 4))
    composition(
        f"{_name}-sizes",
        lambda x, f=_f: f(x, s=(4, 2), axes=(0, 1), norm="forward"),
        *((3, 4),),
    )
for _name in ("hfft", "ihfft"):
    _f = getattr(np.fft, _name)
    composition(_name, lambda x, f=_f: f(x), (2, 4))
    composition(f"{_name}-odd", lambda x, f=_f: f(x, 5, 0, "ortho"), (4, 2))
composition("fftshift", lambda x: np.fft.fftshift(x, axes=1), (2, 3))
composition("ifftshift", np.fft.ifftshift, (2, 3))

# No element at all, and no axis

for _name in ("sum", "prod", "cumsum", "cumprod", "sort", "flip", "ravel", "diff"):
    composition(f"{_name}-empty", getattr(np, _name), (0,))
    if _name != "diff":
        composition(f"{_name}-empty-rows", getattr(np, _name), (2, 0))
for _name in ("sum", "prod", "mean", "var", "max", "min", "ravel", "flip", "ptp"):
    composition(f"{_name}-0-d", getattr(np, _name), ())
composition("concatenate-empty", lambda x, y: np.concatenate([x, y]), (0, 2), (3, 2))
composition("einsum-empty", lambda x, y: np.einsum("ij,jk", x, y), (2, 0), (0, 3))
composition("getitem-empty", lambda x: x[:0], (3, 2))
composition("kron-empty", np.kron, (0,), (2,))
composition("norm-empty", lambda x: np.linalg.norm(x, axis=1), (2, 0))
composition("outer-empty", np.outer, (0,), (2,))
composition("pad-empty", lambda x: np.pad(x, 1), (0,))
composition("repeat-empty", lambda x: np.repeat(x, 2), (0,))
composition("tile-empty", lambda x: np.tile(x, 2), (0,))
composition("take-empty", lambda x: np.take(x, np.zeros(0, int)), (3,))
composition("where-empty", lambda x: np.where(x > 0.0, x, 0.0), (0,))
composition("interp-empty", lambda x: np.interp(x, [0.0, 1.0], [1.0, 3.0]), (0,))
