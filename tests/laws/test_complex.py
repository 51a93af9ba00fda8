"""The laws on complex arguments, for every record that NumPy lets have them.

Derivatives of complex functions are taken as those of functions of two real variables;
cotangents pair with tangents by the real part of the product, without conjugation.
"""

import itertools
import zlib

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.record import Calculus
from adjoint.testing import difference_quotient, inner, random_like
from laws.draws import SALT, Draw

QUOTIENT = {"rtol": 1e-6, "atol": 1e-6}
EXACT = {"rtol": 1e-10, "atol": 1e-10}

# astype(float) of complex numbers warns, as NumPy does, and keeps the real part.
pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")

REAL_ONLY = {
    *("arctan2", "cbrt", "ceil", "clip", "copysign", "deg2rad", "degrees", "fabs"),
    *("float_power", "floor", "fmod", "hypot", "rad2deg", "radians", "remainder"),
    *("rfft", "rint", "trunc", "heaviside", "floor_divide", "signbit", "spacing"),
}
"""Records that NumPy (or the order of numbers) denies complex arguments."""

MIXTURES = ("complex", "real and complex", "complex and real")


def complex_args(draw, mixture):
    """Return the arguments of a draw with imaginary parts, or None if NumPy refuses."""
    rng = np.random.default_rng(zlib.crc32(f"{SALT} {draw} imaginary".encode()))
    args = draw.args()
    for k in draw.active:
        real = (mixture == "real and complex" and k == 0) or (
            mixture == "complex and real" and k == 1
        )
        if not real and args[k].dtype.kind == "f":
            imaginary = rng.uniform(-0.8, 0.8, args[k].shape)
            args[k] = args[k] + 1j * imaginary
    try:
        draw.call(*args)
    except TypeError:
        return None
    return args


def _cases(draw):
    """Yield the function of the active arguments, and these, for each mixture."""
    several = len(draw.active) > 1
    for mixture in MIXTURES if several else MIXTURES[:1]:
        args = complex_args(draw, mixture)
        if args is None:
            assert draw.record.name in REAL_ONLY
            return
        yield draw.of_active(args)


def _direction(args, seed=1):
    return tuple(random_like(np.random.default_rng(seed), tuple(args)))


def test_forward_mode_equals_difference_quotients(draw: Draw):
    """J v is the limit of (f(z + h v) - f(z - h v)) / 2h, for complex v."""
    for f, args in _cases(draw):
        v = _direction(args)
        expected = difference_quotient(f, args, v)
        np.testing.assert_allclose(ad.jvp(f, args, v)[1], expected, **QUOTIENT)


def test_reverse_mode_is_the_transpose_of_forward_mode(draw: Draw):
    """Re <w, J v> = Re <J^T w, v>, without conjugation; forms and dtypes agree."""
    for f, args in _cases(draw):
        v = _direction(args)
        out, pushed = ad.jvp(f, args, v)
        w = random_like(np.random.default_rng(2), out)
        pulled = ad.vjp(f, *args)[1](w)
        assert inner(w, pushed) == pytest.approx(inner(pulled, v), rel=1e-10, abs=1e-10)
        assert [part.dtype for part in pulled] == [arg.dtype for arg in args]
        assert pushed.dtype == out.dtype


def test_linearize_equals_forward_mode(draw: Draw):
    """The transposed pullback pushes like the dual numbers."""
    for f, args in _cases(draw):
        v = _direction(args)
        expected = ad.jvp(f, args, v)[1]
        np.testing.assert_allclose(ad.linearize(f, *args)[1](*v), expected, **EXACT)


def test_second_order_agrees_in_all_four_nestings(draw: Draw):
    """Forward and reverse mode over forward and reverse mode give one number."""
    for f, args in _cases(draw):
        v, u = _direction(args, 3), _direction(args, 4)
        w = random_like(np.random.default_rng(5), f(*args))

        def first(*inner_args, mode, f=f, v=v, w=w):
            if mode == "fwd":
                return np.sum(np.real(w * ad.jvp(f, inner_args, v)[1]))
            pulled = ad.vjp(f, *inner_args)[1](w)
            pairs = zip(pulled, v, strict=True)
            return sum(np.sum(np.real(p * d)) for p, d in pairs)

        expected = difference_quotient(
            lambda *a, first=first: first(*a, mode="fwd"), args, u
        )
        for inside, outside in itertools.product(("fwd", "rev"), repeat=2):

            def along(*a, first=first, inside=inside):
                return first(*a, mode=inside)

            if outside == "fwd":
                second = ad.jvp(along, args, u)[1]
            else:
                second = inner(ad.vjp(along, *args)[1](1.0), u)
            np.testing.assert_allclose(
                float(second),
                float(expected),
                rtol=1e-5,
                atol=1e-5,
                err_msg=f"{outside} over {inside}",
            )


@pytest.mark.of(*Calculus)
def test_batched_equals_looped(draw: Draw):
    """vmap gives what a loop and a stack give, values and gradients."""
    samples = []
    for k in range(3):
        one = Draw(
            draw.record, 100 * draw.number + k, draw.shapes, draw.params, draw.variant
        )
        args = complex_args(one, "complex")
        if args is None:
            assert draw.record.name in REAL_ONLY
            return
        samples.append(args)
    stacked = [np.stack(column) for column in zip(*samples, strict=True)]
    expected = np.stack([draw.call(*args) for args in samples])
    given = ad.vmap(draw.call)(*stacked)
    np.testing.assert_allclose(given, expected, rtol=1e-13, atol=1e-13)


def test_single_precision_stays_single(draw: Draw):
    """complex64 in gives complex64 derivatives."""
    for f, args in _cases(draw):
        single = tuple(
            arg.astype(np.complex64 if arg.dtype.kind == "c" else np.float32)
            for arg in args
        )
        if f(*single).dtype not in (np.complex64, np.float32):
            assert draw.record.name in {"astype", "float_power"}
            continue
        out, pushed = ad.jvp(f, single, _direction(single))
        assert out.dtype == pushed.dtype
        w = random_like(np.random.default_rng(2), out)
        pulled = ad.vjp(f, *single)[1](w)
        assert [part.dtype for part in pulled] == [arg.dtype for arg in single]
