"""Keywords of NumPy's functions, each with a value that says something.

``tests/laws/test_coverage.py`` reads the signatures and tells which are missing here.
What is constant for derivatives (masks, orders, counts) stands as a factor or an index.
"""

import inspect

import numpy as np

from laws.compositions import POSITIVE, REALS, WIDE, composition

_MASK = np.array([[True, False, True], [True, True, False]])
_GAPS = np.array([[1.0, np.nan, 2.0], [np.nan, 1.0, -1.0]], np.float32)
_DATA = np.array([0.5, 1.0, 2.0, 3.0], np.float32)


def _keyword(name, f, *shapes, domain=REALS):
    composition(f"keyword-{name}", f, *shapes, domain=domain)


def _in_double(name, f, *shapes, domain=REALS):
    composition(f"in-double-{name}", f, *shapes, domain=domain)


# Truth values, orders and positions

for _f in (np.all, np.any):
    _keyword(
        f"{_f.__name__}",
        lambda x, f=_f: x * f(x > 0.0, axis=1, keepdims=True),
        (2, 3),
    )
    _keyword(
        f"{_f.__name__}-where",
        lambda x, f=_f: x * f(x, axis=1, keepdims=True, where=_MASK),
        (2, 3),
    )
for _f in (np.argmax, np.argmin, np.nanargmax, np.nanargmin):
    _keyword(
        _f.__name__,
        lambda x, f=_f: np.take_along_axis(x, f(x, axis=1, keepdims=True), 1),
        *((2, 3),),
        domain=WIDE,
    )
_keyword(
    "argsort",
    lambda x: (
        np.take_along_axis(x, np.argsort(x, axis=0, kind="stable"), 0)
        + np.take_along_axis(x, np.argsort(x, axis=0, stable=True), 0)
    ),
    *((3, 2),),
    domain=WIDE,
)
_keyword(
    "argpartition",
    lambda x: np.take_along_axis(x, np.argpartition(x, 0, axis=0), 0)[:1],
    *((3, 2),),
    domain=WIDE,
)
_keyword(
    "sort",
    lambda x: np.sort(x, kind="heapsort") + np.sort(x, stable=True),
    *((4,),),
    domain=WIDE,
)
if "descending" in inspect.signature(np.sort).parameters:  # since NumPy 2.5
    _keyword(
        "sort-descending",
        lambda x: np.sort(x, descending=True) * np.sort(x, axis=0, descending=False),
        *((4,),),
        domain=WIDE,
    )
    _keyword(
        "argsort-descending",
        lambda x: np.take_along_axis(x, np.argsort(x, axis=0, descending=True), 0),
        *((3, 2),),
        domain=WIDE,
    )
_keyword(
    "lexsort",
    lambda x: np.take_along_axis(x, np.lexsort((x, np.ones_like(x)), axis=0), 0),
    *((3, 2),),
    domain=WIDE,
)
_in_double(
    "searchsorted",
    lambda x: x * np.searchsorted(x, x[0], side="right", sorter=np.argsort(x)),
    *((4,),),
    domain=WIDE,
)
_in_double("digitize", lambda x: x * np.digitize(x, [-9.0, 9.0], right=True), (4,))
_in_double(
    "count_nonzero", lambda x: x * np.count_nonzero(x, axis=1, keepdims=True), (2, 3)
)
_keyword(
    "allclose",
    lambda x: (
        x
        * np.allclose(x, x + 0.5, rtol=0.0, atol=0.7, equal_nan=True)
        * np.isclose(x, x[::-1], rtol=0.1, atol=1.0, equal_nan=True)
    ),
    (3,),
    domain=WIDE,
)
_keyword(
    "array_equal", lambda x: x * np.array_equal(x * _GAPS, x * _GAPS, True), (2, 3)
)
_keyword("can_cast", lambda x: x * np.can_cast(x, np.float16, casting="unsafe"), (3,))
_keyword(
    "shares_memory",
    lambda x: (
        x * np.shares_memory(x, x, max_work=1) * np.may_share_memory(x, x, max_work=1)
    ),
    (3,),
)
_in_double(
    "matrix_rank",
    lambda x: (
        x
        * np.linalg.matrix_rank(x + np.conj(x.T), 1e-3, True)
        * np.linalg.matrix_rank(x, rtol=1e-3)
    ),
    (3, 3),
)
_keyword(
    "indices_from",
    lambda x: x[np.tril_indices_from(x, k=-1)] + x[np.triu_indices_from(x, k=1)],
    (3, 3),
)
_in_double("size", lambda x: x * np.size(x, axis=1), (2, 3))
_keyword(
    "isin",
    lambda x: x * np.isin(x, x[:1], assume_unique=True, invert=True, kind="sort"),
    *((3,),),
    domain=WIDE,
)
_TEXT = {"max_line_width": 60, "precision": 3, "suppress_small": True}
_keyword(
    "text",
    lambda x: (
        x
        * (
            len(np.array_repr(x, **_TEXT))
            + len(np.array_str(x, **_TEXT))
            + len(
                np.array2string(
                    x,
                    **_TEXT,
                    separator=", ",
                    prefix="x",
                    formatter={"float": str},
                    threshold=9,
                    edgeitems=1,
                    sign="+",
                    floatmode="fixed",
                    suffix=";",
                    legacy="1.25",
                )
            )
            > 0
        )
    ),
    (3,),
)

