"""Records of the expressions that others are rewritten to, for derivatives alone.

No function of NumPy has them: ``rewrites.py`` says which calls are differentiated by
them.  Their arguments are what the rules read, not what a function would take.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.record import Calculus, Layout, Reads, Record, Rule, read_names
from adjoint._primitives.arithmetic import inverse
from adjoint._primitives.reduction import kept_shape


def _internal(
    name: str, calculus: Calculus, rules: tuple[Rule | None, ...], **more: Any
) -> Record:
    """Return a record for derivatives alone: no function of NumPy has it."""
    leading = 0 if calculus is Calculus.PARTIALS else 1
    arity = len(rules)
    nothing = Reads(out=False, args=(False,) * arity)
    reads = [read_names(rule, leading, arity) if rule else nothing for rule in rules]
    return Record(
        name=name,
        function=_internal,
        evaluate=_internal,
        calculus=calculus,
        layout=Layout.OPAQUE,
        rules=rules,
        reads=tuple(reads),
        domain=(),
        **more,
    )


def _modulus_slope(z: Value, y: Value, p: Any) -> Value:
    slope = p * np.conjugate(z)
    return slope if p == 2 else slope * np.power(y, p - 2)


modulus_power = _internal(
    "power of a modulus",
    Calculus.GENERAL,
    (
        lambda out_bar, _out, z, y, p: np.real(out_bar) * _modulus_slope(z, y, p),
        None,
        None,
    ),
    pushforward=lambda _out, args, dots, _params: np.real(
        _modulus_slope(*args) * dots[0]
    ),
)


def _root_power_slope(y: Value, p: Any, k: int) -> Value:
    """Return the slope of x**(p/k) in terms of the root y = x**(1/k)."""
    return p / k if p == k else p / k * np.power(y, p - k)


root_power = _internal(
    "power of a root",
    Calculus.PARTIALS,
    (lambda _out, y, pk: _root_power_slope(y, *pk), None),
)


def _hypot_slope(x: Value, y: Value, p: Any) -> Value:
    return p * x if p == 2 else p * x * np.power(y, p - 2)


hypot_power = _internal(
    "power of hypot",
    Calculus.PARTIALS,
    (
        lambda _out, a, _b, y, p: _hypot_slope(a, y, p),
        lambda _out, _a, b, y, p: _hypot_slope(b, y, p),
        None,
        None,
    ),
)


def extremum_power(share: Callable[..., Value]) -> Record:
    def slope(y: Value, mine: Value, other: Value, p: Any) -> Value:
        part = share(y, mine, other)
        base = np.where(np.equal(part, 0), 1.0, mine)
        return part * (p * base if p == 2 else p * np.power(base, p - 1))

    return _internal(
        "power of an extremum",
        Calculus.PARTIALS,
        (
            lambda _out, a, b, y, p: slope(y, a, b, p),
            lambda _out, a, b, y, p: slope(y, b, a, p),
            None,
            None,
        ),
    )


def _root_slope(_out: Value, x: Value, p: Any) -> Value:
    """Return the slope of ``abs(x)**m``, m = p / 2 a whole number."""
    m = p / 2
    slope = np.sign(x) if m % 2 else 1.0
    if m == 1:
        return slope
    return slope * (m * x if m == 2 else m * np.power(x, m - 1))


root_of_power = _internal("root of a power", Calculus.PARTIALS, (_root_slope, None))


def _share(e: Value, y: Value) -> Value:
    """Return e / y, y = c + e: which part of the sum is the exponential; 1 at inf."""
    huge = np.isinf(e)
    return np.where(huge, 1.0, np.where(huge, 1.0, e) / y)


log_of_shifted = _internal(
    "log of c + exp",
    Calculus.PARTIALS,
    (lambda _out, e, y: _share(e, y), None),
)
quotient = _internal(
    "n / (c + exp)",
    Calculus.PARTIALS,
    (
        lambda _out, _e, y: inverse(y),
        lambda out, e, y: -out * _share(e, y),
    ),
)


def _softmax(x: Value, axes: tuple[int, ...]) -> Value:
    """Return exp(x) over its sum along axes; zeros where no term is left."""
    top = np.max(x, axis=axes, keepdims=True)
    usual = np.isfinite(top)
    lost = np.where(np.isnan(top), np.nan, -np.inf)
    below = np.where(usual, x - np.where(usual, top, 0.0), lost)
    weights = np.exp(np.where(np.equal(x, np.inf), 0.0, below))
    total = np.sum(weights, axis=axes, keepdims=True)
    return weights / np.where(np.equal(total, 0), 1.0, total)


def _shares(x: Value, e: Value, total: Value, axes: tuple[int, ...]) -> Value:
    """Return the softmax; of an ``x`` not kept, nan where ``e`` does not tell it."""
    if x is not None:
        return _softmax(x, axes)
    total = np.reshape(total, kept_shape(np.shape(e), axes))
    known = np.logical_and(np.less(total, np.inf), np.greater(total, _NORMAL))
    return np.where(known, e / np.where(known, total, 1.0), np.nan)


_NORMAL = 1e-290
"""Below, a sum of exponentials may have lost digits."""


def _log_of_sum_pullback(
    out_bar: Value,
    _out: Value,
    x: Value,
    e: Value,
    total: Value,
    axes: tuple[int, ...],
    _keepdims: bool,
) -> Value:
    bar = np.reshape(out_bar, kept_shape(np.shape(e), axes))
    shares = _shares(x, e, total, axes)
    dead = np.logical_and(np.equal(bar, 0), np.isnan(shares))
    return bar * np.where(dead, 0.0, shares)


def _log_of_sum_pushforward(
    _out: Value, args: Any, dots: Any, params: tuple[Any, ...]
) -> Value:
    (x, e, total), (axes, keepdims) = args, params
    return np.sum(dots[0] * _shares(x, e, total, axes), axis=axes, keepdims=keepdims)


log_of_sum = _internal(
    "log of a sum of exp",
    Calculus.GENERAL,
    (_log_of_sum_pullback, None, None),
    pushforward=_log_of_sum_pushforward,
)
