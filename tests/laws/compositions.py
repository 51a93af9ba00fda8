"""Functions composed of primitives, held to the laws like the records themselves.

A composition has no record.  Here it gets one that is not registered and states what
the laws ask: shapes and domains.  Its derivative is that of its parts.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.record import Calculus, Example, Interval, Layout, Record

REALS: Interval = (-2.0, 2.0)
POSITIVE: Interval = (0.3, 3.0)
WIDE: Interval = (-20.0, 20.0)
"""So wide that no step of a difference quotient exchanges two elements."""
COMPOSITIONS: list[Record] = []
IN_DOUBLE = (
    *("astype", "float_power"),
    *("interp", "cov", "corrcoef", "percentile-many", "quantile-many"),
    *(
        "bincount",
        "count_nonzero",
        "digitize",
        "geomspace",
        "linspace-open",
        "logspace",
    ),
    *("matrix_rank", "nanpercentile-rows", "nanquantile-weights", "percentile-rows"),
    *("quantile-weights", "searchsorted", "vander", "isclose", "sizes"),
    *("in-double", "histogram2d", "histogramdd", "histogram_bin_edges"),
    *("histogram-density", "polyder", "polyint", "polyfit", "poly1d"),
    *("emath-power", "sort_complex"),
)
"""How the names begin of what NumPy computes in float64 whatever it gets."""


def composition(
    name: str,
    function: Callable[..., Any],
    *shapes: tuple[int, ...],
    domain: Interval = REALS,
) -> None:
    """Enter a function of arrays of given shapes for the laws."""
    COMPOSITIONS.append(
        Record(
            name=name,
            function=function,
            evaluate=function,
            calculus=Calculus.GENERAL,
            layout=Layout.OPAQUE,
            rules=(lambda: None,) * len(shapes),
            reads=(),
            domain=(domain,) * len(shapes),
            examples=(Example(shapes),),
        )
    )


_NUMBERS = np.array([[2, 0, 1], [1, 1, 0]])

composition("take-flat", lambda x: np.take(x, [[0, -1], [3, 3]]), (2, 3))
composition("take-rows", lambda x: np.take(x, [1, 0, 1], 0), (2, 3))
composition("take-wrap", lambda x: np.take(x, [-4, 7], 1, mode="wrap"), (2, 3))
composition("take-clip", lambda x: np.take(x, [-4, 7], 1, mode="clip"), (2, 3))
composition("take_along_axis", lambda x: np.take_along_axis(x, _NUMBERS, 1), (2, 3))
composition("take-at-order", lambda x: np.take(x, np.argsort(x)[1:]), (4,), domain=WIDE)
composition("getitem-at-order", lambda x: x[:, np.argsort(x[0])], (2, 3), domain=WIDE)
composition("getitem-at-argmax", lambda x: x[np.argmax(x[:, 0])], (3, 2), domain=WIDE)
composition("compress", lambda x: np.compress([True, False, True], x, 1), (2, 3))
composition("extract", lambda x: np.extract(_NUMBERS > 0, x), (2, 3))
composition("choose", lambda x, y: np.choose([0, 1, 1], [x, y]), (2, 3), (3,))
composition("select", lambda x: np.select([x < 0, x < 1], [x**2, 3 * x], 1.0), (5,))
composition("repeat", lambda x: np.repeat(x, 3, 1), (2, 2))
composition("repeat-counts", lambda x: np.repeat(x, [0, 2, 1], axis=1), (2, 3))
composition("repeat-flat", lambda x: np.repeat(x, 2), (2, 2))
composition("delete", lambda x: np.delete(x, [0, -1], 1), (2, 4))
composition("insert", lambda x, y: np.insert(x, [1, 1, 3], y, 1), (2, 3), (2, 1))
composition("insert-one", lambda x, y: np.insert(x, 1, y, axis=1), (2, 3), (2,))
composition("insert-flat", lambda x: np.insert(x, slice(0, 4, 2), 7.0), (2, 3))

composition("sort", np.sort, (2, 4), domain=WIDE)
composition("sort-columns", lambda x: np.sort(x, axis=0), (4, 2), domain=WIDE)
composition("sort-flat", lambda x: np.sort(x, axis=None), (2, 3), domain=WIDE)
composition("partition", lambda x: np.partition(x, (1, 3)), (2, 6), domain=WIDE)
composition(
    "partition-columns", lambda x: np.partition(x, 2, axis=0), (5, 2), domain=WIDE
)
composition("unique-axis", lambda x: np.unique(x, axis=1), (2, 3), domain=WIDE)
composition("unique", np.unique, (2, 3), domain=WIDE)

composition("roll", lambda x: np.roll(x, 2), (2, 3))
composition("roll-axes", lambda x: np.roll(x, (1, -1), (0, 1)), (3, 4))
composition("flip", np.flip, (2, 3))
composition("flip-axis", lambda x: np.flip(x, 1), (2, 3))
composition("flipud", np.flipud, (2, 3))
composition("fliplr", np.fliplr, (2, 3))
composition("rot90", np.rot90, (2, 3))
composition("rot90-back", lambda x: np.rot90(x, -1, (1, 2)), (2, 2, 3))
composition("rollaxis", lambda x: np.rollaxis(x, 2), (2, 1, 3))
composition("tile", lambda x: np.tile(x, (2, 1, 3)), (2, 2))
composition("tile-number", lambda x: np.tile(x, 2), (2, 2))
composition("meshgrid", lambda x, y: np.stack(np.meshgrid(x, y)), (2,), (3,))
composition(
    "meshgrid-ij", lambda x, y: np.stack(np.meshgrid(x, y, indexing="ij")), (2,), (3,)
)

composition("diff", np.diff, (2, 4))
composition("diff-twice", lambda x, y: np.diff(x, 2, 0, prepend=y), (4, 2), (1, 2))
composition("diff-ends", lambda x: np.diff(x, prepend=x[1], append=x[:2]), (4,))
composition("ediff1d", lambda x: np.ediff1d(x, 9.0, [1.0, 2.0]), (2, 2))
composition("trapezoid", lambda y: np.trapezoid(y, dx=0.5), (2, 4))
composition("trapezoid-x", lambda y, x: np.trapezoid(y, x, axis=0), (4, 2), (4,))
composition("gradient", lambda f: np.gradient(f, 0.5), (5,))
composition("gradient-edge", lambda f: np.gradient(f, 0.5, edge_order=2), (5,))
composition("gradient-axes", lambda f: np.stack(np.gradient(f, 2.0, 0.3)), (3, 4))
composition("gradient-axis", lambda f: np.gradient(f, axis=0, edge_order=2), (4, 2))
_GRID = np.array([0.0, 0.5, 0.75, 1.5], np.float32)
composition("gradient-grid", lambda f: np.gradient(f, _GRID, edge_order=2), (4,))
composition(
    "gradient-by-grid",
    lambda f, h: np.gradient(f, np.cumsum(np.exp(h)), axis=0),
    (4, 2),
    (4,),
)

for _mode in (
    *("constant", "edge", "wrap", "empty", "reflect", "symmetric", "linear_ramp"),
    *("maximum", "minimum", "mean", "median"),
):
    if _mode != "empty":
        composition(
            f"pad-{_mode}",
            lambda x, mode=_mode: np.pad(x, ((1, 2), (7, 0)), mode=mode),
            (2, 3),
        )
for _mode in ("reflect", "symmetric"):
    composition(
        f"pad-{_mode}-odd",
        lambda x, mode=_mode: np.pad(x, (4, 9), mode, reflect_type="odd"),
        (3,),
    )
composition("pad-value", lambda x: np.pad(x, 1, constant_values=x[0, 1]), (2, 2))
composition("pad-ends", lambda x: np.pad(x, 2, "linear_ramp", end_values=x[:2]), (3,))
composition("pad-stat", lambda x: np.pad(x, 2, "mean", stat_length=2), (4,))

composition("median", np.median, (5,), domain=WIDE)
composition(
    "median-even", lambda x: np.median(x, axis=1, keepdims=True), (2, 4), domain=WIDE
)
composition("median-axes", lambda x: np.median(x, axis=(0, 2)), (2, 2, 3), domain=WIDE)
composition(
    "percentile-many", lambda x: np.percentile(x, [20, 50, 90]), (6,), domain=WIDE
)
composition(
    "percentile-axis", lambda x: np.percentile(x, 30, axis=0), (5, 2), domain=WIDE
)
for _method in (
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "hazen"),
    *("interpolated_inverted_cdf", "weibull", "linear", "median_unbiased"),
    *("normal_unbiased", "lower", "higher", "midpoint", "nearest"),
):
    composition(
        f"quantile-{_method}",
        lambda x, method=_method: np.quantile(
            x, 0.3, axis=1, method=method, keepdims=True
        ),
        (2, 5),
        domain=WIDE,
    )
composition(
    "quantile-many", lambda x: np.quantile(x, [[0.1], [1.0]], 0), (3, 2), domain=WIDE
)

composition("interp", lambda x: np.interp(x, _GRID, [1.0, 3.0, 0.0, 2.0]), (2, 3))
composition("interp-values", lambda x, fp: np.interp(x, _GRID, fp), (7,), (4,))
composition(
    "interp-knots",
    lambda x, h, fp: np.interp(x, np.cumsum(np.exp(h)), fp, left=1.5),
    (7,),
    (3,),
    (3,),
)
composition(
    "interp-period", lambda x, fp: np.interp(x, _GRID, fp, period=1.3), (5,), (4,)
)
composition("interp-one", lambda fp: np.interp([0.0, 1.0], [0.5], fp), (1,))

composition("ptp", lambda x: np.ptp(x, axis=1), (2, 3))
composition("average", lambda x: np.average(x, axis=0), (2, 3))
composition("average-weights", lambda x, w: np.average(x, 0, np.exp(w)), (3, 2), (3,))
composition("average-all", lambda x, w: np.average(x, weights=2 + w**2), (3,), (3,))
composition("cov", np.cov, (2, 4))
composition("cov-pair", lambda x, y: np.cov(x, y, bias=True), (4,), (4,))
composition("cov-columns", lambda x: np.cov(x, rowvar=False), (4, 3))
composition("corrcoef", lambda x, y: np.corrcoef(x, y)[0, 1], (4,), (4,))

_GAPS = np.array([[1, np.nan, 2, 0.5], [np.nan, 1, -1, 3]], np.float32)
for _function in (
    *(np.nansum, np.nanmean, np.nanprod, np.nanvar, np.nanstd, np.nanmax, np.nanmin),
    *(np.nanmedian, np.nancumsum, np.nancumprod),
):
    composition(_function.__name__, lambda x, f=_function: f(x * _GAPS, axis=1), (2, 4))
    composition(f"{_function.__name__}-all", lambda x, f=_function: f(x), (3, 2))
