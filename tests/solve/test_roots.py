"""root and root_scalar: exact Jacobians, trees, refusals."""

import re

import numpy as np
import pytest

import adjoint as ad
from solve.problems import counted

METHODS = ["hybr", "lm", "krylov", "broyden1"]


@pytest.mark.parametrize("method", METHODS)
def test_a_tree_of_equations_is_solved(method):
    """A circle and a parabola meet at (1, 1): x² + y² = 2, y = x²."""

    def equations(p):
        return {
            "circle": p["x"] ** 2 + p["y"] ** 2 - 2.0,
            "parabola": p["y"] - p["x"] ** 2,
        }

    found = ad.solve.root(equations, {"x": 1.2, "y": 0.8}, method=method, tol=1e-10)
    assert found.success
    assert found.x["x"] == pytest.approx(1.0, abs=1e-8)
    assert found.x["y"] == pytest.approx(1.0, abs=1e-8)


def test_a_boundary_value_problem_filled_in_a_loop_is_solved():
    """u'' = 2 u³ with u(0) = 1/2, u(1) = 1/3 is u = 1 / (x + 2), by differences."""
    n, h = 50, 1.0 / 51

    def equations(u):
        padded = np.concatenate([np.array([0.5]), u, np.array([1 / 3])])
        out = np.zeros(n)
        for i in range(n):
            second = padded[i] - 2 * padded[i + 1] + padded[i + 2]
            out[i] = second - 2 * h**2 * padded[i + 1] ** 3
        return out

    found = ad.solve.root(equations, np.full(n, 0.4), tol=1e-12)
    exact = 1.0 / (np.linspace(h, 1 - h, n) + 2.0)
    np.testing.assert_allclose(exact, found.x, atol=2e-6)  # h² u''''/ 96


def test_the_exact_jacobian_saves_evaluations():
    def equations(x):
        return np.array(
            [x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1.0, 0.5 * (x[1] - x[0]) ** 3 + x[1]]
        )

    exact, exact_calls = counted(equations)
    ad.solve.root(exact, [0, 0])
    plain, plain_calls = counted(equations)
    ad.solve.root(plain, [0, 0], jac=False)
    assert len(exact_calls) < len(plain_calls)


def test_a_users_jacobian_is_used():
    jac, calls = counted(lambda x: np.array([[2 * x[0], 0.0], [0.0, 1.0]]))
    found = ad.solve.root(
        lambda x: np.array([x[0] ** 2 - 4.0, x[1]]), [1.0, 1.0], jac=jac
    )
    assert calls
    np.testing.assert_allclose([2.0, 0.0], found.x, atol=1e-9)


def test_systems_that_cannot_be_are_refused():
    with pytest.raises(ad.errors.ShapeError, match="3 equations for 2 unknowns"):
        ad.solve.root(lambda x: np.array([x[0], x[1], x[0]]), [1.0, 2.0])
    with pytest.raises(ValueError, match="no method is named 'newton'"):
        ad.solve.root(lambda x: x, [1.0], method="newton")
    with pytest.raises(ValueError, match="the function is inf"):
        ad.solve.root(lambda x: x * np.inf, [1.0])


def kepler(E, M, e):
    return E - e * np.sin(E) - M


@pytest.mark.parametrize("method", [None, "newton", "halley"])
def test_newton_and_halley_get_exact_derivatives(method):
    found = ad.solve.root_scalar(kepler, args=(1.0, 0.9), method=method, x0=2)
    assert found.converged
    assert kepler(found.root, 1.0, 0.9) == pytest.approx(0.0, abs=1e-14)
    assert found.iterations < 8


def test_halley_takes_fewer_steps_than_newton():
    steps = [
        ad.solve.root_scalar(kepler, (1.0, 0.9), method=method, x0=3.0).iterations
        for method in ("newton", "halley")
    ]
    assert steps[1] < steps[0]


def test_value_and_slope_come_from_one_evaluation():
    f, calls = counted(lambda x: x**3 - 2.0)
    found = ad.solve.root_scalar(f, x0=1.0)
    assert found.root == pytest.approx(2 ** (1 / 3), rel=1e-12)
    assert len(calls) <= found.iterations + 2


def test_a_root_behind_python_control_flow_is_found():
    def f(x):
        y = x
        while abs(y) < 10.0:
            y = y * 2.0
        return y - 12.0

    assert ad.solve.root_scalar(f, x0=0.7).root == pytest.approx(0.75)


def test_brackets_and_two_starts_need_no_derivative():
    def f(x):
        assert isinstance(x, float)
        return np.cos(x) - x

    wanted = 0.7390851332151607
    for options in (
        {"bracket": [0, 1]},
        {"x0": 0, "x1": 1},
        {"bracket": [0, 1], "method": "ridder"},
    ):
        assert ad.solve.root_scalar(f, **options).root == pytest.approx(wanted)


def test_a_users_slope_is_used():
    slope, calls = counted(lambda x: 2 * x)
    assert ad.solve.root_scalar(
        lambda x: x * x - 2, x0=1, fprime=slope
    ).root == pytest.approx(2**0.5)
    assert calls


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"x0": 1.0, "fprime": True}, 2),
        ({"x0": 1.0, "fprime": True, "fprime2": True, "method": "halley"}, 3),
        ({"x0": 1.0, "fprime2": True, "method": "halley"}, 3),
        ({"bracket": [0.0, 2.0], "fprime": True}, 2),
    ],
)
def test_derivatives_may_come_with_the_value_as_in_scipy(options, count):
    f, calls = counted(lambda x: (x**2 - 2.0, 2.0 * x, 2.0)[:count])
    found = ad.solve.root_scalar(f, **options)
    assert found.root == pytest.approx(2**0.5)
    assert len(calls) <= found.iterations + 3
    plain = {**options, "fprime": False, "fprime2": False}
    assert ad.solve.root_scalar(lambda x: x**2 - 2.0, **plain).root == pytest.approx(
        2**0.5
    )


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({}, ValueError, "give a bracket [a, b]"),
        (
            {"x0": 0.0, "f": lambda x: 1.0 / np.float64(x)},
            ValueError,
            "f is inf at the start",
        ),
        (
            {"x0": 1.0, "f": lambda x: np.array([x, x])},
            ad.errors.OutputError,
            "shape (2,)",
        ),
        (
            {"x0": 1.0, "fprime": True},
            ad.errors.OutputError,
            "f returns its value and derivatives, a tuple; it returned",
        ),
        (
            {"x0": 1.0, "fprime": True, "method": "halley"},
            ValueError,
            "return all three with fprime2=True",
        ),
        ({"x0": 1j}, ad.errors.InputError, "complex128"),
    ],
)
def test_equations_that_cannot_be_are_refused(options, error, said):
    given = {"f": np.sin, **options}
    with np.errstate(divide="ignore"), pytest.raises(error, match=re.escape(said)):
        ad.solve.root_scalar(**given)