# Reductions

for _f in (np.amax, np.amin):
    _keyword(
        _f.__name__,
        lambda x, f=_f: f(x, 1, where=_MASK, initial=0.25),
        *((2, 3),),
        domain=WIDE,
    )
for _f in (np.sum, np.prod, np.mean, np.var, np.std, np.cumsum, np.cumprod):
    _in_double(_f.__name__, lambda x, f=_f: f(x, 0, dtype=np.complex128), (2, 3))
_keyword(
    "std",
    lambda x, m: np.std(x, 1, mean=m, correction=1.5) + np.std(x, 1, ddof=1),
    *((2, 3), (2, 1)),
)
_keyword("var", lambda x: np.var(x, 1, correction=1), (2, 3))
_keyword("ptp", lambda x: np.ptp(x, 1, keepdims=True), (2, 3), domain=WIDE)
_keyword(
    "average",
    lambda x, w: np.sum(
        np.stack(np.average(x, 0, np.exp(w), returned=True, keepdims=True)), 0
    ),
    *((3, 2), (3,)),
)
for _f in (np.nanmax, np.nanmin):
    _keyword(
        _f.__name__,
        lambda x, f=_f: f(x * _GAPS, 1, keepdims=True, where=_MASK, initial=0.25),
        *((2, 3),),
        domain=WIDE,
    )
for _f in (np.nansum, np.nanprod):
    _in_double(
        _f.__name__,
        lambda x, f=_f: f(
            x * _GAPS, 1, np.complex128, keepdims=True, where=_MASK, initial=0.25
        ),
        (2, 3),
    )
_in_double(
    "nanmean",
    lambda x: np.nanmean(x * _GAPS, 1, float, keepdims=True, where=_MASK),
    (2, 3),
)
for _f in (np.nanvar, np.nanstd):
    _in_double(
        _f.__name__,
        lambda x, m, f=_f: (
            f(
                np.real(x) * _GAPS,
                1,
                np.float64,
                keepdims=True,
                mean=np.real(m),
                where=[True, False, True],
                correction=0.5,
            )
            + f(x * _GAPS, 1, ddof=0.5, keepdims=True)
        ),
        *((2, 3), (2, 1)),
    )
for _f in (np.nancumsum, np.nancumprod):
    _in_double(_f.__name__, lambda x, f=_f: f(x * _GAPS, 1, np.complex128), (2, 3))
_keyword("nanmedian", lambda x: np.nanmedian(x, 1, keepdims=True), (2, 3), domain=WIDE)
for _f in (np.percentile, np.nanpercentile):
    _in_double(
        _f.__name__,
        lambda x, f=_f: f(
            x,
            30,
            1,
            method="inverted_cdf",
            keepdims=True,
            weights=np.array([[1.0, 2.0, 1.0], [2.0, 1.0, 3.0]]),
        ),
        *((2, 3),),
        domain=WIDE,
    )
_in_double(
    "nanquantile",
    lambda x: np.nanquantile(x, 0.3, 1, keepdims=True),
    (2, 3),
    domain=WIDE,
)
_in_double("cov", lambda x: np.cov(x, ddof=0, dtype=np.complex128), (2, 4))
_in_double(
    "corrcoef",
    lambda x: np.corrcoef(x, rowvar=False, dtype=np.complex128)[0, 1],
    (4, 2),
)
if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    _in_double("cumulative_sum", lambda x: np.cumulative_sum(x, dtype=complex), (3,))
    _in_double(
        "cumulative_prod",
        lambda x: np.cumulative_prod(x, axis=1, dtype=complex, include_initial=True),
        (2, 3),
    )

