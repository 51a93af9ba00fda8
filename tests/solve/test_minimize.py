"""minimize: every method with the derivatives it wants, trees, bounds, refusals."""

import re

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import Bounds

import adjoint as ad
from solve.problems import counted, rosenbrock, rosenbrock_filled

START = np.array([0.7, 0.5, 0.3])

PRECISE = {
    "CG": {"gtol": 1e-9, "maxiter": 2000},
    "BFGS": {"gtol": 1e-9},
    "L-BFGS-B": {"ftol": 0.0, "gtol": 1e-9},
    "TNC": {"ftol": 0.0, "gtol": 1e-9, "xtol": 0.0, "maxfun": 5000},
    "SLSQP": {"ftol": 1e-18},
    "Newton-CG": {"xtol": 1e-10},
    "trust-ncg": {"gtol": 1e-9},
    "trust-krylov": {"gtol": 1e-9},
    "trust-exact": {"gtol": 1e-9},
    "trust-constr": {"gtol": 1e-10, "xtol": 1e-14},
    "Nelder-Mead": {"xatol": 1e-9, "fatol": 1e-16, "maxiter": 2000},
    "Powell": {"xtol": 1e-9, "ftol": 1e-16},
    "COBYQA": {},
}
"""Tolerances that end no method before its seventh digit."""


@pytest.mark.filterwarnings("ignore:delta_grad == 0.0")
@pytest.mark.parametrize("fun", [rosenbrock, rosenbrock_filled])
@pytest.mark.parametrize("method", PRECISE)
def test_every_method_finds_the_minimum_of_rosenbrock(method, fun):
    found = ad.solve.minimize(fun, START, method=method, options=PRECISE[method])
    np.testing.assert_allclose(np.ones(3), found.x, atol=1e-6)
    assert found.x.shape == (3,)


def test_dogleg_finds_the_minimum_of_a_convex_function():
    def fun(x):
        return np.sum(np.cosh(x - np.arange(3.0))) + x[0] ** 2

    found = ad.solve.minimize(fun, START, method="dogleg", options={"gtol": 1e-7})
    assert found.success
    np.testing.assert_allclose([0.0, 1.0, 2.0], found.x, atol=1e-7)


def test_newton_steps_converge_quadratically():
    """With exact Hessians the last iterations square the error."""
    path = []
    ad.solve.minimize(
        rosenbrock,
        START,
        method="trust-exact",
        callback=lambda x: path.append(np.max(np.abs(x - 1.0))),
        options={"gtol": 1e-12},
    )
    assert len(path) < 15
    assert path[-1] < 1e-9
    assert path[-1] < 100 * path[-2] ** 2 + 1e-13


def test_value_and_gradient_come_from_one_evaluation():
    fun, calls = counted(rosenbrock)
    found = ad.solve.minimize(fun, START, method="L-BFGS-B")
    assert len(calls) <= found.nfev + 1  # the first look at the start is a plain one


def test_methods_without_derivatives_call_the_function_plainly():
    def fun(x):
        assert type(x) is np.ndarray
        return rosenbrock(x)

    assert ad.solve.minimize(fun, START, method="Nelder-Mead").success


@pytest.mark.parametrize("method", ["BFGS", "trust-exact", "trust-krylov", "L-BFGS-B"])
def test_unknowns_are_a_tree(method):
    def fun(p):
        line = p["line"]["slope"] * np.arange(4.0) + p["line"]["offset"]
        return np.sum((line - np.array([1.0, 3.0, 5.0, 7.0])) ** 2) + np.sum(
            (p["matrix"] - np.eye(2)) ** 2
        )

    start = {"line": {"slope": 0, "offset": 0.5}, "matrix": np.ones((2, 2))}
    found = ad.solve.minimize(fun, start, method=method, tol=1e-10)
    assert ad.tree.structure(start) == ad.tree.structure(found.x)
    assert found.x["line"]["slope"] == pytest.approx(2.0, abs=1e-7)
    assert found.x["line"]["offset"] == pytest.approx(1.0, abs=1e-7)
    np.testing.assert_allclose(np.eye(2), found.x["matrix"], atol=1e-7)
    assert ad.tree.structure(start) == ad.tree.structure(found.jac)


def test_further_arguments_are_handed_on_and_need_not_be_numbers():
    def fun(x, target, kind):
        assert kind == "square"
        return np.sum((x - target) ** 2)

    for method in ("BFGS", "Newton-CG", "trust-exact"):
        found = ad.solve.minimize(
            fun, np.zeros(2), args=(np.array([1, 2]), "square"), method=method
        )
        np.testing.assert_allclose([1.0, 2.0], found.x, atol=1e-6)
    lone = ad.solve.minimize(lambda x, a: (x - a) ** 2, 0.0, args=3.0)
    assert lone.x == pytest.approx(3.0)


@pytest.mark.parametrize("start", [[2, 3], (2, 3), np.array([2, 3])])
def test_integers_to_start_from_become_floats_and_lists_arrays(start):
    def fun(x):
        assert x.dtype.kind == "f"
        return np.sum((x - 0.5) ** 2)

    found = ad.solve.minimize(fun, start)
    assert isinstance(found.x, np.ndarray)
    np.testing.assert_allclose([0.5, 0.5], found.x, atol=1e-6)


