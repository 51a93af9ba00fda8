"""Python's ``math`` and ``cmath``: the rules of NumPy's, the values of Python's own.

``math.sin(x)`` and ``np.sin(x)`` may differ in the last place, and the first raises
where the second gives nan.  A transform changes neither, so numbers are evaluated by
``math`` itself; NumPy's function serves batches.  The rules are NumPy's, read from the
record of the function named beside each here.

Like ``as_float`` these records are bound by whoever meets ``math.sin`` on a traced
number (see ``_clone/mathematics.py``): no protocol brings them here.
"""

import cmath
import dataclasses
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of, shape_of
from adjoint._core.dispatch import bind, bind_one
from adjoint._core.handle import Handle
from adjoint._core.record import Example, Kink, Layout, Record
from adjoint._core.registry import RECORDS, register
from adjoint._primitives import arithmetic, exponential, trigonometric
from adjoint._primitives._makers import REALS, elementwise, general, structural

_LOADED = (arithmetic, exponential, trigonometric)  # their records stand below

LIKE_NUMPY: dict[Callable[..., Any], np.ufunc] = {
    math.sin: np.sin,
    math.cos: np.cos,
    math.tan: np.tan,
    math.asin: np.arcsin,
    math.acos: np.arccos,
    math.atan: np.arctan,
    math.sinh: np.sinh,
    math.cosh: np.cosh,
    math.tanh: np.tanh,
    math.asinh: np.arcsinh,
    math.acosh: np.arccosh,
    math.atanh: np.arctanh,
    math.exp: np.exp,
    math.exp2: np.exp2,
    math.expm1: np.expm1,
    math.log: np.log,
    math.log2: np.log2,
    math.log10: np.log10,
    math.log1p: np.log1p,
    math.sqrt: np.sqrt,
    math.cbrt: np.cbrt,
    math.fabs: np.fabs,
    math.degrees: np.degrees,
    math.radians: np.radians,
    math.atan2: np.arctan2,
    math.hypot: np.hypot,
    math.pow: np.power,
    math.copysign: np.copysign,
    math.fmod: np.fmod,
}
"""NumPy's function of the same rules."""


def _evaluator(function: Callable[..., Any], on_batches: Any) -> Callable[..., Value]:
    """Return what evaluates a record of ``math``: on handles it dispatches by itself.

    An array is a batch of numbers; ``math`` knows no other arrays.
    """

    def evaluate(*args: Value) -> Value:
        if any(isinstance(arg, Handle) for arg in args):
            return bind(RECORDS[function], args)
        if not any(map(shape_of, args)):
            return function(*args)
        return on_batches(*(_reals(args) if function in LIKE_NUMPY else args))

    return evaluate


def _reals(args: Sequence[Value]) -> Sequence[Value]:
    """Return batches as they are; complex ones are refused as ``math`` does.

    Raises
    ------
    TypeError
        For complex numbers.
    """
    if any(dtype_of(arg).kind == "c" for arg in args):
        msg = "must be real number, not complex"
        raise TypeError(msg)
    return args


def _stated(function: Callable[..., Any], kinks: Sequence[Kink]) -> tuple[Kink, ...]:
    """Return the ugly points at which ``math`` has a value, and does not raise."""
    if function not in LIKE_NUMPY:
        return ()  # those of complex functions are lines in a plane
    kept = []
    for kink in kinks:
        try:
            function(*kink.at)
        except ValueError:
            continue
        kept.append(kink)
    return tuple(kept)


def _like(function: Callable[..., Any], ufunc: np.ufunc) -> Record:
    """Return the record of a function of ``math``, made from that of NumPy's."""
    known = RECORDS[ufunc]
    return register(
        dataclasses.replace(
            known,
            name=f"{function.__module__}_{function.__name__}",
            function=function,
            evaluate=_evaluator(function, ufunc),
            kinks=_stated(function, known.kinks),
            examples=(Example(((2, 3),) * len(known.reads)),),
        )
    )


for _function, _ufunc in LIKE_NUMPY.items():
    _like(_function, _ufunc)


LIKE_NUMPY_COMPLEX: dict[Callable[..., Any], np.ufunc] = {
    cmath.sin: np.sin,
    cmath.cos: np.cos,
    cmath.tan: np.tan,
    cmath.asin: np.arcsin,
    cmath.acos: np.arccos,
    cmath.atan: np.arctan,
    cmath.sinh: np.sinh,
    cmath.cosh: np.cosh,
    cmath.tanh: np.tanh,
    cmath.asinh: np.arcsinh,
    cmath.acosh: np.arccosh,
    cmath.atanh: np.arctanh,
    cmath.exp: np.exp,
    cmath.log: np.log,
    cmath.log10: np.log10,
    cmath.sqrt: np.sqrt,
}
"""The same for functions of complex numbers."""

for _function, _ufunc in LIKE_NUMPY_COMPLEX.items():
    _like(_function, _ufunc)


