"""Matrix products in NumPy's order of sums, in machine code once that has paid.

To import LLVM, to compile and to try takes 80 to 100 ms, and saves four fifths of the
time of such sums.  Nobody knows how many are to come, so the rule is that of skiers who
can rent or buy (Karlin et al. 1988): NumPy's own loops serve until they have cost as
much.  No bit of a result depends on who serves, only time does.
"""

import ctypes
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint._core.arrays import Shape
from adjoint._native.llvm import compiled, vector_bytes
from adjoint._native.product import ROWS, VECTORS, Kind, product_text

Array = np.ndarray[Any, Any]

PRICE = 500_000_000
"""Products that NumPy's loops do in 90 ms, about what it costs to be served sooner."""

_WIDEST = 64
"""Bytes of a vector on any processor."""

_ARGUMENTS = (ctypes.c_int64,) * 6 + (ctypes.c_void_p,) * 4

_TRIALS = ((1, 4, 1, 0), (1, 5, 40, 1), (2, 11, 3, 27), (2, 9, 150, 61))
"""Matrices in a stack, rows, terms, and columns beyond one widest vector: tiles that
fit, and tiles that start earlier, in both widths."""


@dataclass(frozen=True, slots=True)
class Product:
    """The matrix product of one dtype, compiled.

    Attributes
    ----------
    dtype : numpy.dtype
    function : callable
        The one of `product_text`.
    """

    dtype: np.dtype[Any]
    function: Callable[..., None]

    def __call__(
        self, x: Array, y: Array, shape: Shape, sizes: Shape, strides: Shape
    ) -> Array:
        """Return products of two stacks of matrices in C order.

        Parameters
        ----------
        x, y : ndarray
        shape : tuple of int
            That of the result.
        sizes : tuple of int
            Of the stack, and m, n and p: (m, n) times (n, p).
        strides : tuple of int
            Elements from row to row of a matrix in ``x``, and from term to term.
        """
        out = np.empty(shape, self.dtype)
        strip = np.empty(sizes[2] * VECTORS * _WIDEST, np.uint8)
        places = (one.ctypes.data for one in (x, y, out, strip))
        self.function(*sizes, *strides, *places)
        return out

    def agrees(self, count: int, m: int, n: int, more: int) -> bool:
        """Tell whether a product of random matrices is NumPy's, bit by bit."""
        p = _WIDEST // self.dtype.itemsize + more
        rng = np.random.default_rng(0)
        x, y = (
            (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 4, shape)).astype(
                self.dtype
            )
            for shape in ((count, m, n), (count, n, p))
        )
        theirs = np.einsum("bij,bjk->bik", x, y)
        ours = self(x, y, theirs.shape, (count, m, n, p), (n, 1))
        return bool(ours.tobytes() == theirs.tobytes())


class Offer:
    """The product of one dtype: to be compiled, compiled, or not to be had.

    Parameters
    ----------
    dtype : numpy.dtype
        float64 or float32.
    name : str
        What LLVM calls it.
    """

    def __init__(self, dtype: np.dtype[Any], name: str) -> None:
        self._dtype = dtype
        self._name = name
        self._spent = 0
        self._is_open = True
        self._product: Product | None = None
        self._lock = threading.Lock()

    def suits(self, rows: int, columns: int) -> bool:
        """Tell whether a result has room for a tile."""
        return rows >= ROWS and columns * self._dtype.itemsize >= _WIDEST

    def product(self, count: int) -> Product | None:
        """Return what computes a sum of `count` products, or None: it is NumPy's."""
        if self._is_open:
            self._spent += count  # of two threads at once, one may not count
            if self._spent >= PRICE:
                self._buy()
        return self._product

    def _buy(self) -> None:
        """Compile, once.

        A thread that comes meanwhile does not wait: its sum is NumPy's.  So are those
        of a process that is forked meanwhile.
        """
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._is_open:
                self._product = self._tried()
        finally:
            self._is_open = False
            self._lock.release()

    def _tried(self) -> Product | None:
        """Return the product if it can be had and agrees with NumPy, bit by bit.

        A NumPy built for fused multiply-add, as for ARM, rounds once where the text
        rounds twice.
        """
        try:
            size = self._dtype.itemsize
            kind = Kind(self._name, size, vector_bytes() // size)
            function = compiled(product_text(kind), "product", _ARGUMENTS)
        except (ImportError, OSError, RuntimeError):
            return None
        product = Product(self._dtype, function)
        return product if all(product.agrees(*trial) for trial in _TRIALS) else None


OFFERS = {
    np.dtype(dtype): Offer(np.dtype(dtype), name)
    for dtype, name in ((np.float64, "double"), (np.float32, "float"))
}
"""By the dtype of both operands, in the byte order of this machine."""