# Shapes

_keyword("append", lambda x, y: np.append(x, y, axis=1), (2, 3), (2, 1))
_keyword("array_split", lambda x: np.array_split(x, 2, axis=1)[0], (2, 3))
_keyword("split", lambda x: np.split(x, 3, axis=1)[1], (2, 3))
_keyword("squeeze", lambda x: np.squeeze(x, axis=1), (2, 1, 3))
_keyword("rollaxis", lambda x: np.rollaxis(x, 2, start=1), (2, 1, 3))
_keyword("ravel", lambda x: np.ravel(x, order="F"), (2, 3))
_keyword("reshape", lambda x: np.reshape(x, (3, 2), order="F", copy=True), (2, 3))
_keyword("copy", lambda x: np.copy(x, order="F", subok=True), (2, 3))
_keyword(
    "meshgrid", lambda x, y: np.multiply(*np.meshgrid(x, y, sparse=True)), (2,), (3,)
)
_keyword("broadcast_to", lambda x: np.broadcast_to(x, (2, 3), subok=True), (3,))
_keyword(
    "broadcast_arrays",
    lambda x, y: np.multiply(*np.broadcast_arrays(x, y, subok=True)),
    *((3,), (2, 1)),
)
_keyword(
    "sliding_window_view",
    lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1, subok=True),
    (2, 3),
)
_WIDENED = {"dtype": np.complex128, "casting": "unsafe"}
_in_double(
    "concatenate",
    lambda x, y: np.concatenate([x, y], axis=1, **_WIDENED),
    (2, 1),
    (2, 2),
)
_in_double("stack", lambda x, y: np.stack([x, y], axis=1, **_WIDENED), (2,), (2,))
_in_double("hstack", lambda x, y: np.hstack([x, y], **_WIDENED), (2,), (3,))
_in_double("vstack", lambda x, y: np.vstack([x, y], **_WIDENED), (2,), (2,))
_LIKE = {"dtype": np.float64, "order": "F", "subok": False, "shape": (2, 3)}
if hasattr(np, "astype"):  # the keyword came with this function
    _LIKE["device"] = "cpu"
    _in_double(
        "astype", lambda x: np.astype(x, np.complex128, copy=False, device="cpu"), (3,)
    )
    _in_double("linspace-device", lambda x: np.linspace(x, 9.0, 3, device="cpu"), (2,))
_in_double(
    "like",
    lambda x: (
        np.full_like(x, x[0], **_LIKE)
        * np.ones_like(x, **_LIKE)
        * (1.0 + np.zeros_like(x, **_LIKE))
        * len(np.empty_like(x, **_LIKE))
    ),
    (3,),
)
_in_double(
    "linspace",
    lambda x: np.linspace(x, 9.0, 3, retstep=True, dtype=np.complex128)[1],
    (2,),
)
for _f in (np.logspace, np.geomspace):
    _in_double(
        f"{_f.__name__}",
        lambda x, f=_f: f(x, 9.0, 3, endpoint=False, dtype=np.complex128, axis=-1),
        *((2,),),
        domain=POSITIVE,
    )

# Elements

_keyword("choose", lambda x, y: np.choose([4, -1, 1], [x, y], mode="wrap"), (3,), (3,))
_keyword("clip", lambda x, y: np.clip(x, min=y - 9.0, max=0.5), (3,), (3,))
_keyword("angle", lambda x: np.angle(x, deg=True), (3,), domain=POSITIVE)
_keyword("nan_to_num", lambda x: np.nan_to_num(x * _GAPS, nan=0.5), (2, 3))
_keyword("real_if_close", lambda x: np.real_if_close(x + 0.5j, tol=1e20), (3,))
_in_double("interp", lambda x, y: np.interp(3 * x, _DATA, y, right=y[0]), (5,), (4,))
_keyword("fft", lambda x: np.fft.ifftshift(x, axes=1), (2, 3))
_keyword(
    "trim_zeros",
    lambda x: np.trim_zeros(x * np.array([0, 1, 0], np.float32), trim="f", axis=1),
    (2, 3),
)
_in_double("vander", lambda x: np.vander(x, 3, increasing=True), (3,))
_keyword("triu", lambda x: np.triu(x, k=1), (3, 3))
_keyword(
    "unique",
    lambda x: np.unique(
        x,
        return_index=True,
        return_inverse=True,
        return_counts=True,
        equal_nan=False,
    )[0],
    *((4,),),
    domain=WIDE,
)
if np.lib.NumpyVersion(np.__version__) >= "2.3.0":
    _keyword(
        "unique-sorted",
        lambda x: np.sort(np.unique(x, sorted=False)),
        (4,),
        domain=WIDE,
    )
