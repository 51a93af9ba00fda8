"""Triangular factors: those that LAPACK leaves behind, and their inverses.

``np.linalg.solve`` hands a copy of the matrix to xGESV, which overwrites it with its
factors, a = p l u; NumPy drops them.  Called directly, the same routine of the same
library gives the same solution to the last bit, and the factors stay: another system
with this matrix, or with its transpose, takes 2 n² operations instead of 2/3 n³.

The inverse of a triangle takes n³/3 operations, where ``np.linalg.inv`` takes 2 n³.

The routines are looked up in the library that NumPy's own extension module is linked
with.  Where they are not found (Windows has no such look-up), or fail a trial, or the
matrix is small or one of a stack, nothing is kept, and NumPy's own functions serve.
"""

import ctypes
import functools
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._core.arrays import Value

Array = np.ndarray[Any, Any]

_WORTH_KEEPING = 40
"""Rows: of fewer, a second solution takes less time than the detour (17 us at 32)."""

_SPELLINGS = ("scipy_{}_64_", "{}_64_", "{}$NEWLAPACK$ILP64", "{}$NEWLAPACK", "{}_")
"""How LAPACKs name their routines: OpenBLAS in NumPy's wheels and elsewhere, Apple's,
and all others."""

_IN_DOUBLE = {"f": "d", "d": "d", "F": "D", "D": "D"}
"""What NumPy computes in, whatever it is given."""