def test_a_single_number_is_an_unknown():
    found = ad.solve.minimize(lambda x: (x - 2.0) ** 4 + x, 1, method="trust-exact")
    assert isinstance(found.x, float)
    assert found.x == pytest.approx(2.0 - 0.25 ** (1 / 3), rel=1e-5)


def test_the_default_method_follows_the_problem():
    def fun(x):
        return np.sum((x - 1.0) ** 2)

    free = ad.solve.minimize(fun, np.zeros(2))
    assert isinstance(free.hess_inv, np.ndarray)  # BFGS
    many = ad.solve.minimize(fun, np.zeros(500))
    assert not isinstance(many.hess_inv, np.ndarray)  # L-BFGS-B
    bounded = ad.solve.minimize(fun, np.zeros(2), bounds=[(0, 0.5)] * 2)
    assert not isinstance(bounded.hess_inv, np.ndarray)
    np.testing.assert_allclose([0.5, 0.5], bounded.x)


@pytest.mark.parametrize(
    "bounds",
    [
        [(None, 0.5), (2, None), (None, None)],
        Bounds([-np.inf, 2, -np.inf], [0.5, np.inf, np.inf]),
        np.array([[-np.inf, 0.5], [2, np.inf], [-np.inf, np.inf]]),
    ],
)
def test_bounds_of_a_vector_are_scipys(bounds):
    found = ad.solve.minimize(
        lambda x: np.sum((x - 1.0) ** 2), np.array([0.0, 3.0, 0.0]), bounds=bounds
    )
    np.testing.assert_allclose([0.5, 2.0, 1.0], found.x, atol=1e-6)


@pytest.mark.parametrize("shape", [(), (2,), (3,), (2, 2)])
def test_one_pair_bounds_all_numbers_of_an_array(shape):
    found = ad.solve.minimize(
        lambda x: np.sum((x - 2.0) ** 2), np.zeros(shape), bounds=(0, 1)
    )
    np.testing.assert_allclose(np.ones(shape), found.x)


@pytest.mark.parametrize("method", ["L-BFGS-B", "SLSQP", "TNC", "trust-constr"])
def test_bounds_of_a_tree_stand_where_its_leaves_do(method):
    def fun(p):
        return np.sum((p["w"] - 1.0) ** 2) + (p["b"] + 1.0) ** 2 + p["free"] ** 2

    start = {"w": np.full((2, 2), 0.25), "b": 1.0, "free": 1.0}
    bounds = {
        "w": (0.0, np.array([[0.5, 2.0], [0.5, 2.0]])),
        "b": (0, None),
        "free": None,
    }
    found = ad.solve.minimize(fun, start, bounds=bounds, method=method)
    np.testing.assert_allclose([[0.5, 1.0], [0.5, 1.0]], found.x["w"], atol=1e-4)
    assert found.x["b"] == pytest.approx(0.0, abs=1e-4)
    assert found.x["free"] == pytest.approx(0.0, abs=1e-4)


def test_a_users_derivatives_are_used_instead():
    jac, jac_calls = counted(ad.grad(rosenbrock))
    hess, hess_calls = counted(ad.hessian(rosenbrock))
    found = ad.solve.minimize(
        rosenbrock, START, method="trust-exact", jac=jac, hess=hess
    )
    assert len(jac_calls) == found.njev
    assert len(hess_calls) == found.nhev
    product, product_calls = counted(lambda x, v: ad.hvp(rosenbrock, x, v))
    found = ad.solve.minimize(rosenbrock, START, method="Newton-CG", hessp=product)
    assert len(product_calls) == found.nhev > 0
    np.testing.assert_allclose(np.ones(3), found.x, atol=1e-4)


def test_a_users_derivatives_of_a_tree_are_trees():
    def fun(p):
        return (p["a"] - 1.0) ** 2 + np.sum((p["b"] - 2.0) ** 2)

    start = {"a": 0.0, "b": np.zeros(2)}
    for options in (
        {"jac": ad.grad(fun), "hess": ad.hessian(fun), "method": "trust-exact"},
        {"jac": ad.grad(fun), "hess": lambda p: 2 * np.eye(3), "method": "dogleg"},
        {
            "hessp": lambda p, v: {"a": 2 * v["a"], "b": 2 * v["b"]},
            "method": "trust-ncg",
        },
    ):
        found = ad.solve.minimize(fun, start, **options)
        assert found.x["a"] == pytest.approx(1.0)
        np.testing.assert_allclose([2.0, 2.0], found.x["b"])


def test_a_function_may_return_its_gradient_too():
    both, calls = counted(lambda x: (float(rosenbrock(x)), ad.grad(rosenbrock)(x)))
    found = ad.solve.minimize(both, START, jac=True, method="BFGS")
    assert found.success
    assert len(calls) == found.nfev


def test_newton_cg_with_a_users_gradient_in_one_takes_scipys_differences():
    def both(x):
        return rosenbrock(x), ad.grad(rosenbrock)(x)

    found = ad.solve.minimize(both, START, jac=True, method="Newton-CG")
    np.testing.assert_allclose(np.ones(3), found.x, atol=1e-4)


