"""What each function is in SymPy: the one table there is.

Symbols are real, and so is what the functions mean: ``np.cbrt(-8)`` is -2, not one of
three complex roots.
"""

import functools
import math
import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._primitives.conversion import as_float
from adjoint._primitives.linalg.roots import root_of_squares
from adjoint._symbolic.loading import sympy


@functools.cache
def elementwise() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the SymPy function for each NumPy function of numbers."""
    sp = sympy()

    def cbrt(x: Any) -> Any:
        return sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3)

    def clip(x: Any, low: Any, high: Any) -> Any:
        return sp.Piecewise((low, x < low), (high, x > high), (x, True))

    def copysign(x: Any, y: Any) -> Any:
        return sp.Piecewise((sp.Abs(x), y >= 0), (-sp.Abs(x), True))

    def where(condition: Any, x: Any, y: Any) -> Any:
        return sp.Piecewise((x, as_condition(condition)), (y, True))

    def sinc(x: Any) -> Any:
        return sp.sinc(sp.pi * x)

    known = {
        np.add: operator.add,
        np.subtract: operator.sub,
        np.multiply: operator.mul,
        np.divide: operator.truediv,
        np.negative: operator.neg,
        np.positive: operator.pos,
        np.reciprocal: lambda x: 1 / x,
        np.square: lambda x: x**2,
        np.power: sp.Pow,
        np.float_power: sp.Pow,
        np.sqrt: sp.sqrt,
        np.cbrt: cbrt,
        np.hypot: lambda x, y: sp.sqrt(x**2 + y**2),
        np.absolute: sp.Abs,
        np.fabs: sp.Abs,
        np.sign: sp.sign,
        np.copysign: copysign,
        np.exp: sp.exp,
        np.exp2: lambda x: 2**x,
        np.expm1: lambda x: sp.exp(x) - 1,
        np.log: sp.log,
        np.log2: lambda x: sp.log(x) / sp.log(2),
        np.log10: lambda x: sp.log(x) / sp.log(10),
        np.log1p: lambda x: sp.log(1 + x),
        np.logaddexp: lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
        np.logaddexp2: lambda x, y: sp.log(2**x + 2**y) / sp.log(2),
        np.sin: sp.sin,
        np.cos: sp.cos,
        np.tan: sp.tan,
        np.arcsin: sp.asin,
        np.arccos: sp.acos,
        np.arctan: sp.atan,
        np.arctan2: sp.atan2,
        np.sinh: sp.sinh,
        np.cosh: sp.cosh,
        np.tanh: sp.tanh,
        np.arcsinh: sp.asinh,
        np.arccosh: sp.acosh,
        np.arctanh: sp.atanh,
        np.sinc: sinc,
        np.maximum: sp.Max,
        np.minimum: sp.Min,
        np.fmax: sp.Max,
        np.fmin: sp.Min,
        np.clip: clip,
        np.heaviside: sp.Heaviside,
        np.floor: sp.floor,
        np.ceil: sp.ceiling,
        np.where: where,
        np.less: sp.Lt,
        np.less_equal: sp.Le,
        np.greater: sp.Gt,
        np.greater_equal: sp.Ge,
        np.equal: sp.Eq,
        np.not_equal: sp.Ne,
        np.logical_and: _of_conditions(sp.And),
        np.logical_or: _of_conditions(sp.Or),
        np.logical_xor: _of_conditions(sp.Xor),
        np.logical_not: _of_conditions(sp.Not),
        np.bitwise_and: _of_conditions(sp.And),
        np.bitwise_or: _of_conditions(sp.Or),
        np.bitwise_xor: _of_conditions(sp.Xor),
        np.invert: _of_conditions(sp.Not),
        np.isfinite: lambda _x: sp.true,
        np.isnan: lambda _x: sp.false,
        np.isinf: lambda _x: sp.false,
        np.real: sp.re,
        np.imag: sp.im,
        np.conjugate: sp.conjugate,
        np.degrees: lambda x: x * 180 / sp.pi,
        np.radians: lambda x: x * sp.pi / 180,
        root_of_squares: sp.sqrt,
        math.erf: sp.erf,
        math.erfc: sp.erfc,
        float: lambda x: x,
        as_float: lambda x: x,
        np.ndarray.astype: lambda x: x,
    }
    return known | {other: known[one] for other, one in ALSO_CALLED.items()}


ALSO_CALLED = {
    np.deg2rad: np.radians,
    np.rad2deg: np.degrees,
    math.acos: np.arccos,
    math.acosh: np.arccosh,
    math.asin: np.arcsin,
    math.asinh: np.arcsinh,
    math.atan: np.arctan,
    math.atan2: np.arctan2,
    math.atanh: np.arctanh,
    math.cbrt: np.cbrt,
    math.copysign: np.copysign,
    math.cos: np.cos,
    math.cosh: np.cosh,
    math.degrees: np.degrees,
    math.exp: np.exp,
    math.exp2: np.exp2,
    math.expm1: np.expm1,
    math.fabs: np.fabs,
    math.hypot: np.hypot,
    math.log: np.log,
    math.log10: np.log10,
    math.log1p: np.log1p,
    math.log2: np.log2,
    math.pow: np.power,
    math.radians: np.radians,
    math.sin: np.sin,
    math.sinh: np.sinh,
    math.sqrt: np.sqrt,
    math.tan: np.tan,
    math.tanh: np.tanh,
}
"""The same functions under other names, those of Python's ``math`` among them."""


