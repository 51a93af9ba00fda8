"""The laws on complex arguments, for every record that NumPy lets have them.

Derivatives of complex functions are taken as those of functions of two real variables;
cotangents pair with tangents by the real part of the product, without conjugation.
"""

import itertools
import zlib
from dataclasses import replace

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.record import Calculus
from adjoint.testing import difference_quotient, inner, random_like
from laws.compositions import IN_DOUBLE
from laws.draws import PYTHONS, SALT, UNEVEN, Draw
from laws.values import assert_value_stays, direction

QUOTIENT = {"rtol": 1e-6, "atol": 1e-6}
EXACT = {"rtol": 1e-10, "atol": 1e-10}

# astype(float) of complex numbers warns, as NumPy does, and keeps the real part.
pytestmark = pytest.mark.filterwarnings(
    "ignore::numpy.exceptions.ComplexWarning",
    f"ignore:vmap runs .* in a loop.*({UNEVEN})",
)

REAL_ONLY = {
    *("arctan2", "cbrt", "ceil", "copysign", "deg2rad", "degrees", "fabs"),
    *("floor", "fmod", "hypot", "rad2deg", "radians", "remainder"),
    *("rfft", "trunc", "heaviside", "floor_divide", "signbit", "spacing"),
    *("interp", "logaddexp", "logaddexp2", "percentile", "quantile"),
    *("bincount", "digitize", "fix", "ihfft", "nanpercentile", "nanquantile"),
    *("rfft2", "rfftn", "modf", "frexp", "ldexp", "divmod", "nextafter", "fraction"),
    *(
        "exponent",
        "signature",
        "polyfit",
        "i0",
        "bessel_i",
        "isposinf",
        "unwrap",
        "histogram2d",
        "histogramdd",
    ),
}
"""What NumPy denies complex arguments: records, and how compositions' names begin."""


def _up_to_phase_of_eigh(w, v):
    """Return what no phase of an eigenvector changes."""
    return w, np.einsum("...ij,...kj->...ikj", v, np.conjugate(v))


def _up_to_phase_of_svd(u, s, vh):
    """Return what no common phase of a pair of singular vectors changes."""
    projectors = np.einsum("...ij,...kj->...ikj", u, np.conjugate(u))
    return projectors, s, np.einsum("...ij,...jk->...ikj", u[..., : s.shape[-1]], vh)


UP_TO_PHASE = {"eigh": _up_to_phase_of_eigh, "svd": _up_to_phase_of_svd}
"""Functions of vectors whose phases nothing determines, that do not depend on these."""

MIXTURES = ("complex", "real and complex", "complex and real")


def _with_imaginary_parts(draw, mixture):
    """Return the arguments of a draw, complex as a mixture says."""
    rng = np.random.default_rng(zlib.crc32(f"{SALT} {draw} imaginary".encode()))
    args = draw.args()
    for k in draw.active:
        real = (mixture == "real and complex" and k == 0) or (
            mixture == "complex and real" and k == 1
        )
        if not real and args[k].dtype.kind == "f":
            imaginary = rng.uniform(-0.8, 0.8, args[k].shape)
            args[k] = args[k] + 1j * imaginary
    return args


def complex_args(draw, mixture):
    """Return the arguments of a draw with imaginary parts, or None if NumPy refuses."""
    args = _with_imaginary_parts(draw, mixture)
    try:
        draw.call(*args)
    except TypeError:
        return None
    return args


def _is_real_only(draw):
    name = draw.record.name
    ufuncs = {one.__name__ for one in draw.params if isinstance(one, np.ufunc)}
    named = {*name.split("-"), *ufuncs}
    return not named.isdisjoint(REAL_ONLY) or name.startswith(PYTHONS)


def _cases(draw):
    """Yield the function of the active arguments, and these, for each mixture."""
    several = len(draw.active) > 1
    for mixture in MIXTURES if several else MIXTURES[:1]:
        args = complex_args(draw, mixture)
        if args is None:
            assert _is_real_only(draw)
            continue
        yield _up_to_phase(draw).of_active(args)


def _up_to_phase(draw):
    """Return a draw of what is determined of the results."""
    record = draw.record
    if record.name not in UP_TO_PHASE:
        return draw
    determined = UP_TO_PHASE[record.name]
    return replace(
        draw,
        record=replace(record, evaluate=lambda *a: determined(*record.evaluate(*a))),
    )


def test_forward_mode_equals_difference_quotients(draw: Draw):
    """J v is the limit of (f(z + h v) - f(z - h v)) / 2h, for complex v."""
    for f, args in _cases(draw):
        v = direction(args)
        expected = difference_quotient(f, args, v)
        np.testing.assert_allclose(ad.jvp(f, args, v)[1], expected, **QUOTIENT)


def test_reverse_mode_is_the_transpose_of_forward_mode(draw: Draw):
    """Re <w, J v> = Re <J^T w, v>, without conjugation; forms and dtypes agree."""
    for f, args in _cases(draw):
        v = direction(args)
        out, pushed = ad.jvp(f, args, v)
        w = random_like(np.random.default_rng(2), out)
        pulled = ad.vjp(f, *args)[1](w)
        assert inner(w, pushed) == pytest.approx(inner(pulled, v), rel=1e-10, abs=1e-10)
        assert [part.dtype for part in pulled] == [arg.dtype for arg in args]
        assert pushed.dtype == out.dtype


