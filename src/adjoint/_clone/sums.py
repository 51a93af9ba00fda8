"""Python's ``sum`` and ``math.sumprod`` on traced numbers.

From 3.12 on they are more exact than the loop one would write, as long as they meet
Python's own numbers: ``sum`` makes up for the rounding of floats, but not of integers
among them; ``math.sumprod`` rounds once.  From the first other number on, such as one
of NumPy's, each adds as a loop does.
"""

import math
import sys
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any

from adjoint._clone.records import stands_for
from adjoint._core.arrays import Value
from adjoint._core.dispatch import as_part, holds_traced
from adjoint._core.handle import strip
from adjoint._primitives.mathematics import plain_sum, sumprod

_LARGEST = 2**53  # up to which every integer is a float


def compensated_sum(iterable: Iterable[Any], /, start: Any = 0) -> Any:
    """Return Python's ``sum``, which makes up for the rounding of Python's floats."""
    if hasattr(iterable, "shape") or type(start) is bool:
        return sum(iterable, start)  # from a truth value on, Python adds as a loop does
    items = list(iterable)
    own = _first([start, *items], _is_own)
    if not holds_traced(own):
        return sum(items, start)
    rest = items[len(own) - 1 :]
    if type(start) is int and start == 0:
        own = own[1:]  # so `sum` begins by itself
    integers = tuple(k for k, one in enumerate(own) if _is_integer(one))
    return sum(rest, plain_sum(as_part(own), integers))


def exact_dot(p: Iterable[Value], q: Iterable[Value], /) -> Value:
    """Return ``math.sumprod``: the products of Python's numbers are rounded once.

    Those of integers that come first are added as integers.
    """
    p, q = list(p), list(q)
    if len(p) != len(q) or not holds_traced([p, q]):
        return math.sumprod(p, q)  # type: ignore[attr-defined]
    pairs = list(zip(p, q, strict=True))
    whole = _first(pairs, _are_integers)
    own = _first(pairs[len(whole) :], _are_own_floats)
    out: Value = sum(a * b for a, b in whole)
    if own:
        left, right = (as_part(list(side)) for side in zip(*own, strict=True))
        exact = sumprod(left, right)
        out = out + exact if whole else exact
    for a, b in pairs[len(whole) + len(own) :]:
        out = out + a * b
    return out


def _first(items: list[Any], is_kept: Callable[[Any], bool]) -> list[Any]:
    return list(takewhile(is_kept, items))


def _is_float(one: Any) -> bool:
    """Tell whether a number is one of Python's floats, traced or not."""
    return not getattr(one, "shape", ()) and type(strip(one)) is float


def _is_integer(one: Any) -> bool:
    return type(one) in {int, bool}


def _is_own(one: Any) -> bool:
    return _is_float(one) or (_is_integer(one) and abs(one) <= _LARGEST)


def _are_integers(pair: tuple[Any, Any]) -> bool:
    return all(map(_is_integer, pair))


def _are_own_floats(pair: tuple[Any, Any]) -> bool:
    return all(map(_is_own, pair)) and not _are_integers(pair)


if sys.version_info >= (3, 12):
    stands_for(sum)(compensated_sum)
    stands_for(math.sumprod)(exact_dot)
