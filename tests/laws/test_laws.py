"""The laws every derivative rule obeys, walked through by the registry.

A new record is tested here without a new test.  No law knows a formula: derivatives are
compared with difference quotients, with complex steps, and with each other.
"""

import dataclasses
import itertools

import numpy as np
import pytest

import adjoint as ad
from adjoint._core.record import Calculus, Layout
from adjoint.testing import difference_quotient, inner, random_like
from laws.compositions import IN_DOUBLE
from laws.draws import PYTHONS, UNEVEN, Draw, draws_of, records
from laws.linear_algebra import THROUGH_BLAS
from laws.values import assert_value_stays, direction

pytestmark = pytest.mark.filterwarnings(f"ignore:vmap runs .* in a loop.*({UNEVEN})")

# Central differences extrapolated to O(h^4), h = 2e-3, on functions of size 1 to 10.
QUOTIENT = {"rtol": 1e-6, "atol": 1e-6}
# Two exact ways to the same number differ by rounding alone.
EXACT = {"rtol": 1e-10, "atol": 1e-10}
SINGLE = {"rtol": 2e-4, "atol": 2e-4}
SINGLE_PRECISION = (np.float32, np.complex64)
CONSTANT = Calculus.CONSTANT


def test_every_record_says_where_to_test_it():
    """No record escapes: each states a domain, and shapes unless it is elementwise."""
    silent = [
        record.name
        for record in records()
        if not record.domain
        or (record.layout is not Layout.ELEMENTWISE and not record.examples)
    ]
    assert silent == []
    assert len(records()) > 80


def test_forward_mode_equals_difference_quotients(draw: Draw):
    """J v is the limit of (f(x + h v) - f(x - h v)) / 2h."""
    f, args = draw.of_active(draw.args())
    v = direction(args)
    expected = difference_quotient(f, args, v)
    np.testing.assert_allclose(ad.jvp(f, args, v)[1], expected, **QUOTIENT)


def test_reverse_mode_is_the_transpose_of_forward_mode(draw: Draw):
    """<w, J v> = <J^T w, v>."""
    f, args = draw.of_active(draw.args())
    v = direction(args)
    out, pushed = ad.jvp(f, args, v)
    w = random_like(np.random.default_rng(2), out)
    pulled = ad.vjp(f, *args)[1](w)
    assert inner(w, pushed) == pytest.approx(inner(pulled, v), rel=1e-10, abs=1e-10)


@pytest.mark.of(Calculus.LINEAR, Calculus.STRUCTURAL)
def test_linear_functions_are_their_own_derivatives(draw: Draw):
    """J v = f(v) for every v, and <w, f(v)> = <fᵀ w, v>: rule and transpose belong."""
    f, args = draw.of_active(draw.args())
    v = direction(args)
    expected = f(*v)
    np.testing.assert_array_equal(ad.jvp(f, args, v)[1], expected, strict=True)
    w = random_like(np.random.default_rng(2), expected)
    pulled = ad.vjp(f, *args)[1](w)
    assert inner(w, expected) == pytest.approx(inner(pulled, v), rel=1e-12, abs=1e-12)


@pytest.mark.of(Calculus.MULTILINEAR)
def test_multilinear_functions_are_linear_in_each_argument(draw: Draw):
    """J v is a sum of one f(..., v_k, ...) an argument, and transposes belong."""
    f, args = draw.of_active(draw.args())
    v = direction(args)
    terms = [f(*args[:k], v[k], *args[k + 1 :]) for k in range(len(args))]
    np.testing.assert_allclose(ad.jvp(f, args, v)[1], sum(terms), **EXACT)
    w = random_like(np.random.default_rng(2), terms[0])
    for bar, dot, term in zip(ad.vjp(f, *args)[1](w), v, terms, strict=True):
        assert inner(w, term) == pytest.approx(inner(bar, dot), rel=1e-10, abs=1e-10)