def test_names_of_difference_schemes_are_handed_on():
    fun, calls = counted(rosenbrock)
    found = ad.solve.minimize(fun, START, jac="2-point", method="BFGS")
    plain = scipy.optimize.minimize(rosenbrock, START, jac="2-point", method="BFGS")
    np.testing.assert_array_equal(plain.x, found.x)
    assert all(type(x) is np.ndarray for (x,) in calls)


def test_callbacks_see_the_tree():
    seen = []

    def fun(p):
        return (p["a"] - 1.0) ** 4

    def with_result(intermediate_result):
        seen.append((intermediate_result.x["a"], intermediate_result.fun))

    for callback in (lambda p: seen.append((p["a"], fun(p))), with_result):
        seen.clear()
        ad.solve.minimize(fun, {"a": 0.0}, callback=callback)
        assert seen
        assert all(value == pytest.approx((a - 1.0) ** 4) for a, value in seen)
    states = []
    ad.solve.minimize(
        fun,
        {"a": 0.0},
        method="trust-constr",
        callback=lambda p, state: states.append((p["a"], state.nit)),
    )
    assert states[-1][0] == pytest.approx(1.0, abs=0.05)


def test_a_method_of_the_users_gets_exact_derivatives():
    def newton(fun, x0, args, jac, hess, **_options):
        for _ in range(50):
            x0 = x0 - np.linalg.solve(hess(x0), jac(x0))
        return scipy.optimize.OptimizeResult(x=x0, fun=fun(x0), success=True)

    found = ad.solve.minimize(
        lambda x: np.sum(np.cosh(x - 1.0)), np.zeros(2), method=newton
    )
    np.testing.assert_allclose([1.0, 1.0], found.x, rtol=1e-12)


# What is refused


def test_an_objective_that_is_no_number_names_its_shape():
    for method in ("BFGS", "Nelder-Mead"):
        with pytest.raises(ad.errors.OutputError, match=r"shape \(3,\)"):
            ad.solve.minimize(lambda x: x**2, START, method=method)


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), (1j, "complex")])
def test_an_objective_that_is_no_real_number_is_refused(value, kind):
    with pytest.raises(ad.errors.OutputError, match=f"it returned {kind}"):
        ad.solve.minimize(lambda x: value, START, method="Nelder-Mead")


@pytest.mark.parametrize("method", ["BFGS", "Nelder-Mead"])
def test_an_objective_that_is_nan_at_the_start_is_refused(method):
    def fun(x):
        with np.errstate(invalid="ignore"):
            return np.sum(np.log(x))

    with pytest.raises(ValueError, match="the objective is nan at the start x0"):
        ad.solve.minimize(fun, -START, method=method)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ({"a": 1j}, "x0['a'] is complex128"),
        ({"a": "text"}, "x0['a'] is str"),
        ({"a": np.array([True])}, "x0['a'] is bool"),
    ],
)
def test_unknowns_that_are_no_real_numbers_are_refused(start, said):
    with pytest.raises(ad.errors.InputError, match=re.escape(said)):
        ad.solve.minimize(lambda p: p["a"] ** 2, start)


def test_a_start_that_is_empty_or_not_finite_is_refused():
    with pytest.raises(ValueError, match="x0 holds no numbers"):
        ad.solve.minimize(rosenbrock, {})
    with pytest.raises(ValueError, match=re.escape("not finite at x['a'][1]")):
        ad.solve.minimize(rosenbrock, {"a": np.array([1.0, np.nan])})


def test_bounds_of_another_structure_are_refused():
    start = {"a": 1.0, "b": np.ones(2)}
    with pytest.raises(ad.errors.TreeError, match="structure of the unknowns"):
        ad.solve.minimize(lambda p: p["a"] ** 2, start, bounds={"a": (0, 1)})
    with pytest.raises(ad.errors.TreeError, match="2 pairs of bounds for 3 unknowns"):
        ad.solve.minimize(rosenbrock, START, bounds=[(0, 1)] * 2)
    with pytest.raises(ValueError, match=re.escape("x[1] are 2.0 and 1.0")):
        ad.solve.minimize(rosenbrock, START, bounds=[(0, 1), (2, 1), (0, 1)])


def test_a_gradient_of_another_structure_is_refused():
    with pytest.raises(ad.errors.TreeError, match="what jac returned"):
        ad.solve.minimize(lambda p: p["a"] ** 2, {"a": 1.0}, jac=lambda p: {"b": 1.0})


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="no method is named 'newton'"):
        ad.solve.minimize(rosenbrock, START, method="newton")


def test_a_solution_is_not_differentiated_silently():
    def solution(a):
        return ad.solve.minimize(lambda x: (x - a) ** 2, 0.0).x

    with pytest.raises(ad.errors.ConversionError):
        ad.grad(solution)(1.0)
    with pytest.raises(ad.errors.ConversionError):
        ad.grad(lambda a: ad.solve.minimize(lambda x: x**2, a).x)(1.0)
