"""Real part, imaginary part, complex conjugate: what complex numbers add to the rules.

Cotangents pair with tangents without conjugation: ``Re sum(w * J v)`` equals
``Re sum((Jᵀ w) * v)`` (see docs/conventions.rst).  So the rules of holomorphic
functions are those of real ones, letter by letter.  Only where a complex argument gives
a real result must a rule do more: it takes the real part of its cotangent, since what
reaches a real value may carry an imaginary part that means nothing.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of
from adjoint._core.record import Example, Layout
from adjoint._primitives._makers import general, linear, structural

real = structural(
    np.real,
    np.real,
    lambda out_bar, _x_shape: np.real(out_bar),
    layout=Layout.REINDEXING,
    batch=np.real,
    put=lambda z, view: view + 1j * np.imag(z),
    examples=(Example(((2, 3),)), Example(((),))),
)
imag = structural(
    np.imag,
    np.imag,
    lambda out_bar, _x_shape: np.multiply(-1j, np.real(out_bar)),
    layout=Layout.REINDEXING,
    batch=np.imag,
    put=lambda z, view: np.real(z) + 1j * view,
    examples=(Example(((2, 3),)), Example(((),))),
)
conjugate = linear(np.conjugate, (lambda out_bar, _out, _x: np.conjugate(out_bar),))


def conjugated(x: Value) -> Value:
    """Return the complex conjugate, and ``x`` itself, uncopied, where it is real."""
    return np.conjugate(x) if dtype_of(x).kind == "c" else x


def modulus(z: Value, absolute: Callable[..., Value]) -> Value:
    """Return |z| of complex numbers, by ``np.absolute`` or ``abs``.

    The two differ in the last digit of a scalar.
    """
    return absolute(z)


def _direction(out: Value, z: Value) -> Value:
    """Return z / |z|, and 0 at 0, part by part: half the time of ``np.sign``.

    A complex quotient would round once more, and overflow for the smallest numbers.
    """
    length = np.where(np.equal(out, 0), 1.0, out)
    return np.real(z) / length + np.multiply(1j, np.imag(z) / length)


def _push_modulus(
    out: Value,
    args: Sequence[Value],
    tangents: Sequence[Value],
    _params: tuple[Any, ...],
) -> Value:
    """Return Re(conj(z) dz) / |z|, and 0 at 0."""
    return np.real(np.conjugate(_direction(out, args[0])) * tangents[0])


modulus_of_complex = general(
    modulus,
    modulus,
    (
        lambda out_bar, out, z, _absolute: (
            np.real(out_bar) * np.conjugate(_direction(out, z))
        ),
    ),
    layout=Layout.ELEMENTWISE,
    pushforward=_push_modulus,
    batch=lambda args, _batched, _size, absolute: absolute(args[0]),
    examples=(Example(((2, 3),), (np.absolute,)), Example(((),), (operator.abs,))),
)


def unit(z: Value) -> Value:
    """Return z / |z| of complex numbers, and 0 at 0: their ``np.sign``."""
    return np.sign(z)


def _over_modulus(x: Value, z: Value) -> Value:
    modulus = np.absolute(z)
    return x / np.where(np.equal(modulus, 0), 1.0, modulus)


def _push_unit(
    out: Value,
    args: Sequence[Value],
    tangents: Sequence[Value],
    _params: tuple[Any, ...],
) -> Value:
    """Return i out Im(conj(out) dz) / |z|: what turns z; and 0 at 0."""
    turn = np.imag(np.conjugate(out) * tangents[0])
    return np.multiply(1j, out) * _over_modulus(turn, args[0])


def _pull_unit(out_bar: Value, out: Value, z: Value) -> Value:
    """Return -i conj(out) Re(i out_bar out) / |z|, and 0 at 0."""
    turn = np.real(np.multiply(1j, out_bar * out))
    return np.multiply(-1j, np.conjugate(out)) * _over_modulus(turn, z)


unit_of_complex = general(
    unit,
    unit,
    (_pull_unit,),
    layout=Layout.ELEMENTWISE,
    pushforward=_push_unit,
    batch=lambda args, _batched, _size: np.sign(args[0]),
    examples=(Example(((2, 3),)), Example(((),))),
)
