"""Complex arguments in the functions, keywords and mixtures that the laws leave out."""

import operator

import numpy as np
import pytest

import adjoint as ad
from adjoint.testing import difference_quotient, inner, random_like

QUOTIENT = {"rtol": 2e-6, "atol": 2e-6}
EXACT = {"rtol": 1e-10, "atol": 1e-10}
_GRID = np.array([0.0, 0.5, 0.75, 1.5])
_GAPS = np.array([[1.0, np.nan, 2.0, 1.0], [1j * np.nan, 1.0, 3.0, 1j]])
_MASK = np.array([True, False, True, False])
_ON_HALF_AXIS = np.array([0.25, 0.2499, 1e-3 + 1e-3j, 0.0, 0.1 + 0.22j])
_ZEROS = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 1.0], [1j, 2.0, 0.5]])

CASES = {
    # products: which operand NumPy conjugates
    "vdot": (np.vdot, "c23", "c32"),
    "vdot-real-complex": (np.vdot, "r4", "c4"),
    "vdot-complex-real": (np.vdot, "c4", "r4"),
    "vecdot-real-complex": (np.vecdot, "r34", "c4"),
    "vecdot-complex-real": (np.vecdot, "c34", "r4"),
    "vecdot-linalg": (lambda x, y: np.linalg.vecdot(x, y, axis=0), "c32", "c32"),
    "inner-stacks": (np.inner, "c224", "r4"),
    "dot": (np.dot, "r34", "c4"),
    "matmul": (np.matmul, "c234", "c42"),
    "tensordot": (lambda x, y: np.tensordot(x, y, 1), "c34", "r42"),
    "einsum": (lambda x, y, z: np.einsum("i,ij,j", x, y, z), "c3", "r34", "c4"),
    "kron": (np.kron, "c34", "r2"),
    "cross": (np.cross, "c3", "r3"),
    "outer": (np.outer, "c3", "r4"),
    "trace": (lambda x: np.trace(x, 1), "c34"),
    **{
        f"{function.__name__}-{mode}-{x}-{y}": (
            lambda a, v, f=function, mode=mode: f(a, v, mode),
            *(x, y),
        )
        for function in (np.convolve, np.correlate)
        for mode in ("full", "same", "valid")
        for x, y in (("c4", "c3"), ("c3", "r4"), ("r4", "c3"))
    },
    # reductions and scans
    "prod": (lambda x: np.prod(x, axis=1), "c34"),
    "prod-zeros": (lambda x: np.prod(x * _ZEROS, axis=1), "c33"),
    "cumprod-zeros": (lambda x: np.cumprod(x * _ZEROS, axis=1), "c33"),
    "max": (np.max, "c34"),
    "min-axis": (lambda x: np.min(x, axis=1), "c34"),
    "ptp": (lambda x: np.ptp(x, axis=0), "c34"),
    "median": (lambda x: np.median(x, axis=1), "c34"),
    "average": (lambda x, w: np.average(x, 0, w), "c34", "r3"),
    "average-complex-weights": (lambda x, w: np.average(x, 0, w), "r34", "c3"),
    "add.reduce": (np.add.reduce, "c34"),
    "multiply.accumulate": (np.multiply.accumulate, "c34"),
    "maximum.reduce": (np.maximum.reduce, "c34"),
    **{
        f"{function.__name__}-gaps": (
            lambda x, f=function: f(x * _GAPS, axis=1),
            "c24",
        )
        for function in (
            *(np.nansum, np.nanprod, np.nancumsum, np.nancumprod, np.nanmean),
            *(np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanmedian),
        )
    },
    **{
        f"{function.__name__}-ddof": (
            lambda x, f=function: f(x, axis=0, ddof=1, keepdims=True),
            "c34",
        )
        for function in (np.var, np.std, np.nanvar, np.nanstd)
    },
    "cov-real-complex": (np.cov, "r34", "c4"),
    "cov-weighted": (lambda x: np.cov(x, ddof=0, rowvar=False), "c34"),
    "corrcoef": (np.corrcoef, "c34"),
    "corrcoef-real-complex": (np.corrcoef, "r34", "c4"),
    # differences
    "gradient": (np.gradient, "c4", "c"),
    "gradient-real-grid": (
        lambda f, h: np.gradient(f, _GRID + 0.1 * h, edge_order=2),
        *("c4", "r4"),
    ),
    "gradient-complex-grid": (np.gradient, "r4", "c4"),
    "diff": (lambda x, p: np.diff(x, prepend=p), "r4", "c1"),
    "ediff1d": (np.ediff1d, "c34", "r2"),
    "trapezoid": (np.trapezoid, "r34", "c4"),
    "trapezoid-dx": (lambda y, d: np.trapezoid(y, dx=d), "c4", "c"),
    # elements moved, chosen, put in
    **{
        f"pad-{mode}": (lambda x, mode=mode: np.pad(x, 2, mode), "c4")
        for mode in ("maximum", "minimum", "mean", "median", "wrap", "linear_ramp")
    },
    "pad-odd": (lambda x: np.pad(x, 2, "reflect", reflect_type="odd"), "c4"),
    "pad-value": (lambda x, c: np.pad(x, 1, constant_values=c), "c4", "c"),
    "pad-real-value": (lambda x, c: np.pad(x, 1, constant_values=c), "c4", "r"),
    "pad-value-of-reals": (lambda x, c: np.pad(x, 1, constant_values=c), "r4", "c"),
    "tile": (lambda x: np.tile(x, (2, 1)), "c4"),
    "repeat": (lambda x: np.repeat(x, [0, 2, 1], 0), "c34"),
    "insert": (lambda x, v: np.insert(x, 1, v), "c4", "r"),
    "append": (np.append, "r4", "c3"),
    "stack": (lambda x, y: np.stack([x, y]), "r4", "c4"),
    "where": (lambda x, y: np.where(_MASK, x, y), "r4", "c4"),
    "where-real-part": (lambda x: np.where(x.real > 0, x**2, np.conj(x)), "c34"),
    "select": (lambda x: np.select([x.real > 0], [x], 1j), "c4"),
    "choose": (lambda x, y: np.choose([0, 1, 0, 1], [x, y]), "r4", "c4"),
    "full_like": (np.full_like, "c4", "c"),
    # the lexicographic order
    "clip": (np.clip, "c34", "c", "c"),
    "clip-reals": (lambda x, c: np.clip(x, None, c), "r34", "c"),
    **{
        f"{function.__name__}-{x}-{y}": (function, x, y)
        for function in (np.maximum, np.minimum, np.fmax, np.fmin)
        for x, y in (("c4", "c4"), ("r4", "c4"), ("c4", "r4"))
    },
    "sort": (lambda x: np.sort(x, axis=0), "c34"),
    "partition": (lambda x: np.partition(x, 2), "c4"),
    "unique": (np.unique, "c34"),
    # elementwise
    "round": (lambda x: np.round(x, 1) * x.conj(), "c34"),
    "sinc": (np.sinc, "c34"),
    "sinc-near-0": (lambda x: np.sinc(_ON_HALF_AXIS + 1e-3 * x), "c5"),
    "angle-degrees": (lambda x: np.angle(x, deg=True), "c34"),
    "sign": (np.sign, "c34"),
    "abs": (operator.abs, "c34"),
    **{
        f"{function.__name__}-{x}-{y}": (function, x, y)
        for function in (np.power, np.float_power)
        for x, y in (("c34", "c34"), ("c34", "r34"), ("r34", "c34"))
    },
    **{
        f"power-{n}": (lambda x, n=n: x**n, "c34")
        for n in (0, 1, 2, -1, 0.5, 2 + 0j, 1 + 2j)
    },
    "power-of-2j": (lambda x: 2j**x, "c34"),
    "astype-complex": (lambda x: x.astype(complex) * 1j, "r34"),
    "real-imag": (lambda x: x.real**2 + x.imag, "c34"),
    "conj-of-complex": (lambda x: x.conj() * x, "c34"),
    "conj-of-real": (lambda x: x.conjugate() * 2j, "r34"),
    "imag-of-real": (lambda x: x.imag + x, "r34"),
    "real_if_close": (np.real_if_close, "c34"),
    "real_if_close-yes": (lambda x: np.real_if_close(1e-20 * x, 1e-3), "c34"),
    # complex values at real places
    "interp": (lambda x, k, f: np.interp(x, np.cumsum(np.exp(k)), f), "r5", "r4", "c4"),
    "interp-ends": (
        lambda f, a, b: np.interp(_GRID * 3 - 1, _GRID, f, left=a, right=b),
        *("c4", "c", "r"),
    ),
    "interp-period": (lambda x, f: np.interp(x, _GRID, f, period=1.3), "r5", "c4"),
    "interp-one": (lambda f: np.interp([0.0, 1.0], [0.5], f), "c1"),
}
if hasattr(np, "matvec"):  # since NumPy 2.2
    CASES["matvec"] = (np.matvec, "c34", "c4")
    for _x, _y in (("c23", "c234"), ("r3", "c34"), ("c3", "r34")):
        CASES[f"vecmat-{_x}-{_y}"] = (np.vecmat, _x, _y)

pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")


def _arguments(kinds):
    """Return an array for each word: "c34" is a complex one of shape (3, 4)."""
    rng = np.random.default_rng(3)
    arrays = []
    for kind, *lengths in kinds:
        array = rng.standard_normal(tuple(map(int, lengths)))
        if kind == "c":
            array = array + 1j * rng.standard_normal(np.shape(array))
        arrays.append(np.asarray(array)[()])
    return tuple(arrays)


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    """Return a function and its arguments."""
    function, *kinds = request.param
    with np.errstate(invalid="ignore"):
        yield function, _arguments(kinds)


def test_values_are_numpys(case):
    """Under a transform as without one, in the same dtype."""
    f, args = case
    expected = f(*args)
    given = ad.vjp(f, *args)[0]
    np.testing.assert_allclose(given, expected, rtol=1e-13, atol=1e-13)
    assert expected.dtype == given.dtype


def test_forward_mode_equals_difference_quotients(case):
    """In a complex direction, and so does the linear map."""
    f, args = case
    v = random_like(np.random.default_rng(1), args)
    pushed = ad.jvp(f, args, v)[1]
    np.testing.assert_allclose(pushed, difference_quotient(f, args, v), **QUOTIENT)
    np.testing.assert_allclose(ad.linearize(f, *args)[1](*v), pushed, **EXACT)