def test_results_have_the_form_of_their_partners(draw: Draw):
    """Tangents are like outputs, cotangents like inputs: tree, shape, dtype, kind."""
    f, args = draw.of_active(draw.args())
    nested = {"first": args[0], "others": list(args[1:])}
    of_tree = lambda tree: (f(tree["first"], *tree["others"]), [args[0]])  # noqa: E731
    tangents = random_like(np.random.default_rng(1), nested)
    (out, _), (pushed, _) = ad.jvp(of_tree, (nested,), (tangents,))
    assert (np.shape(out), out.dtype) == (np.shape(pushed), pushed.dtype)
    (pulled,) = ad.vjp(lambda tree: of_tree(tree)[0], nested)[1](out)
    assert ["first", "others"] == list(pulled)
    for bar, arg in zip([pulled["first"], *pulled["others"]], args, strict=True):
        assert type(bar) is np.ndarray
        assert (bar.shape, bar.dtype) == (arg.shape, arg.dtype)
        assert not np.shares_memory(bar, arg)


def test_linearize_equals_forward_mode(draw: Draw):
    """The transposed pullback pushes like the dual numbers."""
    f, args = draw.of_active(draw.args())
    v = direction(args)
    expected = ad.jvp(f, args, v)[1]
    np.testing.assert_allclose(ad.linearize(f, *args)[1](*v), expected, **EXACT)


def test_values_are_those_of_the_function(draw: Draw):
    """No transform changes what the function returns, bit by bit.

    But for arguments that are not compact: the tape's copies are, and of those BLAS
    sums products in another order, and NumPy's vectorized loops round some functions
    otherwise in the last place.
    """
    f, args = draw.of_active(draw.args())
    by_blas = draw.record.name.startswith(THROUGH_BLAS)
    rtol = 1e-14 if by_blas else 1e-15
    assert_value_stays(f, args, is_strided=draw.is_strided, rtol=rtol)


def _second(inner_mode, outer_mode, f, v, u, w):
    """Return <w, D(J v)[u]> or its transposes: one number for all four nestings."""

    def first(*args):
        if inner_mode == "fwd":
            return inner_of(w, ad.jvp(f, args, v)[1])
        pulled = ad.vjp(f, *args)[1](w)
        return sum(inner_of(p, d) for p, d in zip(pulled, v, strict=True))

    def inner_of(one, other):
        return np.sum(np.real(one * other))

    def second(args):
        if outer_mode == "fwd":
            return ad.jvp(first, args, u)[1]
        pulled = ad.vjp(first, *args)[1](1.0)
        return sum(inner_of(p, d) for p, d in zip(pulled, u, strict=True))

    return first, second


def test_second_order_agrees_in_all_four_nestings(draw: Draw):
    """Forward and reverse mode over forward and reverse mode give one number."""
    f, args = draw.of_active(draw.args())
    v, u = direction(args, 3), direction(args, 4)
    w = random_like(np.random.default_rng(5), f(*args))
    first, _ = _second("fwd", "fwd", f, v, u, w)
    expected = difference_quotient(first, args, u)
    for nesting in itertools.product(("fwd", "rev"), repeat=2):
        _, second = _second(*nesting, f, v, u, w)
        np.testing.assert_allclose(
            float(second(args)), expected, rtol=1e-5, atol=1e-5, err_msg=str(nesting)
        )


def test_third_order_agrees_between_modes(draw: Draw):
    """Reverse three times equals forward three times, along one direction."""
    f, args = draw.of_active(draw.args())
    v = direction(args, 6)
    w = random_like(np.random.default_rng(7), f(*args))

    def total(*inner_args):
        return np.sum(np.real(w * f(*inner_args)))

    def pushed(function):
        return lambda *inner_args: ad.jvp(function, inner_args, v)[1]

    def pulled(function):
        def derivative(*inner_args):
            numbers = tuple(range(len(inner_args)))
            gradient = ad.grad(function, argnums=numbers)(*inner_args)
            return sum(np.sum(g * d) for g, d in zip(gradient, v, strict=True))

        return derivative

    expected = pushed(pushed(pushed(total)))(*args)
    given = pulled(pulled(pulled(total)))(*args)
    np.testing.assert_allclose(given, expected, rtol=1e-8, atol=1e-8)


def _batches(draw, dtype=np.float64):
    """Return three samples of the arguments, and them stacked."""
    samples = [
        dataclasses.replace(draw, number=100 * draw.number + k) for k in range(3)
    ]
    columns = list(zip(*(sample.args(dtype) for sample in samples), strict=True))
    return columns, [np.stack(column) for column in columns]