_keyword(
    "sets",
    lambda x: (
        np.intersect1d(x, x, True, return_indices=True)[0]
        + np.setdiff1d(x, x[:0] + 99.0, assume_unique=True)
        + np.setxor1d(x, x[:0], assume_unique=True)
    ),
    *((4,),),
    domain=WIDE,
)
_LIMITS = (-25.0, 25.0)
_in_double(
    "histogram", lambda w: np.histogram(_DATA, 3, (0.0, 4.0), weights=w)[0], (4,)
)
_in_double(
    "histogram_bin_edges",
    lambda w: np.histogram_bin_edges(_DATA, 3, weights=w) * np.sum(w),
    (4,),
)
_in_double(
    "histogram2d",
    lambda x, w: np.histogram2d(
        x, x, 2, [_LIMITS] * 2, density=True, weights=np.exp(w / 9)
    )[0],
    *((5,), (5,)),
    domain=WIDE,
)
_in_double(
    "histogramdd",
    lambda x, w: np.histogramdd(x, 2, [_LIMITS] * 2, weights=w)[0],
    *((5, 2), (5,)),
    domain=WIDE,
)

# Matrices

_keyword("cross", lambda x, y: np.cross(x, y, axis=0), (3, 2), (3, 2))
_keyword("cross-linalg", lambda x, y: np.linalg.cross(x, y, axis=0), (3, 2), (3, 2))
_keyword("diagonal", lambda x: np.linalg.diagonal(x, offset=1), (3, 3))
_in_double("trace", lambda x: np.trace(x, dtype=np.complex128), (3, 3))
_in_double("trace-linalg", lambda x: np.linalg.trace(x, dtype=np.complex128), (3, 3))
_APART = np.diag([3.0, 5.0, 7.0]).astype(np.float32)
_keyword(
    "eigvalsh",
    lambda x: np.linalg.eigvalsh(0.1 * (x + np.conj(x.T)) + _APART, "U"),
    (3, 3),
)
_keyword("lstsq", lambda a, b: np.linalg.lstsq(a, b, rcond=1e-6)[0], (4, 2), (4,))
_keyword("pinv", lambda x: np.linalg.pinv(x + _APART, rcond=1e-6), (3, 3))
if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
    _keyword("pinv-rtol", lambda x: np.linalg.pinv(x + _APART, rtol=1e-6), (3, 3))
_keyword(
    "svd",
    lambda x: np.linalg.svd(0.3 * x + _APART[:, :2], full_matrices=False)[1],
    (3, 2),
)
_keyword("matrix_norm", lambda x: np.linalg.matrix_norm(x, keepdims=True), (2, 3))
_keyword("vector_norm", lambda x: np.linalg.vector_norm(x, keepdims=True), (2, 3))
_keyword("tensordot", lambda x, y: np.linalg.tensordot(x, y, axes=1), (2, 3), (3, 2))
_keyword(
    "tensorsolve",
    lambda a, b: np.linalg.tensorsolve(0.3 * a + _APART, b, axes=(0,)),
    *((3, 3), (3,)),
)

# Of ufuncs

_keyword("ufunc-where", lambda x: np.log(x, where=x > 0.0, out=np.copy(x)), (2, 3))
_in_double(
    "ufunc-dtype", lambda x, y: np.multiply(x, y, dtype=np.complex128), (3,), (3,)
)
_in_double(
    "ufunc-signature", lambda x: np.sin(x, signature="d->d", casting="safe"), (3,)
)
_keyword("ufunc-order", lambda x: np.exp(x, order="F", subok=False), (2, 3))
_keyword(
    "matmul-axes",
    lambda x, y: np.matmul(x, y, axes=[(1, 0), (-2, -1), (0, 1)]),
    *((3, 2), (3, 2)),
)
_keyword("vecdot-axis", lambda x, y: np.vecdot(x, y, axis=0), (3, 2), (3, 1))
_keyword("vecdot-keepdims", lambda x, y: np.vecdot(x, y, keepdims=True), (2, 3), (3,))