def test_values_are_those_of_the_function(draw: Draw):
    """No transform changes what the function returns (see the law of real numbers)."""
    for f, args in _cases(draw):
        assert_value_stays(f, args, is_strided=draw.is_strided, rtol=1e-14)


@pytest.mark.of(Calculus.LINEAR, Calculus.STRUCTURAL)
def test_linear_functions_are_their_own_derivatives(draw: Draw):
    """J v = f(v) for every complex v."""
    for f, args in _cases(draw):
        v = direction(args)
        np.testing.assert_array_equal(ad.jvp(f, args, v)[1], f(*v), strict=True)


def test_third_order_agrees_between_modes(draw: Draw):
    """Reverse three times equals forward three times, along one direction."""
    for f, args in _cases(draw):
        v = direction(args, 6)
        w = random_like(np.random.default_rng(7), f(*args))

        def total(*inner_args, f=f, w=w):
            return np.sum(np.real(w * f(*inner_args)))

        def pushed(function, v=v):
            return lambda *inner_args: ad.jvp(function, inner_args, v)[1]

        def pulled(function, v=v):
            def derivative(*inner_args):
                bars = ad.vjp(function, *inner_args)[1](1.0)
                pairs = zip(bars, v, strict=True)
                return sum(np.sum(np.real(bar * dot)) for bar, dot in pairs)

            return derivative

        expected = pushed(pushed(pushed(total)))(*args)
        given = pulled(pulled(pulled(total)))(*args)
        scale = max(1.0, abs(float(expected)))
        np.testing.assert_allclose(given, expected, rtol=1e-8, atol=1e-8 * scale)


def test_linearize_equals_forward_mode(draw: Draw):
    """The transposed pullback pushes like the dual numbers."""
    for f, args in _cases(draw):
        v = direction(args)
        expected = ad.jvp(f, args, v)[1]
        np.testing.assert_allclose(ad.linearize(f, *args)[1](*v), expected, **EXACT)


def test_second_order_agrees_in_all_four_nestings(draw: Draw):
    """Forward and reverse mode over forward and reverse mode give one number."""
    for f, args in _cases(draw):
        v, u = direction(args, 3), direction(args, 4)
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
def test_what_numpy_refuses_is_refused(draw: Draw):
    """By TypeError, under every transform."""
    for mixture in MIXTURES:
        if not _is_real_only(draw) or complex_args(draw, mixture) is not None:
            continue
        f, args = draw.of_active(_with_imaginary_parts(draw, mixture))
        calls = (
            lambda f=f, args=args: ad.jvp(f, args, direction(args)),
            lambda f=f, args=args: ad.vjp(f, *args),
            lambda f=f, args=args: ad.vmap(f)(*(np.stack([x, x]) for x in args)),
        )
        for call in calls:
            with pytest.raises(TypeError):
                call()


@pytest.mark.of(*Calculus)
def test_batched_equals_looped(draw: Draw):
    """vmap gives what a loop and a stack give, values and gradients."""
    samples = []
    for k in range(3):
        one = replace(draw, number=100 * draw.number + k)
        args = complex_args(one, "complex")
        if args is None:
            assert _is_real_only(draw)
            return
        samples.append(args)
    stacked = [np.stack(column) for column in zip(*samples, strict=True)]
    expected = np.stack([draw.call(*args) for args in samples])
    given = ad.vmap(draw.call)(*stacked)
    np.testing.assert_allclose(given, expected, rtol=1e-13, atol=1e-13)


def test_batched_gradients_equal_looped(draw: Draw):
    """vmap of a gradient, and the gradient of a sum over vmap."""
    determined = _up_to_phase(draw)
    samples = []
    for k in range(3):
        args = complex_args(replace(draw, number=100 * draw.number + k), "complex")
        if args is None:
            assert _is_real_only(draw)
            return
        samples.append(args)
    stacked = [np.stack(column) for column in zip(*samples, strict=True)]
    numbers = draw.active

    def total(*args):
        return np.sum(np.real((2.0 - 1j) * determined.call(*args)))

    gradient = ad.grad(total, argnums=numbers)
    expected = [
        np.stack(column)
        for column in zip(*(gradient(*args) for args in samples), strict=True)
    ]
    for given in (
        ad.vmap(gradient)(*stacked),
        ad.grad(lambda *a: np.sum(ad.vmap(total)(*a)), argnums=numbers)(*stacked),
    ):
        for one, other in zip(given, expected, strict=True):
            np.testing.assert_allclose(one, other, **EXACT)


def test_single_precision_stays_single(draw: Draw):
    """complex64 in gives complex64 derivatives."""
    for f, args in _cases(draw):
        single = tuple(
            arg.astype(np.complex64 if arg.dtype.kind == "c" else np.float32)
            for arg in args
        )
        if f(*single).dtype not in (np.complex64, np.float32):
            assert draw.record.name.startswith((*IN_DOUBLE, *PYTHONS))
            continue
        out, pushed = ad.jvp(f, single, direction(single))
        assert out.dtype == pushed.dtype
        w = random_like(np.random.default_rng(2), out)
        pulled = ad.vjp(f, *single)[1](w)
        assert [part.dtype for part in pulled] == [arg.dtype for arg in single]
