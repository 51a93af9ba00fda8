"""Constraints: exact derivatives for the methods that take them."""

import re

import numpy as np
import pytest
from scipy.optimize import SR1, LinearConstraint, NonlinearConstraint

import adjoint as ad
from solve.problems import (
    HS071_SOLUTION,
    HS071_VALUE,
    counted,
    hs071,
    product_less_25,
    squares_less_40,
)

START = [1, 5, 5, 1]
BOUNDS = [(1, 5)] * 4
DICTIONARIES = [
    {"type": "ineq", "fun": product_less_25},
    {"type": "eq", "fun": squares_less_40},
]
OBJECTS = [
    NonlinearConstraint(product_less_25, 0.0, np.inf),
    NonlinearConstraint(squares_less_40, 0.0, 0.0),
]


@pytest.mark.parametrize("constraints", [DICTIONARIES, OBJECTS])
def test_hock_and_schittkowski_71_by_slsqp(constraints):
    # With 1e-12 SLSQP stays at the solution, where rounding of the objective hides
    # any descent, and says that its line search failed.
    found = ad.solve.minimize(
        hs071, START, bounds=BOUNDS, constraints=constraints, options={"ftol": 1e-10}
    )
    assert found.success
    np.testing.assert_allclose(HS071_SOLUTION, found.x, rtol=1e-8)
    assert found.fun == pytest.approx(HS071_VALUE, rel=1e-8)
    assert found.nit < 20


@pytest.mark.parametrize("constraints", [DICTIONARIES, OBJECTS])
def test_hock_and_schittkowski_71_by_trust_constr(constraints):
    found = ad.solve.minimize(
        hs071,
        START,
        method="trust-constr",
        bounds=BOUNDS,
        constraints=constraints,
        # Multipliers balance the gradient while the barrier still stands.
        options={"gtol": 0.0, "xtol": 1e-10, "barrier_tol": 1e-12},
    )
    np.testing.assert_allclose(HS071_SOLUTION, found.x, atol=3e-9)
    assert found.nit < 100


def test_methods_without_derivatives_take_the_constraints_too():
    found = ad.solve.minimize(
        hs071, START, method="COBYQA", bounds=BOUNDS, constraints=OBJECTS
    )
    np.testing.assert_allclose(HS071_SOLUTION, found.x, atol=1e-2)


def test_constraints_of_a_tree():
    """The largest box in a sphere of radius 1 is a cube."""

    def volume(box):
        return -8 * box["sides"][0] * box["sides"][1] * box["height"]

    def on_sphere(box):
        return {"r": np.sum(box["sides"] ** 2) + box["height"] ** 2 - 1.0}

    start = {"sides": np.array([0.3, 0.5]), "height": 0.4}
    for method in ("SLSQP", "trust-constr"):
        found = ad.solve.minimize(
            volume,
            start,
            method=method,
            constraints={"type": "eq", "fun": on_sphere},
            tol=1e-10,
        )
        np.testing.assert_allclose(np.full(2, 3**-0.5), found.x["sides"], rtol=1e-6)
        assert found.x["height"] == pytest.approx(3**-0.5, rel=1e-6)


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_a_constraint_may_have_arguments_and_fill_arrays(method):
    def inside(x, limits, count):
        room = np.zeros(count)
        for i in range(count):
            room[i] = limits[i] - x[i] ** 2
        return room

    found = ad.solve.minimize(
        lambda x: -np.sum(x),
        np.array([0.5, 0.5]),
        method=method,
        constraints={"type": "ineq", "fun": inside, "args": (np.array([1, 4]), 2)},
    )
    np.testing.assert_allclose([1.0, 2.0], found.x, atol=1e-3)  # the barrier's


def test_linear_constraints_belong_to_the_raveled_unknowns():
    found = ad.solve.minimize(
        lambda p: p["a"] ** 2 + np.sum(p["b"] ** 2),
        {"a": 1.0, "b": np.zeros(2)},
        constraints=LinearConstraint([[1.0, 1.0, 0.0]], 2.0, 2.0),
        tol=1e-14,
    )
    assert found.x["a"] == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose([1.0, 0.0], found.x["b"], atol=1e-6)


def test_a_users_derivatives_of_constraints_are_used():
    jac, jac_calls = counted(ad.grad(squares_less_40))
    hess, hess_calls = counted(lambda x, v: 2 * v[0] * np.eye(4))
    for method, second in (("SLSQP", SR1()), ("trust-constr", hess)):
        jac_calls.clear()
        constraint = NonlinearConstraint(
            squares_less_40, 0.0, 0.0, jac=jac, hess=second
        )
        ad.solve.minimize(
            hs071, START, method=method, bounds=BOUNDS, constraints=constraint
        )
        assert jac_calls
    assert hess_calls
    jac_calls.clear()
    given = {"type": "eq", "fun": squares_less_40, "jac": jac}
    ad.solve.minimize(hs071, START, bounds=BOUNDS, constraints=given)
    assert jac_calls


@pytest.mark.parametrize(
    ("constraint", "error", "said"),
    [
        ({"type": "le", "fun": np.sum}, ValueError, "it needs 'type' ('eq' for"),
        ({"fun": np.sum}, ValueError, "it needs 'type'"),
        ([np.sum], TypeError, "give a dictionary with 'type' and 'fun'"),
        (
            {"type": "eq", "fun": lambda x: x[0] * np.inf},
            ValueError,
            "the constraint <lambda> is inf",
        ),
        (LinearConstraint(np.eye(3)), ValueError, "has 3 columns; the unknowns are 4"),
    ],
)
def test_what_is_no_constraint_is_refused(constraint, error, said):
    with pytest.raises(error, match=re.escape(said)):
        ad.solve.minimize(hs071, START, constraints=constraint)
