"""Functions that write, held to the laws by what they leave in a copy."""

import operator

import numpy as np

from adjoint._core.registry import RECORDS
from adjoint._numpy.catalogue import methods_of
from laws.compositions import REALS, composition
from laws.ufunc_methods import domain_of, takes_floats, ufuncs

_MASK = np.array([[True, False, True], [False, True, True]])


def written(write, x, *others):
    """What a function makes of a copy of its first argument.

    The copy is traced if anything is: a plain array cannot hold traced values.
    """
    y = x * np.float32(1.0)
    for one in others:
        y = y + np.sum(one) * np.float32(0.0)
    write(y, *others)
    return y


def _writing(name, write, *shapes, domain=REALS):
    composition(
        f"writing-{name}",
        lambda x, *others: written(write, x, *others),
        *shapes,
        domain=domain,
    )


_writing("copyto", lambda y, v: np.copyto(y, v), (2, 3), (3,))  # noqa: PLW0108
_writing("copyto-where", lambda y, v: np.copyto(y, v, where=_MASK), (2, 3), (2, 3))
_writing("put", lambda y, v: np.put(y, [4, 0, 4], v), (2, 3), (2,))
_writing("place", lambda y, v: np.place(y, _MASK, v), (2, 3), (3,))
_writing("putmask", lambda y, v: np.putmask(y, _MASK, v), (2, 3), (4,))
_writing("fill_diagonal", lambda y, v: np.fill_diagonal(y, v), (3, 3), (2,))  # noqa: PLW0108
_writing(
    "put_along_axis",
    lambda y, v: np.put_along_axis(y, np.array([[2, 0], [1, 1]]), v, 1),
    (2, 3),
    (2, 1),
)
_writing("keyword-copyto", lambda y, v: np.copyto(y, v, casting="unsafe"), (2, 3), (3,))
_writing("keyword-nan_to_num", lambda y: np.nan_to_num(y, copy=False), (2, 3))
_writing("keyword-put", lambda y, v: np.put(y, [7, -2], v, mode="wrap"), (2, 3), (2,))
_writing("keyword-fill", lambda y, v: np.fill_diagonal(y, v, wrap=True), (5, 2), (2,))
_writing("flat", lambda y, v: operator.setitem(y.T.flat, [3, 0], v), (2, 3), (2,))
_writing("sin-out", lambda y, v: np.sin(v, out=y.T), (2, 3), (3, 2))
_writing("cumsum-out", lambda y, v: np.cumsum(v, axis=0, out=y), (2, 3), (2, 3))


_ONE_OR_TWO = [(3,), (2,)]


def _at(ufunc):
    """What ``ufunc.at`` leaves; of a step too something to differentiate."""
    return lambda y, *v: (ufunc.at(y, [1, 0], *v), np.multiply.at(y, [0], 2.0))


for _ufunc in ufuncs():
    if "at" not in methods_of(_ufunc) or not takes_floats(_ufunc):
        continue
    if _ufunc is np.ldexp:
        _writing("ldexp-at", lambda y: np.ldexp.at(y, [1, 0], [2, -1]), (3,))
        continue
    _low, _high = RECORDS[_ufunc].domain[0]
    _writing(
        f"{_ufunc.__name__}-at",
        _at(_ufunc),
        *_ONE_OR_TWO[: _ufunc.nin],
        domain=domain_of(_ufunc) if _ufunc.nin == 2 else (_low, _high),
    )