def _real_sum(out):
    return np.sum(np.real(np.sin(out)))


def _subsets(count):
    """Return which arguments are batched: all, and each alone."""
    return {
        (True,) * count,
        *(tuple(k == j for k in range(count)) for j in range(count)),
    }


@pytest.mark.of(*Calculus)
def test_batched_equals_looped(draw: Draw):
    """vmap gives what a loop and a stack give, whichever arguments are batched."""
    columns, stacked = _batches(draw)
    for flags in _subsets(len(columns)):
        rows = [
            draw.call(
                *(c[k] if own else c[0] for c, own in zip(columns, flags, strict=True))
            )
            for k in range(3)
        ]
        args = [
            s if own else c[0]
            for s, c, own in zip(stacked, columns, flags, strict=True)
        ]
        axes = tuple(0 if own else None for own in flags)
        given = ad.vmap(draw.call, in_axes=axes)(*args)
        # A product of many rows may sum in another order than one row alone.
        np.testing.assert_allclose(given, np.stack(rows), rtol=1e-13, atol=1e-13)


def test_batched_derivatives_equal_looped(draw: Draw):
    """vmap of a gradient equals the gradients one by one."""
    columns, stacked = _batches(draw)

    def gradient(*args):
        f, active = draw.of_active(args)
        numbers = tuple(range(len(active)))
        return ad.grad(lambda *a: np.sum(np.real(np.sin(f(*a)))), argnums=numbers)(
            *active
        )

    given = ad.vmap(gradient)(*stacked)
    for k in range(3):
        for one, other in zip(
            given, gradient(*(column[k] for column in columns)), strict=True
        ):
            np.testing.assert_allclose(one[k], other, **EXACT)


def test_gradient_of_a_batch_equals_looped(draw: Draw):
    """The gradient of a sum over vmap equals the gradients one by one, stacked."""
    columns, stacked = _batches(draw)
    _, active = draw.of_active(stacked)

    def total(*batch):
        args = list(stacked)
        for k, value in zip(draw.active, batch, strict=True):
            args[k] = value
        return _real_sum(ad.vmap(draw.call)(*args))

    given = ad.grad(total, argnums=tuple(range(len(active))))(*active)
    for k in range(3):
        f, one = draw.of_active([column[k] for column in columns])
        numbers = tuple(range(len(one)))
        expected = ad.grad(
            lambda *a, f=f: np.sum(np.real(np.sin(f(*a)))), argnums=numbers
        )(*one)
        for whole, part in zip(given, expected, strict=True):
            np.testing.assert_allclose(whole[k], part, **EXACT)


@pytest.mark.of(*Calculus)
def test_an_empty_batch_has_empty_results(draw: Draw):
    """A batch of no sample: results of length 0, in the shape and dtype of one."""
    record = draw.record
    if record.layout is not Layout.ELEMENTWISE and record.batch is None:
        return  # batching loops, which takes a sample at least
    _, stacked = _batches(draw)
    out = draw.call(*draw.args())
    given = ad.vmap(draw.call)(*(column[:0] for column in stacked))
    assert ((0, *np.shape(out)), out.dtype) == (np.shape(given), given.dtype)


def test_single_precision_stays_single(draw: Draw):
    """float32 in gives float32 derivatives, near those of float64."""
    f, args = draw.of_active(draw.args(np.float32))
    if f(*args).dtype not in SINGLE_PRECISION:
        assert draw.record.name.startswith((*IN_DOUBLE, *PYTHONS))
        return
    v = direction(args)
    out, pushed = ad.jvp(f, args, v)
    assert out.dtype == pushed.dtype
    w = random_like(np.random.default_rng(2), out)
    pulled = ad.vjp(f, *args)[1](w)
    assert {np.dtype(np.float32)} == {part.dtype for part in pulled}
    double = tuple(np.asarray(arg, np.float64) for arg in args)
    exact = ad.vjp(f, *double)[1](np.asarray(w, np.result_type(w.dtype, np.float64)))
    for part, reference in zip(pulled, exact, strict=True):
        np.testing.assert_allclose(part, reference, **SINGLE)