# The error function


def _erf_of_batch(x: Value) -> Value:
    from scipy import special

    return special.erf(x)


def _erfc_of_batch(x: Value) -> Value:
    from scipy import special

    return special.erfc(x)


_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)


def erf_slope(_out: Value, x: Value) -> Value:
    """Return 2 exp(-x²) / sqrt(pi)."""
    return _TWO_OVER_ROOT_PI * np.exp(-np.square(x))


for _function, _on_batches, _slope in (
    (math.erf, _erf_of_batch, erf_slope),
    (math.erfc, _erfc_of_batch, lambda out, x: -erf_slope(out, x)),
):
    _record = elementwise(
        _function,
        (_slope,),
        name=f"math_{_function.__name__}",
        evaluate=_evaluator(_function, _on_batches),
        examples=(Example(((2, 3),)),),
    )


elementwise(  # of numbers only, and fast: `as_float` takes what else float does
    float,
    (lambda _out, _x: 1.0,),
    name="math_float",
    evaluate=_evaluator(float, lambda x: x.astype(np.float64)),
    examples=(Example(((2, 3),)),),
)


# Functions of several numbers, taken as one vector


def fsum(numbers: Value) -> Value:
    """Return ``math.fsum`` of a vector: the sum, rounded once."""
    if isinstance(numbers, Handle):
        return bind_one(RECORDS[math.fsum], numbers, ())
    return math.fsum(numbers.tolist())


def plain_sum(numbers: Value, integers: tuple[int, ...] = ()) -> Value:
    """Return Python's ``sum`` of a vector: of floats compensated, from 3.12 on.

    ``integers`` are the positions of what the user has as integers: Python does not
    make up for their rounding.
    """
    if isinstance(numbers, Handle):
        return bind_one(RECORDS[sum], numbers, (integers,) if integers else ())
    items = numbers.tolist()
    for k in integers:
        items[k] = int(items[k])
    return sum(items)


def norm(coordinates: Value) -> Value:
    """Return ``math.hypot`` of the numbers in a vector, however many."""
    if isinstance(coordinates, Handle):
        return bind(RECORDS[norm], (coordinates,))
    return math.hypot(*coordinates.tolist())


def norm_slope(out: Value, x: Value) -> Value:
    """Return x / out, and 0 at the origin (the symmetric subgradient)."""
    origin = np.equal(out, 0)
    return np.where(origin, 0.0, np.divide(x, np.where(origin, 1.0, out)))


def row_by_row(function: Callable[..., Value]) -> Callable[..., Value]:
    """Return the batch rule of a function of vectors: no sum of NumPy is as exact."""

    def batch(args: Sequence[Value], batched: Sequence[bool], size: int) -> Value:
        if not size:  # no row: a result of the right shape and trace
            whole = args[batched.index(True)]
            return np.sum(whole, axis=tuple(range(1, np.ndim(whole))))
        rows = (
            [arg[k] if own else arg for arg, own in zip(args, batched, strict=True)]
            for k in range(size)
        )
        return np.stack([function(*row) for row in rows]) if size else np.zeros(0)

    return batch


structural(
    math.fsum,
    fsum,
    np.broadcast_to,
    layout=Layout.REDUCTION,
    batch=lambda x: row_by_row(fsum)([x], [True], shape_of(x)[0]),
    examples=(Example(((4,),)),),
    name="math_fsum",
)
structural(
    sum,
    plain_sum,
    lambda out_bar, x_shape, _integers=(): np.broadcast_to(out_bar, x_shape),
    layout=Layout.REDUCTION,
    batch=lambda x, integers=(): row_by_row(
        functools.partial(plain_sum, integers=integers)
    )([x], [True], shape_of(x)[0]),
    examples=(Example(((4,),)),),
    name="plain_sum",
)
general(
    norm,
    norm,
    (lambda out_bar, out, x: out_bar * norm_slope(out, x),),
    layout=Layout.REDUCTION,
    batch=row_by_row(norm),
    domain=(REALS,),
    examples=(Example(((3,),)),),
    name="math_norm",
)


def sumprod(p: Value, q: Value) -> Value:
    """Return ``math.sumprod`` of two vectors: the dot product, rounded once."""
    if isinstance(p, Handle) or isinstance(q, Handle):
        return bind(RECORDS[sumprod], (p, q))
    exact: Callable[..., float] = math.sumprod  # type: ignore[attr-defined]
    return exact(p.tolist(), q.tolist())


if hasattr(math, "sumprod"):  # from Python 3.12 on
    general(
        sumprod,
        sumprod,
        (
            lambda out_bar, _out, _p, q: out_bar * q,
            lambda out_bar, _out, p, _q: out_bar * p,
        ),
        layout=Layout.REDUCTION,
        batch=row_by_row(sumprod),
        examples=(Example(((3,), (3,))),),
        name="math_sumprod",
    )