_LETTERS = {"d": "d", "D": "z"}
"""How LAPACK's names begin."""


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors p, l, u of a matrix of shape (n, n), as xGETRF lays them out.

    Attributes
    ----------
    lu : ndarray, shape (n, n), in Fortran order
    pivots : ndarray, shape (n,)
    dtype : numpy.dtype
        That of the matrix; its factors are in double precision.
    """

    lu: Array
    pivots: Array
    dtype: np.dtype[Any]

    def solve(self, b: Array, *, transposed: bool = False) -> Array:
        """Return the solution of ``a x = b``, or of ``aᵀ x = b``.

        Parameters
        ----------
        b : ndarray, shape (n,) or (n, k)
            Of the dtype of the matrix.
        transposed : bool
        """
        x = np.array(b, self.lu.dtype, order="F")
        routines: Any = _routines(self.lu.dtype.char)
        _solve_factored(routines[1], self.lu, self.pivots, x, transposed=transposed)
        return x.astype(self.dtype, copy=False)


_kept: dict[int, tuple["weakref.ref[Array]", Factors]] = {}
"""The factors behind solutions that are still alive, by the identity of these."""


def factors_behind(x: Value) -> Factors | None:
    """Return the factors with which `solve_keeping_factors` found ``x``, if any."""
    found = _kept.get(id(x))
    return found[1] if found is not None and found[0]() is x else None


def solve_keeping_factors(a: Value, b: Value) -> Value:
    """Return what ``np.linalg.solve(a, b)`` returns, bit by bit.

    The factors are kept for as long as the solution lives; `factors_behind` finds them.
    """
    if not _is_worth_it(a, b):
        return np.linalg.solve(a, b)
    double = _IN_DOUBLE[a.dtype.char]
    routines = _routines(double)
    if routines is None:
        return np.linalg.solve(a, b)
    lu, x = np.array(a, double, order="F"), np.array(b, double, order="F")
    pivots = np.zeros(len(a), np.int64)
    if _solve_anew(routines[0], lu, pivots, x):  # singular
        return np.linalg.solve(a, b)  # NumPy's own error
    x = np.ascontiguousarray(x, a.dtype)
    key = id(x)
    forget = functools.partial(_forget, key)
    _kept[key] = weakref.ref(x, forget), Factors(lu, pivots, a.dtype)
    return x


def _forget(key: int, _: object) -> None:
    _kept.pop(key, None)


def _is_worth_it(a: Value, b: Value) -> bool:
    """Tell whether this is one large system of plain arrays of one dtype."""
    return (
        _is_large(a)
        and type(b) is np.ndarray
        and 0 < b.ndim < 3
        and b.shape[0] == a.shape[0]
        and b.size > 0
        and a.dtype == b.dtype
    )


def _is_large(a: Value) -> bool:
    """Tell whether this is one large square matrix, a plain array."""
    return (
        type(a) is np.ndarray
        and a.ndim == 2
        and a.shape[0] == a.shape[1] >= _WORTH_KEEPING
        and a.dtype.isnative
        and a.dtype.char in _IN_DOUBLE
    )


def inverse_of_triangle(lower: Value) -> Value:
    """Return the inverse of a lower triangular matrix, zeros above its diagonal.

    Of stacks of them too.  It is held to no value of NumPy's.
    """
    routines = _routines(_IN_DOUBLE[lower.dtype.char]) if _is_large(lower) else None
    if routines is None:
        return np.linalg.inv(lower)
    inverse = np.array(lower, _IN_DOUBLE[lower.dtype.char], order="F")
    if _invert_triangle(routines[2], inverse):  # singular
        return np.linalg.inv(lower)  # NumPy's own error
    return inverse.astype(lower.dtype, copy=False)


# LAPACK takes everything by address.  Some builds read integers of 8 bytes, some of 4;
# in integers of 8 bytes, lower half first, both find the same number.


def _solve_anew(gesv: Any, a: Array, pivots: Array, b: Array) -> int:
    """Overwrite ``a`` by its factors and ``b`` by the solution; 0 if it is regular."""
    n, columns, info = _integers(len(a), b.size // len(a), 0)
    gesv(n, columns, _at(a), n, _at(pivots), _at(b), n, info)
    return int(info._obj.value)


def _solve_factored(
    getrs: Any, lu: Array, pivots: Array, b: Array, *, transposed: bool
) -> None:
    """Overwrite ``b`` by the solution; it fails of no factors."""
    n, columns, info = _integers(len(lu), b.size // len(lu), 0)
    which = ctypes.c_char_p(b"T" if transposed else b"N")
    length = ctypes.c_size_t(1)  # of the text, as Fortran passes it
    getrs(which, n, columns, _at(lu), n, _at(pivots), _at(b), n, info, length)


def _invert_triangle(trtri: Any, a: Array) -> int:
    """Overwrite the lower triangle of ``a`` by its inverse; 0 if it is regular."""
    n, info = _integers(len(a), 0)
    lower, not_unit = ctypes.c_char_p(b"L"), ctypes.c_char_p(b"N")
    length = ctypes.c_size_t(1)
    trtri(lower, not_unit, n, _at(a), n, info, length, length)
    return int(info._obj.value)


def _integers(*values: int) -> list[Any]:
    return [ctypes.byref(ctypes.c_int64(value)) for value in values]


def _at(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


@functools.cache
def _routines(kind: str) -> tuple[Any, Any, Any] | None:
    """Return xGESV, xGETRS and xTRTRI, or ``None`` where they cannot be had."""
    path = getattr(getattr(np.linalg, "_umath_linalg", None), "__file__", None)
    if path is None:
        return None
    try:
        library = ctypes.CDLL(path)
    except OSError:
        return None
    for spelling in _SPELLINGS:
        gesv, getrs, trtri = (
            getattr(library, spelling.format(_LETTERS[kind] + name), None)
            for name in ("gesv", "getrs", "trtri")
        )
        if gesv is not None and getrs is not None and trtri is not None:
            passed = _pass_trial(gesv, getrs, trtri, kind)
            return (gesv, getrs, trtri) if passed else None
    return None


def _pass_trial(gesv: Any, getrs: Any, trtri: Any, kind: str) -> bool:
    """Tell whether routines do what their names say, and the first as NumPy does it."""
    a = np.cos(np.arange(1.0, 26.0) ** 2).reshape(5, 5).astype(kind)
    b = np.sin(np.arange(1.0, 11.0) ** 2).reshape(5, 2).astype(kind)
    lower = np.tril(a)
    lu, x, y, inverse = (np.array(one, order="F") for one in (a, b, b, lower))
    pivots = np.zeros(5, np.int64)
    if _solve_anew(gesv, lu, pivots, x) or not np.array_equal(x, np.linalg.solve(a, b)):
        return False
    _solve_factored(getrs, lu, pivots, y, transposed=True)
    return (
        np.allclose(y, np.linalg.solve(a.T, b))
        and _invert_triangle(trtri, inverse) == 0
        and np.allclose(inverse @ lower, np.eye(5))
    )
