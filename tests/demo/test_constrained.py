"""Constrained optimization: the exact minimum, from exact derivatives."""

import numpy as np
import pytest

import adjoint as ad
from adjoint._demo.constrained.problem import constraints, objective, solution
from adjoint._demo.constrained.solve import (
    EXACT,
    METHODS,
    SOURCES,
    TWO_POINT,
    multipliers,
    solve,
    weighted_constraints,
)

X1, X2 = (-8.5 - np.sqrt(112.25)) / 2, (-8.5 + np.sqrt(112.25)) / 2
VALUE = np.exp(X1) * (4 * X1**2 + 2 * X2**2 + 4 * X1 * X2 + 2 * X2 + 1)


@pytest.fixture(scope="module")
def solutions():
    return {(m, s): solve(m, s) for m in METHODS for s in SOURCES}


def test_the_closed_form_is_the_known_minimum():
    """Both constraints are active at the roots of t² + 8.5 t - 10."""
    np.testing.assert_allclose([X1, X2], solution(), rtol=1e-15)
    np.testing.assert_allclose([0.0, 0.0], constraints(solution()), atol=1e-14)
    assert (-9.5474, 1.0474) == (round(X1, 4), round(X2, 4))
    assert 0.0235504 == round(VALUE, 7)


@pytest.mark.parametrize("method", METHODS)
def test_exact_derivatives_reach_the_minimum(solutions, method):
    """Point and value have their first eight digits and more."""
    found = solutions[method, EXACT]
    np.testing.assert_allclose([X1, X2], found.x, rtol=1e-8)
    np.testing.assert_allclose(VALUE, found.value, rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_exact_derivatives_call_the_functions_less_often(solutions, method):
    """Difference quotients call objective and constraints once more a coordinate."""
    exact, differences = solutions[method, EXACT], solutions[method, TWO_POINT]
    assert exact.objective_calls < differences.objective_calls
    assert exact.constraint_calls < differences.constraint_calls
    assert 0 == differences.derivative_calls < exact.derivative_calls


def test_a_path_leads_from_start_to_minimum(solutions):
    """The path begins at (-1, 1) and ends at the point found."""
    for found in solutions.values():
        np.testing.assert_array_equal([-1.0, 1.0], found.path[0])
        np.testing.assert_allclose(found.x, found.path[-1], rtol=1e-6)


def test_derivatives_are_those_of_the_formulas(rng):
    """Gradient, Jacobian and Hessians agree with the calculus done by hand."""
    x1, x2 = x = rng.normal(size=2)
    v1, v2 = v = rng.normal(size=2)
    e, q = np.exp(x1), 4 * x1**2 + 2 * x2**2 + 4 * x1 * x2 + 2 * x2 + 1
    q1, q2 = 8 * x1 + 4 * x2, 4 * x2 + 4 * x1 + 2
    np.testing.assert_allclose(
        [e * (q + q1), e * q2], ad.grad(objective)(x), rtol=1e-13
    )
    np.testing.assert_allclose(
        [[e * (q + 2 * q1 + 8), e * (q2 + 4)], [e * (q2 + 4), 4 * e]],
        ad.hessian(objective)(x),
        rtol=1e-13,
    )
    np.testing.assert_allclose(
        [[x2 - 1, x1 - 1], [-x2, -x1]], ad.jacobian(constraints)(x), rtol=1e-13
    )
    np.testing.assert_allclose(
        [[0.0, v1 - v2], [v1 - v2, 0.0]],
        ad.hessian(weighted_constraints)(x, v),
        rtol=1e-13,
    )


def test_multipliers_balance_the_gradients():
    """They are positive and make the Lagrangian's gradient vanish."""
    v = multipliers()
    assert (v > 0).all()
    slope = ad.grad(objective)(solution()) + v @ ad.jacobian(constraints)(solution())
    np.testing.assert_allclose([0.0, 0.0], slope, atol=1e-16)


def test_an_unknown_method_is_refused():
    """The error names what was given and what exists."""
    with pytest.raises(ValueError, match=r"by 'simplex' with 'exact'.*SLSQP, trust"):
        solve("simplex", EXACT)
