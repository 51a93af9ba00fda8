"""``ad.follow``: packages whose source is followed like the user's own."""

import math
import statistics
import string
import sys
import textwrap

import numpy as np
import pytest
import scipy.optimize

import adjoint as ad
from adjoint._clone.callees import FOLLOWED
from adjoint._clone.hooks import forget_callees
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
