"""Functions that write, held to the laws by what they leave in a copy."""

import operator

import numpy as np

from adjoint._core.registry import UFUNC_METHODS
from laws.compositions import POSITIVE, REALS, composition

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
_writing("flat", lambda y, v: operator.setitem(y.T.flat, [3, 0], v), (2, 3), (2,))
_writing("sin-out", lambda y, v: np.sin(v, out=y.T), (2, 3), (3, 2))
_writing("cumsum-out", lambda y, v: np.cumsum(v, axis=0, out=y), (2, 3), (2, 3))


_ONE_OR_TWO = [(3,), (2,)]

for _ufunc, _method in sorted(UFUNC_METHODS, key=lambda key: key[0].__name__):
    if _method == "at":
        _writing(
            f"{_ufunc.__name__}-at",
            lambda y, *v, ufunc=_ufunc: ufunc.at(y, [1, 0], *v),
            *_ONE_OR_TWO[: _ufunc.nin],
            domain=POSITIVE if _ufunc in (np.divide, np.power) else REALS,
        )
