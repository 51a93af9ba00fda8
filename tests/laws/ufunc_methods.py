"""The methods of all ufuncs that have rules, called as users call them."""

import numpy as np

from adjoint._core.record import Calculus
from adjoint._core.registry import RECORDS
from adjoint._numpy.catalogue import Kind, classify, methods_of
from adjoint._primitives.folds import FORGETFUL
from laws.compositions import POSITIVE, REALS, WIDE, composition

EXTREMA = (np.maximum, np.minimum, np.fmax, np.fmin)
OF_POSITIVE = (
    *(np.divide, np.power, np.float_power, np.arctan2),
    *(np.remainder, np.fmod, np.floor_divide),
)

NEAR_ONE = (0.5, 1.5)
"""Where powers of powers are neither large nor steep."""
BESIDE = frozenset({"ldexp", "divmod"})
"""Ufuncs with an integer argument or two results: laws of their own below."""


def ufuncs():
    """NumPy's ufuncs that classify as differentiable or as steps, each once."""
    found = {one for one in vars(np).values() if isinstance(one, np.ufunc)}
    known = {one for one in found if classify(one).kind is not Kind.WITHOUT}
    return sorted(known, key=lambda ufunc: ufunc.__name__)


def takes_floats(ufunc):
    """Tell whether a ufunc is one of real numbers, not of integers alone."""
    return any("d" in loop for loop in ufunc.types)


def folds_floats(ufunc):
    """Tell whether it goes from element to element of a real array."""
    return "dd->d" in ufunc.types or ufunc.__name__.startswith("logical")


def domain_of(ufunc):
    if ufunc in EXTREMA:
        return WIDE
    if ufunc in {np.power, np.float_power}:
        return NEAR_ONE
    if ufunc is np.floor_divide:
        return (5.0, 9.0)
    return POSITIVE if ufunc in OF_POSITIVE else REALS


def _constant(ufunc):
    record = RECORDS.get(ufunc)
    return record is not None and record.calculus is Calculus.CONSTANT


def _of_floats(ufunc, f, *, folds=True):
    """A law's function: of a step, what is multiplied with it."""
    if not _constant(ufunc) or (folds and ufunc is np.floor_divide):
        return f
    return lambda x, *y: f(x, *y).astype(x.dtype) * np.sum(x)


for _ufunc in ufuncs():
    _name, _methods = _ufunc.__name__, methods_of(_ufunc)
    if "outer" in _methods and takes_floats(_ufunc) and _name not in BESIDE:
        composition(
            f"{_name}-outer",
            _of_floats(
                _ufunc,
                lambda x, y, u=_ufunc: np.sum(u.outer(x, y), axis=0),
                folds=False,
            ),
            *((2,), (3,)),
            domain=domain_of(_ufunc),
        )
    if "reduce" not in _methods or not folds_floats(_ufunc):
        continue
    composition(
        f"{_name}-reduce",
        _of_floats(_ufunc, lambda x, u=_ufunc: u.reduce(x, -1, keepdims=True)),
        *((3, 2),),
        domain=domain_of(_ufunc),
    )
    composition(
        f"{_name}-accumulate",
        _of_floats(_ufunc, lambda x, u=_ufunc: u.accumulate(x, axis=1)),
        *((2, 3),),
        domain=domain_of(_ufunc),
    )
    _places = [0, 2] if _ufunc in FORGETFUL else [0, 2, 1]
    composition(
        f"{_name}-reduceat",
        _of_floats(_ufunc, lambda x, u=_ufunc, p=_places: u.reduceat(x, p, axis=-1)),
        *((2, 4),),
        domain=domain_of(_ufunc),
    )
composition(
    "ldexp-outer", lambda x: np.ldexp.outer(x, np.array([-1, 3])), (2,), domain=REALS
)
composition(
    "divmod-outer", lambda x, y: np.divmod.outer(x, y)[1], (2,), (3,), domain=POSITIVE
)

# Keywords of theirs

_MASK = np.array([[True, False, True], [False, True, True]])

for _ufunc in (np.subtract, np.divide, np.hypot, np.logaddexp, np.fmax, np.fmod):
    composition(
        f"{_ufunc.__name__}-reduce-where",
        lambda x, y, u=_ufunc: u.reduce(
            x + 0 * y[0], axis=1, where=_MASK, initial=y[0]
        ),
        *((2, 3), (1,)),
        domain=domain_of(_ufunc),
    )
for _ufunc in (np.hypot, np.logaddexp2, np.maximum):
    composition(
        f"{_ufunc.__name__}-reduce-axes",
        lambda x, u=_ufunc: (
            u.reduce(x, axis=(0, 2), keepdims=True)
            + u.reduce(x, axis=1, initial=1.5, keepdims=True)[:1, :, :1]
        ),
        *((2, 3, 2),),
        domain=WIDE if _ufunc is np.maximum else REALS,
    )
for _ufunc in (np.add, np.multiply, np.subtract, np.minimum):
    composition(
        f"in-double-{_ufunc.__name__}",
        lambda x, u=_ufunc: (
            u.reduce(x, dtype=np.complex128)
            + u.accumulate(x, dtype=np.complex128)
            + u.reduceat(x, [0], dtype=np.complex128)
        ),
        *((3,),),
        domain=WIDE if _ufunc is np.minimum else REALS,
    )
composition("in-double-outer", lambda x: np.add.outer(x, x, dtype=complex), (2,))
