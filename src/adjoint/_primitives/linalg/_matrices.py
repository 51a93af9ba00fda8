"""What the rules of linear algebra share: transposes, diagonals, samples for laws.

Cotangents pair with tangents without conjugation (docs/conventions.rst), so a rule in
terms of cotangents is the conjugate of what papers write in terms of gradients: where
they have v x̄ vᴴ, it has conj(v) x̄ vᵀ.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of
from adjoint._core.errors import warn_of_convention
from adjoint._core.handle import strip


def transposed(x: Value) -> Value:
    """Return matrices with rows and columns exchanged."""
    return np.swapaxes(x, -1, -2)


def is_complex(x: Value) -> bool:
    """Tell whether a value has a complex dtype."""
    return dtype_of(x).kind == "c"


def conjugated(x: Value) -> Value:
    """Return the complex conjugate; ``x`` itself, no copy, if it is real."""
    return np.conjugate(x) if is_complex(x) else x


def conjugate_transposed(x: Value) -> Value:
    """Return matrices with rows and columns exchanged, conjugated if complex."""
    return transposed(conjugated(x))


def identity_like(x: Value) -> Value:
    """Return the identity of as many rows as ``x`` has columns, in its dtype."""
    return np.eye(x.shape[-1], dtype=x.dtype)


def diagonal_matrix(x: Value) -> Value:
    """Return matrices with vectors on their diagonals."""
    return np.expand_dims(x, -1) * identity_like(x)


def scale_columns(x: Value, factors: Value) -> Value:
    """Return ``x`` times the diagonal matrix of ``factors``."""
    return x * np.expand_dims(factors, -2)


def over_stack(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Return the batch rule of a function of one stack of matrices."""

    def batch(
        args: Sequence[Value], _batched: Sequence[bool], _size: int, *params: Any
    ) -> Any:
        return evaluate(args[0], *params)

    return batch


_noted: ContextVar[set[str] | None] = ContextVar("noted", default=None)


@contextmanager
def noting_symmetric() -> Iterator[set[str]]:
    """Collect the names of functions that are differentiated as of (a + aᴴ)/2."""
    names: set[str] = set()
    token = _noted.set(names)
    try:
        yield names
    finally:
        _noted.reset(token)


def check_symmetric(a: Value, function: str) -> None:
    """Warn if a matrix of which NumPy reads one triangle is not symmetric.

    Up to the square root of the rounding unit, relative to its largest element: sums
    in another order make a matrix that unsymmetric.
    """
    names = _noted.get()
    if names is not None:
        names.add(function)
    plain = strip(a)
    other = np.conjugate(np.swapaxes(plain, -1, -2))
    if plain.ndim < 2 or plain.shape != other.shape or not plain.size:
        return
    if np.array_equal(plain, other):
        return
    size = np.max(np.abs(plain))
    difference = np.max(np.abs(plain - other))
    if difference <= np.sqrt(np.finfo(plain.dtype).eps) * size:
        return
    warn_of_convention(
        f"{function} was given a matrix that is not symmetric (elements differ by up "
        f"to {difference:.3g} from those across the diagonal). NumPy reads one "
        "triangle; the derivative is that of the function of (a + a.T) / 2, so it does "
        "not fit the value's. Pass (a + a.T) / 2 (with the conjugate, if a is complex)."
    )


# Samples for the laws: from any numbers, a matrix that a function is smooth at.


def regular(x: Value) -> tuple[Value]:
    """Return a matrix far from singular, its eigenvalues and singular values apart."""
    rows, columns = x.shape[-2:]
    spread = 3.0 + 2.0 * np.arange(min(rows, columns))
    main = np.zeros((rows, columns), x.dtype)
    np.fill_diagonal(main, spread)
    return (0.3 * x + main,)


def symmetric(x: Value) -> tuple[Value]:
    """Return a symmetric (Hermitian) matrix with eigenvalues apart."""
    (x,) = regular(x)
    return (0.5 * (x + conjugate_transposed(x)),)


def positive(x: Value) -> tuple[Value]:
    """Return a symmetric (Hermitian) positive definite matrix."""
    (x,) = regular(x)
    return (0.2 * np.matmul(x, conjugate_transposed(x)),)


def real_spectrum(x: Value) -> tuple[Value]:
    """Return a matrix, not symmetric, with real eigenvalues: they are far apart."""
    (x,) = regular(x)
    return (x * np.sqrt(np.linspace(1.0, 1.5, x.shape[-1])).astype(x.dtype),)
