"""Polynomials, sets, histograms, parts of numbers: held to the laws of records."""

import numpy as np

from laws.compositions import POSITIVE, REALS, WIDE, composition

# Numbers taken apart

composition("modf", lambda x: np.modf(3.0 * x)[0] + np.modf(x)[1], (4,))
composition(
    "frexp",
    lambda x: np.ldexp(np.frexp(x)[0], 2 * np.frexp(x)[1]),
    *((4,),),
    domain=POSITIVE,
)
composition("divmod", lambda x, y: np.divmod(x, y)[1], (4,), (4,), domain=POSITIVE)
composition(
    "divmod-operator", lambda x, y: divmod(x, y)[1], (4,), (2, 4), domain=POSITIVE
)
composition("isposinf", lambda x: x * np.isposinf(x) + np.isneginf(x) * x, (3,))
composition("unwrap", lambda x: np.unwrap(3.0 * x), (6,), domain=WIDE)
composition(
    "unwrap-period",
    lambda x, p: np.unwrap(x, axis=0, period=5.0 + p[0]),
    *((4, 2), (1,)),
    domain=WIDE,
)
composition("unwrap-discont", lambda x: np.unwrap(x, 4.0), (6,), domain=WIDE)

# Polynomials

_APART = np.diag([3.0, -5.0]).astype(np.float32)
composition("poly", np.poly, (3,))
composition("poly-matrix", lambda x: np.poly(0.3 * x + _APART), (2, 2))
composition(
    "roots", lambda x: np.roots(x + np.array([0.0, 5.0, 1.0], np.float32)), (3,)
)
composition("polyint", lambda x, k: np.polyint(x, 2, k), (3,), (2,))
composition("polyint-once", np.polyint, (3,))
composition("polyder", lambda x: np.polyder(x, 2), (4,))
composition("polyadd", np.polyadd, (3,), (2,))
composition("polysub", np.polysub, (2,), (4,))
composition("polymul", np.polymul, (3,), (2,))
composition("polydiv", lambda u, v: np.polydiv(u, v)[0], (4,), (2,), domain=POSITIVE)
composition(
    "polydiv-rest", lambda u, v: np.polydiv(u, v)[1], (4,), (2,), domain=POSITIVE
)
_PLACES = np.array([0.0, 0.5, 1.25, 2.0, 3.0], np.float32)
composition("polyfit", lambda x, y: np.polyfit(_PLACES + 0.1 * x, y, 2), (5,), (5,))
composition(
    "polyfit-weights",
    lambda y, w: np.polyfit(_PLACES, y, 1, w=np.exp(w)),
    *((5, 2), (5,)),
)
composition("polyfit-cov", lambda y: np.polyfit(_PLACES, y, 1, cov=True)[1], (5,))
composition(
    "polyfit-unscaled",
    lambda y, w: np.polyfit(_PLACES, y, 1, w=2 + w, cov="unscaled")[1],
    *((5,), (5,)),
    domain=REALS,
)
composition(
    "polyfit-full",
    lambda y: np.polyfit(_PLACES, y, 1, 1e-9, full=True)[1],
    *((5,),),
)
composition(
    "poly1d", lambda x, y: np.poly1d(x)(y) + np.poly1d(x).deriv()(y), (3,), (2,)
)

# Sets

composition(
    "intersect1d",
    lambda x: np.intersect1d(x, x[1:]) * np.isin(x[1:], x),
    (4,),
    domain=WIDE,
)
composition("union1d", np.union1d, (3,), (2,), domain=WIDE)
composition("setdiff1d", lambda x: np.setdiff1d(x, x[:1]), (4,), domain=WIDE)
composition("setxor1d", lambda x, y: np.setxor1d(x, y), (3,), (2,), domain=WIDE)  # noqa: PLW0108

# Histograms

_DATA = np.array([0.1, 0.4, 0.45, 0.7, 1.9])
composition("histogram", lambda w: np.histogram(_DATA, 3, weights=w)[0], (5,))
composition("histogram-edges", lambda x: np.histogram(x, 4)[1], (5,), domain=WIDE)
composition(
    "histogram-uneven",
    lambda w: np.histogram(_DATA, [0.0, 0.42, 1.0, 2.0], weights=w)[0],
    *((5,),),
)
composition(
    "histogram-density",
    lambda x, w: np.histogram(x, 3, density=True, weights=np.exp(w))[0],
    *((5,), (5,)),
    domain=WIDE,
)
composition(
    "histogram_bin_edges",
    lambda x, r: np.histogram_bin_edges(x, 3, (r[0] - 3.0, r[1] + 3.0)),
    *((4,), (2,)),
)
composition(
    "histogram2d",
    lambda x, y, w: np.histogram2d(x, y, [2, 3], weights=w)[0],
    *((5,), (5,), (5,)),
    domain=WIDE,
)
composition(
    "histogramdd",
    lambda x, w: np.histogramdd(x, 2, density=True, weights=np.exp(w))[0],
    *((5, 2), (5,)),
)
composition(
    "histogramdd-edges", lambda x: np.concatenate(np.histogramdd(x, 2)[1]), (5, 2)
)

# Shapes and orders

composition(
    "trim_zeros", lambda x: np.trim_zeros(x * np.array([0, 1, 1, 0], np.float32)), (4,)
)
composition("resize", lambda x: np.resize(x, (2, 4)), (3,))
composition("sort_complex", np.sort_complex, (4,), domain=WIDE)
composition("ix_", lambda x, y: np.multiply(*np.ix_(x, y)), (2,), (3,))
composition("ix_-at", lambda x: x[np.ix_([1, 0], [0, 2])], (2, 3))
composition(
    "apply_over_axes", lambda x: np.apply_over_axes(np.sum, x, [0, -1]), (2, 3, 2)
)
composition(
    "lexsort", lambda x, y: x[np.lexsort((x, np.round(y)))], (5,), (5,), domain=WIDE
)
composition(
    "einsum_path", lambda x: x * len(np.einsum_path("ij,jk", x, x.T)[0]), (2, 3)
)
composition(
    "indices_from",
    lambda x: (
        x[np.tril_indices_from(x)]
        + x[np.triu_indices_from(x)]
        + np.sum(x[np.diag_indices_from(x)])
    ),
    (3, 3),
)
composition("array_equiv", lambda x: x * np.array_equiv(x, x[None]), (3,))
composition("can_cast", lambda x: x * np.can_cast(x, np.float64), (3,))
composition("min_scalar_type", lambda x: x.astype(np.min_scalar_type(x)), (3,))
composition(
    "shares_memory",
    lambda x: x * np.shares_memory(x, x[1:]) * np.may_share_memory(x, x[1:]),
    (3,),
)
composition(
    "text",
    lambda x: (
        x * (len(np.array_repr(x)) + len(np.array_str(x)) + len(np.array2string(x)) > 3)
    ),
    (3,),
)

# Functions that turn complex

for _name in ("sqrt", "log", "log2", "log10"):
    composition(f"emath-{_name}", getattr(np.emath, _name), (3,))
for _name in ("arccos", "arcsin", "arctanh"):
    composition(f"emath-{_name}", getattr(np.emath, _name), (3,))
composition("emath-logn", np.emath.logn, (3,), (3,), domain=POSITIVE)
composition("emath-power", lambda x: np.emath.power(x, 1.5), (3,))