def test_reverse_mode_is_the_transpose_of_forward_mode(case):
    """Also where the cotangent of a real result carries a stray imaginary part."""
    f, args = case

    def turned(*args):
        return f(*args) * (0.8 - 0.6j)

    v = random_like(np.random.default_rng(1), args)
    for function in (f, turned):
        out, pushed = ad.jvp(function, args, v)
        w = random_like(np.random.default_rng(2), out)
        pulled = ad.vjp(function, *args)[1](w)
        assert inner(w, pushed) == pytest.approx(inner(pulled, v), rel=1e-10, abs=1e-10)
        assert [arg.dtype for arg in args] == [part.dtype for part in pulled]


CONSTANTS = {
    "isclose": np.isclose,
    "isclose-itself": lambda x, y: np.isclose(x, x + 1e-9j * y.real),
    "isclose-nan": lambda x, y: np.isclose(x * np.nan, y * np.nan, equal_nan=True),
    "allclose": np.allclose,
    "array_equal": np.array_equal,
    "iscomplex": lambda x, y: np.iscomplex(np.where(_MASK, x, y.real)),
    "isreal": lambda x, y: np.isreal(np.where(_MASK, x, y.real)),
    "isreal-of-reals": lambda x, _y: np.isreal(x.real),
    "argsort": lambda x, y: np.argsort(x + y),
    "argmax": lambda x, y: np.argmax(x + y),
    "less": np.less,
    "less-of-equal-real-parts": lambda x, _y: np.less(x, x.conj()),
    "searchsorted": lambda x, y: np.searchsorted(np.sort(x), y),
    "nonzero": lambda x, y: np.nonzero(x * y.real)[0],
    "any": lambda x, y: np.any(x - y),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_numpys(name):
    """What has no derivative has NumPy's value."""
    f, args = CONSTANTS[name], _arguments(["c4", "c4"])
    seen = []
    ad.vjp(lambda *z: seen.append(f(*z)) or z[0], *args)
    np.testing.assert_array_equal(np.asarray(seen[0]), f(*args))


REFUSED = {
    "quantile": (lambda x: np.quantile(x, 0.3), "c4"),
    "percentile": (lambda x: np.percentile(x, 30, axis=0), "c43"),
    "quantile-places": (lambda q: np.quantile(_GRID, 0.3 + 0 * q), "c"),
    "interp-places": (lambda x: np.interp(x, _GRID, _GRID), "c4"),
    "interp-knots": (lambda x: np.interp(_GRID, x, _GRID), "c4"),
    "digitize": (lambda x: np.digitize(x, _GRID), "c4"),
    "ediff1d": (np.ediff1d, "r4", "c1"),
    "logaddexp": (np.logaddexp, "r4", "c4"),
    "divmod": (lambda x: divmod(x, 2.0)[1], "c4"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_refuses_is_refused(name):
    """By the same class of error."""
    f, *kinds = REFUSED[name]
    args = _arguments(kinds)
    with pytest.raises(TypeError):
        f(*args)
    with pytest.raises(TypeError):
        ad.vjp(f, *args)


@pytest.mark.parametrize("f", [np.sum, np.cumsum, np.mean, np.prod, np.var])
def test_sums_in_complex_numbers(f):
    """The dtype asked for; a real argument has a real gradient."""
    x = np.array([0.5, 2.0, 3.0])
    total = lambda x: np.sum(np.real((2.0 - 1j) * f(x, dtype=complex)))  # noqa: E731
    assert (
        ad.vjp(lambda x: f(x, dtype=complex), x)[0].dtype == f(x, dtype=complex).dtype
    )
    expected = ad.grad(lambda x: 2.0 * np.sum(f(x)))(x)
    given = ad.grad(total)(x)
    assert given.dtype == np.float64
    np.testing.assert_allclose(given, expected, rtol=1e-12)


def test_slopes_where_the_data_are_constant():
    """|z| and standard deviations have slope 0 there."""
    for f, z in (
        (np.abs, np.zeros(2) + 0j),
        (np.std, np.ones(3) + 1j),
        (np.nanstd, np.ones(3) + 1j),
    ):
        pulled = ad.grad(lambda z, f=f: np.sum(f(z)))(z)
        np.testing.assert_array_equal(pulled, np.zeros_like(z))
