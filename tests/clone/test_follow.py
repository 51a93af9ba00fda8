"""``ad.follow``: packages whose source is followed like the user's own."""

import math
import statistics
import string
import sys
import textwrap

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.special
from scipy import integrate, interpolate, signal, stats
from scipy.spatial import distance

import adjoint as ad
from adjoint._clone.hooks import forget_callees
from adjoint._clone.libraries import FOLLOWED
from clone.judge import check


@pytest.fixture(autouse=True)
def followed():
    """What a test follows is forgotten after it."""
    before = set(FOLLOWED)
    yield
    FOLLOWED.clear()
    FOLLOWED.update(before)
    forget_callees()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package as if installed: two modules, one of which converts."""
    folder = tmp_path / "site-packages" / "spam"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from spam.inner import solve, Solver\n")
    source = """
        import math

        import numpy as np

        def helper(x):
            return float(x)

        def solve(x):
            return helper(x) * math.sin(x)

        class Solver:
            def step(self, x):
                z = np.zeros(2)
                z[0] = helper(x)
                return z[0] ** 2
    """
    (folder / "inner.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))
    import spam

    yield spam
    for name in ("spam", "spam.inner"):
        sys.modules.pop(name, None)


def test_a_package_is_followed_with_all_its_modules(package):
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(package.solve)(0.5)
    ad.follow("spam")
    check(package.solve, 0.5)
    check(lambda x: package.Solver().step(x), 0.5)


def test_a_module_a_class_and_a_function(package):
    inner = sys.modules["spam.inner"]
    ad.follow(inner.Solver, inner.helper)
    check(lambda x: package.Solver().step(x), 0.5)
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(package.solve)(0.5)
    ad.follow(inner)
    check(package.solve, 0.5)


def test_a_name_that_only_begins_alike_is_not_followed(package):
    FOLLOWED.add("spa")
    forget_callees()
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(package.solve)(0.5)


def test_the_standard_library_on_request():
    ad.follow(statistics.NormalDist)
    normal = statistics.NormalDist(0.5, 2.0)
    check(lambda x: normal.pdf(x) + normal.cdf(x), 1.5)


def test_scipy_on_request():
    """Its helpers call ``np.asarray``, wherever in SciPy they stand."""
    x = np.array([0.5, 1.25, -0.5])
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(lambda x: np.sum(scipy.optimize.rosen_der(x)))(x)
    ad.follow("scipy")
    check(lambda x: np.sum(scipy.optimize.rosen_der(x)), x, batched=False)


GRID = np.arange(5.0)
X = np.array([0.5, 1.25, 2.0, 3.5, 4.0])
OF_SCIPY = {
    "trapezoid": lambda x: integrate.trapezoid(x * x, x),
    "simpson": lambda x: integrate.simpson(x * x, x=GRID),
    "cumulative_trapezoid": lambda x: np.sum(integrate.cumulative_trapezoid(x**2, x)),
    "romb": integrate.romb,
    "rosen_hess": lambda x: np.sum(scipy.optimize.rosen_hess(x)),
    "newton": lambda x: scipy.optimize.newton(lambda t: t**3 - x[0], 1.0),
    "minkowski": lambda x: distance.minkowski(x, GRID + 3.0, 3),
    "cosine": lambda x: distance.cosine(x, X[::-1]),
    "chirp": lambda x: np.sum(signal.chirp(x, 1, 2, 3)),
    "constant detrend": lambda x: np.sum(signal.detrend(x, type="constant") ** 2),
    "softmax": lambda x: np.sum(scipy.special.softmax(x) ** 2),
    "logsumexp": scipy.special.logsumexp,
    "zscore": lambda x: np.sum(stats.zscore(x) ** 3),
    "skew": stats.skew,
    "block_diag": lambda x: np.sum(scipy.linalg.block_diag(x, x) ** 2),
    "krogh_interpolate": lambda x: interpolate.krogh_interpolate(GRID, x, 2.5),
}


@pytest.mark.parametrize("f", OF_SCIPY.values(), ids=OF_SCIPY)
def test_functions_of_scipy_that_are_python(f):
    ad.follow("scipy")
    check(f, X, batched=False)


def test_layout_of_a_traced_array_is_told():
    def f(x):
        z = np.zeros((2, 3))
        assert z.flags.writeable
        z[0] = x
        assert z.flags.c_contiguous
        assert z.strides == (24, 8)
        assert x.flags.c_contiguous
        assert z.T.flags.f_contiguous
        return np.sum(z)

    for call in (ad.grad, ad.jacfwd, lambda f: lambda x: ad.vmap(f)(x[None])):
        call(f)(np.ones(3))


def test_copies_on_request():
    def f(x):
        a, b = np.array(x, copy=None), np.asarray(x, copy=True)
        assert a is x
        b[0] = 3.0
        return np.sum(x * b) + np.asarray_chkfinite([x[0], 1.0])[0]

    np.testing.assert_array_equal([4.0, 4.0], ad.grad(f)(np.array([1.0, 2.0])))
    with pytest.raises(ValueError, match="infs or NaNs"):
        ad.grad(lambda x: np.sum(np.asarray_chkfinite(x * np.inf)))(np.ones(2))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (math, "math is not written in Python"),
        (math.sin, "sin is not written in Python"),
        (np.add, "is not written in Python"),
        ("no_such_module", "there is no module of that name"),
        ("no.such.module", "there is no module of that name"),
        (3, "is not written in Python"),
        (ad, "Adjoint's own"),
        (ad.grad, "Adjoint's own"),
    ],
)
def test_what_has_no_source_to_follow_is_refused(source, words):
    before = set(FOLLOWED)
    with pytest.raises(ad.errors.InputError, match=words):
        ad.follow(string, source)
    assert before == FOLLOWED