DOUBLE_INSIDE = {"writing-float_power-at"}
"""What NumPy computes in float64 and puts into single precision."""

CONSTANT_OF_REALS = {"imag", "norm-of-vectors0", "unit"}
"""Nothing depends on their arguments, so nothing is swept."""


def test_no_rule_widens_single_precision(draw: Draw):
    """Inside a sweep too float32 stays: a float64 slope would cost time in silence."""
    f, args = draw.of_active(draw.args(np.float32))
    if f(*args).dtype not in SINGLE_PRECISION:
        assert draw.record.name.startswith((*IN_DOUBLE, *PYTHONS))
        return
    if draw.record.name in CONSTANT_OF_REALS | DOUBLE_INSIDE:
        return
    seen = []

    @ad.custom_vjp
    def watch(x):
        return x

    def backward(_, out_bar):
        seen.append(out_bar.dtype)
        return (out_bar,)

    watch.defvjp(lambda x: (x, None), backward)
    total = lambda *a: np.sum(np.real(f(*map(watch, a))))  # noqa: E731
    ad.grad(total, argnums=tuple(range(len(args))))(*args)
    assert {np.dtype(np.float32)} == set(seen)


NOT_ANALYTIC = {
    *("absolute", "fabs", "copysign", "hypot", "clip", "remainder", "fmod", "cbrt"),
    *("maximum", "minimum", "fmax", "fmin", "arctan2"),
    *("deg2rad", "rad2deg", "radians", "degrees", "logaddexp", "logaddexp2", "sinc"),
    *("over_gap", "root_of_squares", "relu"),
    *("fraction", "heaviside", "i0", "ldexp", "nextafter"),
    *(
        "real",
        "imag",
        "conjugate",
        "vdot",
        "vecdot",
        "vecmat",
        "rfft",
        "irfft",
        "astype",
    ),
}
"""What NumPy does not know of complex arguments, or is not differentiable there."""

ANALYTIC = {"inv", "solve", "det", "prod", "cumprod", "optional_product_of"}
"""General records that are: others conjugate, or order by size."""


def _is_analytic(record):
    """Tell whether a record is a holomorphic function that NumPy has as one."""
    if record.calculus is Calculus.GENERAL:
        return record.name in ANALYTIC
    return record.name not in NOT_ANALYTIC and not record.name.startswith(PYTHONS)


@pytest.mark.of(*set(Calculus) - {CONSTANT})
def test_analytic_functions_equal_complex_steps(draw: Draw):
    """J v = Im f(x + i h v) / h, to rounding, where NumPy knows f of complex x."""
    if not _is_analytic(draw.record):
        return
    f, args = draw.of_active(draw.args())
    if np.iscomplexobj(f(*args)):  # a transform of Fourier: its imaginary part is full
        return
    v = direction(args)
    h = 1e-30
    stepped = f(*(x + 1j * h * d for x, d in zip(args, v, strict=True)))
    expected = np.imag(stepped) / h
    np.testing.assert_allclose(ad.jvp(f, args, v)[1], expected, **EXACT)


@pytest.mark.of(CONSTANT)
def test_piecewise_constant_functions_have_zero_derivatives(draw: Draw):
    """Forward and reverse mode give zero, and the plain value."""
    args = draw.args()
    if any(arg.dtype != np.float64 for arg in args):
        assert draw.record.name in {
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "bitwise_count",
            "gcd",
            "lcm",
            "left_shift",
            "right_shift",
            "invert",
        }
        return
    expected = draw.call(*args)

    def total(*inner_args):
        out = draw.call(*inner_args)
        np.testing.assert_array_equal(out, expected, strict=True)
        return np.sum(out) * 1.0

    gradient = ad.grad(total, argnums=tuple(range(len(args))))(*args)
    tangent = ad.jvp(total, tuple(args), direction(args))[1]
    assert tangent == 0
    for part in gradient:
        assert np.count_nonzero(part) == 0


def test_every_draw_is_reached_in_the_full_product():
    """The full product has every variant of every record."""
    draws = [draw for record in records() for draw in draws_of(record)]
    assert len({str(draw) for draw in draws}) == len(draws)
    assert {draw.record.name for draw in draws} == {record.name for record in records()}