def sympy_function(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Return what a function of numbers is in SymPy; ``None`` if it has none."""
    known = elementwise().get(function)
    if known is not None:
        return known
    special = sys.modules.get(
        "scipy.special"
    )  # loaded, if one of its functions is used
    name = getattr(function, "__name__", "")
    if special is None or getattr(special, name, None) is not function:
        return None
    return special_functions().get(name)


@functools.cache
def special_functions() -> dict[str, Callable[..., Any]]:
    """Return the SymPy function for names of ``scipy.special``."""
    sp = sympy()
    return {
        "beta": sp.beta,
        "digamma": sp.digamma,
        "psi": sp.digamma,
        "erf": sp.erf,
        "erfc": sp.erfc,
        "erfinv": sp.erfinv,
        "expit": lambda x: 1 / (1 + sp.exp(-x)),
        "gamma": sp.gamma,
        "gammaln": sp.loggamma,
        "i0": lambda x: sp.besseli(0, x),
        "i1": lambda x: sp.besseli(1, x),
        "j0": lambda x: sp.besselj(0, x),
        "j1": lambda x: sp.besselj(1, x),
        "jv": sp.besselj,
        "log_expit": lambda x: -sp.log(1 + sp.exp(-x)),
        "log_ndtr": lambda x: sp.log(sp.erfc(-x / sp.sqrt(2)) / 2),
        "logit": lambda x: sp.log(x / (1 - x)),
        "ndtr": lambda x: sp.erfc(-x / sp.sqrt(2)) / 2,
        "xlog1py": lambda x, y: x * sp.log(1 + y),
        "xlogy": lambda x, y: x * sp.log(y),
        "y0": lambda x: sp.bessely(0, x),
        "y1": lambda x: sp.bessely(1, x),
    }


TAKE_CONDITIONS = frozenset(
    {
        np.where,
        np.logical_and,
        np.logical_or,
        np.logical_xor,
        np.logical_not,
        np.bitwise_and,
        np.bitwise_or,
        np.bitwise_xor,
        np.invert,
    }
)
"""Functions to which a condition is one; to all others it is 1 or 0."""


def _of_conditions(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: function(*map(as_condition, args))


def as_condition(value: Any) -> Any:
    """Return a condition; of a number, whether it is other than 0."""
    return value if _is_condition(value) else sympy().Ne(value, 0)


def as_number(value: Any) -> Any:
    """Return a number; of a condition, 1 where it holds and 0 elsewhere."""
    if not _is_condition(value):
        return value
    return sympy().Piecewise((1, value), (0, True))


def _is_condition(value: Any) -> bool:
    """Tell conditions from numbers; to SymPy a symbol may be either."""
    sp = sympy()
    return isinstance(value, sp.logic.boolalg.Boolean) and not value.is_Symbol


def exactly(value: Any) -> Any:
    """Return a number as SymPy's: the very number that a float stands for.

    Integers and short binary fractions are written as fractions, others as floats,
    which SymPy takes for exact at every precision, with as many digits as tell them
    apart.
    """
    sp = sympy()
    if isinstance(value, (bool, np.bool_)):
        return sp.true if value else sp.false
    if isinstance(value, (int, np.integer)):
        return sp.Integer(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return exactly(value.real) + sp.I * exactly(value.imag)
    number = float(value)
    if np.isnan(number):
        return sp.nan
    if np.isinf(number):
        return sp.oo if number > 0 else -sp.oo
    numerator, denominator = number.as_integer_ratio()
    if denominator <= SHORT and abs(numerator) <= LONG:
        return sp.Rational(numerator, denominator)
    digits = len(repr(number).partition("e")[0].strip("-0.").replace(".", ""))
    return sp.Float(number, 15 if digits <= 15 else 17)


SHORT = 1024
LONG = 10**6
"""Up to here a fraction is easier to read than its digits."""
